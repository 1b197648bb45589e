import { isConstant } from "../cohort/expression.ts";
import { averageRanks } from "../statistics/ranks.ts";
import { biweight } from "./biweight.ts";

/** How two genes are correlated. */
export interface Measure {
  /** Pearson; Spearman (ranks, ties averaged); bicor, the biweight midcorrelation (Langfelder and Horvath 2012). */
  readonly method: "pearson" | "spearman" | "bicor";
  /** bicor: at most this share of samples is an outlier on either side. Default 1: no limit. */
  readonly maxPOutliers?: number | undefined;
}

/**
 * Replaces `values` (without a NaN) by the vector of norm 1 whose dot product with another gene's is their correlation: centred
 * values or ranks for Pearson and Spearman, weighted deviations from the median for bicor (METHODS 5.9; where the median
 * absolute deviation is 0, as for Pearson). All 0, and false, where they are constant.
 */
export function standardiseFor(values: Float64Array, measure: Measure): boolean {
  if (measure.method === "spearman") values.set(averageRanks(values));
  if (measure.method === "bicor" && biweight(values, measure.maxPOutliers ?? 1)) return true;
  return centre(values);
}

/** Centred, of norm 1; all 0 and false where they are constant. */
function centre(values: Float64Array): boolean {
  const n = values.length;
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / n;
  if (isConstant(values)) {
    // The mean of equal values may differ from them by rounding.
    values.fill(0);
    return false;
  }
  // Scaled by the largest deviation, so that no square under- or overflows.
  let largest = 0;
  for (let s = 0; s < n; s++) {
    values[s] = values[s]! - mean;
    largest = Math.max(largest, Math.abs(values[s]!));
  }
  return scale(values, largest);
}

/** Scales to norm 1, given the largest |value|. */
function scale(values: Float64Array, largest: number): boolean {
  if (!(largest > 0 && largest < Number.POSITIVE_INFINITY)) {
    values.fill(0);
    return false;
  }
  let squares = 0;
  for (let s = 0; s < values.length; s++) {
    values[s] = values[s]! / largest;
    squares += values[s]! * values[s]!;
  }
  const norm = Math.sqrt(squares);
  for (let s = 0; s < values.length; s++) values[s] = values[s]! / norm;
  return true;
}
