import { decodeDosages, hasRemainder } from "../cohort/dosages.ts";
import type { Backend, CallRows, LoadedColumns, Rows, Windows } from "../compute/backend.ts";
import type { Remainders } from "../formats/genotypes.ts";

/**
 * The tested variants' genotypes: calls, and what dosages have beside them. Made as one literal everywhere, properties in one order: the
 * engine compiles what reads them again for every other way.
 */
export type DosageRows = CallRows;

/** Bytes of f64 dosages written out at once for a backend. */
export const DOSAGE_TILE = 2 ** 24;

/** Rows `from` to `to` (exclusive), without copying calls. */
export function sliceRows(rows: DosageRows, from: number, to: number): DosageRows {
  const { samples, stride, remainder } = rows;
  return {
    kind: "calls",
    count: to - from,
    samples,
    stride,
    packed: rows.packed.subarray(from * stride, to * stride),
    fill: rows.fill.subarray(from, to),
    remainder: remainder && sliceRemainders(remainder, from, to),
  };
}

function sliceRemainders({ offset, sample, value }: Remainders, from: number, to: number): Remainders {
  const first = offset[from]!;
  const last = offset[to]!;
  return {
    offset: offset.slice(from, to + 1).map((at) => at - first),
    sample: sample.subarray(first, last),
    value: value.subarray(first, last),
  };
}

/** A byte of four calls whose codes 2 are 1, 3 (missing) as they were, and all else 0. */
const TWOS = Uint8Array.from({ length: 256 }, (_, byte) => {
  const high = (byte >> 1) & 0x55;
  return high | ((byte & high) << 1);
});

/** Pairs of copies, g (g - 1) / 2, as rows themselves: g^2 = g + 2 of them, so that squares of dosages are products of rows too. */
export function copyPairs(rows: DosageRows): DosageRows {
  const pairsOf = (g: number): number => (g * (g - 1)) / 2;
  const { count, samples, stride, remainder } = rows;
  const packed = new Uint8Array(rows.packed.length);
  for (let at = 0; at < packed.length; at++) packed[at] = TWOS[rows.packed[at]!]!;
  const fill = rows.fill.map(pairsOf);
  if (remainder === undefined) return { kind: "calls", count, samples, stride, packed, fill, remainder };
  const value = new Float64Array(remainder.value.length);
  for (let row = 0; row < rows.count; row++) {
    for (let i = remainder.offset[row]!; i < remainder.offset[row + 1]!; i++) {
      const s = remainder.sample[i]!;
      const call = (rows.packed[row * rows.stride + (s >> 2)]! >> (2 * (s & 3))) & 3;
      value[i] = pairsOf(call + remainder.value[i]!) - pairsOf(call);
    }
  }
  const { offset, sample } = remainder;
  return { kind: "calls", count, samples, stride, packed, fill, remainder: { offset, sample, value } };
}

/** The rows `kept` of `remainder`, in that order; undefined where none of them has any. */
export function keptRemainders(remainder: Remainders | undefined, kept: Uint32Array): Remainders | undefined {
  if (remainder === undefined) return undefined;
  const offset = new Uint32Array(kept.length + 1);
  kept.forEach((v, row) => {
    offset[row + 1] = offset[row]! + remainder.offset[v + 1]! - remainder.offset[v]!;
  });
  const total = offset[kept.length]!;
  if (total === 0) return undefined;
  const sample = new Uint32Array(total);
  const value = new Float64Array(total);
  kept.forEach((v, row) => {
    sample.set(remainder.sample.subarray(remainder.offset[v]!, remainder.offset[v + 1]!), offset[row]!);
    value.set(remainder.value.subarray(remainder.offset[v]!, remainder.offset[v + 1]!), offset[row]!);
  });
  return { offset, sample, value };
}

/** The remainders of several runs of rows, `count` rows in all, one after the other. */
export function joinRemainders(
  runs: readonly { readonly rows: DosageRows; readonly from: number; readonly to: number }[],
  count: number,
): Remainders | undefined {
  const total = runs.reduce(
    (sum, { rows: { remainder }, from, to }) =>
      sum + (remainder === undefined ? 0 : remainder.offset[to]! - remainder.offset[from]!),
    0,
  );
  if (total === 0) return undefined;
  const joined = {
    offset: new Uint32Array(count + 1),
    sample: new Uint32Array(total),
    value: new Float64Array(total),
  };
  let row = 0;
  let at = 0;
  for (const { rows, from, to } of runs) {
    const { remainder } = rows;
    for (let v = from; v < to; v++) {
      const entries = remainder === undefined ? 0 : remainder.offset[v + 1]! - remainder.offset[v]!;
      joined.offset[row + 1] = joined.offset[row]! + entries;
      row++;
    }
    if (remainder === undefined) continue;
    joined.sample.set(remainder.sample.subarray(remainder.offset[from]!, remainder.offset[to]!), at);
    joined.value.set(remainder.value.subarray(remainder.offset[from]!, remainder.offset[to]!), at);
    at += remainder.offset[to]! - remainder.offset[from]!;
  }
  return joined;
}

/** A run of rows as a backend takes them. */
interface Tile {
  readonly from: number;
  readonly to: number;
  readonly rows: Rows;
}

/**
 * The rows in tiles that a backend takes: as they are, all at once; or, where there are dosages and it wants them as numbers,
 * runs of rows of at most `DOSAGE_TILE` bytes of f64, written out when some row of the run has a dosage.
 * A row's numbers are the same in either form, and so are the bits of its products.
 */
function* tilesOf(rows: DosageRows, { takesRemainders }: Backend): Generator<Tile> {
  const { remainder } = rows;
  if (remainder === undefined || takesRemainders) {
    yield { from: 0, to: rows.count, rows };
    return;
  }
  const { samples } = rows;
  const step = Math.max(1, Math.floor(DOSAGE_TILE / (8 * Math.max(1, samples))));
  for (let from = 0; from < rows.count; from += step) {
    const to = Math.min(rows.count, from + step);
    if (!hasRemainder(remainder, from, to)) {
      const { remainder: none, ...slice } = sliceRows(rows, from, to);
      yield { from, to, rows: slice };
      continue;
    }
    const values = new Float64Array((to - from) * samples);
    for (let row = from; row < to; row++) {
      decodeDosages(rows, row, rows.fill[row]!, values, (row - from) * samples);
    }
    yield { from, to, rows: { kind: "real", count: to - from, samples, values } };
  }
}

/**
 * The f64 products of all rows with all columns, `[column * rows + row]`; with windows, column after column,
 * each its window's rows.
 */
export async function denseProducts(
  backend: Backend,
  rows: DosageRows,
  columns: LoadedColumns,
  windows: Windows | undefined,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const weight = 1;
  const norm = new Float64Array(0);
  let all: Float64Array | undefined;
  const start = windows?.start ?? new Uint32Array(columns.count);
  const end = windows?.end ?? new Uint32Array(columns.count).fill(rows.count);
  for (const { from, to, rows: tile } of tilesOf(rows, backend)) {
    const near = windows && {
      start: start.map((row) => Math.min(Math.max(row, from), to) - from),
      end: end.map((row) => Math.min(Math.max(row, from), to) - from),
    };
    const epilogue =
      near === undefined ? { kind: "dense" as const } : { kind: "dense" as const, windows: near };
    const { values } = await backend.product([{ rows: tile, columns, norm, weight }], epilogue, signal);
    const products = values[0]!;
    if (to - from === rows.count) return products;
    all ??= new Float64Array(end.reduce((sum, last, j) => sum + last - start[j]!, 0));
    let source = 0;
    let target = 0;
    for (let j = 0; j < columns.count; j++) {
      const first = Math.min(Math.max(start[j]!, from), to);
      const count = Math.min(Math.max(end[j]!, from), to) - first;
      if (count > 0) all.set(products.subarray(source, source + count), target + first - start[j]!);
      source += count;
      target += end[j]! - start[j]!;
    }
  }
  return all ?? new Float64Array(0);
}

/** Pairs that may reach `threshold[column]` in |r|, in order of row, then column. */
export interface CandidatePairs {
  readonly row: Uint32Array;
  readonly column: Uint32Array;
  /** Their f64 products, where the backend has formed them. */
  readonly product: Float64Array | undefined;
  /** Pairs screened, and those of them that the screen let pass. */
  readonly pairs: number;
  readonly passed: number;
}

export async function candidatePairs(
  backend: Backend,
  rows: DosageRows,
  norm: Float64Array,
  columns: LoadedColumns,
  threshold: Float64Array,
  signal: AbortSignal | undefined,
): Promise<CandidatePairs> {
  const found: CandidatePairs[] = [];
  for (const { from, to, rows: tile } of tilesOf(rows, backend)) {
    const factor = { rows: tile, columns, norm: norm.subarray(from, to), weight: 1 };
    const part = await backend.product([factor], { kind: "candidates", threshold }, signal);
    found.push({
      row: from === 0 ? part.row : part.row.map((row) => row + from),
      column: part.column,
      product: part.product,
      pairs: part.pairs,
      passed: part.passed ?? part.row.length,
    });
  }
  return found.length === 1 ? found[0]! : joined(found);
}

function joined(parts: readonly CandidatePairs[]): CandidatePairs {
  const total = parts.reduce((sum, { row }) => sum + row.length, 0);
  const row = new Uint32Array(total);
  const column = new Uint32Array(total);
  const formed = parts.every(({ product }) => product !== undefined);
  const product = formed ? new Float64Array(total) : undefined;
  let at = 0;
  for (const part of parts) {
    row.set(part.row, at);
    column.set(part.column, at);
    if (part.product !== undefined) product?.set(part.product, at);
    at += part.row.length;
  }
  const sum = (key: "pairs" | "passed") => parts.reduce((all, part) => all + part[key], 0);
  return { row, column, product, pairs: sum("pairs"), passed: sum("passed") };
}

/** The largest |statistic| of each column over its window, exact; 0 where no row of it has a norm. */
export async function columnMaxima(
  backend: Backend,
  rows: DosageRows,
  norm: Float64Array,
  columns: LoadedColumns,
  windows: Windows,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const maxima = new Float64Array(columns.count);
  for (const { from, to, rows: tile } of tilesOf(rows, backend)) {
    const inside = (row: number): number => Math.min(Math.max(row, from), to) - from;
    const near = { start: windows.start.map(inside), end: windows.end.map(inside) };
    const factor = { rows: tile, columns, norm: norm.subarray(from, to), weight: 1 };
    const { value } = await backend.product([factor], { kind: "columnMax", windows: near }, signal);
    value.forEach((size, j) => {
      if (size > maxima[j]!) maxima[j] = size;
    });
  }
  return maxima;
}
