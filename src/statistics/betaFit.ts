/**
 * The null distribution of a gene's best p, from the best correlations of permutations (Ongen et al.,
 * "Fast and efficient QTL mapper for thousands of molecular phenotypes", Bioinformatics 32, 2016; METHODS
 * 2.5): a beta distribution of p at an effective number of degrees of freedom.
 */

import { logBetaTails } from "./beta.ts";
import { digammaIncrease, trigamma, trigammaDecrease } from "./digamma.ts";
import { exp, LN_10, LOG10_E, log, log1mExp } from "./elementary.ts";
import { type StudentT, studentT } from "./studentT.ts";

/**
 * `ok`; `no-spread`: the permutations' best correlations are all the same; `no-degrees-of-freedom`: no
 * number of them makes the first shape 1; `not-converged`: the likelihood has no maximum that was reached.
 */
export type BetaFitStatus = "ok" | "no-spread" | "no-degrees-of-freedom" | "not-converged";

/**
 * `learnt`: p at the degrees of freedom at which the first shape, by moments, is 1 (FastQTL, QTLtools,
 * tensorQTL). `full`: p at the model's own, as mbQTL does.
 */
export type DegreesOfFreedomRule = "learnt" | "full";

export interface BetaFit {
  readonly status: BetaFitStatus;
  /** Shapes of the beta distribution, and the degrees of freedom p is taken at: NaN unless `ok`. */
  readonly shape1: number;
  readonly shape2: number;
  readonly trueDf: number;
}

/** A p of 1, whose log(1 - p) is infinite, counts as this far from it (mbQTL). */
const LARGEST_LOG_P = -1e-6;
/** Degrees of freedom are looked for from the start over this to the start times this. */
const REACH = 1e4;
const ROOT_STEPS = 200;
const NEWTON_STEPS = 200;

/** log10 p of a correlation whose square is `r2`, with the degrees of freedom of `tails`. */
export function log10POfR2(r2: number, tails: StudentT): number {
  const unexplained = Math.max(1 - r2, Number.EPSILON);
  return tails.log10P(Math.sqrt((tails.df * r2) / unexplained));
}

/**
 * Fits the best r^2 of each permutation (at least 2 of them, none NaN). `start`: the model's degrees of
 * freedom, where those that are learnt are looked for first.
 */
export function fitBeta(r2: Float64Array, start: number, rule: DegreesOfFreedomRule = "learnt"): BetaFit {
  const failed = (status: BetaFitStatus): BetaFit => ({
    status,
    shape1: Number.NaN,
    shape2: Number.NaN,
    trueDf: Number.NaN,
  });
  if (r2.length < 2 || r2.every((value) => value === r2[0])) return failed("no-spread");
  const trueDf = rule === "full" ? start : effectiveDegreesOfFreedom(r2, start);
  if (Number.isNaN(trueDf)) return failed("no-degrees-of-freedom");
  const shapes = maximumLikelihood(logPs(r2, trueDf));
  if (shapes === undefined) return failed("not-converged");
  return { status: "ok", ...shapes, trueDf };
}

/** log10 of the p of r^2 = `r2` among the best of permutations: the fitted beta distribution's, right where it underflows. */
export function log10PBeta(fit: BetaFit, r2: number): number {
  if (fit.status !== "ok") return Number.NaN;
  const logP = LN_10 * log10POfR2(r2, studentT(fit.trueDf));
  return LOG10_E * logBetaTails(logP, log1mExp(logP), fit.shape1, fit.shape2).lower;
}

/** Natural logarithms of p of each r^2 at `df` degrees of freedom. */
function logPs(r2: Float64Array, df: number): Float64Array {
  const tails = studentT(df);
  return r2.map((value) => Math.min(LARGEST_LOG_P, LN_10 * log10POfR2(value, tails)));
}

interface Shapes {
  readonly shape1: number;
  readonly shape2: number;
}

/** Shapes by moments, the variance with divisor P; undefined where the p-values do not spread. */
function momentShapes(logP: Float64Array): Shapes | undefined {
  const p = logP.map(exp);
  let sum = 0;
  for (const value of p) sum += value;
  const mean = sum / p.length;
  let square = 0;
  for (const value of p) {
    const off = value - mean;
    square += off * off;
  }
  const variance = square / p.length;
  const common = (mean * (1 - mean)) / variance - 1;
  const shapes = { shape1: mean * common, shape2: (1 - mean) * common };
  const usable =
    shapes.shape1 > 0 && shapes.shape2 > 0 && shapes.shape1 < Infinity && shapes.shape2 < Infinity;
  return usable ? shapes : undefined;
}

/**
 * The degrees of freedom at which the first moment shape of p is 1, or NaN: the root in log df, where
 * log shape falls nearly in proportion, so that the first step takes the slope as -1; then secants, and
 * halves of the bracket where a secant would leave it.
 */
export function effectiveDegreesOfFreedom(r2: Float64Array, start: number): number {
  const heightAt = (logDf: number): number => {
    const shapes = momentShapes(logPs(r2, exp(logDf)));
    return shapes === undefined ? Number.NaN : log(shapes.shape1);
  };
  const middle = log(start);
  const [least, most] = [middle - log(REACH), middle + log(REACH)];
  let low = Number.NaN;
  let high = Number.NaN;
  let [x, previousX, previous] = [middle, Number.NaN, Number.NaN];
  for (let step = 0; step < ROOT_STEPS; step++) {
    const height = heightAt(x);
    if (height === 0) return exp(x);
    if (Number.isNaN(height)) return Number.NaN;
    if (height > 0) low = x;
    else high = x;
    const slope = Number.isNaN(previous) ? -1 : (height - previous) / (x - previousX);
    let next = x - height / slope;
    if (Number.isNaN(low) || Number.isNaN(high)) {
      // Not bracketed yet: shape 1 lies further up where it is above 1, further down where it is below.
      if (!(Math.abs(next - x) < 3) || next > x !== height > 0) next = height > 0 ? x + 1 : x - 1;
      if (next < least || next > most) return Number.NaN;
    } else {
      if (!(next > Math.min(low, high) && next < Math.max(low, high))) next = (low + high) / 2;
      if (Math.abs(high - low) < 1e-13 * Math.max(1, Math.abs(x))) return exp(x);
    }
    if (Math.abs(next - x) < 1e-13) return exp(next);
    [previousX, previous, x] = [x, height, next];
  }
  return Number.NaN;
}

/** Maximum likelihood: digamma equations by Newton from the moments, halved until both shapes stay positive. */
function maximumLikelihood(logP: Float64Array): Shapes | undefined {
  const start = momentShapes(logP);
  if (start === undefined) return undefined;
  let meanLog = 0;
  let meanLog1m = 0;
  for (const value of logP) {
    meanLog += value;
    meanLog1m += log1mExp(value);
  }
  meanLog /= logP.length;
  meanLog1m /= logP.length;
  let { shape1: a, shape2: b } = start;
  for (let step = 0; step < NEWTON_STEPS; step++) {
    // The log likelihood is concave in (a, b); its gradient and (negative) Hessian, over P.
    const ga = meanLog + digammaIncrease(a, b);
    const gb = meanLog1m + digammaIncrease(b, a);
    const shared = trigamma(a + b);
    const aa = trigammaDecrease(a, b);
    const bb = trigammaDecrease(b, a);
    const determinant = aa * bb - shared * shared;
    const da = (bb * ga + shared * gb) / determinant;
    const db = (shared * ga + aa * gb) / determinant;
    if (!(Number.isFinite(da) && Number.isFinite(db))) return undefined;
    // No shape may more than halve in a step, which keeps both positive.
    const shrink = Math.min(1, a / Math.max(a / 2, -da) / 2, b / Math.max(b / 2, -db) / 2);
    a += shrink * da;
    b += shrink * db;
    if (!(a < 1e12 && b < 1e12)) return undefined;
    if (Math.abs(da) <= 1e-10 * a && Math.abs(db) <= 1e-10 * b) return { shape1: a, shape2: b };
  }
  return undefined;
}
