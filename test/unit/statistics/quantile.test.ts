import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/errors.ts";
import { log10NormalTwoSided, normalFromLog10P } from "../../../src/statistics/normal.ts";
import { lambdaGC, median, quantile, sortedQuantile } from "../../../src/statistics/quantile.ts";
import { random } from "../../helpers/formats.ts";

describe("quantile", () => {
  it("interpolates as R's type 7", () => {
    // quantile(c(1, 2, 4, 8, 16), c(0, .1, .25, .3, .5, .9, 1)) in R 4.2
    const values = [16, 1, 8, 2, 4];
    const probabilities = [0, 0.1, 0.25, 0.3, 0.5, 0.9, 1];
    const expected = [1, 1.4, 2, 2.4, 4, 12.8, 16];
    probabilities.forEach((probability, i) => {
      expect(quantile(values, probability)).toBeCloseTo(expected[i]!, 14);
    });
    expect(values).toEqual([16, 1, 8, 2, 4]);
  });

  it("has the median of even and odd counts", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([5])).toBe(5);
    expect(median([])).toBeNaN();
    expect(sortedQuantile([-Infinity, -Infinity, 1], 0.25)).toBe(-Infinity);
    expect(() => quantile([1], 1.5)).toThrow(UsageError);
  });
});

describe("lambdaGC", () => {
  it("is 1 for uniform p-values and grows with the variance of z", () => {
    const n = 9999;
    const uniform = Float64Array.from({ length: n }, (_, i) => Math.log10((i + 1) / (n + 1)));
    expect(lambdaGC(uniform)).toBeCloseTo(1, 12);
    const inflated = uniform.map((value) => log10NormalTwoSided(1.2 * normalFromLog10P(value)));
    expect(lambdaGC(inflated)).toBeCloseTo(1.44, 12);
  });

  it("is the median chi-square over 0.4549, also of an even count and where p underflows", () => {
    const seed = 6;
    const next = random(seed);
    const z = Float64Array.from({ length: 500 }, () => 4 * next() ** 3);
    const chiSquare = z.map((value) => value * value);
    const expected = median(chiSquare) / 0.4549364231195727;
    expect(lambdaGC(z.map(log10NormalTwoSided)) / expected, `seed ${seed}`).toBeCloseTo(1, 12);
    expect(lambdaGC([log10NormalTwoSided(100)])).toBeCloseTo(10_000 / 0.4549364231195727, 6);
    expect(lambdaGC([])).toBeNaN();
  });
});
