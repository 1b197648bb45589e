/** The upper tail of the chi-square distribution with a whole number of degrees of freedom, in log space. */

import { UsageError } from "../errors.ts";
import { exp, LOG10_E, log } from "./elementary.ts";
import { logNormalTwoSided } from "./normal.ts";

const SQRT_2_OVER_PI = 0.7978845608028654;

/**
 * log10 of P(X >= x) of a chi-square variable with `df` degrees of freedom, whole and positive; 0 for x <= 0, right where
 * the tail underflows. The finite sums of Abramowitz and Stegun 26.4.4 and 26.4.5, of positive terms alone: relative error
 * of the tail below 1e-13. Time grows with df.
 * @throws UsageError when df is not a whole positive number.
 */
export function log10ChiSquareTail(x: number, df: number): number {
  if (!(Number.isInteger(df) && df > 0))
    throw new UsageError(`a chi-square has ${df} degrees of freedom; they must be a whole positive number`);
  if (Number.isNaN(x)) return x;
  if (x <= 0) return 0;
  // Terms relative to the first: x/2 over 1, 2, ...; or x over 3, 5, ...
  const even = df % 2 === 0;
  const terms = even ? df / 2 : (df - 1) / 2;
  let largest = 0;
  let sum = 0;
  let logTerm = 0;
  for (let i = 0; i < terms; i++) {
    if (i > 0) logTerm += even ? log(x / 2 / i) : log(x / (2 * i + 1));
    if (logTerm > largest) {
      sum *= exp(largest - logTerm);
      largest = logTerm;
    }
    sum += exp(logTerm - largest);
  }
  const logSum = terms === 0 ? Number.NEGATIVE_INFINITY : largest + log(sum);
  if (even) return Math.min(0, LOG10_E * (logSum - x / 2));
  const root = Math.sqrt(x);
  const normal = logNormalTwoSided(root);
  if (terms === 0) return Math.min(0, LOG10_E * normal);
  const rest = log(SQRT_2_OVER_PI * root) - x / 2 + logSum;
  const high = Math.max(normal, rest);
  return Math.min(0, LOG10_E * (high + log(exp(normal - high) + exp(rest - high))));
}
