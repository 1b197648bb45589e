import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/errors.ts";
import {
  log10NormalTwoSided,
  logNormalCdf,
  normalFromLog10P,
  normalQuantile,
} from "../../../src/statistics/normal.ts";
import { random } from "../../helpers/formats.ts";
import { numberAt, referenceTable, relativeError, worst } from "./referenceTable.ts";

const table = referenceTable("normal");

describe("the normal distribution", () => {
  it("has its two-sided tail in log space to 2e-14, from z = 0 to 1e100", () => {
    const largest = worst(table, (row) =>
      Math.max(
        relativeError(log10NormalTwoSided(numberAt(row, 0)), numberAt(row, 1)),
        relativeError(log10NormalTwoSided(-numberAt(row, 0)), numberAt(row, 1)),
      ),
    );
    expect(largest.error, largest.at).toBeLessThan(2e-14);
  });

  it("has its quantile to 2e-15", () => {
    const rows = table.filter((row) => row[2] !== "NA");
    expect(rows.length).toBeGreaterThan(30);
    const largest = worst(rows, (row) => relativeError(normalQuantile(numberAt(row, 2)), numberAt(row, 3)));
    expect(largest.error, largest.at).toBeLessThan(2e-15);
  });

  it("has a quantile that is antisymmetric and inverts the lower tail", () => {
    const seed = 20;
    const next = random(seed);
    for (let i = 0; i < 2000; i++) {
      const p = next() / 2 + 1e-12;
      const z = normalQuantile(p);
      const where = `seed ${seed}, p ${p}`;
      expect(relativeError(logNormalCdf(z), Math.log(p)), where).toBeLessThan(1e-13);
      if (1 - (1 - p) === p) expect(normalQuantile(1 - p), where).toBe(-z);
    }
    expect([normalQuantile(0), normalQuantile(0.5), normalQuantile(1), normalQuantile(1.1)]).toEqual([
      -Infinity,
      0,
      Infinity,
      Number.NaN,
    ]);
  });

  it("has a lower tail that adds to 1 with the upper one", () => {
    for (const z of [-40, -3, -2.5, -1, 0, 0.3, 2.5, 2.6, 8]) {
      expect(Math.exp(logNormalCdf(z)) + Math.exp(logNormalCdf(-z))).toBeCloseTo(1, 14);
    }
    expect(logNormalCdf(9)).toBeCloseTo(-1.1285884059538e-19, 30);
  });

  it("finds z again from log10 p", () => {
    const rows = table.filter((row) => numberAt(row, 0) > 0);
    const largest = worst(rows, (row) => relativeError(normalFromLog10P(numberAt(row, 1)), numberAt(row, 0)));
    expect(largest.error, largest.at).toBeLessThan(1e-13);
    expect(normalFromLog10P(0)).toBe(0);
    expect(normalFromLog10P(-Infinity)).toBe(Infinity);
    expect(() => normalFromLog10P(0.1)).toThrow(UsageError);
    expect(() => normalFromLog10P(Number.NaN)).toThrow("log10 p is NaN; it must be at most 0");
  });
});
