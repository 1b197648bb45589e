import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/errors.ts";
import { hardyWeinberg } from "../../../src/statistics/hardyWeinberg.ts";
import { numberAt, referenceTable, relativeError, worst } from "./referenceTable.ts";

const table = referenceTable("hardy_weinberg");
const counts = (row: readonly string[]) => [numberAt(row, 0), numberAt(row, 1), numberAt(row, 2)] as const;
const samples = (row: readonly string[]) => counts(row).reduce((sum, count) => sum + count, 0);

describe("the exact test of Hardy-Weinberg equilibrium", () => {
  it("gives the exact rationals to 1e-14 at up to 2,000 samples", () => {
    const rows = table.filter((row) => samples(row) <= 2000);
    expect(rows.length).toBeGreaterThan(100);
    const largest = worst(rows, (row) => relativeError(hardyWeinberg(...counts(row)), numberAt(row, 3)));
    expect(largest.error, largest.at).toBeLessThan(1e-14);
  });

  it("holds at 500,000 samples, and ends in 0 where p underflows", () => {
    const rows = table.filter((row) => samples(row) > 2000);
    expect(rows.length).toBeGreaterThan(5);
    const largest = worst(rows, (row) => relativeError(hardyWeinberg(...counts(row)), numberAt(row, 3)));
    expect(largest.error, largest.at).toBeLessThan(1e-12);
    expect(hardyWeinberg(250_000, 0, 250_000)).toBe(0);
  });

  it("does not depend on the names of the alleles", () => {
    for (const row of table) {
      const [a, h, b] = counts(row);
      expect(hardyWeinberg(b, h, a)).toBe(hardyWeinberg(a, h, b));
    }
  });

  it("gives the published values", () => {
    expect(hardyWeinberg(57, 14, 50).toExponential(6)).toBe("5.562047e-19");
    expect(hardyWeinberg(80, 18, 2).toFixed(7)).toBe("0.3271741");
    expect(hardyWeinberg(25, 50, 25)).toBe(1);
    expect(hardyWeinberg(100, 0, 0)).toBe(1);
    expect(hardyWeinberg(0, 0, 0)).toBe(1);
  });

  it("refuses what is not a count", () => {
    expect(() => hardyWeinberg(1, -1, 2)).toThrow(UsageError);
    expect(() => hardyWeinberg(1, 2, 0.5)).toThrow(
      "a genotype count is 0.5; it must be a whole number from 0",
    );
  });
});
