import { describe, expect, test } from "vitest";
import { fitBeta, log10PBeta, log10POfR2 } from "../../../src/statistics/betaFit.ts";
import { studentT } from "../../../src/statistics/studentT.ts";
import { betaMaximum } from "../../helpers/betaMaximum.ts";
import { integer, random } from "../../helpers/formats.ts";

/** r^2 with this two-sided p at `df`: by bisection on the tails, which have tests of their own. */
function r2Of(p: number, df: number): number {
  const tails = studentT(df);
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (10 ** log10POfR2(middle, tails) > p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Best r^2 of `permutations`, each of `tests` independent correlations at `df` degrees of freedom. */
function bestOf(next: () => number, permutations: number, tests: number, df: number): Float64Array {
  return Float64Array.from({ length: permutations }, () => r2Of(1 - (1 - next()) ** (1 / tests), df));
}

describe("the beta fit", () => {
  test("finds the degrees of freedom with first moment shape 1, and the maximum of the likelihood", () => {
    for (let seed = 1; seed <= 30; seed++) {
      const next = random(seed);
      const start = integer(next, 5, 2000);
      const df = start * (0.3 + next());
      const r2 = bestOf(next, integer(next, 20, 400), 10 ** (next() * 4), df);
      const fit = fitBeta(r2, start);
      expect(fit.status, `seed ${seed}`).toBe("ok");
      const tails = studentT(fit.trueDf);
      const p = Array.from(r2, (value) => 10 ** log10POfR2(value, tails));
      const mean = p.reduce((sum, x) => sum + x, 0) / p.length;
      const variance = p.reduce((sum, x) => sum + (x - mean) ** 2, 0) / p.length;
      expect(mean * ((mean * (1 - mean)) / variance - 1), `shape by moments, seed ${seed}`).toBeCloseTo(1, 9);
      const { shape1, shape2 } = betaMaximum(p);
      expect(fit.shape1 / shape1, `shape1, seed ${seed}`).toBeCloseTo(1, 4);
      expect(fit.shape2 / shape2, `shape2, seed ${seed}`).toBeCloseTo(1, 4);
    }
  });

  test("of the best of M independent tests, p beta is 1 - (1 - p)^M", () => {
    const df = 150;
    const fit = fitBeta(bestOf(random(1), 4000, 300, df), df);
    expect(fit.shape1).toBeCloseTo(1, 1);
    for (const p of [1e-3, 1e-4, 1e-6]) {
      const sidak = Math.log10(-Math.expm1(300 * Math.log1p(-p)));
      expect(Math.abs(log10PBeta(fit, r2Of(p, df)) / sidak - 1)).toBeLessThan(0.04);
    }
    // Far below the smallest double: close to shape2 p there, and shape1 is near 1.
    const far = log10PBeta(fit, 1 - 1e-12);
    expect(far).toBeLessThan(-800);
    expect(far).toBeGreaterThan(-1000);
  });

  test("without the step of the degrees of freedom, p is taken at the model's own", () => {
    const r2 = bestOf(random(2), 300, 50, 40);
    const fit = fitBeta(r2, 60, "full");
    const tails = studentT(60);
    const { shape1, shape2 } = betaMaximum(Array.from(r2, (value) => 10 ** log10POfR2(value, tails)));
    expect(fit.trueDf).toBe(60);
    expect(fit.shape1).toBeCloseTo(shape1, 4);
    expect(fit.shape2 / shape2).toBeCloseTo(1, 4);
    // Too many degrees of freedom make p too small: the first shape shows it.
    expect(fit.shape1).toBeLessThan(0.9);
  });

  test("what cannot be fitted says why", () => {
    const none = { shape1: Number.NaN, shape2: Number.NaN, trueDf: Number.NaN };
    expect(fitBeta(Float64Array.from([0.2]), 50)).toEqual({ status: "no-spread", ...none });
    expect(fitBeta(new Float64Array(100).fill(0.3), 50)).toEqual({ status: "no-spread", ...none });
    expect(fitBeta(new Float64Array(100), 50)).toEqual({ status: "no-spread", ...none });
    // Correlations so small that every p is 1, whatever the degrees of freedom.
    const tiny = Float64Array.from({ length: 100 }, (_, i) => i * 1e-24);
    expect(fitBeta(tiny, 50)).toEqual({ status: "no-degrees-of-freedom", ...none });
    expect(log10PBeta(fitBeta(tiny, 50), 0.5)).toBeNaN();
  });

  test("any maxima end in a fit with finite numbers or in a status", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const next = random(seed);
      const count = integer(next, 2, 30);
      const scale = 10 ** -integer(next, 0, 12);
      const r2 = Float64Array.from({ length: count }, () => {
        const kind = next();
        if (kind < 0.1) return 0;
        return kind < 0.2 ? 1 : Math.min(1, scale * next());
      });
      const fit = fitBeta(r2, integer(next, 1, 1000));
      const numbers = [fit.shape1, fit.shape2, fit.trueDf, log10PBeta(fit, 0.1)];
      expect(numbers.every(fit.status === "ok" ? Number.isFinite : Number.isNaN), `seed ${seed}`).toBe(true);
    }
  });
});
