import type { Rows } from "./backend.ts";

/**
 * The f64 dot product whose order of summation is part of Qortex's definition of its results: four
 * interleaved partial sums, added as (s0 + s2) + (s1 + s3). Every backend that refines does it in this
 * order (two f64x2 registers in WASM), so refined numbers have the same bits everywhere. `dot` of statistics/linalg.ts sums a ragged end otherwise.
 */
export function canonicalDot(
  a: Float64Array,
  aStart: number,
  b: Float64Array,
  bStart: number,
  length: number,
): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const whole = length - (length % 4);
  for (let i = 0; i < whole; i += 4) {
    s0 += a[aStart + i]! * b[bStart + i]!;
    s1 += a[aStart + i + 1]! * b[bStart + i + 1]!;
    s2 += a[aStart + i + 2]! * b[bStart + i + 2]!;
    s3 += a[aStart + i + 3]! * b[bStart + i + 3]!;
  }
  // The ragged end goes to the partial sums in turn, as zero padding to a multiple of four would.
  if (whole < length) s0 += a[aStart + whole]! * b[bStart + whole]!;
  if (whole + 1 < length) s1 += a[aStart + whole + 1]! * b[bStart + whole + 1]!;
  if (whole + 2 < length) s2 += a[aStart + whole + 2]! * b[bStart + whole + 2]!;
  return s0 + s2 + (s1 + s3);
}

/** What is needed of a factor to compute its statistics exactly. */
export interface ExactFactor {
  readonly rows: Rows;
  /** The columns' values, as in `Columns`. */
  readonly values: Float64Array;
  readonly norm: Float64Array;
  readonly weight: number;
}

/** Candidates are told at a little below their threshold: the caller decides in its own units, which round once more. */
export const CANDIDATE = 1 - 1e-12;

/** Whether a row's norm can divide; a row whose norm cannot counts as 0. */
export function usable(norm: number): boolean {
  return norm > 0 && norm < Number.POSITIVE_INFINITY;
}

/**
 * One row over all cohorts, as numbers, ready to meet columns. The order of `statistic`'s operations
 * (cohorts in the list's order, weight * dot / norm) is part of the definition, like that of `canonicalDot`.
 */
export class ExactRow {
  private readonly factors: readonly ExactFactor[];
  private readonly buffers: readonly Float64Array[];
  private row = -1;

  constructor(factors: readonly ExactFactor[]) {
    this.factors = factors;
    this.buffers = factors.map(({ rows }) => new Float64Array(rows.samples));
  }

  /** Goes to `row`; false when no cohort has a norm for it, so that its statistics are all 0 by definition. */
  read(row: number): boolean {
    this.row = row;
    let any = false;
    this.factors.forEach(({ rows, norm }, c) => {
      if (!usable(norm[row]!)) return;
      any = true;
      readRow(rows, row, this.buffers[c]!);
    });
    return any;
  }

  statistic(column: number): number {
    let sum = 0;
    this.factors.forEach(({ rows: { samples }, values, norm, weight }, c) => {
      if (!usable(norm[this.row]!)) return;
      const product = canonicalDot(this.buffers[c]!, 0, values, column * samples, samples);
      sum += (weight * product) / norm[this.row]!;
    });
    return sum;
  }
}

/** Writes row `row` to `out` (length samples): calls (and what is beside them) as numbers, a missing call as its row's fill. */
export function readRow(rows: Rows, row: number, out: Float64Array): void {
  const { samples } = rows;
  if (rows.kind === "real") {
    for (let s = 0; s < samples; s += 1) out[s] = rows.values[row * samples + s]!;
    return;
  }
  const { packed, stride } = rows;
  const fill = rows.fill[row]!;
  for (let s = 0; s < samples; s += 1) {
    const code = (packed[row * stride + (s >> 2)]! >> (2 * (s & 3))) & 3;
    out[s] = code === 3 ? fill : code;
  }
  if (rows.remainder === undefined) return;
  const { offset, sample, value } = rows.remainder;
  for (let i = offset[row]!; i < offset[row + 1]!; i += 1) {
    const s = sample[i]!;
    out[s] = out[s]! + value[i]!;
  }
}

/** Number of values a column gets when padded so that a kernel may read whole vectors. */
export function padded(samples: number, lanes: number): number {
  return Math.ceil(samples / lanes) * lanes;
}
