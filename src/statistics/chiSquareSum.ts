/**
 * Tails of a weighted sum of chi-squares, Q = sum of lambda_j X_j with independent X_j of one degree of freedom:
 * the law of a gene's sum of squared z scores under linkage disequilibrium (METHODS 5.4), and of quadratic forms
 * in general. Right to 11 digits in either tail, however small p is: Davies, Imhof and Farebrother have an
 * absolute error and end at 1e-12.
 *
 * p is an integral of exp(K(s) - s q) / s along a line in the complex plane, K the cumulant generating function
 * (inversion formula; Rice 1980, SIAM J. Sci. Stat. Comput. 1, 438). The line is bent into a parabola
 * through the saddle point, on which the integrand falls like a Gaussian, and the trapezoidal rule converges geometrically.
 */

import { UsageError } from "../errors.ts";
import { sineAndCosine } from "./circular.ts";
import { exp, LOG10_E, log, log1p } from "./elementary.ts";

/** Steps of the trapezoidal rule on one half of the parabola. */
const STEPS = 256;
/** The parabola ends where the integrand is e^-this of its start. */
const DECAY = 45;
/** Nearer to 0 than this many standard deviations of Q (as 1 / s) the pole at 0 would spoil the rule. */
const FROM_POLE = 1;
/** A sum's part below this share of the largest weight moves no p by 1e-12 relative: a constant takes its place. */
const NEGLIGIBLE = 1e-14;
const NEWTON_STEPS = 200;
/** So many times the largest weight is past the range of everything here. */
const LARGEST = 1e100;

/** The tails of a sum of chi-squares at one value, as decimal logarithms. */
export interface ChiSquareSumTails {
  /** log10 P(Q > q). */
  readonly log10Upper: number;
  /** log10 P(Q <= q). */
  readonly log10Lower: number;
}

/**
 * The tails at `q` of the sum of chi-squares weighted by `weights` (not negative, at least one above 0; in any order).
 * @throws UsageError for a negative weight or one that is no number, for no weight above 0, and for q that is no number.
 */
export function chiSquareSumTails(weights: ArrayLike<number>, q: number): ChiSquareSumTails {
  const given = positiveWeights(weights);
  if (Number.isNaN(q)) throw new UsageError("the value of a sum of chi-squares is not a number");
  // In units of the largest weight, so that no square over- or underflows.
  const lambda = given.map((value) => value / given[0]!);
  const value = q / given[0]!;
  if (value <= 0) return { log10Upper: 0, log10Lower: -Infinity };
  if (value > LARGEST) return { log10Upper: -Infinity, log10Lower: 0 };
  let mean = 0;
  for (const weight of lambda) mean += weight;
  const logTail = logIntegral(lambda, value, mean);
  const near = LOG10_E * logTail;
  const far = LOG10_E * log1p(-exp(logTail));
  return value > mean ? { log10Upper: near, log10Lower: far } : { log10Upper: far, log10Lower: near };
}

/** log10 P(Q > q): {@link chiSquareSumTails}. */
export function log10ChiSquareSum(weights: ArrayLike<number>, q: number): number {
  return chiSquareSumTails(weights, q).log10Upper;
}

/** The weights above rounding, largest first, so that the order they come in changes no bit. */
function positiveWeights(weights: ArrayLike<number>): Float64Array {
  const sorted = Float64Array.from(weights).sort().reverse();
  // NaN is sorted to the end, and so comes first here.
  if (sorted.length === 0 || !(sorted[0]! > 0 && sorted[0]! < Infinity)) {
    throw new UsageError(
      `a sum of chi-squares needs a finite weight above 0; the largest is ${sorted[0] ?? "absent"}`,
    );
  }
  const least = sorted[sorted.length - 1]!;
  if (!(least >= 0))
    throw new UsageError(`a weight of a sum of chi-squares is ${least}; it must be at least 0`);
  let kept = sorted.length;
  while (sorted[kept - 1]! <= NEGLIGIBLE * sorted[0]!) kept--;
  return sorted.subarray(0, kept);
}

/** log P(Q > q) for q above the mean, log P(Q <= q) below. */
function logIntegral(lambda: Float64Array, q: number, mean: number): number {
  const bound = 1 / (2 * lambda[0]!);
  let square = 0;
  for (const value of lambda) square += value * value;
  const away = FROM_POLE / Math.sqrt(2 * square);
  const saddle = saddlePoint(lambda, q, bound);
  const t = q > mean ? Math.max(saddle, Math.min(away, bound / 2)) : Math.min(saddle, -away);
  const bend = 1 / (4 * (bound - t));
  const step = Math.sqrt(DECAY / (q * bend)) / STEPS;
  const [turnSine, turnCosine] = sineAndCosineOf(step * q);
  // 1 / (1 - 2 t lambda): what the factors are relative to.
  const share = lambda.map((value) => (2 * value) / (1 - 2 * t * value));
  let sum = 0;
  // cos and sin of u q, turned on by one step at a time.
  let cosine = 1;
  let sine = 0;
  for (let k = 0; k <= STEPS; k++) {
    const u = k * step;
    const rise = bend * u * u;
    const fall = exp(-rise * q);
    const product = rootProduct(share, rise, u);
    // (product)^-1 e^{-(s - t) q} (i + 2 bend u) / s, of which the imaginary part counts.
    const size = product[0] * product[0] + product[1] * product[1];
    // Past the range of a double: nothing of the integrand is left there.
    if (!(size < Infinity)) break;
    const real = fall * (product[0] * cosine - product[1] * sine);
    const imaginary = -fall * (product[1] * cosine + product[0] * sine);
    const [x, y] = [t + rise, u];
    const slope = 2 * bend * u;
    const down = x * x + y * y;
    // (i + slope) / (x + i y).
    const a = (slope * x + y) / down;
    const b = (x - slope * y) / down;
    sum += ((k === 0 ? 0.5 : 1) * (real * b + imaginary * a)) / size;
    const turned = cosine * turnCosine - sine * turnSine;
    sine = sine * turnCosine + cosine * turnSine;
    cosine = turned;
  }
  let cumulant = 0;
  for (const value of lambda) cumulant -= 0.5 * log1p(-2 * t * value);
  return cumulant - t * q + log((Math.abs(sum) * step) / Math.PI);
}

/** The t below 1 / (2 largest) at which the sum of lambda / (1 - 2 t lambda) is q: Newton's method within a bracket. */
function saddlePoint(lambda: Float64Array, q: number, bound: number): number {
  // One term alone gives the lower end; all of them at the largest weight the upper: t <= bound - 1/(2q).
  let low = bound - lambda.length / (2 * q);
  let high = bound - 1 / (2 * q);
  let t = (low + high) / 2;
  for (let turn = 0; turn < NEWTON_STEPS && high > low; turn++) {
    let value = -q;
    let slope = 0;
    for (const weight of lambda) {
      const term = weight / (1 - 2 * t * weight);
      value += term;
      slope += 2 * term * term;
    }
    if (value > 0) high = t;
    else low = t;
    let next = t - value / slope;
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (Math.abs(next - t) <= 1e-14 * Math.abs(bound - t)) return next;
    t = next;
  }
  return t;
}

/**
 * The product of the principal roots of 1 - share_j (rise + i u): with principal logarithms the root of each factor
 * is the principal one, and real square roots are all it takes.
 */
function rootProduct(share: Float64Array, rise: number, u: number): [number, number] {
  let re = 1;
  let im = 0;
  for (const each of share) {
    const x = 1 - each * rise;
    const y = -each * u;
    const size = Math.sqrt(x * x + y * y);
    // Principal root of x + i y, without cancellation.
    const large = Math.sqrt(0.5 * (size + Math.abs(x)));
    const small = large === 0 ? 0 : y / (2 * large);
    const a = x >= 0 ? large : Math.abs(small);
    const b = x >= 0 ? small : y < 0 ? -large : large;
    const real = re * a - im * b;
    im = re * b + im * a;
    re = real;
  }
  return [re, im];
}

/** sin(x), cos(x) for x >= 0: halved to at most pi / 4, then doubled back. */
function sineAndCosineOf(x: number): [sine: number, cosine: number] {
  let halvings = 0;
  let reduced = x;
  while (reduced > Math.PI / 4) {
    reduced /= 2;
    halvings++;
  }
  let [sine, cosine] = sineAndCosine(reduced);
  for (; halvings > 0; halvings--) [sine, cosine] = [2 * sine * cosine, cosine * cosine - sine * sine];
  return [sine, cosine];
}
