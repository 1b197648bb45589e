import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/errors.ts";
import { gammaHalfRatio, logBeta, logGamma } from "../../../src/statistics/gamma.ts";
import { numberAt, referenceTable, relativeError, worst } from "./referenceTable.ts";

const rowsOf = (name: string) => referenceTable("gamma").filter(([of]) => of === name);

describe("the gamma function", () => {
  it("has its logarithm to 4e-15, absolute near its zeros and relative elsewhere", () => {
    const rows = rowsOf("logGamma");
    expect(rows.length).toBeGreaterThan(20);
    const largest = worst(rows, (row) => {
      const exact = numberAt(row, 3);
      return Math.abs(logGamma(numberAt(row, 1)) - exact) / Math.max(1, Math.abs(exact));
    });
    expect(largest.error, largest.at).toBeLessThan(4e-15);
  });

  it("has Gamma(a + 1/2) / Gamma(a) to 1e-15, for large a too", () => {
    const largest = worst(rowsOf("gammaHalfRatio"), (row) =>
      relativeError(gammaHalfRatio(numberAt(row, 1)), numberAt(row, 3)),
    );
    expect(largest.error, largest.at).toBeLessThan(1e-15);
  });

  it("has log B(a, b) to 1e-14 for shapes from 1e-10 to 1e10", () => {
    const rows = rowsOf("logBeta");
    expect(rows.length).toBeGreaterThan(200);
    const largest = worst(rows, (row) => {
      const [a, b, exact] = [numberAt(row, 1), numberAt(row, 2), numberAt(row, 3)];
      return Math.max(
        Math.abs(logBeta(a, b) - exact) / Math.max(1, Math.abs(exact)),
        Math.abs(logBeta(b, a) - logBeta(a, b)),
      );
    });
    expect(largest.error, largest.at).toBeLessThan(1e-14);
  });

  it("refuses what is not positive", () => {
    expect(() => logGamma(0)).toThrow(UsageError);
    expect(() => logBeta(1, -2)).toThrow("the second shape of log B is -2; it must be positive and finite");
    expect(() => gammaHalfRatio(Number.NaN)).toThrow(UsageError);
  });
});
