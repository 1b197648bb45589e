import { describe, expect, test } from "vitest";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { geneComponents } from "../../../src/network/components.ts";
import { expressionRows } from "../../../src/network/expressionRows.ts";
import { GramOperator } from "../../../src/network/gramOperator.ts";
import {
  iterationCost,
  leadingEigen,
  residualLimit,
  wholeCost,
} from "../../../src/network/randomisedEigen.ts";
import { dot } from "../../../src/statistics/linalg.ts";
import { randomNormal } from "../../../src/statistics/randomNormal.ts";
import { planted } from "./planted.ts";

const backend = createReferenceBackend();

/** Rows of norm 1 that are orthogonal to each other: `count` directions of `length` numbers. */
function directions(seed: number, count: number, length: number): Float64Array[] {
  const made: Float64Array[] = [];
  for (let k = 0; k < count; k++) {
    const row = Float64Array.from({ length }, (_, i) => randomNormal(seed, k, i));
    for (let turn = 0; turn < 2; turn++) {
      for (const other of made) {
        const c = dot(row, 0, other, 0, length);
        for (let i = 0; i < length; i++) row[i]! -= c * other[i]!;
      }
    }
    const size = Math.sqrt(dot(row, 0, row, 0, length));
    made.push(row.map((value) => value / size));
  }
  return made;
}

/** A matrix of `features` rows of length `order` with these squared singular values, and its right singular vectors. */
function withSpectrum(seed: number, features: number, order: number, spectrum: readonly number[]) {
  const left = directions(seed, spectrum.length, features);
  const right = directions(seed + 1, spectrum.length, order);
  const values = new Float64Array(features * order);
  spectrum.forEach((value, k) => {
    const s = Math.sqrt(value);
    for (let f = 0; f < features; f++) {
      for (let i = 0; i < order; i++) values[f * order + i]! += s * left[k]![f]! * right[k]![i]!;
    }
  });
  return { matrix: { rows: features, length: order, values }, right };
}

const falling = (count: number, rate: number) => Array.from({ length: count }, (_, k) => rate ** k);

const SPECTRA: readonly [string, readonly number[]][] = [
  ["one that falls slowly", falling(60, 0.9)],
  ["one that falls fast, beyond the precision of a double", falling(60, 0.3)],
  ["ties at the top", [9, 9, 9, 9, 9, ...falling(50, 0.8)]],
  ["all equal but the last ones", [...new Array(30).fill(5), ...falling(30, 0.5)]],
  ["a tie across the last one wanted", [20, 10, 8, 4, 4, 4, 4, 4, 4, ...falling(40, 0.7)]],
  ["a rank below the number wanted", [7, 3, 1]],
  ["one of two scales", [1e8, 1e7, ...falling(50, 0.8)]],
  ["two that all but agree", [4, 3, 3 - 1e-9, 2, ...falling(50, 0.8)]],
];

describe("the randomised decomposition", () => {
  test.each(SPECTRA)("finds the eigenvalues of %s, and vectors of their spaces", async (_, spectrum) => {
    for (let seed = 1; seed <= 4; seed++) {
      const wanted = 8;
      const { matrix, right } = withSpectrum(100 * seed, 90, 70, spectrum);
      const found = await leadingEigen(new GramOperator(matrix, backend), wanted, seed, (b) => b < 40);
      const what = `seed ${seed}`;
      const sorted = [...spectrum].sort((a, b) => b - a).filter((value) => value > 1e-10 * spectrum[0]!);
      const expected = sorted.slice(0, wanted);
      expect(found?.values.length, what).toBe(expected.length);
      const limit = residualLimit(Float64Array.from(expected), expected.length);
      expect(found!.residual, what).toBeLessThanOrEqual(limit);
      found!.values.forEach((value, k) => {
        expect(Math.abs(value - expected[k]!), what).toBeLessThan(found!.residual + 1e-13 * sorted[0]!);
        // Of the space of all eigenvalues as large, a tie taken whole.
        const vector = found!.vectors.subarray(k * 70, (k + 1) * 70);
        let inside = 0;
        spectrum.forEach((own, j) => {
          if (Math.abs(own - value) < 1e-6 * own) inside += dot(vector, 0, right[j]!, 0, 70) ** 2;
        });
        expect(1 - inside, `${what}, vector ${k}`).toBeLessThan(1e-6);
        for (let j = 0; j <= k; j++) {
          const both = dot(found!.vectors, j * 70, vector, 0, 70);
          expect(both, what).toBeCloseTo(j === k ? 1 : 0, 10);
        }
      });
    }
  });

  test("gives up where eigenvalues lie too near to each other, and says so where it was asked for", async () => {
    const order = 400;
    const values = new Float64Array(order * order);
    for (let i = 0; i < order; i++) values[i * order + i] = Math.sqrt(0.9999 ** i);
    const operator = new GramOperator({ rows: order, length: order, values }, backend);
    expect(await leadingEigen(operator, 8, 1, (blocks) => blocks < 12)).toBeUndefined();
  });

  test("components are those of the whole decomposition, whichever side is smaller", async () => {
    for (const samples of [50, 400]) {
      const set = planted(5, { modules: 6, size: 30, noise: 40, samples });
      const { values, gene } = expressionRows(set);
      const find = (decomposition: "whole" | "randomised", seed = 1) =>
        geneComponents(values, gene.length, samples, backend, { count: 6, decomposition, seed });
      const [whole, fast] = [await find("whole"), await find("randomised")];
      expect(fast.count).toBe(6);
      expect(whole.residual).toBeUndefined();
      expect(fast.residual).toBeLessThanOrEqual(residualLimit(whole.eigenvalues, 6));
      for (let k = 0; k < 6; k++) {
        expect(Math.abs(fast.eigenvalues[k]! - whole.eigenvalues[k]!)).toBeLessThan(1e-10);
        const at = k * gene.length;
        expect(dot(fast.vectors, at, whole.vectors, at, gene.length)).toBeCloseTo(1, 10);
      }
      // Another seed: the same to the bound, not to the bit.
      const other = await find("randomised", 2);
      expect(Math.abs(other.eigenvalues[5]! - whole.eigenvalues[5]!)).toBeLessThan(1e-10);
      expect([...(await find("randomised")).vectors]).toEqual([...fast.vectors]);
    }
  });

  test("is taken where it is cheaper", async () => {
    expect(iterationCost(20_000, 5000, 50, 6)).toBeLessThan(wholeCost(20_000, 5000) / 5);
    expect(iterationCost(6000, 112, 50, 4)).toBeGreaterThan(wholeCost(6000, 112) / 2);
    const set = planted(5, { modules: 6, size: 40, noise: 60, samples: 220 });
    const { values, gene } = expressionRows(set);
    const find = (count: number) => geneComponents(values, gene.length, 220, backend, { count });
    expect((await find(4)).residual).toBeGreaterThanOrEqual(0);
    expect((await find(120)).residual).toBeUndefined();
    await expect(
      geneComponents(values, gene.length, 220, backend, { decomposition: "randomised" }),
    ).rejects.toThrow("needs the number of components");
  });
});
