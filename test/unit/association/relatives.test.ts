/**
 * Maps of samples that are not independent against textbook generalised least squares, and their screen attacked.
 */
import { afterAll, describe, expect, test } from "vitest";
import { mapCis } from "../../../src/association/cis.ts";
import { mapPairs } from "../../../src/association/pairs.ts";
import { mapTrans } from "../../../src/association/trans.ts";
import { buildCohort, type Cohort, type CohortTables } from "../../../src/cohort/cohort.ts";
import type { Backend } from "../../../src/compute/backend.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { emptyPanels, type Group, quantisePanelColumn } from "../../../src/compute/screen/panels.ts";
import { createWasmBackend } from "../../../src/compute/wasm/backend.ts";
import { createBackend } from "../../../src/node/index.ts";
import { pow10 } from "../../../src/statistics/elementary.ts";
import { SHARES } from "../../../src/statistics/mixedModel.ts";
import { type CollectedPairs, collect, pairKey } from "../../helpers/collect.ts";
import { plainGls, plainReml } from "../../helpers/plainGls.ts";
import { memoryGenotypes, randomTables, testNormal, testRandom } from "../../helpers/randomCohort.ts";
import { familyMatrix, familyTables, randomCovariance, sampleMatrix } from "../../helpers/relatives.ts";

const wasm = await createBackend("wasm", { threads: 2 });
const reference = createReferenceBackend();
afterAll(() => wasm.dispose());

const SAMPLES = 40;

/** A cohort with missing calls, a constant variant, and one that a covariate explains. */
function tablesOf(
  seed: number,
  covariance: CohortTables["covariance"],
): CohortTables & { calls: readonly (readonly number[])[] } {
  const tables = randomTables(seed, { samples: SAMPLES, variants: 30, genes: 6, covariates: 3 });
  const { samples } = tables.genotypes;
  const calls = tables.calls.map((row) => [...row]);
  calls[4] = samples.map(() => 1);
  calls[7] = samples.map((_, s) => s % 3);
  const copy = calls[7].map(String);
  const covariates = {
    ...tables.covariates,
    covariates: [...tables.covariates.covariates, "copy"],
    cells: [...tables.covariates.cells, copy],
  };
  const variants = calls.map((row, v) => ({ chromosome: "chr1", position: 1000 * (v + 1), calls: row }));
  return { ...tables, covariates, calls, covariance, genotypes: memoryGenotypes(samples, variants) };
}

/** Values as the file has them, in the order of the cohort's samples. */
function valuesOf(cohort: Cohort, tables: ReturnType<typeof tablesOf>) {
  const { expressionIndex, covariateIndex, genotypeIndex } = cohort.report;
  const n = cohort.samples.length;
  return {
    y: (gene: number) =>
      Array.from(expressionIndex, (s) => tables.expression.values[cohort.geneRow[gene]! * n + s]!),
    g: (v: number) => {
      const raw = Array.from(genotypeIndex, (s) => tables.calls[v]![s]!);
      const called = raw.filter((call) => call !== 3);
      const mean = called.reduce((a, b) => a + b, 0) / called.length;
      return raw.map((call) => (call === 3 ? mean : call));
    },
    covariates: tables.covariates!.cells.map((row) => Array.from(covariateIndex, (s) => Number(row[s]))),
  };
}

function expectPlain(
  pairs: CollectedPairs,
  cohort: Cohort,
  tables: ReturnType<typeof tablesOf>,
  sigma: (gene: number) => readonly (readonly number[])[],
): void {
  const { y, g, covariates } = valuesOf(cohort, tables);
  for (const [v] of tables.calls.entries()) {
    const id = `chr1:${1000 * (v + 1)}:A:G`;
    if (v === 4 || v === 7) {
      expect(pairs.dropped.get(id)).toBe(v === 4 ? "constant" : "collinear");
      continue;
    }
    cohort.genes.id.forEach((gene, i) => {
      const row = pairs.row.get(pairKey(id, gene));
      if (pairs.dropped.has(id)) {
        expect(row).toBeUndefined();
        return;
      }
      const plain = plainGls(y(i), g(v), covariates, sigma(i));
      expect(plain.degreesOfFreedom).toBe(cohort.degreesOfFreedom);
      const scale = Math.abs(plain.slope) + plain.slopeSe;
      expect(Math.abs(pairs.slope[row!]! - plain.slope) / scale).toBeLessThan(1e-8);
      expect(Math.abs(pairs.slopeSe[row!]! / plain.slopeSe - 1)).toBeLessThan(1e-8);
    });
  }
}

const EVERY = { maf: 0 };

describe.each([1, 2, 3])("a given covariance, seed %i", (seed) => {
  const matrix =
    seed === 1 ? familyMatrix(10, 2).map((row) => row.map((x) => 3 * x)) : randomCovariance(SAMPLES, seed);
  const ids = Array.from({ length: SAMPLES }, (_, i) => `S${i}`);
  const tables = tablesOf(seed, { kind: "given", matrix: sampleMatrix(ids, matrix) });
  const cohort = buildCohort(tables, EVERY);

  test("all pairs are plain generalised least squares", async () => {
    const pairs = await collect(mapTrans(cohort, { backend: wasm, pValue: 1, allPairs: true }));
    expectPlain(pairs, cohort, tables, () => matrix);
  });

  test("screened pairs, pairs near genes and listed pairs have the same bits, on either backend", async () => {
    const all = await collect(mapTrans(cohort, { backend: reference, pValue: 1, allPairs: true }));
    const listed = { name: "list", variant: all.variant, gene: all.gene, repeated: 0 };
    const withList = buildCohort({ ...tables, pairs: listed }, EVERY);
    const others = [
      await collect(mapTrans(cohort, { backend: wasm, pValue: 0.04, allPairs: true })),
      await collect(mapTrans(cohort, { backend: reference, pValue: 0.04, allPairs: true })),
      await collect(mapCis(cohort, { backend: wasm })),
      await collect(mapPairs(withList, { backend: wasm })),
    ];
    const few = all.log10P.filter((log10P) => pow10(log10P) <= 0.04).length;
    expect(others.map(({ row }) => row.size > 0)).toEqual([true, true, true, true]);
    expect(others[0]!.row.size).toBe(few);
    expect(others[1]!.row.size).toBe(few);
    for (const other of others) {
      for (const [key, at] of other.row) {
        const row = all.row.get(key)!;
        expect([other.slope[at], other.slopeSe[at], other.log10P[at]]).toEqual([
          all.slope[row],
          all.slopeSe[row],
          all.log10P[row],
        ]);
      }
    }
  });
});

test("the identity is ordinary least squares, and the scale of a covariance changes nothing", async () => {
  const ids = Array.from({ length: SAMPLES }, (_, i) => `S${i}`);
  const of = (factor: number): CohortTables["covariance"] => ({
    kind: "given",
    matrix: sampleMatrix(
      ids,
      ids.map((_, i) => ids.map((_, j) => (i === j ? factor : 0))),
    ),
  });
  const maps: CollectedPairs[] = [];
  for (const covariance of [undefined, of(1), of(1e-7)]) {
    const cohort = buildCohort(tablesOf(5, covariance), EVERY);
    maps.push(await collect(mapTrans(cohort, { backend: wasm, pValue: 1, allPairs: true })));
  }
  for (const map of maps.slice(1)) {
    map.slope.forEach((slope, i) => {
      const scale = Math.abs(slope) + map.slopeSe[i]!;
      expect(Math.abs(slope - maps[0]!.slope[i]!) / scale).toBeLessThan(1e-11);
      expect(map.slopeSe[i]! / maps[0]!.slopeSe[i]!).toBeCloseTo(1, 10);
    });
  }
});

describe.each([1, 2])("relatedness, seed %i", (seed) => {
  const relatedness = familyMatrix(10, 2);
  const ids = Array.from({ length: SAMPLES }, (_, i) => `S${i}`);
  const tables = tablesOf(seed, { kind: "relatedness", matrix: sampleMatrix(ids, relatedness) });
  const random = testRandom(seed + 70);
  // Some genes follow the families: the expression's samples are the genotypes' in reverse.
  for (let gene = 0; gene < 6; gene += 2) {
    const shared = Array.from({ length: 10 }, () => 2 * testNormal(random));
    for (let s = 0; s < SAMPLES; s++)
      tables.expression.values[gene * SAMPLES + SAMPLES - 1 - s]! += shared[s >> 2]!;
  }
  const cohort = buildCohort(tables, EVERY);
  const at = (h: number): number[][] =>
    relatedness.map((row, i) => row.map((value, j) => h * value + (i === j ? 1 - h : 0)));

  test("each gene has the share of the largest plain residual likelihood", () => {
    const { y, covariates } = valuesOf(cohort, tables);
    const best = cohort.genes.id.map((_, gene) => {
      const likelihood = SHARES.map((h) => plainReml(y(gene), covariates, at(h)));
      return SHARES[likelihood.indexOf(Math.max(...likelihood))];
    });
    expect(Array.from(cohort.genes.sharedVariance!.share)).toEqual(best);
    expect(new Set(best).size).toBeGreaterThan(1);
  });

  test("all pairs are plain generalised least squares at it", async () => {
    const pairs = await collect(mapTrans(cohort, { backend: wasm, pValue: 1, allPairs: true }));
    expectPlain(pairs, cohort, tables, (gene) => at(cohort.genes.sharedVariance!.share[gene]!));
    for (const backend of [wasm, reference]) {
      const screened = await collect(mapTrans(cohort, { backend, pValue: 0.04, allPairs: true }));
      const few = pairs.log10P.flatMap((log10P, i) => (pow10(log10P) <= 0.04 ? [pairs.slope[i]] : []));
      expect(screened.slope).toEqual(few);
    }
    const near = await collect(mapCis(cohort, { backend: wasm }));
    for (const [key, row] of near.row) expect(near.log10P[row]).toBe(pairs.log10P[pairs.row.get(key)!]);
  });
});

/**
 * Variants that lie along what the integers leave out of each gene's column: g is 1 where the remainder is positive, so that g.d is
 * most of the bound (sqrt(3) / 2 of it) and the estimate misses it all; but where the column is in its highest or lowest tenth, which makes
 * the pair one that passes.
 */
function hostile(cohort: Cohort, group: Group): number[][] {
  const n = cohort.samples.length;
  const count = cohort.genes.id.length;
  const columns = { count, samples: n, values: cohort.residuals, standardised: true };
  const panels = emptyPanels(columns, group);
  const q = new Int16Array(n);
  return cohort.genes.id.map((_, gene) => {
    quantisePanelColumn(columns, gene, panels, q);
    const w = cohort.residuals.subarray(gene * n, (gene + 1) * n);
    const sorted = w.slice().sort();
    const [low, high] = [sorted[Math.floor(n / 10)]!, sorted[n - 1 - Math.floor(n / 10)]!];
    return Array.from(q, (k, s) => {
      if (w[s]! <= low || w[s]! >= high) return w[s]! <= low ? 0 : 1;
      return w[s]! - panels.scale[gene]! * k > 0 ? 1 : 0;
    });
  });
}

test.each([1, 2, 4] as const)(
  "the screen by %i loses no pair along its remainders; with half its bound it does",
  async (group) => {
    const lost = { whole: 0, half: 0, pairs: 0 };
    const whole = await createWasmBackend({}, { group });
    const half = await createWasmBackend({}, { group, boundScale: 0.5 });
    try {
      for (let seed = 1; seed <= 3; seed++) {
        const tables = familyTables(seed, {
          families: 16,
          children: 2,
          variants: 1,
          genes: 8,
          covariates: 2,
          h2: 0.6,
        });
        const matrix = sampleMatrix(tables.genotypes.samples, tables.relatedness);
        const covariance = { kind: "relatedness", matrix } as const;
        const calls = hostile(buildCohort({ ...tables, covariance }, EVERY), group);
        const variants = calls.map((row, v) => ({ chromosome: "1", position: v + 1, calls: row }));
        const genotypes = memoryGenotypes(tables.genotypes.samples, variants);
        const cohort = buildCohort({ ...tables, genotypes, covariance }, EVERY);
        const all = await collect(mapTrans(cohort, { backend: reference, pValue: 1, allPairs: true }));
        for (let v = 0; v < calls.length; v++) {
          const key = pairKey(`1:${v + 1}:A:G`, `G${v}`);
          const pValue = pow10(all.log10P[all.row.get(key)!]!) * (1 + 1e-9);
          if (!(pValue < 0.04)) continue;
          lost.pairs++;
          const found = async (backend: Backend): Promise<boolean> =>
            (await collect(mapTrans(cohort, { backend, pValue, allPairs: true }))).row.has(key);
          if (!(await found(whole))) lost.whole++;
          if (!(await found(half))) lost.half++;
        }
      }
    } finally {
      await whole.dispose();
      await half.dispose();
    }
    expect(lost.pairs).toBeGreaterThan(12);
    expect(lost.whole).toBe(0);
    expect(lost.half).toBeGreaterThan(lost.pairs / 2);
  },
);

test("heritability is found again, on average", () => {
  for (const h2 of [0, 0.3, 0.6]) {
    const tables = familyTables(3, { families: 60, children: 3, variants: 1, genes: 60, covariates: 3, h2 });
    const matrix = sampleMatrix(tables.genotypes.samples, tables.relatedness);
    const cohort = buildCohort({ ...tables, covariance: { kind: "relatedness", matrix } }, EVERY);
    const share = cohort.genes.sharedVariance!.share;
    const mean = share.reduce((a, b) => a + b, 0) / share.length;
    // At 0 it can only be above: about half of the estimates are 0, the others half-normal of the estimate's error, about 0.12.
    expect(mean).toBeGreaterThan(h2 - 0.05);
    expect(mean).toBeLessThan(h2 + (h2 === 0 ? 0.08 : 0.05));
  }
});
