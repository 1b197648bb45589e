import { describe, expect, test } from "vitest";
import { corner, makeOperands } from "../../../src/bench/operands.ts";
import { decodeDosages } from "../../../src/cohort/dosages.ts";

const shape = { samples: 203, variants: 400, genes: 20, seed: 5 } as const;

function dosages(kind: "calls" | "imputed" | "dense") {
  const made = makeOperands({ ...shape, kind });
  const all = new Float64Array(shape.variants * shape.samples);
  for (let row = 0; row < shape.variants; row++) decodeDosages(made.rows, row, 9, all, row * shape.samples);
  return { made, all };
}

describe.each(["calls", "imputed", "dense"] as const)("%s", (kind) => {
  const { made, all } = dosages(kind);

  test("dosages lie within 0 and 2, as many between the whole numbers as there should be", () => {
    expect(all.every((dosage) => dosage >= 0 && dosage <= 2)).toBe(true);
    const share = all.filter((dosage) => !Number.isInteger(dosage)).length / all.length;
    const expected = { calls: 0, imputed: 0.07, dense: 1 }[kind];
    // 81,200 cells: a binomial's standard deviation is 0.0009.
    expect(Math.abs(share - expected)).toBeLessThan(kind === "imputed" ? 0.004 : 1e-12);
  });

  test("norms are those of the centred rows", () => {
    const row = all.subarray(7 * shape.samples, 8 * shape.samples);
    const mean = row.reduce((a, b) => a + b) / shape.samples;
    expect(made.norm[7]).toBeCloseTo(Math.hypot(...row.map((g) => g - mean)), 9);
  });

  test("the corner holds the same first rows and columns", () => {
    const small = corner(made, 11, 6);
    const g = new Float64Array(shape.samples);
    decodeDosages(small.rows, 10, 9, g);
    expect(g).toEqual(all.slice(10 * shape.samples, 11 * shape.samples));
    expect(small.columns.values).toEqual(made.columns.values.slice(0, 6 * shape.samples));
    expect([small.rows.count, small.columns.count, small.norm.length]).toEqual([11, 6, 11]);
  });
});

test("frequencies of the minor allele have the density 1/x from 0.01 to 0.5", () => {
  const { all } = dosages("calls");
  const minor = Array.from({ length: shape.variants }, (_, row) => {
    const copies = all.subarray(row * shape.samples, (row + 1) * shape.samples).reduce((a, b) => a + b);
    return Math.min(copies, 2 * shape.samples - copies) / (2 * shape.samples);
  });
  // Half of log(0.01) to log(0.5) lies below the geometric mean, 0.0707.
  const below = minor.filter((frequency) => frequency < Math.sqrt(0.005)).length / shape.variants;
  expect(below).toBeGreaterThan(0.42);
  expect(below).toBeLessThan(0.58);
});

test("the seed decides", () => {
  const one = makeOperands({ ...shape, kind: "calls" });
  const again = makeOperands({ ...shape, kind: "calls" });
  const other = makeOperands({ ...shape, kind: "calls", seed: 6 });
  expect(again.rows.packed).toEqual(one.rows.packed);
  expect(other.rows.packed).not.toEqual(one.rows.packed);
});
