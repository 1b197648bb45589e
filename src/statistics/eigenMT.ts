/**
 * The effective number of independent tests among neighbouring variants (Davis et al., AJHG 98, 2016, as
 * tensorQTL computes it; METHODS 4.4).
 */

import { symmetricEigenvalues } from "./eigenvalues.ts";

export interface EigenMTOptions {
  /** Neighbouring variants whose correlations are taken together. Default 200. */
  readonly window?: number | undefined;
  /** Share of the variance that the counted eigenvalues reach. Default 0.99. */
  readonly share?: number | undefined;
}

/**
 * Effective tests of `variants` dosage rows of `samples` values, in source order; `read(row, out)` writes
 * the dosages of one, missing calls as the mean. In each window the covariance is shrunk (Ledoit and Wolf,
 * J. Multivariate Anal. 88, 2004), made a correlation, and its largest eigenvalues counted until they reach
 * `share` of its trace; windows add up. Between 1 and `variants`; 0 without variants.
 */
export function effectiveTests(
  variants: number,
  samples: number,
  read: (row: number, out: Float64Array) => void,
  options: EigenMTOptions = {},
): number {
  const { window = 200, share = 0.99 } = options;
  const rows = new Float64Array(Math.min(window, variants) * samples);
  let tests = 0;
  for (let from = 0; from < variants; from += window) {
    const count = Math.min(window, variants - from);
    for (let i = 0; i < count; i++) {
      const row = rows.subarray(i * samples, (i + 1) * samples);
      read(from + i, row);
      centre(row);
    }
    const correlation = shrunkCorrelation(rows, count, samples);
    tests += eigenvaluesReaching(symmetricEigenvalues(correlation, count), share * count);
  }
  return tests;
}

function centre(row: Float64Array): void {
  let sum = 0;
  for (const value of row) sum += value;
  const mean = sum / row.length;
  for (let i = 0; i < row.length; i++) row[i]! -= mean;
}

/**
 * The correlation matrix of the shrunk covariance S* = (1 - d) S + d mu I of centred rows (divisor n), with
 * Ledoit and Wolf's d = min(1, (sum_k |x_k|^4 - n |S|^2) / n^2 / |S - mu I|^2), x_k the column of sample k.
 */
function shrunkCorrelation(rows: Float64Array, count: number, samples: number): Float64Array {
  const s = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      const value = product(rows, i * samples, j * samples, samples) / samples;
      s[i * count + j] = value;
      s[j * count + i] = value;
    }
  }
  const length = new Float64Array(samples);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < samples; k++) {
      const value = rows[i * samples + k]!;
      length[k]! += value * value;
    }
  }
  let fourth = 0;
  for (const square of length) fourth += square * square;
  let trace = 0;
  for (let i = 0; i < count; i++) trace += s[i * count + i]!;
  const mean = trace / count;
  let norm = 0;
  let spread = 0;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      const value = s[i * count + j]!;
      norm += value * value;
      const off = i === j ? value - mean : value;
      spread += off * off;
    }
  }
  const noise = (fourth - samples * norm) / (samples * samples);
  const shrinkage = spread > 0 ? Math.min(1, Math.max(0, noise / spread)) : 0;
  return toCorrelation(s, count, shrinkage, mean);
}

function product(rows: Float64Array, a: number, b: number, n: number): number {
  let s0 = 0;
  let s1 = 0;
  let k = 0;
  for (; k + 1 < n; k += 2) {
    s0 += rows[a + k]! * rows[b + k]!;
    s1 += rows[a + k + 1]! * rows[b + k + 1]!;
  }
  if (k < n) s0 += rows[a + k]! * rows[b + k]!;
  return s0 + s1;
}

/** (1 - shrinkage) S + shrinkage mean I, each row and column over the root of its diagonal; in place. */
function toCorrelation(s: Float64Array, count: number, shrinkage: number, mean: number): Float64Array {
  const scale = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const variance = (1 - shrinkage) * s[i * count + i]! + shrinkage * mean;
    scale[i] = variance > 0 ? 1 / Math.sqrt(variance) : 0;
  }
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      s[i * count + j] = i === j ? 1 : (1 - shrinkage) * s[i * count + j]! * scale[i]! * scale[j]!;
    }
  }
  return s;
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
