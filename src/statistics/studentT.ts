/**
 * Two-sided p-values of Student's t in log space: right where p underflows (1e-4000 and beyond) and
 * right in relative terms where p is near 1.
 *
 * p = I_y(a, 1/2), a = df / 2, y = df / (df + t^2), x = 1 - y (Abramowitz and Stegun 26.7.1). In the
 * centre 1 - p is a power series in x whose coefficients depend on df alone; in the tail
 * p = y^a sqrt(x) / (a B(a, 1/2)) * K with a continued fraction K whose coefficients again depend on
 * df alone. Both are tabulated once per df.
 */

import { UsageError } from "../errors.ts";
import { exp, expm1, LN_10, LOG10_E, log, log1p } from "./elementary.ts";
import { gammaHalfRatio } from "./gamma.ts";
import { normalFromLog10P } from "./normal.ts";

const SQRT_PI = 1.772453850905516;
/** Up to this t^2 (and up to t^2 = df) the series of the centre, beyond it the continued fraction. */
const CENTRE_SQUARE = 6.25;
/** Terms of the continued fraction that reach 1e-16 at this t^2, for any df (fewer for a small one). */
const fractionTerms = (square: number) => Math.min(FRACTION_TERMS, 4 + Math.ceil(195 / square));
const FRACTION_TERMS = 36;
/** Past this |t| its square would overflow, and 1 + df / t^2 is 1. */
const HUGE_T = 1e150;
/** Past this log(1 + t^2 / df), df / t^2 is lost beside 1. */
const FAR = 40;
/** Below this |t| its square would underflow, and 1 - p is proportional to |t|. */
const TINY_T = 1e-140;

/** What log10 p is computed from: for kernels that repeat {@link studentT}'s arithmetic. */
export interface TailConstants {
  readonly df: number;
  /** Up to this t^2 the series of the centre. */
  readonly centreSquare: number;
  readonly largestX: number;
  readonly seriesScale: number;
  readonly tailScale: number;
  readonly series: Float64Array;
  readonly levels: Float64Array;
}

/** Student's t with a fixed number of degrees of freedom, its constants computed once. */
export interface StudentT {
  readonly df: number;
  readonly constants: TailConstants;
  /**
   * log10 of P(|T| >= |t|): at most 0, 0 at t = 0, finite for finite t, -Infinity for infinite t, NaN for
   * NaN. Relative error below 1e-13.
   */
  log10P(t: number): number;
  /** The same of each number of `t`, into `out`. */
  log10PInto(t: Float64Array, out: Float64Array): void;
}

/** Coefficients, in (x / largest x), of B(1/2, a) / 2 * I_x(1/2, a) / sqrt(x). */
function centreSeries(a: number, largestX: number): Float64Array {
  const coefficients: number[] = [1];
  let term = 1;
  for (let n = 1; n < 200; n++) {
    term *= (largestX * (n - a)) / n;
    coefficients.push(term / (2 * n + 1));
    if (Math.abs(term) < 1e-19) break;
  }
  // The evaluation takes the terms in pairs.
  if (coefficients.length % 2 === 1) coefficients.push(0);
  return Float64Array.from(coefficients);
}

/**
 * The even part of the continued fraction of the incomplete beta function (DLMF 8.17.22),
 * K = 1 / (b0 - a1 / (b1 - a2 / (b2 - ...))). Level m is b_m = fixed + x * slope and a_m = y^2 * numerator,
 * with every coefficient free of cancellation. Three numbers a level, `numerator` of level 0 unused.
 */
function fractionLevels(a: number, b: number): Float64Array {
  const levels = new Float64Array(3 * (FRACTION_TERMS + 1));
  levels[0] = (1 - b) / (a + 1);
  levels[1] = (a + b) / (a + 1);
  for (let m = 1; m <= FRACTION_TERMS; m++) {
    const c = a + 2 * m;
    levels[3 * m] = ((2 * m + 1 - b) * a + 2 * m * m + b - 1) / (c - 1) / (c + 1);
    levels[3 * m + 1] = (a + b) / (c + 1) + (2 * m * (m - b)) / (c - 1) / (c + 1);
    levels[3 * m + 2] = ((((a + m - 1) / (c - 2)) * ((a + b + m - 1) / (c - 1))) / (c - 1) / c) * m * (m - b);
  }
  return levels;
}

/**
 * Student's t with `df` degrees of freedom (fractional ones too), for many p-values.
 * @throws UsageError when df is not a positive finite number.
 */
export function studentT(df: number): StudentT {
  if (!(df > 0 && df < Infinity)) throw new UsageError(`degrees of freedom are ${df}; they must be positive`);
  const a = df / 2;
  const ratio = gammaHalfRatio(a);
  const centreSquare = Math.min(CENTRE_SQUARE, df);
  const largestX = centreSquare / (df + centreSquare);
  const series = centreSeries(a, largestX);
  const seriesScale = (2 * ratio) / SQRT_PI;
  const levels = fractionLevels(a, 0.5);
  /** 1 / (a B(a, 1/2)). */
  const tailScale = ratio / (a * SQRT_PI);

  /** P(|T| <= t) in the centre. */
  function centre(square: number): number {
    const x = square / (df + square);
    const u = x / largestX;
    const v = u * u;
    let even = 0;
    let odd = 0;
    for (let n = series.length - 2; n >= 0; n -= 2) {
      even = even * v + series[n]!;
      odd = odd * v + series[n + 1]!;
    }
    return seriesScale * Math.sqrt(x) * (even + u * odd);
  }

  /** log P(|T| >= t) in the tail. */
  function tail(square: number): number {
    const s = square / df;
    const y = 1 / (1 + s);
    const x = s * y;
    const ySquare = y * y;
    const terms = fractionTerms(square);
    let fraction = levels[3 * terms]! + x * levels[3 * terms + 1]!;
    for (let m = terms; m > 0; m--) {
      fraction = levels[3 * m - 3]! + x * levels[3 * m - 2]! - (ySquare * levels[3 * m + 2]!) / fraction;
    }
    return log((Math.sqrt(x) * tailScale) / fraction) - a * log1p(s);
  }

  function log10P(t: number): number {
    const size = Math.abs(t);
    if (size > HUGE_T) return LOG10_E * (log(tailScale) - a * (2 * log(size) - log(df)));
    if (size < TINY_T) return 0 - LOG10_E * seriesScale * (size / Math.sqrt(df));
    const square = size * size;
    return LOG10_E * (square <= centreSquare ? log1p(-centre(square)) : tail(square));
  }

  function log10PInto(t: Float64Array, out: Float64Array): void {
    for (let i = 0; i < t.length; i++) out[i] = log10P(t[i]!);
  }

  const constants = { df, centreSquare, largestX, seriesScale, tailScale, series, levels };
  return { df, constants, log10P, log10PInto };
}

let last: StudentT | undefined;

/** The constants of the last df asked for, which is mostly the next one too. */
function studentTOf(df: number): StudentT {
  if (last?.df !== df) last = studentT(df);
  return last;
}

/** log10 of the two-sided p of t with `df` degrees of freedom: `studentT(df).log10P(t)`. */
export function log10TwoSidedT(t: number, df: number): number {
  return studentTOf(df).log10P(t);
}

/**
 * The |t| whose two-sided p has this log10: the inverse of {@link log10TwoSidedT}, relative error below
 * 1e-12. 0 for log10 p = 0; Infinity where |t| is past the largest double.
 *
 * Newton's method on log p as a function of w = sqrt(log(1 + t^2 / df)), in which it is near linear at 0,
 * near quadratic in the tail, and concave; from Wallace's approximation (Biometrika 46, 1959).
 * @throws UsageError when log10 p is above 0 or not a number, or df is not positive.
 */
export function thresholdT(log10P: number, df: number): number {
  const student = studentTOf(df);
  const normal = normalFromLog10P(log10P);
  if (normal === 0 || normal === Infinity) return normal;
  const a = df / 2;
  const target = log10P * LN_10;
  const ratio = gammaHalfRatio(a);
  // Once df / t^2 is below the last digit, log p is linear in log(1 + t^2 / df).
  const farLog = (log(ratio / (a * SQRT_PI)) - target) / a;
  if (farLog > FAR) return exp(0.5 * (farLog + log(df)));
  const logDensity = log((2 * ratio) / SQRT_PI);
  let w = Math.min(Math.sqrt(FAR + 1), (normal / Math.sqrt(df)) * ((8 * df + 3) / (8 * df + 1)));
  for (let step = 0; step < 60; step++) {
    const square = w * w;
    const growth = expm1(square);
    const logP = LN_10 * student.log10P(Math.sqrt(df * growth));
    // d(log p)/dw = -2 f(t) / p * dt/dw, with dt/dw = sqrt(df) e^(w^2) w / sqrt(e^(w^2) - 1).
    const slope = exp(logDensity - (a - 0.5) * square - logP) * (w / Math.sqrt(growth));
    const change = (logP - target) / slope;
    w += change;
    if (Math.abs(change) <= 4e-16 * w) break;
  }
  return Math.sqrt(df * expm1(w * w));
}

/** The |r| at which a correlation with `df` degrees of freedom has this log10 p: t / sqrt(df + t^2). */
export function thresholdR(log10P: number, df: number): number {
  const t = thresholdT(log10P, df);
  if (t > 1) return 1 / Math.sqrt(1 + df / t / t);
  return t / Math.sqrt(df + t * t);
}
