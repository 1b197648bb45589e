import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/errors.ts";
import {
  dot,
  type OrthonormalBasis,
  orthonormalBasis,
  residualise,
  residualiseOnce,
} from "../../../src/statistics/linalg.ts";
import { integer, random } from "../../helpers/formats.ts";

function columnsOf(...columns: readonly (readonly number[])[]): Float64Array {
  return Float64Array.from(columns.flat());
}

/** Inner product with the rounding of its sums carried along (Neumaier). */
function inner(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < a.length; i++) {
    const term = a[i]! * b[i]!;
    const next = sum + term;
    lost += Math.abs(sum) > Math.abs(term) ? sum - next + term : term - next + sum;
    sum = next;
  }
  return sum + lost;
}

function vectorsOf(basis: OrthonormalBasis): Float64Array[] {
  return Array.from({ length: basis.count }, (_, j) => basis.values.subarray(j * basis.n, (j + 1) * basis.n));
}

/** The largest departure of the basis from orthonormal, the constant vector (of norm 1) among it. */
function departure(basis: OrthonormalBasis): number {
  const constant = new Float64Array(basis.n).fill(1 / Math.sqrt(basis.n));
  const vectors = [constant, ...vectorsOf(basis)];
  let worst = 0;
  vectors.forEach((a, i) => {
    vectors.slice(0, i + 1).forEach((b, j) => {
      worst = Math.max(worst, Math.abs(inner(a, b) - (i === j ? 1 : 0)));
    });
  });
  return worst;
}

/** Columns with far-apart scales and offsets, each next to a combination of the ones before. */
function illConditioned(next: () => number, n: number, k: number): Float64Array {
  const columns = new Float64Array(n * k);
  for (let c = 0; c < k; c++) {
    const weights = Array.from({ length: c }, () => next() - 0.5);
    const noise = 10 ** -integer(next, 0, 3);
    for (let i = 0; i < n; i++) {
      columns[c * n + i] =
        (next() - 0.5) * noise + weights.reduce((sum, weight, j) => sum + weight * columns[j * n + i]!, 0);
    }
  }
  const scales = Array.from(
    { length: k },
    () => [10 ** integer(next, -5, 5), integer(next, -100, 100)] as const,
  );
  return columns.map((value, at) => {
    const [scale, offset] = scales[Math.floor(at / n)]!;
    return scale * (value + offset);
  });
}

describe("orthonormalBasis", () => {
  it("is orthonormal and centred to 1e-15, however close to collinear the columns are", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const next = random(seed);
      const n = integer(next, 5, 300);
      const k = integer(next, 1, Math.min(60, n - 2));
      const names = Array.from({ length: k }, (_, c) => `c${c}`);
      const basis = orthonormalBasis(illConditioned(next, n, k), names, n);
      expect([...basis.used, ...basis.dropped.map(({ name }) => name)].sort(), `seed ${seed}`).toEqual(
        names.sort(),
      );
      expect(basis.count, `seed ${seed}`).toBe(basis.used.length);
      expect(departure(basis), `seed ${seed}, ${n} x ${k}`).toBeLessThan(2e-15);
    }
  });

  it("spans its columns", () => {
    const next = random(3);
    const columns = illConditioned(next, 50, 8);
    const basis = orthonormalBasis(columns, "abcdefgh".split(""), 50);
    expect(basis.count).toBe(8);
    for (let c = 0; c < 8; c++) {
      const column = columns.slice(c * 50, (c + 1) * 50);
      const size = Math.sqrt(inner(column, column));
      residualise(column, 0, 50, basis);
      expect(Math.sqrt(inner(column, column)) / size).toBeLessThan(1e-14);
    }
  });

  it("says which columns it drops, and why", () => {
    const age = [30, 41, 55, 62, 70, 33];
    const sex = [0, 1, 1, 0, 1, 0];
    const batch = [1, 0, 0, 0, 1, 1];
    const basis = orthonormalBasis(
      columnsOf(
        age,
        [7, 7, 7, 7, 7, 7],
        sex,
        age.map((value) => value * 365.25),
        batch,
        age.map((value, i) => 3 - value + 20 * sex[i]!),
        sex.map((value) => 1 - value),
        [0.1 + 0.2, 0.3, 0.3, 0.3, 0.3, 0.3],
        [0, 0, 0, 0, 0, 0],
      ),
      ["age", "site", "sex", "days", "batch", "mixed", "male", "rounded", "empty"],
      6,
    );
    expect(basis.used).toEqual(["age", "sex", "batch"]);
    expect(basis.dropped).toEqual([
      { name: "site", why: "constant" },
      { name: "days", why: "collinear with age" },
      { name: "mixed", why: "collinear with age, sex" },
      { name: "male", why: "collinear with sex" },
      { name: "rounded", why: "constant" },
      { name: "empty", why: "constant" },
    ]);
  });

  it("keeps a column with a little more than 1e-8 of its variance to itself, and drops one with less", () => {
    const base = [1, -1, 1, -1];
    const other = [1, 1, -1, -1];
    const close = (share: number) => base.map((value, i) => value + Math.sqrt(share) * other[i]!);
    const used = (share: number) => orthonormalBasis(columnsOf(base, close(share)), ["a", "b"], 4).used;
    expect(used(1.1e-8)).toEqual(["a", "b"]);
    expect(used(0.9e-8)).toEqual(["a"]);
  });

  it("stops at n - 1 vectors and names at most four partners", () => {
    const next = random(8);
    const values = Float64Array.from({ length: 6 * 9 }, () => next());
    const basis = orthonormalBasis(values, "abcdefghi".split(""), 6);
    expect(basis.count).toBe(5);
    expect(basis.dropped.map(({ name }) => name)).toEqual(["f", "g", "h", "i"]);
    expect(basis.dropped[0]?.why).toMatch(/^collinear with ([a-e], ){3}[a-e]( and 1 more)?$/);
  });

  it("takes no columns, and scales near the ends of a double's range", () => {
    expect(orthonormalBasis(new Float64Array(0), [], 5)).toMatchObject({ count: 0, used: [], dropped: [] });
    const basis = orthonormalBasis(
      columnsOf([1e300, -1e300, 2e299], [1e-300, 3e-300, 1e-300]),
      ["a", "b"],
      3,
    );
    expect(departure(basis)).toBeLessThan(1e-15);
    expect(basis.count).toBe(2);
  });

  it("refuses sizes that disagree and values that are not finite", () => {
    expect(() => orthonormalBasis(new Float64Array(7), ["a", "b"], 4)).toThrow(
      new UsageError("2 columns of 4 values are 8, not 7"),
    );
    expect(() => orthonormalBasis(columnsOf([1, 2], [3, Number.NaN]), ["a", "b"], 2)).toThrow(
      "column b, row 2: NaN is not a finite number",
    );
  });
});

describe("residualise", () => {
  it("leaves what is orthogonal to the covariates and the constant, within the run it is given", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const next = random(seed);
      const n = integer(next, 8, 200);
      const k = integer(next, 0, 6);
      const basis = orthonormalBasis(
        illConditioned(next, n, k),
        Array.from({ length: k }, (_, c) => `c${c}`),
        n,
      );
      const values = Float64Array.from({ length: n + 5 }, () => 1000 + next());
      const before = values.slice();
      residualise(values, 2, n, basis);
      const residual = values.slice(2, 2 + n);
      const norm = Math.sqrt(inner(before, before));
      for (const vector of [new Float64Array(n).fill(1 / Math.sqrt(n)), ...vectorsOf(basis)]) {
        expect(Math.abs(inner(residual, vector)) / norm, `seed ${seed}`).toBeLessThan(1e-16);
      }
      const outside = [0, 1, n + 2, n + 3, n + 4];
      expect(outside.map((i) => values[i])).toEqual(outside.map((i) => before[i]));
      // What was taken away lies in the span: y - residual has no part beside the basis.
      const taken = before.slice(2, 2 + n).map((value, i) => value - residual[i]!);
      residualise(taken, 0, n, basis);
      expect(Math.sqrt(inner(taken, taken)) / norm, `seed ${seed}`).toBeLessThan(1e-14);
    }
  });

  it("refuses a basis of another length", () => {
    const basis = orthonormalBasis(columnsOf([1, 2, 4]), ["a"], 3);
    expect(() => residualise(new Float64Array(4), 0, 4, basis)).toThrow(
      "a vector of 4 values does not fit a basis of vectors of 3",
    );
  });
});

it.each([3, 4, 5, 37, 64])("takes the basis out vector by vector, to the bit, of %i values", (n) => {
  const next = random(n);
  const values = (count: number) => Float64Array.from({ length: count * n }, () => next() - 0.5);
  const [vectors, y] = [values(6), values(1)];
  const expected = y.slice();
  const mean = expected.reduce((sum, value) => sum + value, 0) / n;
  expected.forEach((value, i) => {
    expected[i] = value - mean;
  });
  for (let j = 0; j < 6; j++) {
    const vector = vectors.subarray(j * n, (j + 1) * n);
    const coefficient = dot(expected, 0, vector, 0, n);
    vector.forEach((value, i) => {
      expected[i]! -= coefficient * value;
    });
  }
  residualiseOnce(y, 0, n, { n, count: 6, values: vectors });
  expect(y).toEqual(expected);
});
