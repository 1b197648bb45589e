/** The aggregated Cauchy association test (Liu et al., AJHG 104, 2019), in log space. */

import { arccotOverPi, cotPi } from "./circular.ts";
import { log10, pow10 } from "./elementary.ts";

/** Below this p, cot(pi p) is 1 / (pi p) to the last digit. */
const LOG10_TINY = -9;

/**
 * log10 of the combined p of the two-sided p-values whose log10 these are, equal weights: the mean of
 * cot(pi p) has, whatever the dependence, the tail of a Cauchy variable. Right where p underflows. With M
 * p-values, one above 1 - 1/M counts as that, or a single p of 1 would make the whole 1. NaN without any.
 */
export function log10Acat(log10P: Float64Array): number {
  const count = log10P.length;
  if (count === 0) return Number.NaN;
  if (count === 1) return log10P[0]!;
  let least = 0;
  for (const value of log10P) least = Math.min(least, value);
  const largest = 1 - 1 / count;
  // The mean of cot(pi p) times the least p (up to 1e-9): of moderate size however small p is.
  const unit = Math.min(least, LOG10_TINY);
  const scale = pow10(unit);
  let sum = 0;
  for (const value of log10P) {
    sum +=
      value < LOG10_TINY ? pow10(unit - value) / Math.PI : scale * cotPi(Math.min(largest, pow10(value)));
  }
  const mean = sum / count;
  if (least < LOG10_TINY && mean > 0) return Math.min(0, unit - log10(Math.PI * mean));
  return Math.min(0, log10(arccotOverPi(mean / scale)));
}
