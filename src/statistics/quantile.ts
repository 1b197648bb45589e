/** Quantiles of data, and the genomic inflation factor. */

import { UsageError } from "../errors.ts";
import { normalFromLog10P } from "./normal.ts";

/** Median of the chi-square distribution with one degree of freedom. */
const MEDIAN_CHI_SQUARE = 0.4549364231195728;

/**
 * The quantile at `probability` of values sorted ascending, by linear interpolation (type 7 of Hyndman and
 * Fan 1996, the default of R and numpy). NaN without values.
 * @throws UsageError when the probability is not from 0 to 1.
 */
export function sortedQuantile(sorted: ArrayLike<number>, probability: number): number {
  if (!(probability >= 0 && probability <= 1)) {
    throw new UsageError(`the probability of a quantile is ${probability}; it must be from 0 to 1`);
  }
  if (sorted.length === 0) return Number.NaN;
  const at = (sorted.length - 1) * probability;
  const below = Math.floor(at);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  // Two equal infinities have no difference.
  return low === high ? low : low + (at - below) * (high - low);
}

/** The same of values in any order, which are left as they are. */
export function quantile(values: ArrayLike<number>, probability: number): number {
  return sortedQuantile(Float64Array.from(values).sort(), probability);
}

export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/**
 * Genomic inflation lambda (Devlin and Roeder 1999): the median of the chi-square values with one degree
 * of freedom that two-sided p-values stand for, over its expectation under the null. NaN without p-values.
 */
export function lambdaGC(log10P: ArrayLike<number>): number {
  const sorted = Float64Array.from(log10P).sort();
  if (sorted.length === 0) return Number.NaN;
  const low = chiSquare(sorted[Math.floor((sorted.length - 1) / 2)]!);
  const high = chiSquare(sorted[Math.ceil((sorted.length - 1) / 2)]!);
  return (low + high) / 2 / MEDIAN_CHI_SQUARE;
}

function chiSquare(log10P: number): number {
  const z = normalFromLog10P(log10P);
  return z * z;
}
