import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/errors.ts";
import { normalQuantile } from "../../../src/statistics/normal.ts";
import { averageRanks, inverseNormal } from "../../../src/statistics/ranks.ts";
import { integer, random } from "../../helpers/formats.ts";

/** Rank of each value by counting all others. */
function ranksByCounting(values: Float64Array): number[] {
  return Array.from(values, (value) => {
    const below = values.filter((other) => other < value).length;
    const same = values.filter((other) => other === value).length;
    return below + (same + 1) / 2;
  });
}

function randomValues(next: () => number): Float64Array {
  const spread = integer(next, 1, 40);
  return Float64Array.from({ length: integer(next, 0, 60) }, () => integer(next, -spread, spread) / 4);
}

describe("averageRanks", () => {
  it("is what counting gives, with many ties", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const values = randomValues(random(seed));
      expect(Array.from(averageRanks(values)), `seed ${seed}`).toEqual(ranksByCounting(values));
    }
  });

  it("ranks infinities and both zeros", () => {
    expect(Array.from(averageRanks(Float64Array.of(0, Infinity, -0, -Infinity, 3)))).toEqual([
      2.5, 5, 2.5, 1, 4,
    ]);
  });

  it("refuses NaN", () => {
    expect(() => averageRanks(Float64Array.of(1, Number.NaN))).toThrow(
      new UsageError("value 2 is not a number and has no rank"),
    );
  });
});

describe("inverseNormal", () => {
  it("is the normal quantile of rank / (n + 1), antisymmetric to the last bit", () => {
    for (let seed = 1; seed <= 100; seed++) {
      const values = randomValues(random(seed));
      const ranks = ranksByCounting(values);
      const transformed = inverseNormal(values);
      const mirrored = inverseNormal(values.map((value) => -value));
      transformed.forEach((value, i) => {
        expect(value, `seed ${seed}`).toBeCloseTo(normalQuantile(ranks[i]! / (values.length + 1)), 13);
        expect(value === 0 ? 0 : -value, `seed ${seed}`).toBe(mirrored[i] === 0 ? 0 : mirrored[i]);
      });
    }
  });

  it("writes in place", () => {
    const values = Float64Array.of(7, 1, 3);
    expect(inverseNormal(values, values)).toBe(values);
    expect(Array.from(values, (value) => value.toFixed(6))).toEqual(["0.674490", "-0.674490", "0.000000"]);
    expect(() => inverseNormal(values, new Float64Array(2))).toThrow("3 values do not fit an array of 2");
  });
});
