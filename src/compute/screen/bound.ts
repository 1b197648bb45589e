/**
 * The certified bound of the integer screen, in f32.
 *
 * Per cohort let e = s q + d (column: q integers, sum(q) = 0), g = u k + rho (row), n samples,
 * D = |d - mean d|, R = |rho - mean rho|, K = |k - mean k|, N = |e|, S = |sum e|, W = |weight| / norm.
 *  1. k.e = s k.q + (k - mean k).(d - mean d) + mean(k) sum(d), and sum(d) = sum(e) because sum(q) = 0.
 *  2. rho.e = (rho - mean rho).(e - mean e) + mean(rho) sum(e).
 *  3. So |g.e - u s k.q| <= u K D + R N + |mean g| S (Cauchy-Schwarz), and |mean g| <= |g| / sqrt(n).
 *     Where k leaves out a constant, rho holds it: K, R and the sum of 1 and 2 stay what they are.
 *  4. The f64 statistic that the caller compares is W g.e up to (n + 8 + cohorts) 2^-53 W |g| N; the
 *     measures' own f64 errors are relative ones, inflated where they are made, or below n 2^-50 |g| N.
 *     (n + 64) 2^-49 W |g| N covers both. Over cohorts statistics add, and so do the bounds.
 *  5. f32: k.q (int32), s and a = weight u / norm are rounded once each and multiplied twice, cohorts are
 *     added: |estimate - sum a s k.q| <= (6 + cohorts) 2^-24 sum W u s |k.q|, and s |k.q| =
 *     |(k - mean k).(e - d - mean)| <= K (N + D). Row constant, with (12 + 2 cohorts) 2^-24.
 *  6. The kernel adds |estimate|, the row constant and a product u K W * D a cohort: at most cohorts + 3
 *     roundings of nonnegative numbers. Each factor is inflated by (cohorts + 8) 2^-22, more than those.
 *  7. A result flushed to zero loses less than 2^-126 (s |q| >= 2^-40, so s k.q is never so small); the
 *     row constant starts at 2^-90. The last sum's rounding and the caller's 1e-12 are covered by
 *     lowering the threshold by 2^-20 of itself. So |statistic| >= threshold implies a candidate.
 */
import { usable } from "../exact.ts";
import type { ColumnMeasures } from "./columns.ts";
import type { RowMeasures } from "./rows.ts";

/** The base of a row that no column meets (the kernels know it by this value). */
export const NO_PAIR = -Math.fround((2 - 2 ** -23) * 2 ** 127);
/** What a bound, and so the largest |statistic|, may lose in f32: see 7. The kernels' `margin`. */
export const MARGIN = 1 - 2 ** -20;
/** Factors beyond this are not multiplied: the row is always a candidate. */
const LARGEST_FACTOR = 2 ** 60;
const ALWAYS = 2 ** 100;
const LARGEST_THRESHOLD = 2 ** 90;
const SMALLEST = 2 ** -90;

/** What a tile's rows bring to the bound, f32, per cohort `[cohort][row]`. */
export interface RowFactors {
  /** weight * unit / norm: makes an estimate of the column's scale times the integer dot. */
  readonly scale: readonly Float32Array[];
  /** unit * spread * |weight| / norm: meets the column's remainder. */
  readonly spread: readonly Float32Array[];
  /** What bounds a row whatever the column, or {@link NO_PAIR}. */
  readonly base: Float32Array;
}

/** What the columns bring, f32, and the largest of what the rows' constant needs of them. */
export interface ColumnFactors {
  readonly samples: number;
  readonly scale: Float32Array;
  readonly remainder: Float32Array;
  readonly largest: { readonly remainder: number; readonly length: number; readonly sum: number };
}

/** A cohort's part of `rowFactors`. `norm` is indexed by the row's number in the product. */
export interface CohortRows {
  readonly measures: RowMeasures;
  readonly norm: Float64Array;
  readonly weight: number;
  readonly columns: ColumnFactors;
}

function inflation(cohorts: number): number {
  return 1 + (cohorts + 8) * 2 ** -22;
}

export function columnFactors(columns: ColumnMeasures, cohorts: number): ColumnFactors {
  const largest = (values: Float64Array) => values.reduce((a, b) => Math.max(a, b), 0);
  const inflate = inflation(cohorts);
  return {
    samples: columns.samples,
    scale: new Float32Array(columns.scale),
    remainder: new Float32Array(columns.remainder.map((d) => d * inflate)),
    largest: {
      remainder: largest(columns.remainder),
      length: largest(columns.length),
      sum: largest(columns.sum),
    },
  };
}

/**
 * Fills `out` for rows `from` to `to` of the product. `boundScale` other than 1 breaks the promise: it
 * is there for the test which proves that the conformance suite would notice.
 */
export function rowFactors(
  cohorts: readonly CohortRows[],
  from: number,
  to: number,
  out: RowFactors,
  boundScale = 1,
): void {
  const inflate = inflation(cohorts.length);
  for (let row = from; row < to; row += 1) {
    const at = row - from;
    let base = SMALLEST;
    let largest = 0;
    let met = false;
    cohorts.forEach((cohort, c) => {
      const terms = termsOf(cohort, row, at, cohorts.length, boundScale);
      out.scale[c]![at] = terms?.scale ?? 0;
      out.spread[c]![at] = (terms?.spread ?? 0) * inflate;
      if (terms === undefined) return;
      met = true;
      base += terms.base;
      largest = Math.max(largest, Math.abs(terms.scale), terms.spread, terms.base);
    });
    out.base[at] = met ? base * inflate : NO_PAIR;
    if (largest <= LARGEST_FACTOR) continue;
    out.base[at] = ALWAYS;
    for (const c of cohorts.keys()) {
      out.scale[c]![at] = 0;
      out.spread[c]![at] = 0;
    }
  }
}

/** One cohort's terms of a row, or undefined where the cohort says nothing of the row. */
function termsOf(cohort: CohortRows, row: number, at: number, cohorts: number, boundScale: number) {
  const { measures, columns } = cohort;
  const norm = cohort.norm[row]!;
  const length = measures.length[at]!;
  if (!usable(norm) || Number.isNaN(length)) return undefined;
  const unit = measures.unit[at]!;
  const w = Math.abs(cohort.weight) / norm;
  const spread = unit * measures.spread[at]! * w;
  const { largest, samples } = columns;
  const mean = (length / Math.sqrt(samples)) * largest.sum;
  const rounding64 = (samples + 64) * 2 ** -49 * length * largest.length;
  const rounding32 = (12 + 2 * cohorts) * 2 ** -24 * spread * (largest.length + largest.remainder);
  return {
    scale: (cohort.weight * unit) / norm,
    spread: spread * boundScale,
    base: w * (measures.remainder[at]! * largest.length * boundScale + mean + rounding64) + rounding32,
  };
}

/** The thresholds as the kernels compare them: f32, lowered; Infinity where no row may be a candidate. */
export function screenThresholds(
  threshold: Float64Array,
  columns: readonly ColumnFactors[],
): Float32Array<ArrayBuffer> {
  const lowered = new Float32Array(threshold.length);
  for (let j = 0; j < threshold.length; j += 1) {
    const t = threshold[j]!;
    if (!(t < Number.POSITIVE_INFINITY) || isSilent(columns, j)) lowered[j] = Number.POSITIVE_INFINITY;
    else lowered[j] = t < SMALLEST ? 0 : Math.min(t, LARGEST_THRESHOLD) * MARGIN;
  }
  return lowered;
}

/** Whether a column is all 0 in every cohort. */
export function isSilent(columns: readonly ColumnFactors[], column: number): boolean {
  return columns.every(({ scale }) => scale[column] === 0);
}
