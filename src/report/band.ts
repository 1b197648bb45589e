import { logBetaCdf } from "../statistics/beta.ts";
import { logBeta } from "../statistics/gamma.ts";

/** The band of a QQ plot at one rank, as -log10 p. */
export interface BandPoint {
  /** At the mean rank / (n + 1). */
  readonly expected: number;
  /** The 97.5% and the 2.5% quantile of p. */
  readonly low: number;
  readonly high: number;
}

/** Where the `rank`-th smallest of n independent uniform p-values lies 95% of the time: Beta(rank, n - rank + 1). */
export function bandAt(rank: number, n: number): BandPoint {
  return {
    expected: -Math.log10(rank / (n + 1)),
    low: -Math.log10(betaQuantile(0.975, rank, n - rank + 1)),
    high: -Math.log10(betaQuantile(0.025, rank, n - rank + 1)),
  };
}

/** Change of log x at which the search ends: a millionth of a pixel of the plot. */
const CLOSE = 1e-9;
const MOST_STEPS = 60;

/**
 * x with P(Beta(a, b) <= x) = p, 0 < p < 1, to about 1e-9 (relative): precise enough to draw. Newton's method on log P as a function of log x, which rises
 * and is concave (the density of log Beta is log-concave, and so is its integral): from below the solution each step comes nearer and never passes it, and
 * from above the first one goes below.
 */
export function betaQuantile(p: number, a: number, b: number): number {
  const target = Math.log(p);
  const constant = logBeta(a, b);
  // The mean: P is far from 0 and 1 there, and the slope with it.
  let at = Math.log(a / (a + b));
  for (let step = 0; step < MOST_STEPS; step++) {
    const x = Math.exp(at);
    const value = logBetaCdf(x, a, b);
    const slope = Math.exp(a * at + (b - 1) * Math.log1p(-x) - constant - value);
    const change = (target - value) / slope;
    at += change;
    if (Math.abs(change) < CLOSE) break;
  }
  return Math.exp(at);
}
