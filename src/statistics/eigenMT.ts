/**
 * The effective number of independent tests among neighbouring variants (Davis et al., AJHG 98, 2016, as
 * tensorQTL computes it; METHODS 4.4).
 */

import { symmetricEigenvalues, type Tridiagonaliser } from "./symmetricEigen.ts";

/** Neighbouring variants whose correlations are taken together. */
export const EIGENMT_WINDOW = 200;
/** Share of the variance that the counted eigenvalues reach. */
const SHARE = 0.99;
/** Variants with a larger share of each other's variance than all but this have the same calls, or opposite ones, but for rounding. */
const SAME = 1e-13;

/** One window of variants. */
export interface VariantWindow {
  readonly count: number;
  readonly samples: number;
  /** Covariances of the dosages (divisor n), missing calls as the mean: `[i * count + j]`, of which j <= i are read, and OVERWRITTEN. */
  readonly covariance: Float64Array;
  /** Sum over samples of |x|^4, x the sample's centred dosages. */
  readonly fourth: number;
}

/**
 * Effective tests of a window: its covariance is shrunk (Ledoit and Wolf, J. Multivariate Anal. 88, 2004), made a correlation, and
 * the largest eigenvalues counted until they reach 0.99 of the trace. Between 1 and `count`.
 */
export function effectiveTests(window: VariantWindow, reduce?: Tridiagonaliser): number {
  const { covariance, count } = window;
  shrinkToCorrelation(window);
  return eigenvaluesReaching(correlationEigenvalues(covariance, count, reduce), SHARE * count);
}

/**
 * Makes the lower triangle of the covariance S that of the shrunk S* = (1 - d) S + d mu I as a correlation matrix, with
 * Ledoit and Wolf's d = min(1, (sum_k |x_k|^4 - n |S|^2) / n^2 / |S - mu I|^2), x_k the column of sample k; but on the diagonal, which is 1,
 * leaves what a variant has of it by itself, without the shrinkage's share.
 */
function shrinkToCorrelation({ covariance: s, count, samples, fourth }: VariantWindow): void {
  let trace = 0;
  for (let i = 0; i < count; i++) trace += s[i * count + i]!;
  const mean = trace / count;
  let beside = 0;
  let own = 0;
  let spread = 0;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) beside += s[i * count + j]! * s[i * count + j]!;
    const value = s[i * count + i]!;
    own += value * value;
    spread += (value - mean) * (value - mean);
  }
  spread += 2 * beside;
  const noise = (fourth - samples * (own + 2 * beside)) / (samples * samples);
  const shrinkage = spread > 0 ? Math.min(1, Math.max(0, noise / spread)) : 0;
  const scale = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const variance = (1 - shrinkage) * s[i * count + i]! + shrinkage * mean;
    scale[i] = variance > 0 ? 1 / Math.sqrt(variance) : 0;
    for (let j = 0; j <= i; j++) s[i * count + j]! *= (1 - shrinkage) * scale[i]! * scale[j]!;
  }
}

/**
 * The eigenvalues, descending, of what {@link shrinkToCorrelation} left. m variants with the same calls (or opposite ones) are a block with
 * 1 on the diagonal and c beside it: m - 1 eigenvalues are 1 - c, and for the others one variant with the elements of all, over
 * root m, stands in for them. Neighbours are often alike, and time goes with the cube of their number.
 */
function correlationEigenvalues(r: Float64Array, count: number, reduce?: Tridiagonaliser): Float64Array {
  const first: number[] = [];
  const members: number[] = [];
  const repeated: number[] = [];
  for (let i = 0; i < count; i++) {
    const like = sameAs(r, count, i, first);
    if (like < 0) {
      first.push(i);
      members.push(1);
    } else {
      members[like]!++;
      repeated.push(1 - r[first[like]! * (count + 1)]!);
    }
  }
  const n = first.length;
  const matrix = new Float64Array(n * n);
  for (let a = 0; a < n; a++) {
    const row = first[a]! * count;
    matrix[a * n + a] = 1 + (members[a]! - 1) * r[row + first[a]!]!;
    for (let b = 0; b < a; b++) {
      matrix[a * n + b] = Math.sqrt(members[a]! * members[b]!) * r[row + first[b]!]!;
    }
  }
  return Float64Array.from([...repeated, ...symmetricEigenvalues(matrix, n, reduce)])
    .sort()
    .reverse();
}

/** Which of the variants `first`, all before i, variant i is the same as; -1 where none. */
function sameAs(r: Float64Array, count: number, i: number, first: readonly number[]): number {
  const own = r[i * (count + 1)]!;
  for (let k = 0; k < first.length; k++) {
    const other = first[k]!;
    const shared = Math.abs(r[i * count + other]!);
    if (shared > 0 && shared >= (1 - SAME) * Math.max(own, r[other * (count + 1)]!)) return k;
  }
  return -1;
}

/** How many of `descending` it takes to reach `target`; negative ones, which are rounding, count as 0. */
function eigenvaluesReaching(descending: Float64Array, target: number): number {
  let sum = 0;
  for (let i = 0; i < descending.length; i++) {
    if (sum >= target) return i;
    sum += Math.max(0, descending[i]!);
  }
  return descending.length;
}
