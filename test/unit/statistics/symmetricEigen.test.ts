import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/errors.ts";
import { type SymmetricEigen, symmetricEigen } from "../../../src/statistics/symmetricEigen.ts";
import { integer, random } from "../../helpers/formats.ts";
import { jacobiEigen } from "../../helpers/jacobi.ts";

const EPSILON = 2 ** -52;

function matrixOf(n: number, at: (i: number, j: number) => number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, k) => at(Math.floor(k / n), k % n));
}

/** Largest |A v - l v| and departure of the vectors from orthonormal, in units of n EPSILON (of |A|, and of 1). */
function defect(matrix: Float64Array, n: number, { values, vectors }: SymmetricEigen) {
  const norm = matrix.reduce((most, x) => Math.max(most, Math.abs(x)), 0) * Math.sqrt(n) || 1;
  const row = (k: number) => vectors.subarray(k * n, (k + 1) * n);
  let residual = 0;
  let departure = 0;
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      const image = row(k).reduce((sum, v, j) => sum + (matrix[i * n + j]! / norm) * v, 0);
      residual = Math.max(residual, Math.abs(image - (values[k]! / norm) * row(k)[i]!));
    }
    for (let m = 0; m <= k; m++) {
      const inner = row(k).reduce((sum, v, i) => sum + v * row(m)[i]!, 0);
      departure = Math.max(departure, Math.abs(inner - (k === m ? 1 : 0)));
    }
  }
  return { residual: residual / (n * EPSILON), departure: departure / (n * EPSILON) };
}

/** A matrix of a kind that has broken eigensolvers: ties, graded sizes, blocks, low rank, far scales. */
function hostile(next: () => number, n: number): Float64Array {
  const kind = integer(next, 0, 6);
  const part = Array.from({ length: n }, () => Array.from({ length: n }, () => next() - 0.5));
  const symmetric = (i: number, j: number) => part[Math.max(i, j)]![Math.min(i, j)]!;
  const rank = integer(next, 1, Math.max(1, Math.floor(n / 3)));
  const gram = (i: number, j: number) =>
    part.slice(0, rank).reduce((sum, column) => sum + column[i]! * column[j]!, 0);
  const scale = 10 ** integer(next, -150, 150);
  return matrixOf(n, (i, j) => {
    if (kind === 0) return symmetric(i, j);
    if (kind === 1) return gram(i, j);
    if (kind === 2) return symmetric(i, j) * scale;
    if (kind === 3) return symmetric(i, j) * 10 ** (-(i + j) / 2);
    if (kind === 4) return i % 3 === j % 3 ? Math.round(4 * symmetric(i, j)) : 0;
    if (kind === 5) return i === j ? 1 : 1e-17 * symmetric(i, j);
    return Math.abs(i - j) === 1 ? 1 : 0;
  });
}

describe("symmetricEigen", () => {
  it("solves A v = l v with orthonormal vectors, and agrees with Jacobi's method, whatever the matrix", () => {
    for (let seed = 1; seed <= 80; seed++) {
      const next = random(seed);
      const n = integer(next, 1, 40);
      const matrix = hostile(next, n);
      const found = symmetricEigen(matrix, n, true);
      const { residual, departure } = defect(matrix, n, found);
      expect(residual, `seed ${seed}, n ${n}`).toBeLessThan(4);
      expect(departure, `seed ${seed}, n ${n}`).toBeLessThan(4);
      const size = Math.max(...found.values.map(Math.abs));
      jacobiEigen(matrix, n).values.forEach((value, k) => {
        expect(Math.abs(found.values[k]! - value), `seed ${seed}, value ${k}`).toBeLessThanOrEqual(
          8 * n * EPSILON * size,
        );
      });
      const alone = symmetricEigen(matrix, n, false);
      expect(alone.vectors.length).toBe(0);
      expect(Buffer.from(alone.values.buffer).equals(Buffer.from(found.values.buffer)), `seed ${seed}`).toBe(
        true,
      );
    }
  });

  it("finds the spectra of closed form", () => {
    const n = 60;
    const second = symmetricEigen(
      matrixOf(n, (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0)),
      n,
      true,
    );
    second.values.forEach((value, k) => {
      const turn = ((n - k) * Math.PI) / (n + 1);
      expect(Math.abs(value - (2 - 2 * Math.cos(turn)))).toBeLessThan(4e-15 * 4);
      // The vector of value k is sin((i + 1) turn), up to sign and length.
      const vector = second.vectors.subarray(k * n, (k + 1) * n);
      const sine = vector.map((_, i) => Math.sin((i + 1) * turn) * Math.sqrt(2 / (n + 1)));
      const cosine = vector.reduce((sum, v, i) => sum + v * sine[i]!, 0);
      expect(Math.abs(Math.abs(cosine) - 1)).toBeLessThan(1e-12);
    });
    const equal = symmetricEigen(
      matrixOf(9, (i, j) => (i === j ? 1 : 0.25)),
      9,
      false,
    );
    expect(equal.values[0]).toBeCloseTo(3, 14);
    for (const value of equal.values.subarray(1)) expect(value).toBeCloseTo(0.75, 14);
    // Hilbert's matrix of order 4; values to 16 digits from its characteristic polynomial.
    const hilbert = symmetricEigen(
      matrixOf(4, (i, j) => 1 / (i + j + 1)),
      4,
      false,
    ).values;
    [1.500214280059243, 0.1691412202214501, 0.006738273605760748, 0.0000967023040225868].forEach(
      (value, k) => {
        expect(Math.abs(hilbert[k]! - value)).toBeLessThan(1e-15);
      },
    );
  });

  it("takes the sign that makes a vector's largest element positive, and reads the lower triangle alone", () => {
    const next = random(11);
    const n = 25;
    const matrix = hostile(next, n);
    const found = symmetricEigen(matrix, n, true);
    for (let k = 0; k < n; k++) {
      const vector = Array.from(found.vectors.subarray(k * n, (k + 1) * n));
      const largest = Math.max(...vector.map(Math.abs));
      expect(vector.find((value) => Math.abs(value) === largest)).toBe(largest);
    }
    const lower = matrixOf(n, (i, j) => (j > i ? 99 : matrix[i * n + j]!));
    expect(symmetricEigen(lower, n, true)).toEqual(found);
  });

  it("takes orders 0 and 1, and matrices of 0", () => {
    expect(symmetricEigen(new Float64Array(0), 0, true).values).toEqual(new Float64Array(0));
    expect(symmetricEigen(Float64Array.of(-3), 1, true)).toEqual({
      values: Float64Array.of(-3),
      vectors: Float64Array.of(1),
    });
    expect(symmetricEigen(new Float64Array(9), 3, true)).toEqual({
      values: new Float64Array(3),
      vectors: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
    });
  });

  it("refuses sizes that disagree and values that are not finite", () => {
    expect(() => symmetricEigen(new Float64Array(5), 2, false)).toThrow(
      new UsageError("a symmetric matrix of order 2 has 4 values, not 5"),
    );
    expect(() => symmetricEigen(Float64Array.of(1, 0, Number.NaN, 1), 2, false)).toThrow(
      "row 2, column 1 is NaN, not a finite number",
    );
  });
});
