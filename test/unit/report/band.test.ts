import { describe, expect, it } from "vitest";
import { bandAt, betaQuantile } from "../../../src/report/band.ts";
import { logBetaQuantile } from "../../../src/statistics/beta.ts";

/** P(Beta(i, n - i + 1) <= x) as the chance that at least i of n uniforms are below x, summed term by term. */
function atLeast(i: number, n: number, x: number): number {
  let term = (1 - x) ** n;
  let below = 0;
  for (let k = 0; k < i; k++) {
    below += term;
    term *= ((n - k) / (k + 1)) * (x / (1 - x));
  }
  return 1 - below;
}

describe("betaQuantile", () => {
  it("inverts the distribution of order statistics, summed as binomial terms", () => {
    for (const [i, n] of [
      [1, 1],
      [1, 50],
      [3, 10],
      [25, 50],
      [50, 50],
      [7, 400],
    ] as const) {
      for (const p of [0.025, 0.5, 0.975]) {
        expect(atLeast(i, n, betaQuantile(p, i, n - i + 1)), `rank ${i} of ${n}`).toBeCloseTo(p, 7);
      }
    }
  });

  it("agrees with the closed form of the smallest of a hundred thousand", () => {
    const exact = -Math.expm1(Math.log1p(-0.025) / 1e5);
    expect(betaQuantile(0.025, 1, 1e5) / exact).toBeCloseTo(1, 7);
  });
});

describe("betaQuantile, of samples as large as a map's", () => {
  it("is within a millionth of a pixel of the quantile in full precision", () => {
    for (const n of [1, 2, 11, 399, 20_000, 1_000_000])
      for (let step = 0; step <= 20; step++) {
        const i = Math.round(n ** (step / 20));
        for (const p of [0.025, 0.975]) {
          const exact = logBetaQuantile(Math.log(p), i, n - i + 1) / Math.LN10;
          const drawn = Math.log10(betaQuantile(p, i, n - i + 1));
          // Of 332 pixels no more than 75 stand for one unit of log10 p.
          expect(75 * Math.abs(drawn - exact), `rank ${i} of ${n}`).toBeLessThan(1e-6);
        }
      }
  });
});

describe("bandAt", () => {
  it("holds the expected value, and narrows away from the tail", () => {
    const tail = bandAt(1, 1_000);
    const middle = bandAt(500, 1_000);
    for (const { low, expected, high } of [tail, middle])
      expect(low < expected && expected < high).toBe(true);
    expect(tail.high - tail.low).toBeGreaterThan(10 * (middle.high - middle.low));
  });
});
