/** The comparisons that the extended tests rest on must be able to fail. */
import { describe, expect, test } from "vitest";
import { benjaminiHochberg, expectAllWithin, expectSamePairs, relative } from "../../helpers/compare.ts";

describe("expectSamePairs", () => {
  test("accepts the same pairs in another order", () => {
    expectSamePairs(["a\t1", "b\t1"], ["b\t1", "a\t1"]);
  });

  test.each([
    { name: "a missing pair", theirs: ["a\t1", "b\t1"], ours: ["a\t1"], says: /pairs missing: b x 1/ },
    { name: "a pair too many", theirs: ["a\t1"], ours: ["a\t1", "c\t2"], says: /pairs too many: c x 2/ },
    {
      name: "a pair that we repeat",
      theirs: ["a\t1"],
      ours: ["a\t1", "a\t1"],
      says: /pairs too many: a x 1/,
    },
    { name: "a pair that they repeat", theirs: ["a\t1", "a\t1"], ours: ["a\t1"], says: /repeats a pair/ },
  ])("refuses $name", ({ theirs, ours, says }) => {
    expect(() => expectSamePairs(theirs, ours)).toThrow(says);
  });
});

describe("expectAllWithin", () => {
  const within = (deviations: readonly number[]) => () =>
    expectAllWithin(
      "slope",
      deviations.length,
      1e-3,
      (i) => deviations[i]!,
      (i) => `row ${i}`,
    );

  test("accepts deviations up to the limit", () => {
    expect(within([0, 1e-3, 5e-4])).not.toThrow();
  });

  test("names the worst row", () => {
    expect(within([0, 0.02, 0.5, 0.01])).toThrow(/3 of 4 beyond 0.001; the worst is 0.5 at row 2/);
  });

  test("refuses NaN, and nothing at all", () => {
    expect(within([0, Number.NaN, 0])).toThrow(/NaN at row 1/);
    expect(within([])).toThrow(/nothing to compare/);
  });
});

test("relative is 0 for equal numbers, 0 included, and infinite against 0", () => {
  expect(relative(0, 0)).toBe(0);
  expect(relative(1.5, 1)).toBe(0.5);
  expect(relative(1e-9, 0)).toBe(Number.POSITIVE_INFINITY);
});

test("benjaminiHochberg counts every test, keeps the order of its input and is monotone", () => {
  // By hand, m = 10: 0.01 x 10 / 1 = 0.1; 0.02 x 10 / 2 = 0.1; 0.2 x 10 / 3 = 0.667.
  const q = benjaminiHochberg([0.2, 0.01, 0.02], 10);
  expect(q[0]).toBeCloseTo(2 / 3, 12);
  expect(q[1]).toBeCloseTo(0.1, 12);
  expect(q[2]).toBeCloseTo(0.1, 12);
});
