import { describe, expect, test } from "vitest";
import { type LdMismatch, ldMismatch, mixtureWeights } from "../../../src/statistics/ldMismatch.ts";
import { testNormal, testRandom } from "../../helpers/randomCohort.ts";

/** Genotypes of `n` people and `p` variants in blocks of five in linkage, centred and of norm 1. */
function panel(seed: number, n: number, p: number): Float64Array[] {
  const next = testRandom(seed);
  const made: Float64Array[] = [];
  for (let v = 0; v < p; v++) {
    const before = made[v - 1];
    const g = Float64Array.from({ length: n }, () => testNormal(next));
    if (before !== undefined && v % 5 > 0) for (let s = 0; s < n; s++) g[s]! += 2 * before[s]! * Math.sqrt(n);
    const mean = g.reduce((a, b) => a + b, 0) / n;
    const centred = g.map((value) => value - mean);
    const norm = Math.sqrt(centred.reduce((a, b) => a + b * b, 0));
    made.push(centred.map((value) => value / norm));
  }
  return made;
}

/** z of a trait of people with the genotypes `unit`, that variant 7 moves. */
function scores(seed: number, unit: readonly Float64Array[], effect: number): Float64Array {
  const next = testRandom(seed);
  const n = unit[0]!.length;
  const y = unit[7]!.map((g) => effect * g + testNormal(next));
  const mean = y.reduce((a, b) => a + b, 0) / n;
  const norm = Math.sqrt(y.reduce((a, b) => a + (b - mean) ** 2, 0));
  return Float64Array.from(unit, (g) => {
    const r = g.reduce((sum, value, s) => sum + value * (y[s]! - mean), 0) / norm;
    return r * Math.sqrt(n - 1);
  });
}

/** Inverse of a symmetric positive matrix by Gauss and Jordan. */
function inverse(matrix: number[][]): number[][] {
  const p = matrix.length;
  const a = matrix.map((row, i) => [...row, ...row.map((_, j) => Number(i === j))]);
  for (let i = 0; i < p; i++) {
    const pivot = a[i]![i]!;
    a[i] = a[i]!.map((value) => value / pivot);
    for (let k = 0; k < p; k++) {
      const factor = a[k]![i]!;
      if (k !== i) a[k] = a[k]!.map((value, j) => value - factor * a[i]![j]!);
    }
  }
  return a.map((row) => row.slice(p));
}

/** -log likelihood of z ~ N(0, (1 - s) R + s I), by Cholesky. */
function plainLikelihood(z: Float64Array, unit: readonly Float64Array[], s: number): number {
  const p = z.length;
  const l = Array.from({ length: p }, () => new Float64Array(p));
  const w = new Float64Array(p);
  let sum = 0;
  for (let i = 0; i < p; i++) {
    for (let j = 0; j <= i; j++) {
      let value = (1 - s) * unit[i]!.reduce((t, g, k) => t + g * unit[j]![k]!, 0) + (i === j ? s : 0);
      for (let k = 0; k < j; k++) value -= l[i]![k]! * l[j]![k]!;
      l[i]![j] = i === j ? Math.sqrt(value) : value / l[j]![j]!;
    }
    let value = z[i]!;
    for (let k = 0; k < i; k++) value -= l[i]![k]! * w[k]!;
    w[i] = value / l[i]![i]!;
    sum += Math.log(l[i]![i]!) + w[i]! ** 2 / 2;
  }
  return sum;
}

const switched = ({ logLr }: LdMismatch, z: Float64Array): number[] =>
  Array.from(z.keys()).filter((i) => logLr[i]! > 2 && Math.abs(z[i]!) > 2);

describe("z scores beside an LD", () => {
  test.each([
    [1, 60, 25],
    [2, 40, 25],
    [3, 20, 45],
  ])("expectations are those of the whole matrix inverted: seed %i, %i people, %i variants", (seed, n, p) => {
    const unit = panel(seed, n, p);
    // Statistics of others: some noise of their own, so that s is well away from 0.
    const next = testRandom(seed + 10);
    const z = scores(seed, unit, 6).map((value) => value + testNormal(next));
    const { lambda, expected, deviation } = ldMismatch(z, unit);
    expect(lambda, `seed ${seed}`).toBeGreaterThan(0.05);
    const at = plainLikelihood(z, unit, lambda);
    for (const s of [lambda * 0.98, Math.min(0.999, lambda * 1.02), 0.3, 0.7])
      expect(plainLikelihood(z, unit, s), `seed ${seed}, s ${s}`).toBeGreaterThanOrEqual(at);
    const omega = inverse(
      unit.map((a, i) =>
        unit.map((b, j) => (1 - lambda) * a.reduce((t, g, k) => t + g * b[k]!, 0) + (i === j ? lambda : 0)),
      ),
    );
    z.forEach((value, i) => {
      const rest = omega[i]!.reduce((sum, w, j) => sum + (j === i ? 0 : w * z[j]!), 0);
      expect(expected[i]!, `seed ${seed}, variant ${i}`).toBeCloseTo(-rest / omega[i]![i]!, 8);
      expect(deviation[i]!).toBeCloseTo((value + rest / omega[i]![i]!) * Math.sqrt(omega[i]![i]!), 8);
    });
  });

  test("weights have the largest likelihood: no normal of the grid would add to it", () => {
    const next = testRandom(4);
    const deviation = Float64Array.from({ length: 400 }, (_, i) => testNormal(next) * (i % 40 === 0 ? 8 : 1));
    const grid = [0.8, 1, 1.5, 3, 6, 12];
    const weights = mixtureWeights(deviation, grid);
    expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    const density = (x: number, a: number): number => Math.exp(-((x / a) ** 2) / 2) / a;
    grid.forEach((a, k) => {
      const gain =
        deviation.reduce((sum, x) => {
          const whole = grid.reduce((total, b, j) => total + weights[j]! * density(x, b), 0);
          return sum + density(x, a) / whole;
        }, 0) / deviation.length;
      expect(gain, `spread ${a}`).toBeLessThan(1.01);
      if (weights[k]! > 0.05) expect(gain, `spread ${a}`).toBeGreaterThan(0.99);
    });
  });

  test.each([1, 2, 3])("a switched allele is found and nothing else: seed %i", (seed) => {
    const people = panel(seed, 400, 60);
    const z = scores(seed, people, 14);
    const clean = ldMismatch(z, people);
    expect(clean.lambda, `seed ${seed}`).toBeLessThan(0.1);
    expect(switched(clean, z), `seed ${seed}`).toEqual([]);
    const wrong = z.slice();
    wrong[8] = -z[8]!;
    expect(Math.abs(z[8]!)).toBeGreaterThan(4);
    expect(switched(ldMismatch(wrong, people), wrong), `seed ${seed}`).toEqual([8]);
  });

  test("an LD of nobody in particular has a large s", () => {
    const z = scores(5, panel(5, 300, 60), 14);
    expect(ldMismatch(z, panel(6, 300, 60)).lambda).toBeLessThan(1);
    const shuffled = z.map((_, i) => z[(i * 7) % 60]!);
    expect(ldMismatch(shuffled, panel(5, 300, 60)).lambda).toBeGreaterThan(0.3);
  });
});
