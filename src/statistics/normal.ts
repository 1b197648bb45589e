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
  if (z < -CENTRE) return logNormalTwoSided(z) - 0.6931471805599453;
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
    2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
    13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
  ],
  [
    5226.495278852545925, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
    5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1,
  ],
] as const;
const QUANTILE_MIDDLE = [
  [
    7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
    3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
  ],
  [
    1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
    0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1,
  ],
] as const;
const QUANTILE_TAIL = [
  [
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
    0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772,
  ],
  [
    2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
    0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1,
  ],
] as const;

function rational(x: number, [numerator, denominator]: readonly [readonly number[], readonly number[]]): number {
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
    const slope = exp(LOG_SQRT_2_OVER_PI - 0.5 * z * z - tail);
    const change = (tail - target) / slope;
    z += change;
    if (Math.abs(change) <= 1e-15 * z) break;
  }
  return z;
}
