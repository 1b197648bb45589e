import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/errors.ts";
import { logBetaCdf, logBetaQuantile, logBetaTails } from "../../../src/statistics/beta.ts";
import { log1mExp } from "../../../src/statistics/elementary.ts";
import { log10TwoSidedT } from "../../../src/statistics/studentT.ts";
import { numberAt, referenceTable, relativeError, worst } from "./referenceTable.ts";

const table = referenceTable("beta");

describe("the incomplete beta function", () => {
  it("has both tails in log space", () => {
    expect(table.length).toBeGreaterThan(250);
    const largest = worst(table, (row) => {
      const [a, b, x] = [numberAt(row, 0), numberAt(row, 1), numberAt(row, 2)];
      const [lower, upper] = [numberAt(row, 3), numberAt(row, 4)];
      const [logX, log1mX] = [Math.log(x), Math.log1p(-x)];
      const tails = logBetaTails(logX, log1mX, a, b);
      // The stated error of the tail on whose side x is; that of its complement follows from it.
      const error = 1e-15 * (1 + a * Math.abs(logX) + b * Math.abs(log1mX));
      const left = x * (a + b + 2) <= a + 1;
      const allowed = (odds: number, exact: number) =>
        error * Math.exp(odds) + 2e-16 * Math.abs(exact) + 1e-300;
      return Math.max(
        Math.abs(tails.lower - lower) / (left ? error : allowed(upper - lower, lower)),
        Math.abs(tails.upper - upper) / (left ? allowed(lower - upper, upper) : error),
      );
    });
    expect(largest.error, largest.at).toBeLessThan(4);
  });

  it("is right where x underflows", () => {
    // I_x(a, b) tends to x^a / (a B(a, b)); with b = 1 it is x^a.
    const logX = -5000;
    const tails = logBetaTails(logX, log1mExp(logX), 1.25, 1);
    expect(relativeError(tails.lower, 1.25 * logX)).toBeLessThan(1e-15);
    expect(tails.upper).toBe(-0);
    const mirrored = logBetaTails(log1mExp(logX), logX, 1, 1.25);
    expect(mirrored).toEqual({ lower: tails.upper, upper: tails.lower });
  });

  it("is the tail of Student's t and of the minimum of uniforms", () => {
    for (const [t, df] of [
      [0.4, 3],
      [2.2, 17.5],
      [9, 303],
    ] as const) {
      const y = df / (df + t * t);
      const p = logBetaCdf(y, df / 2, 0.5) / Math.LN10;
      expect(relativeError(p, log10TwoSidedT(t, df))).toBeLessThan(2e-13);
    }
    for (const x of [1e-9, 0.001, 0.2]) {
      const exact = Math.log(-Math.expm1(500 * Math.log1p(-x)));
      expect(Math.abs(logBetaCdf(x, 1, 500) - exact)).toBeLessThan(1e-13);
    }
  });

  it("meets the ends of its range", () => {
    expect(logBetaCdf(0, 2, 3)).toBe(-Infinity);
    expect(logBetaCdf(1, 2, 3)).toBe(0);
    expect(() => logBetaCdf(1.5, 2, 3)).toThrow(UsageError);
    expect(() => logBetaCdf(0.5, 0, 3)).toThrow(
      "shapes of a beta distribution are 0 and 3; both must be positive",
    );
  });

  it("is inverted, also where x underflows", () => {
    for (const row of table) {
      const [a, b] = [numberAt(row, 0), numberAt(row, 1)];
      for (const logP of [-1e-9, -0.3, -3, -50, -2000, -1e5]) {
        const logX = logBetaQuantile(logP, a, b);
        if (logX > -1e-12) continue;
        const back = logBetaTails(logX, log1mExp(logX), a, b).lower;
        // What an error of 1e-12 in x does to log I, and the stated error of the tail.
        const slope = (x: number) => logBetaTails(x, log1mExp(x), a, b).lower;
        const moved = Math.abs(slope(logX * (1 + 1e-12)) - back);
        const stated = 1e-14 * (1 + a * Math.abs(logX) + b * Math.abs(log1mExp(logX)));
        expect(Math.abs(back - logP), `a ${a}, b ${b}, log p ${logP}`).toBeLessThan(moved + stated);
      }
    }
    // b = 1: x^a.
    expect(relativeError(logBetaQuantile(-3000, 1.25, 1), -2400)).toBeLessThan(1e-14);
    expect(logBetaQuantile(0, 2, 3)).toBe(0);
    expect(logBetaQuantile(-Infinity, 2, 3)).toBe(-Infinity);
    expect(() => logBetaQuantile(0.1, 2, 3)).toThrow(UsageError);
  });
});
