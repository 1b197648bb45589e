import { describe, expect, test } from "vitest";
import { UsageError } from "../../../src/errors.ts";
import { symmetricEigenvalues } from "../../../src/statistics/symmetricEigen.ts";
import { integer, random } from "../../helpers/formats.ts";

/** H D H with H a product of reflections: a matrix whose eigenvalues are `values`. */
function withEigenvalues(values: readonly number[], next: () => number): Float64Array {
  const n = values.length;
  const a = new Float64Array(n * n);
  values.forEach((value, i) => {
    a[i * n + i] = value;
  });
  for (let turn = 0; turn < 3; turn++) {
    const u = Float64Array.from({ length: n }, () => next() - 0.5);
    const square = u.reduce((sum, x) => sum + x * x, 0);
    for (const [along, across] of [
      [n, 1],
      [1, n],
    ] as const) {
      for (let i = 0; i < n; i++) {
        let dot = 0;
        for (let k = 0; k < n; k++) dot += a[i * along + k * across]! * u[k]!;
        for (let k = 0; k < n; k++) a[i * along + k * across]! -= (2 * dot * u[k]!) / square;
      }
    }
  }
  return a;
}

describe("symmetric eigenvalues", () => {
  test("of matrices built from given ones, repeated, negative and far apart", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const next = random(seed);
      const n = integer(next, 1, 60);
      const values = Array.from({ length: n }, () =>
        next() < 0.3 ? 1 : (next() - 0.3) * 10 ** -integer(next, 0, 9),
      );
      const found = symmetricEigenvalues(withEigenvalues(values, next), n);
      const largest = Math.max(...values.map(Math.abs));
      const sorted = [...values].sort((a, b) => b - a);
      const worst = Math.max(...sorted.map((value, i) => Math.abs(value - found[i]!)));
      expect(worst / largest, `seed ${seed}`).toBeLessThan(2e-14 * n);
    }
  });

  test("of the path's adjacency matrix: 2 cos(k pi / (n + 1))", () => {
    const n = 30;
    const a = new Float64Array(n * n);
    for (let i = 1; i < n; i++) a[i * n + i - 1] = a[(i - 1) * n + i] = 1;
    const found = symmetricEigenvalues(a, n);
    for (let k = 1; k <= n; k++) expect(found[k - 1]).toBeCloseTo(2 * Math.cos((k * Math.PI) / (n + 1)), 13);
  });

  test("a value that is not finite and a wrong size are errors", () => {
    expect(() => symmetricEigenvalues(new Float64Array(5), 2)).toThrow(
      "a symmetric matrix of order 2 has 4 values, not 5",
    );
    expect(() => symmetricEigenvalues(Float64Array.from([1, Number.NaN, Number.NaN, 1]), 2)).toThrow(
      UsageError,
    );
  });
});
