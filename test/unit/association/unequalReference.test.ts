/** What HC3 is compared with where variance follows the context, against whole matrices. */
import { describe, expect, test } from "vitest";
import {
  RobustReferences,
  referenceOf,
  unequalReferenceOf,
} from "../../../src/association/interaction/robustReference.ts";
import { UnequalReferences } from "../../../src/association/interaction/unequalReference.ts";
import { WorkingVariances } from "../../../src/association/interaction/workingVariance.ts";
import { log10TwoSidedT } from "../../../src/statistics/studentT.ts";
import { testNormal, testRandom } from "../../helpers/randomCohort.ts";

const SEED = 20261201;
/** Genotype, and genotype by context. */
const TERMS = 2;

interface Case {
  readonly n: number;
  readonly z: Float64Array;
  readonly references: RobustReferences;
  readonly leverage: Float64Array;
  /** Orthonormal: the constant, covariates, the context; then the variant's. */
  readonly fixed: readonly Float64Array[];
  readonly own: readonly Float64Array[];
}

function sum(n: number, of: (s: number) => number): number {
  let all = 0;
  for (let s = 0; s < n; s++) all += of(s);
  return all;
}

/** Gram-Schmidt, twice. */
function orthonormal(columns: readonly Float64Array[]): Float64Array[] {
  const out: Float64Array[] = [];
  for (const column of columns) {
    let v = column;
    for (const other of [...out, ...out]) {
      const along = sum(v.length, (s) => v[s]! * other[s]!);
      v = v.map((x, s) => x - along * other[s]!);
    }
    const norm = Math.sqrt(sum(v.length, (s) => v[s]! ** 2));
    out.push(v.map((x) => x / norm));
  }
  return out;
}

function caseOf(n: number, covariates: number): Case {
  const random = testRandom(SEED + n);
  const normals = (): Float64Array => Float64Array.from({ length: n }, () => testNormal(random));
  const raw = normals();
  const mean = sum(n, (s) => raw[s]!) / n;
  const deviation = Math.sqrt(sum(n, (s) => (raw[s]! - mean) ** 2) / n);
  const z = raw.map((x) => (x - mean) / deviation);
  const g = z.map(() => Math.floor(3 * random()));
  const others = Array.from({ length: covariates }, normals);
  const all = orthonormal([new Float64Array(n).fill(1), ...others, z, g, g.map((x, s) => x * z[s]!)]);
  const [fixed, own] = [all.slice(0, -TERMS), all.slice(-TERMS)];
  const values = Float64Array.from(fixed.slice(1).flatMap((v) => Array.from(v)));
  return {
    ...{ n, z, fixed, own },
    references: new RobustReferences(n, { count: fixed.length - 1, values }),
    leverage: z.map((_, s) => fixed.reduce((h, v) => h + v[s]! ** 2, 0)),
  };
}

/** I less the vectors' hat matrix. */
function restOf(vectors: readonly Float64Array[], n: number): Float64Array[] {
  return Array.from({ length: n }, (_, a) =>
    Float64Array.from({ length: n }, (__, b) => vectors.reduce((m, v) => m - v[a]! * v[b]!, a === b ? 1 : 0)),
  );
}

/** M diag(v) M. */
function sandwich(m: readonly Float64Array[], v: Float64Array): Float64Array[] {
  const weighted = m.map((row) => row.map((x, s) => x * v[s]!));
  return weighted.map((row) => row.map((_, b) => sum(v.length, (s) => row[s]! * m[b]![s]!)));
}

describe("moments of HC3 where variance is unequal", () => {
  const { n, z, references, leverage, own, fixed } = caseOf(70, 6);
  const m = restOf([...fixed, ...own], n);
  const h = z.map((_, s) => 1 - m[s]![s]!);
  // Weights as of a model with several products: along both vectors.
  const w = z.map((_, s) => 0.7 * own[1]![s]! - 0.2 * own[0]![s]!);
  const weights = w.map((x, s) => x / (1 - h[s]!));
  const d = weights.map((x) => x * x);
  const vectors = Float64Array.from(own.flatMap((v) => Array.from(v)));
  const equal = references.moments(
    weights,
    h.map((x) => 1 - x),
    { count: TERMS, values: vectors },
  );
  const unequal = new UnequalReferences(references, leverage, TERMS);
  const momentsOf = (v: Float64Array) =>
    unequal.moments(
      { weights, vectors, stride: n },
      { step: 1, values: v, spread: references.spread(v) },
      equal,
    );

  test.each([-0.9, 0.3, 0.8])("are those of whole matrices: exp(%d z)", (gamma) => {
    const v = z.map((x) => 3 * Math.exp(gamma * x));
    const found = momentsOf(v);
    const s = sandwich(m, v);
    const mean = sum(n, (a) => d[a]! * s[a]![a]!);
    const variance = sum(n, (a) => w[a]! ** 2 * v[a]!);
    const covariance = z.map((_, a) => sum(n, (b) => m[a]![b]! * v[b]! * w[b]!));
    const shared = sum(n, (a) => d[a]! * covariance[a]! ** 2) / variance / mean;
    const trace = sum(n, (a) => sum(n, (b) => d[a]! * d[b]! * s[a]![b]! ** 2));
    expect(found.mean / mean).toBeCloseTo(1, 10);
    expect(found.variance / variance).toBeCloseTo(1, 10);
    expect(found.shared / shared).toBeCloseTo(1, 8);
    expect(shared).toBeGreaterThan(1e-3);
    expect(found.most).toBe(equal.most);
    // Not made of the matrix: near it.
    expect(Math.abs(found.trace / trace - 1)).toBeLessThan(0.08);
  });

  test("are those of equal variance where it is equal", () => {
    const found = momentsOf(new Float64Array(n).fill(5));
    expect(found.mean / (5 * equal.mean)).toBeCloseTo(1, 10);
    expect(found.variance / (5 * equal.variance)).toBeCloseTo(1, 10);
    expect(found.trace / (25 * equal.trace)).toBeCloseTo(1, 10);
    expect(found.shared).toBeLessThan(1e-20);
  });
});

describe("the reference of unequal variance", () => {
  const equal = referenceOf({ mean: 2, variance: 1.8, trace: 0.1, most: 100 });

  test.each([
    ["t^2 / (1 + 2 share) with 1 / (1 / df - 2 share) degrees of freedom", 0.2, 0.015, 50],
    ["no more than twice those of equal variance", 0.2, 0.0249, 80],
    ["no more than the residuals have", 0.2, 0.0249, 60, 60],
    ["no less than one", 8, 0.1, 1],
  ])("is %s", (_, trace, shared, df, most = 100) => {
    const { scale, tails } = unequalReferenceOf({ mean: 2, variance: 1.6, trace, most, shared }, equal);
    expect(scale).toBeCloseTo(Math.sqrt(2 / 1.6 / (1 + 2 * shared)), 12);
    expect(tails!.log10P(3)).toBeCloseTo(log10TwoSidedT(3, df), 9);
  });

  test("is none where a sample decides its own fit", () => {
    const none = referenceOf({ mean: Number.NaN, variance: 1, trace: 1, most: Number.NaN });
    const moments = { mean: 1, variance: 1, trace: 1, most: 9, shared: 0 };
    expect(unequalReferenceOf(moments, none).tails).toBeUndefined();
  });
});

describe("the working variance of a gene", () => {
  test("(H ∘ H) v is the same with a matrix and without one", () => {
    // Past the samples for which a matrix is made.
    const { n, z, fixed, references } = caseOf(2051, 2);
    expect(references.squares).toBeUndefined();
    const v = z.map((x) => Math.exp(0.5 * x));
    const found = references.spread(v);
    for (const a of [0, 7, n - 1]) {
      const expected = sum(n, (b) => fixed.reduce((hat, x) => hat + x[a]! * x[b]!, 0) ** 2 * v[b]!);
      expect(found[a]! / expected).toBeCloseTo(1, 10);
    }
  });

  test("is the likeliest of the grid, and equal without evidence", () => {
    const { n, z, fixed, references, leverage } = caseOf(120, 8);
    const m = restOf(fixed, n);
    const random = testRandom(SEED);
    const truth = [0, 0, 0, 0, 0, 0, 0.25, 0.5, 0.8, 1.1, 2.5, -0.5, -0.8, -1.1, -2.5];
    const e = truth.map((gamma) => {
      const y = z.map((x) => Math.exp((gamma * x) / 2) * testNormal(random));
      return z.map((_, a) => sum(n, (b) => m[a]![b]! * y[b]!));
    });
    const residuals = Float64Array.from(e.flatMap((row) => Array.from(row)));
    const input = { references, leverage, leastRest: 1e-8, contexts: [z], residuals };
    const working = new WorkingVariances(input);
    const deviance = (row: Float64Array, gamma: number): number => {
      const s = sandwich(
        m,
        z.map((x) => Math.exp(gamma * x)),
      );
      const square = row.map((_, a) => s[a]![a]!);
      const mean = sum(n, (a) => row[a]! ** 2 / square[a]!) / n;
      return sum(n, (a) => Math.log(square[a]!)) + n * Math.log(mean);
    };
    let followed = 0;
    e.forEach((row, gene) => {
      const grid = Array.from({ length: 13 }, (_, i) => deviance(row, (i - 6) / 4));
      const least = Math.min(...grid);
      const isFollowed = ((grid[6]! - least) * (n - fixed.length)) / n > 10.83;
      const found = working.of(gene, 0);
      expect(found?.step, `gene ${gene}`).toBe(isFollowed ? grid.indexOf(least) - 6 : undefined);
      if (truth[gene] === 0) expect(found, `gene ${gene}`).toBeUndefined();
      followed += isFollowed ? 1 : 0;
      found?.values.forEach((v, s) => {
        expect(v).toBeCloseTo(Math.exp((found.step * z[s]!) / 4), 10);
      });
    });
    expect(followed).toBeGreaterThanOrEqual(6);
  });

  test("does not ask a sample that decides its own fit", () => {
    const { n, z } = caseOf(60, 0);
    const random = testRandom(SEED + 1);
    const only = z.map((_, s) => (s === 4 ? 1 : 0));
    const fixed = orthonormal([new Float64Array(n).fill(1), only, z]);
    const values = Float64Array.from(fixed.slice(1).flatMap((v) => Array.from(v)));
    const references = new RobustReferences(n, { count: 2, values });
    const leverage = z.map((_, s) => fixed.reduce((h, v) => h + v[s]! ** 2, 0));
    const m = restOf(fixed, n);
    const y = z.map((x) => Math.exp(0.6 * x) * testNormal(random));
    const residuals = z.map((_, a) => sum(n, (b) => m[a]![b]! * y[b]!));
    const working = new WorkingVariances({ references, leverage, leastRest: 1e-8, contexts: [z], residuals });
    expect(working.of(0, 0)!.step).toBeGreaterThan(1);
  });
});
