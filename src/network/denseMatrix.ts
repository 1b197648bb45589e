import { inOrder } from "../association/pipeline.ts";
import type { Backend } from "../compute/backend.ts";
import { sharedBuffer } from "../compute/sharedMemory.ts";
import { matrixWriter } from "../formats/parquetMatrix.ts";
import type { ByteSink } from "../formats/table.ts";
import { clamp } from "./cohortGenes.ts";
import { type Correlator, emptyStatistic } from "./correlator.ts";

/** Numbers of a product in flight. */
const TILE = 2 ** 22;

/** Rows `from` to `to` of the matrix of correlations: `values[(row - from) * count + column]`; NaN where a gene is not there. */
export interface CorrelationRows {
  readonly from: number;
  readonly to: number;
  readonly values: Float64Array;
}

/**
 * The whole matrix of correlations in f64, some rows at a time, the upper triangle alone with `upper` (0 before the diagonal).
 * The diagonal is 1. Memory: about a hundred MiB beside the genes.
 */
export async function* correlationRows(
  correlator: Correlator,
  backend: Backend,
  { upper = false, signal }: { readonly upper?: boolean; readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<CorrelationRows> {
  const { count } = correlator;
  const [only] = correlator.cohorts.length === 1 ? correlator.cohorts : [];
  const step = Math.max(1, Math.floor(TILE / Math.max(1, count)));
  const runs: [number, number][] = [];
  for (let from = 0; from < count; from += step) runs.push([from, Math.min(count, from + step)]);
  if (only === undefined) {
    // Several cohorts: a pair has no one product.
    for (const [from, to] of runs) {
      const values = new Float64Array((to - from) * count);
      fillPairs(correlator, from, to, upper, values, () => true);
      yield { from, to, values };
    }
    return;
  }
  const { samples, standard } = only;
  const columns = await backend.load({ count, samples, values: standard, standardised: false });
  try {
    yield* inOrder(runs, backend.parallelism + 1, async ([from, to]) => {
      const rows = to - from;
      const start = new Uint32Array(count);
      const end = Uint32Array.from(start, (_, j) =>
        upper ? Math.max(0, Math.min(rows, j - from + 1)) : rows,
      );
      const own = standard.subarray(from * samples, to * samples);
      const factor = {
        ...{ rows: { kind: "real", count: rows, samples, values: own } as const, columns },
        ...{ norm: new Float64Array(rows).fill(1), weight: 1 },
      };
      const product = await backend.product([factor], { kind: "dense", windows: { start, end } }, signal);
      const values = new Float64Array(rows * count);
      const [dots] = product.values;
      let at = 0;
      for (let j = 0; j < count; j++) {
        for (let i = 0; i < end[j]!; i++) values[i * count + j] = clamp(dots![at++]!);
      }
      fillPairs(correlator, from, to, upper, values, (a, b) => a === b || !isPlainThere(correlator, a, b));
      return { from, to, values };
    });
  } finally {
    await columns.dispose();
  }
}

function isPlainThere(correlator: Correlator, a: number, b: number): boolean {
  const [first] = correlator.cohorts;
  return first!.complete[a] === 1 && first!.complete[b] === 1 && first!.row[a]! >= 0 && first!.row[b]! >= 0;
}

/** Computes the pairs that `wanted` names one by one. */
function fillPairs(
  correlator: Correlator,
  from: number,
  to: number,
  upper: boolean,
  values: Float64Array,
  wanted: (a: number, b: number) => boolean,
): void {
  const { count } = correlator;
  const [only] = correlator.cohorts.length === 1 ? correlator.cohorts : [];
  const out = emptyStatistic();
  for (let a = from; a < to; a++) {
    for (let b = upper ? a : 0; b < count; b++) {
      if (!wanted(a, b)) continue;
      const there = correlator.isThere(a) && correlator.isThere(b);
      // Of one cohort r alone: its p costs more.
      if (a !== b && there && only !== undefined) only.correlate(a, b, out);
      else if (a !== b && there) correlator.statistic(a, b, out);
      values[(a - from) * count + b] = a === b ? (there ? 1 : Number.NaN) : there ? out.r : Number.NaN;
    }
  }
}

export interface DenseOptions {
  readonly signal?: AbortSignal | undefined;
  /** Rows written so far. */
  readonly onRow?: ((row: number) => void) | undefined;
}

/**
 * All correlations as a Parquet table, a row a gene: `gene`, and `r`, the list of its correlations with the genes in the order of the rows. The
 * numbers are those of {@link writeDense}.
 */
export async function writeDenseParquet(
  correlator: Correlator,
  backend: Backend,
  sink: ByteSink,
  metadata: Readonly<Record<string, string>>,
  options: DenseOptions = {},
): Promise<void> {
  const { count, genes } = correlator;
  const table = matrixWriter(sink, { row: "gene", values: "r", columns: count, metadata });
  for await (const { from, to, values } of correlationRows(correlator, backend, options)) {
    await table.write(genes.id.slice(from, to), Float32Array.from(values));
    options.onRow?.(to);
  }
  await table.close();
}

/**
 * All correlations as one matrix in NumPy's format (version 1.0), genes x genes, little-endian 32-bit floats, row by row: f64
 * values rounded once, so the same bytes on every backend. NaN where a gene has none.
 */
export async function writeDense(
  correlator: Correlator,
  backend: Backend,
  sink: ByteSink,
  options: DenseOptions = {},
): Promise<void> {
  const { count } = correlator;
  await sink.write(numpyHeader(count, count));
  for await (const { to, values } of correlationRows(correlator, backend, options)) {
    const bytes = new Uint8Array(4 * values.length);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i]!, true);
    await sink.write(bytes);
    options.onRow?.(to);
  }
  await sink.close();
}

/** The first bytes of an array of 32-bit floats, row by row, in NumPy's format. */
export function numpyHeader(rows: number, columns: number): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  // Magic, version, length of what follows, and that up to a multiple of 64 bytes.
  const whole = 64 * Math.ceil((10 + text.length + 1) / 64);
  const header = new Uint8Array(whole).fill(32);
  header.set([0x93, 78, 85, 77, 80, 89, 1, 0, (whole - 10) & 255, (whole - 10) >> 8]);
  header.set(new TextEncoder().encode(text), 10);
  header[whole - 1] = 10;
  return header;
}

/** The matrix itself, `[row * count + column]`, symmetric: 8 bytes a pair of genes, both ways. */
export async function correlationMatrix(
  correlator: Correlator,
  backend: Backend,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const { count } = correlator;
  const matrix = new Float64Array(sharedBuffer(8 * count * count));
  for await (const { from, to, values } of correlationRows(correlator, backend, { upper: true, signal })) {
    matrix.set(values, from * count);
    for (let a = from; a < to; a++) {
      for (let b = a + 1; b < count; b++) matrix[b * count + a] = values[(a - from) * count + b]!;
    }
  }
  return matrix;
}
