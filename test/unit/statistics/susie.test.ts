import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/errors.ts";
import { credibleSets } from "../../../src/statistics/credibleSets.ts";
import { genotypeLd, matrixLd } from "../../../src/statistics/ld.ts";
import { minimise } from "../../../src/statistics/minimise.ts";
import { type SusieFit, susie } from "../../../src/statistics/susie.ts";
import { plainSusie } from "../../helpers/plainSusie.ts";
import { testNormal, testRandom } from "../../helpers/randomCohort.ts";

interface Locus {
  readonly unit: Float64Array[];
  readonly y: Float64Array;
  readonly r: Float64Array;
}

/** Variants in blocks of linkage (neighbours share alleles with probability `linkage`), y = sum of effects + noise. */
function locus(
  seed: number,
  n: number,
  p: number,
  effects: ReadonlyMap<number, number>,
  linkage = 0.9,
): Locus {
  const next = testRandom(seed);
  const raw: Float64Array[] = [];
  for (let v = 0; v < p; v++) {
    const frequency = 0.1 + 0.4 * next();
    const before = raw[v - 1];
    raw.push(
      Float64Array.from({ length: n }, (_, s) => {
        const fresh = Number(next() < frequency) + Number(next() < frequency);
        return v % 20 > 0 && before !== undefined && next() < linkage ? before[s]! : fresh;
      }),
    );
  }
  const y = Float64Array.from({ length: n }, () => testNormal(next));
  for (const [v, size] of effects) {
    for (const [s, g] of raw[v]!.entries()) y[s]! += size * g;
  }
  const unit = raw.map(unitOf);
  const e = unitOf(y);
  const r = Float64Array.from(unit, (g) => g.reduce((sum, value, s) => sum + value * e[s]!, 0));
  return { unit, y: e, r };
}

function unitOf(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const centred = values.map((value) => value - mean);
  const norm = Math.sqrt(centred.reduce((sum, value) => sum + value * value, 0));
  return centred.map((value) => value / norm);
}

function setsOf(fit: SusieFit, { unit }: Locus) {
  return credibleSets(fit, genotypeLd(unit), 0.95, 0.5).sets;
}

describe("SuSiE", () => {
  it("is what its definition gives on whole matrices", () => {
    for (const [seed, n, p, effects] of [
      [1, 60, 12, new Map([[3, 0.9]])],
      [
        2,
        90,
        25,
        new Map([
          [2, 0.8],
          [22, -0.7],
        ]),
      ],
      [3, 40, 8, new Map<number, number>()],
    ] as const) {
      const { unit, y, r } = locus(seed, n, p, effects);
      const scale = Math.sqrt(n - 1);
      for (const rounds of [1, 2, 6]) {
        const fit = susie(r, genotypeLd(unit), n, {
          effects: 4,
          maxIterations: rounds,
          tolerance: -Infinity,
        });
        const plain = plainSusie(
          unit.map((g) => Array.from(g, (value) => value * scale)),
          Array.from(y, (value) => value * scale),
          4,
          rounds,
        );
        const where = `seed ${seed}, ${rounds} rounds`;
        expect(Math.abs(fit.residualVariance - plain.sigma2), where).toBeLessThan(1e-6);
        const apart = plain.pip.map((pip, j) => Math.abs(fit.pip[j]! - pip));
        expect(Math.max(...apart), where).toBeLessThan(2e-6);
      }
    }
  });

  it("finds the causal variants, and says so with the coverage it claims", () => {
    let sets = 0;
    let right = 0;
    let found = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const causal = new Map([
        [7, 0.6],
        [45, -0.5],
      ]);
      const one = locus(seed, 250, 60, causal);
      const own = setsOf(susie(one.r, genotypeLd(one.unit), 250), one);
      if (own.length === 2) found++;
      for (const { variants } of own) {
        sets++;
        if (variants.some((v) => causal.has(v))) right++;
      }
    }
    expect(right / sets).toBeGreaterThan(0.93);
    expect(found).toBeGreaterThan(40);
  });

  it("finds nothing where there is nothing", () => {
    let sets = 0;
    for (let seed = 100; seed < 150; seed++) {
      const one = locus(seed, 200, 60, new Map());
      sets += setsOf(susie(one.r, genotypeLd(one.unit), 200), one).length;
    }
    // A set needs a Bayes factor that noise seldom has.
    expect(sets).toBeLessThanOrEqual(3);
  });

  it("shares an effect between copies of a variant, whatever their alleles are called", () => {
    const one = locus(5, 150, 30, new Map([[10, 1]]), 0.3);
    one.unit[11] = one.unit[10]!.map((value) => -value);
    one.r[11] = -one.r[10]!;
    const fit = susie(one.r, genotypeLd(one.unit), 150);
    expect(fit.pip[10]).toBeCloseTo(fit.pip[11]!, 12);
    expect(fit.pip[10]! + fit.pip[11]!).toBeGreaterThan(0.99);
    const [set] = setsOf(fit, one);
    expect(Array.from(set!.variants)).toEqual([10, 11]);
    expect(set!.minCorrelation).toBeCloseTo(1, 12);
  });

  it("takes LD as genotypes or as a matrix", () => {
    const { unit, r } = locus(6, 120, 40, new Map([[3, 0.7]]));
    const matrix = Float64Array.from({ length: 1600 }, (_, at) => {
      const [i, j] = [Math.floor(at / 40), at % 40];
      return unit[i]!.reduce((sum, value, s) => sum + value * unit[j]![s]!, 0);
    });
    const options = { estimateResidualVariance: false };
    const one = susie(r, genotypeLd(unit), 120, options);
    const two = susie(r, matrixLd(matrix, 40), 120, options);
    expect(one.iterations).toBe(two.iterations);
    expect(one.residualVariance).toBe(1);
    const apart = one.pip.map((pip, j) => Math.abs(pip - two.pip[j]!));
    expect(Math.max(...apart)).toBeLessThan(1e-7);
  });

  it("takes what is no data for what it is", () => {
    const { unit, r } = locus(7, 30, 5, new Map());
    expect(() => susie(r, genotypeLd(unit.slice(1)), 30)).toThrow(UsageError);
    expect(() => susie(Float64Array.of(0.1, Number.NaN, 0, 0, 0), genotypeLd(unit), 30)).toThrow(
      /variant 1 is NaN/,
    );
    expect(() => susie(r, genotypeLd(unit), 2)).toThrow(/at least 3/);
    expect(susie(new Float64Array(0), genotypeLd([]), 30).pip).toHaveLength(0);
    // Fewer variants than effects; a variant that explains all.
    expect(susie(Float64Array.of(1), genotypeLd([unit[0]!]), 30).pip[0]).toBeGreaterThan(0.99);
  });
});

describe("the minimum of a function", () => {
  it.each([
    ["a parabola", (x: number) => (x - 2) ** 2, 2],
    ["a cusp", (x: number) => Math.abs(x + 7.5), -7.5],
    ["flat but for a well", (x: number) => -Math.exp(-((x - 3) ** 2) / 50), 3],
    ["falling to an end", (x: number) => -x, 15],
  ])("%s", (_, f, expected) => {
    expect(Math.abs(minimise(f, -30, 15) - expected)).toBeLessThan(1e-6);
  });
});
