import { logBetaCdf } from "../statistics/beta.ts";

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

/** x with P(Beta(a, b) <= x) = p, by bisection in log x to about 1e-9 (relative): precise enough to draw. */
export function betaQuantile(p: number, a: number, b: number): number {
  const target = Math.log(p);
  let low = -60;
  let high = 0;
  for (let i = 0; i < 36; i++) {
    const middle = (low + high) / 2;
    if (logBetaCdf(Math.exp(middle), a, b) < target) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}
