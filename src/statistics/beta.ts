/**
 * The regularised incomplete beta function and its complement in log space.
 */

import { UsageError } from "../errors.ts";
import { exp, log, log1mExp, log1p } from "./elementary.ts";
import { logBeta } from "./gamma.ts";

/** Natural logarithms of I_x(a, b) and of 1 - I_x(a, b). */
export interface LogBetaTails {
  readonly lower: number;
  readonly upper: number;
}

/** The fraction needs some sqrt(max(a, b)) levels: this serves shapes up to 1e8 and more. */
const MAXIMUM_LEVELS = 100_000;

/**
 * The even part of the continued fraction of I_x(a, b) (DLMF 8.17.22), from the top down (modified
 * Lentz), for x <= (a + 1) / (a + b + 2) and y = 1 - x. A level is a difference: it is taken in x where
 * b is the larger shape and in y where a is, so that little cancels.
 */
function continuedFraction(x: number, y: number, a: number, b: number): number {
  const xSquare = x * x;
  const inY = b < a;
  let fraction = inY ? (1 - b + y * (a + b)) / (a + 1) : 1 - (x * (a + b)) / (a + 1);
  let ratio = fraction;
  let inverse = 0;
  for (let m = 1; m <= MAXIMUM_LEVELS; m++) {
    const c = a + 2 * m;
    const slope = (a + b) / (c + 1) + (2 * m * (m - b)) / (c - 1) / (c + 1);
    const fixed = ((2 * m + 1 - b) * a + 2 * m * m + b - 1) / (c - 1) / (c + 1);
    const level = inY ? fixed + y * slope : 1 - x * slope;
    const rest = (((((a + m - 1) / (c - 2)) * (a + b + m - 1)) / (c - 1)) * m * (m - b)) / (c - 1) / c;
    inverse = 1 / (level - rest * xSquare * inverse);
    ratio = level - (rest * xSquare) / ratio;
    const change = ratio * inverse;
    fraction *= change;
    if (Math.abs(change - 1) < 2e-16) return 1 / fraction;
  }
  throw new UsageError(
    `the incomplete beta function with shapes ${a} and ${b} did not converge in ${MAXIMUM_LEVELS} steps; the shapes are too large`,
  );
}

/** log I_x(a, b) on the side where the fraction converges fast. */
function logLower(logX: number, logY: number, a: number, b: number): number {
  const fraction = continuedFraction(exp(logX), exp(logY), a, b);
  return Math.min(0, a * logX + b * logY - log(a) - logBeta(a, b) + log(fraction));
}

/**
 * Both tails of the beta distribution with shapes a and b at x, from log x and log(1 - x), so that x or
 * 1 - x may be far below the smallest double (x is a p-value: hand over ln 10 * log10 p and log1mExp of
 * it). `lower` for x <= (a + 1) / (a + b + 2), else `upper`, is right to a few times
 * 1e-15 (1 + a |log x| + b |log(1 - x)|) in absolute terms; the other is its complement.
 * @throws UsageError when a shape is not positive, or a logarithm is above 0 or not a number.
 */
export function logBetaTails(logX: number, log1mX: number, a: number, b: number): LogBetaTails {
  if (!(a > 0 && b > 0 && a < Infinity && b < Infinity)) {
    throw new UsageError(`shapes of a beta distribution are ${a} and ${b}; both must be positive`);
  }
  if (!(logX <= 0 && log1mX <= 0)) {
    throw new UsageError(`log x is ${logX} and log(1 - x) is ${log1mX}; both must be at most 0`);
  }
  if (logX === -Infinity) return { lower: -Infinity, upper: 0 };
  if (log1mX === -Infinity) return { lower: 0, upper: -Infinity };
  if (exp(logX) * (a + b + 2) <= a + 1) {
    const lower = logLower(logX, log1mX, a, b);
    return { lower, upper: log1mExp(lower) };
  }
  const upper = logLower(log1mX, logX, b, a);
  return { lower: log1mExp(upper), upper };
}

/** log I_x(a, b) for 0 <= x <= 1. */
export function logBetaCdf(x: number, a: number, b: number): number {
  return logBetaTails(log(x), log1p(-x), a, b).lower;
}

/** More steps than doubles have digits to halve. */
const QUANTILE_STEPS = 200;

/**
 * log x with log I_x(a, b) = `logP` <= 0, relative error below 1e-12 in x, also where x underflows: Newton's method
 * on log I as a function of log x, in which it is concave and rises, halved where it would leave its bracket.
 * @throws UsageError when a shape is not positive, or log p is above 0 or not a number.
 */
export function logBetaQuantile(logP: number, a: number, b: number): number {
  if (!(logP <= 0)) throw new UsageError(`log p is ${logP}; it must be at most 0`);
  if (logP === 0 || logP === -Infinity) return logP;
  const constant = logBeta(a, b);
  // From the leading term x^a / (a B), moved down until it is below the root.
  let low = Math.min(-1e-300, (logP + constant + log(a)) / a);
  while (logBetaTails(low, log1mExp(low), a, b).lower > logP) low = 2 * low - 1;
  let high = 0;
  let x = low;
  for (let step = 0; step < QUANTILE_STEPS; step++) {
    const log1mX = log1mExp(x);
    const value = logBetaTails(x, log1mX, a, b).lower;
    if (value > logP) high = x;
    else low = x;
    const slope = exp(a * x + (b - 1) * log1mX - constant - value);
    let next = x + (logP - value) / slope;
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (Math.abs(next - x) <= 1e-14 * Math.max(1e-300, Math.abs(x)) || next === x) return next;
    x = next;
  }
  return x;
}
