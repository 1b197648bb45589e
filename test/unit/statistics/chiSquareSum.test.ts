import { describe, expect, test } from "vitest";
import { chiSquareSumTails, log10ChiSquareSum } from "../../../src/statistics/chiSquareSum.ts";
import { uniform } from "../../../src/statistics/random.ts";
import { imhofUpper } from "../../helpers/imhof.ts";
import { expected } from "../network/expected.ts";

/** Relative error of a probability from the difference of decimal logarithms. */
const apart = (a: number, b: number): number => Math.abs(a - b) * Math.LN10;

/** log10 P(Q > q) of weights that each come twice, all different: a hypoexponential sum, by partial fractions. */
function hypoexponential(pairs: readonly number[], q: number): number {
  let sum = 0;
  pairs.forEach((weight, j) => {
    let factor = 1;
    pairs.forEach((other, k) => {
      if (k !== j) factor *= weight / (weight - other);
    });
    sum += factor * Math.exp(-(q - 0) / (2 * weight));
  });
  return Math.log10(sum);
}

describe("sums of chi-squares", () => {
  test.each(expected.chiSquareSums.map((row, i) => [i, row] as const))(
    "row %i of scipy's tails",
    (_, { weights, q, log10Upper, log10Lower }) => {
      const found = chiSquareSumTails(weights, q);
      // Two unequal weights are integrated by scipy to 1e-12.
      expect(apart(found.log10Upper, log10Upper)).toBeLessThan(4e-12);
      expect(apart(found.log10Lower, log10Lower)).toBeLessThan(4e-12);
    },
  );

  test("pairs of weights have a closed form", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const count = 2 + (seed % 4);
      const pairs = Array.from({ length: count }, (_, i) => 0.3 + i + uniform(seed, 0, i) * 0.5);
      const mean = 2 * pairs.reduce((sum, value) => sum + value, 0);
      // Below the mean partial fractions cancel; above it the largest weight rules.
      const q = mean * (1 + 12 * uniform(seed, 1, 0));
      const weights = pairs.flatMap((value) => [value, value]);
      expect(apart(log10ChiSquareSum(weights, q), hypoexponential(pairs, q)), `seed ${seed}`).toBeLessThan(
        2e-11,
      );
    }
  });

  test("the two tails add up to one, also around the mean", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const weights = Array.from({ length: 1 + (seed % 30) }, (_, i) => uniform(seed, 0, i) ** 3 + 1e-9);
      const mean = weights.reduce((sum, value) => sum + value, 0);
      // Nearly the same q, one treated by the upper and one by the lower tail.
      const below = chiSquareSumTails(weights, mean * (1 - 1e-12));
      const above = chiSquareSumTails(weights, mean * (1 + 1e-12));
      expect(apart(below.log10Upper, above.log10Upper), `seed ${seed}`).toBeLessThan(1e-10);
      const { log10Upper, log10Lower } = chiSquareSumTails(weights, mean * (0.2 + 2 * uniform(seed, 2, 0)));
      expect(10 ** log10Upper + 10 ** log10Lower, `seed ${seed}`).toBeCloseTo(1, 11);
    }
  });

  test("order and scale of the weights do not matter, nor weights of 0", () => {
    const weights = [0.2, 5, 1, 1, 0.01];
    const p = log10ChiSquareSum(weights, 40);
    expect(log10ChiSquareSum([1, 0, 0.01, 5, 0.2, 1, 0], 40)).toBe(p);
    expect(
      apart(
        log10ChiSquareSum(
          weights.map((value) => 1e-200 * value),
          40e-200,
        ),
        p,
      ),
    ).toBeLessThan(1e-12);
  });

  test("far out p underflows and its logarithm does not", () => {
    const log10P = log10ChiSquareSum([3, 1, 1, 0.5], 1e5);
    expect(log10P).toBeLessThan(-7000);
    expect(Number.isFinite(log10P)).toBe(true);
    expect(log10ChiSquareSum([1], 0)).toBe(0);
    expect(chiSquareSumTails([1], 0).log10Lower).toBe(Number.NEGATIVE_INFINITY);
    expect(log10ChiSquareSum([1], Number.POSITIVE_INFINITY)).toBe(Number.NEGATIVE_INFINITY);
  });

  test.each([
    ["no weight", [], 1, "needs a finite weight above 0; the largest is absent"],
    ["only 0", [0, 0], 1, "the largest is 0"],
    ["a negative one", [1, -0.1], 1, "a weight of a sum of chi-squares is -0.1"],
    ["NaN", [1, Number.NaN], 1, "the largest is NaN"],
    ["an infinite one", [1, Number.POSITIVE_INFINITY], 1, "the largest is Infinity"],
    ["q that is no number", [1], Number.NaN, "is not a number"],
  ])("refuses %s", (_, weights, q, message) => {
    expect(() => chiSquareSumTails(weights, q)).toThrow(message);
  });

  test("agree with Imhof's integral along the real line", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const count = 6 + Math.floor(40 * uniform(seed, 0, 0));
      // As the eigenvalues of linked variants: a few large ones and many small.
      const weights = Array.from(
        { length: count },
        (_, j) => (0.2 + uniform(seed, 1, j)) / (1 + (j * uniform(seed, 2, 0)) / 4),
      );
      const mean = weights.reduce((sum, value) => sum + value, 0);
      for (const times of [0.3, 0.8, 1, 1.4, 2.5]) {
        const { log10Upper, log10Lower } = chiSquareSumTails(weights, times * mean);
        const upper = imhofUpper(weights, times * mean);
        const what = `seed ${seed}, ${count} weights, ${times} times the mean`;
        expect(Math.abs(10 ** log10Upper - upper), what).toBeLessThan(1e-11);
        expect(Math.abs(10 ** log10Lower - (1 - upper)), what).toBeLessThan(1e-11);
      }
    }
  });
});
