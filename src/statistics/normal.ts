/**
 * Tails and quantiles of the standard normal distribution, right where the probability underflows.
 */

import { UsageError } from "../errors.ts";
import { exp, LN_10, LOG10_E, log, log1p } from "./elementary.ts";

const SQRT_2_OVER_PI = 0.7978845608028654;
const LOG_SQRT_2_OVER_PI = -0.22579135264472744;
/** Up to this |z| the power series of the centre, beyond it the continued fraction of the tail. */
const CENTRE = 2.5;
const CENTRE_SERIES = centreSeries();

/** Coefficients in (z / 2.5)^2 of sqrt(pi / 2) (2 Phi(z) - 1) / z. */
function centreSeries(): Float64Array {
  const coefficients = new Float64Array(32);
  let term = 1;
  for (let n = 0; n < coefficients.length; n++) {
    coefficients[n] = term / (2 * n + 1);
    term *= (-0.5 * CENTRE * CENTRE) / (n + 1);
  }
  return coefficients;
}

/** 2 Phi(z) - 1 for 0 <= z <= 2.5. */
function centralProbability(z: number): number {
  const u = (z / CENTRE) * (z / CENTRE);
  let sum = 0;
  for (let n = CENTRE_SERIES.length - 1; n >= 0; n--) sum = sum * u + CENTRE_SERIES[n]!;
  return SQRT_2_OVER_PI * z * sum;
}

/**
 * Mills' ratio (1 - Phi(z)) / phi(z) for z >= 2.5, by the even part of Laplace's continued fraction
 * (Abramowitz and Stegun 26.2.14), z / (z^2 + 1 - 1*2 / (z^2 + 5 - 3*4 / (z^2 + 9 - ...))).
 */
function millsRatio(z: number): number {
  const square = z * z;
  const terms = 4 + Math.ceil(195 / square);
  let fraction = square + (4 * terms + 1);
  for (let m = terms; m > 0; m--) fraction = square + (4 * m - 3) - ((2 * m - 1) * (2 * m)) / fraction;
  return z / fraction;
}

/** Natural logarithm of the two-sided tail P(|Z| >= |z|): relative error below 1e-14. */
export function logNormalTwoSided(z: number): number {
  const size = Math.abs(z);
  if (size <= CENTRE) return log1p(-centralProbability(size));
  // Past 1e154 the square overflows, and so does the logarithm.
  if (size > 1e154) return -Infinity;
  return log(SQRT_2_OVER_PI * millsRatio(size)) - 0.5 * size * size;
}

/** log10 of the two-sided tail P(|Z| >= |z|); 0 at z = 0, NaN for NaN. */
export function log10NormalTwoSided(z: number): number {
  return LOG10_E * logNormalTwoSided(z);
}

/** Natural logarithm of the lower tail Phi(z), for any z. */
export function logNormalCdf(z: number): number {
  if (z < -CENTRE) return logNormalTwoSided(z) - Math.LN2;
  if (z <= CENTRE) return log(0.5 + 0.5 * (z < 0 ? -centralProbability(-z) : centralProbability(z)));
  return log1p(-0.5 * exp(logNormalTwoSided(z)));
}

/** Horner's rule, highest power first. */
function polynomial(x: number, coefficients: readonly number[]): number {
  let sum = 0;
  for (const coefficient of coefficients) sum = sum * x + coefficient;
  return sum;
}

/** Numerators and denominators of Wichura's three rational functions, highest power first. */
const QUANTILE_CENTRE = [
  [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946,
    1971.5909503065513, 133.14166789178438, 3.3871328727963665,
  ],
  [
    5226.495278852546, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751,
    687.1870074920579, 42.31333070160091, 1,
  ],
] as const;
const QUANTILE_MIDDLE = [
  [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
    5.769497221460691, 4.630337846156546, 1.4234371107496835,
  ],
  [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
    1.6763848301838038, 2.053191626637759, 1,
  ],
] as const;
const QUANTILE_TAIL = [
  [
    2.0103343992922881e-7, 0.000027115555687434876, 0.0012426609473880784, 0.026532189526576124,
    0.29656057182850487, 1.7848265399172913, 5.463784911164114, 6.657904643501103,
  ],
  [
    2.0442631033899397e-15, 1.421511758316446e-7, 0.000018463183175100548, 0.0007868691311456133,
    0.014875361290850615, 0.1369298809227358, 0.599832206555888, 1,
  ],
] as const;

function rational(
  x: number,
  [numerator, denominator]: readonly [readonly number[], readonly number[]],
): number {
  return polynomial(x, numerator) / polynomial(x, denominator);
}

/**
 * The normal quantile Phi^-1(p), 0 < p < 1: Wichura's algorithm AS 241 (Applied Statistics 37, 1988,
 * PPND16), relative error about 1e-15. -Infinity at 0, Infinity at 1, NaN outside.
 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : NaN;
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * rational(0.180625 - q * q, QUANTILE_CENTRE);
  const r = Math.sqrt(-log(q < 0 ? p : 1 - p));
  const z = r <= 5 ? rational(r - 1.6, QUANTILE_MIDDLE) : rational(r - 5, QUANTILE_TAIL);
  return q < 0 ? -z : z;
}

/**
 * The |z| whose two-sided p has this log10, also where p underflows: Newton's method on the logarithm
 * of the tail, which is concave, from sqrt(-2 log p), which is never too small. Relative error below
 * 1e-13. 0 for log10 p = 0, Infinity for -Infinity.
 * @throws UsageError when log10 p is above 0 or not a number.
 */
export function normalFromLog10P(log10P: number): number {
  if (!(log10P <= 0)) throw new UsageError(`log10 p is ${log10P}; it must be at most 0`);
  if (log10P === 0) return 0;
  if (log10P === -Infinity) return Infinity;
  const target = log10P * LN_10;
  let z = Math.sqrt(-2 * target);
  for (let step = 0; step < 60; step++) {
    const tail = logNormalTwoSided(z);
    // 2 phi(z) / p, which is 1 / Mills' ratio.
    const slope = z > CENTRE ? 1 / millsRatio(z) : exp(LOG_SQRT_2_OVER_PI - 0.5 * z * z - tail);
    const change = (tail - target) / slope;
    z += change;
    if (Math.abs(change) <= 1e-15 * z) break;
  }
  return z;
}
