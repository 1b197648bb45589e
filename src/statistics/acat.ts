/** The aggregated Cauchy association test (Liu et al., AJHG 104, 2019), in log space. */

import { arccotOverPi, cotPi } from "./circular.ts";
import { expm1, LN_10, LOG10_E, log1p, log10, pow10 } from "./elementary.ts";

/** Below this p, cot(pi p) is 1 / (pi p) to the last digit. */
const LOG10_TINY = -9;
/** A p this near to 1 is one: r is 0 but for rounding. */
const ONE = 1e-12;

/**
 * log10 of the combined p of the two-sided p-values whose log10 these are, equal weights: the mean of
 * cot(pi p) has, whatever the dependence, the tail of a Cauchy variable. Right where p underflows. With M
 * p-values, a p of 1 counts as 1 - 1/M (as the authors' own package advises), or it alone would make the whole 1. All
 * others count as they are: cut at 1 - 1/M they would make the combined p too small. NaN without any.
 */
export function log10Acat(log10P: Float64Array): number {
  const count = log10P.length;
  if (count === 0) return Number.NaN;
  if (count === 1) return log10P[0]!;
  let least = 0;
  for (const value of log10P) least = Math.min(least, value);
  // The mean of cot(pi p) times the least p (up to 1e-9): of moderate size however small p is.
  const unit = Math.min(least, LOG10_TINY);
  const scale = pow10(unit);
  let sum = 0;
  for (const value of log10P) {
    sum += value < LOG10_TINY ? pow10(unit - value) / Math.PI : scale * cotangent(value, count);
  }
  const mean = sum / count;
  if (least < LOG10_TINY && mean > 0) return Math.min(0, unit - log10(Math.PI * mean));
  const cot = mean / scale;
  return cot < 0 ? LOG10_E * log1p(-arccotOverPi(-cot)) : log10(arccotOverPi(cot));
}

/** cot(pi p) of one of `count` p-values. */
function cotangent(log10P: number, count: number): number {
  if (log10P < -0.3) return cotPi(pow10(log10P));
  // Near 1 it is the distance from 1 whose digits count.
  const beside = -expm1(LN_10 * log10P);
  return -cotPi(beside < ONE ? 1 / count : beside);
}
