import { expect, test } from "vitest";
import { log10ChiSquareTail } from "../../../src/statistics/chiSquare.ts";
import { fisherZ, fromFisherZ } from "../../../src/statistics/fisher.ts";

// The 5% points of R's qchisq, and closed forms far out.
test.each([
  [3.841458820694124, 1],
  [5.991464547107979, 2],
  [7.814727903251179, 3],
  [9.487729036781154, 4],
  [11.07049769351635, 5],
  [18.30703805327514, 10],
])("P(X > %d) of %d degrees of freedom is 0.05", (x, df) => {
  expect(10 ** log10ChiSquareTail(x, df)).toBeCloseTo(0.05, 12);
});

test("is right where the tail underflows, and at its ends", () => {
  // exp(-x / 2) (1 + x / 2) of 4 degrees of freedom.
  expect(log10ChiSquareTail(4000, 4)).toBeCloseTo(-2000 * Math.LOG10E + Math.log10(2001), 9);
  expect(log10ChiSquareTail(2000, 2)).toBeCloseTo(-1000 * Math.LOG10E, 9);
  expect(log10ChiSquareTail(0, 3)).toBe(0);
  expect(log10ChiSquareTail(Number.NaN, 3)).toBeNaN();
  expect(() => log10ChiSquareTail(1, 1.5)).toThrow(/1.5 degrees of freedom/);
});

test("Fisher's z and back", () => {
  expect(fisherZ(0.5)).toBeCloseTo(0.5493061443340548, 15);
  expect(fisherZ(-0.999)).toBeCloseTo(-3.8002011672502, 12);
  expect(fisherZ(1)).toBe(Number.POSITIVE_INFINITY);
  for (const r of [0, 1e-12, -0.3, 0.9, -0.999999])
    expect(Math.abs(fromFisherZ(fisherZ(r)) - r)).toBeLessThan(1e-15);
  expect(fromFisherZ(30)).toBe(1);
});
