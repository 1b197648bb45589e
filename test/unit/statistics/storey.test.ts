import { describe, expect, test } from "vitest";
import { estimatePi0, storeyLog10Q } from "../../../src/statistics/storey.ts";

/** 120 even p-values and 80 small ones. */
const P = [
  ...Array.from({ length: 120 }, (_, i) => (i + 0.5) / 120),
  ...Array.from({ length: 80 }, (_, i) => ((i + 1) / 80) ** 4 / 10),
];
const LOG10_P = Float64Array.from(P, Math.log10);

describe("pi0 and q, beside R's formulas (mean, smooth.spline, quantile; 20,000 resamples by sample)", () => {
  test("fixed lambda, with its binomial error", () => {
    const { pi0, standardError, lambda } = estimatePi0(LOG10_P, { rule: "fixed" });
    expect(lambda).toBe(0.85);
    expect(pi0).toBeCloseTo(0.6, 14);
    expect(standardError).toBeCloseTo(Math.sqrt(18 * (1 - 18 / 200)) / 30, 14);
    const q = storeyLog10Q(LOG10_P, pi0).map((value) => 10 ** value);
    const expected = [
      [0, 1.3513513513513514e-2],
      [9, 1.1176470588235292e-1],
      [59, 0.425],
      [119, 0.5974999999999999],
      [120, 2.9296875000000008e-7],
      [149, 7.9101562499999997e-3],
      [199, 0.13043478260869565],
    ] as const;
    for (const [i, value] of expected) expect(q[i]! / value).toBeCloseTo(1, 13);
  });

  test("smoother", () => {
    const { pi0, standardError } = estimatePi0(LOG10_P, { rule: "smoother" });
    expect(pi0).toBeCloseTo(0.5997939236744545, 11);
    expect(Math.abs(standardError / 0.157 - 1)).toBeLessThan(0.2);
  });

  test("bootstrap, the same for the same seed", () => {
    const { pi0, standardError, lambda } = estimatePi0(LOG10_P, { rule: "bootstrap", seed: 4 });
    expect(pi0).toBeCloseTo(0.6055555555555556, 14);
    expect(lambda).toBe(0.1);
    expect(Math.abs(standardError / 0.0747 - 1)).toBeLessThan(0.2);
    expect(estimatePi0(LOG10_P, { rule: "bootstrap", seed: 4 }).standardError).toBe(standardError);
    expect(estimatePi0(LOG10_P, { rule: "bootstrap", seed: 5 }).standardError).not.toBe(standardError);
  });
});

test("where pi0 cannot be told, it is 1 and the reason is given", () => {
  const small = Float64Array.from([0.01, 0.02, 0.4], Math.log10);
  for (const rule of ["fixed", "smoother", "bootstrap"] as const) {
    const { pi0, fallback } = estimatePi0(small, { rule });
    expect(pi0).toBe(1);
    expect(fallback).toBe(`no p-value is ${rule === "fixed" ? 0.85 : 0.95} or more`);
  }
  expect(estimatePi0(small, { rule: "bh" })).toMatchObject({ pi0: 1, standardError: Number.NaN });
});

test("NaN is no test: it stays, and is not counted", () => {
  const some = Float64Array.from([...LOG10_P, Number.NaN, Number.NaN]);
  expect(estimatePi0(some, { rule: "fixed" })).toEqual(estimatePi0(LOG10_P, { rule: "fixed" }));
  const q = storeyLog10Q(some, 0.6);
  expect(q.subarray(0, 200)).toEqual(storeyLog10Q(LOG10_P, 0.6));
  expect(q[200]).toBeNaN();
});
