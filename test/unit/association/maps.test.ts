import { describe, expect, test } from "vitest";
import { mapCis } from "../../../src/association/cis.ts";
import type { MapResult, MapRun, PairBatch } from "../../../src/association/tables.ts";
import { mapTrans } from "../../../src/association/trans.ts";
import { buildCohort, type Cohort, type CohortOptions } from "../../../src/cohort/cohort.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { log10TwoSidedT } from "../../../src/statistics/studentT.ts";
import { plainOls } from "../../helpers/plainOls.ts";
import { type RandomTables, randomTables } from "../../helpers/randomCohort.ts";

interface Found {
  slope: number;
  slopeSe: number;
  log10P: number;
}

async function everything(
  run: MapRun,
): Promise<{ pairs: Map<string, Found>; batches: PairBatch[]; result: MapResult }> {
  const pairs = new Map<string, Found>();
  const batches: PairBatch[] = [];
  for await (const batch of run) {
    batches.push(batch);
    for (let i = 0; i < batch.variant.length; i++) {
      const key = `${run.genes.id[batch.gene[i]!]} ${batch.variants.chromosome[batch.variant[i]!]}:${batch.variants.position[batch.variant[i]!]}`;
      expect(pairs.has(key), key).toBe(false);
      pairs.set(key, { slope: batch.slope[i]!, slopeSe: batch.slopeSe[i]!, log10P: batch.log10P[i]! });
    }
  }
  return { pairs, batches, result: run.result() };
}

/** Every pair by textbook least squares: what the maps must find. */
function plainPairs(
  tables: RandomTables,
  cohort: Cohort,
): Map<string, Found & { near: (reach: number) => boolean }> {
  const { genotypes, expression, covariates, calls } = tables;
  const rows = covariates.cells.map((cells) => cells.map(Number));
  const out = new Map<string, Found & { near: (reach: number) => boolean }>();
  const n = genotypes.samples.length;
  for (let g = 0; g < expression.id.length; g++) {
    // The expression file has its samples in reverse.
    const y = Array.from({ length: n }, (_, s) => expression.values[g * n + (n - 1 - s)]!);
    calls.forEach((row, v) => {
      const called = row.filter((call) => call !== 3);
      const copies = called.reduce((a, b) => a + b, 0);
      const maf = Math.min(copies, 2 * called.length - copies) / (2 * called.length);
      if (called.length === 0 || new Set(called).size < 2 || maf < cohort.filters.maf) return;
      const mean = copies / called.length;
      const fit = plainOls(
        y,
        row.map((call) => (call === 3 ? mean : call)),
        rows,
      );
      const chromosome = genotypes.chromosomes[genotypes.chromosomeCode.at(v)!]!;
      const position = genotypes.position.at(v)!;
      const same = chromosome === `chr${expression.chromosome[g]}`;
      out.set(`${expression.id[g]} ${chromosome}:${position}`, {
        slope: fit.slope,
        slopeSe: fit.slopeSe,
        log10P: log10TwoSidedT(fit.t, fit.degreesOfFreedom),
        near: (reach) =>
          same && position >= expression.start[g]! + 1 - reach && position <= expression.end[g]! + reach,
      });
    });
  }
  return out;
}

function cohortOf(seed: number, options: CohortOptions = {}): { tables: RandomTables; cohort: Cohort } {
  const tables = randomTables(seed, { samples: 43, variants: 300, genes: 37, covariates: 3 });
  return { tables, cohort: buildCohort(tables, options) };
}

function expectSame(ours: Map<string, Found>, plain: Map<string, Found>, where: string): void {
  expect([...ours.keys()].sort(), where).toEqual([...plain.keys()].sort());
  for (const [key, fit] of plain) {
    const found = ours.get(key)!;
    expect(Math.abs(found.slope - fit.slope), `${where} ${key}`).toBeLessThan(1e-9 * fit.slopeSe);
    expect(found.slopeSe / fit.slopeSe, `${where} ${key}`).toBeCloseTo(1, 9);
    expect(Math.abs(found.log10P - fit.log10P), `${where} ${key}`).toBeLessThan(
      1e-8 * Math.max(1, -fit.log10P),
    );
  }
}

const backend = createReferenceBackend();

describe("maps against textbook least squares", () => {
  test.each([1, 2, 3])("cis, seed %i", async (seed) => {
    const { tables, cohort } = cohortOf(seed, { maf: 0.03 });
    const window = 20_000;
    const { pairs, batches, result } = await everything(mapCis(cohort, { backend, window }));
    const plain = new Map([...plainPairs(tables, cohort)].filter(([, pair]) => pair.near(window)));
    expectSame(pairs, plain, `seed ${seed}`);
    expect(result.counts.tests).toBe(plain.size);
    expect(result.null.log10P.length).toBe(plain.size);
    expect(result.leads.numVariants.reduce((a, b) => a + b, 0)).toBe(plain.size);
    cohort.genes.id.forEach((id, gene) => {
      const mine = [...plain].filter(([key]) => key.startsWith(`${id} `));
      expect(result.leads.status[gene]).toBe(mine.length === 0 ? "no-variants" : "ok");
      if (mine.length === 0) return;
      const best = Math.min(...mine.map(([, pair]) => pair.log10P));
      expect(result.leads.log10P[gene]! / best, `${id}`).toBeCloseTo(1, 8);
      expect(
        pairs.get(`${id} ${result.leads.lead.chromosome[gene]}:${result.leads.lead.position[gene]}`)?.log10P,
      ).toBe(result.leads.log10P[gene]);
    });
    const variants = batches.reduce(
      (sum, batch) => sum + batch.dropped.id.length,
      result.counts.variantsTested,
    );
    expect(variants, "each variant is tested or dropped, once").toBe(tables.calls.length);
  });

  test.each([4, 5])("trans, seed %i: every pair that passes, no other", async (seed) => {
    const { tables, cohort } = cohortOf(seed, { maf: 0.03 });
    const all = plainPairs(tables, cohort);
    for (const { pValue, distance, allPairs } of [
      { pValue: 0.03, distance: 10_000, allPairs: false },
      { pValue: 0.2, distance: 0, allPairs: false },
      { pValue: 1, distance: 0, allPairs: true },
    ]) {
      const { pairs, batches, result } = await everything(
        mapTrans(cohort, { backend, pValue, distance, allPairs }),
      );
      const tested = [...all].filter(([, pair]) => allPairs || !pair.near(distance));
      const plain = new Map(tested.filter(([, pair]) => pair.log10P <= Math.log10(pValue)));
      expectSame(pairs, plain, `seed ${seed} p ${pValue}`);
      expect(result.counts.tests).toBe(tested.length);
      expect(result.counts.hits).toBe(plain.size);
      expect(result.null.log10P.length).toBe(tested.length);
      const keys = batches.flatMap((batch) =>
        Array.from(batch.variant, (v, i) => [batch.variants.position[v]!, batch.gene[i]!] as const),
      );
      expect(keys.length).toBe(plain.size);
    }
  });

  test("trans: a variant near every gene has no gene to be tested with, and says so", async () => {
    const tables = randomTables(8, { samples: 30, variants: 60, genes: 3, covariates: 2 });
    (tables.expression.chromosome as string[]).fill("1");
    tables.expression.start.set([4_000, 9_000, 14_000]);
    tables.expression.end.set([4_001, 9_001, 14_001]);
    const cohort = buildCohort(tables, { maf: 0 });
    const distance = 7_000;
    const { batches, result } = await everything(mapTrans(cohort, { backend, distance }));
    const alone = batches.flatMap(({ dropped }) =>
      dropped.id.filter((_, i) => dropped.status[i] === "no-genes"),
    );
    // Within 7 kb of all three: 14,001 - 7,000 to 4,001 + 7,000.
    expect(alone).toEqual([8, 9, 10, 11].map((kb) => `chr1:${kb}000:A:G`));
    const untested = batches.reduce((sum, { dropped }) => sum + dropped.id.length, 0);
    expect(result.counts.variantsTested + untested).toBe(60);
    expect(result.counts.dropped["no-genes"]).toBe(4);
  });

  test("distances and windows that mean nothing are refused", () => {
    const { cohort } = cohortOf(9);
    expect(() => mapTrans(cohort, { backend, distance: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[UsageError: distance -1: must be a whole number of base pairs, 0 or more]`,
    );
    expect(() => mapTrans(cohort, { backend, distance: Number.NaN })).toThrow("distance NaN");
    expect(() => mapCis(cohort, { backend, window: 0.5 })).toThrow("window 0.5");
  });

  test("qtltools: covariates out of expression only, n - 2 degrees of freedom", async () => {
    const { tables, cohort } = cohortOf(6, { model: "qtltools", maf: 0 });
    const n = tables.genotypes.samples.length;
    expect(cohort.degreesOfFreedom).toBe(n - 2);
    const { batches } = await everything(mapCis(cohort, { backend, window: 20_000 }));
    const batch = batches.find((one) => one.variant.length > 0)!;
    const position = batch.variants.position[batch.variant[0]!]!;
    const source = tables.genotypes;
    const v = [...source.position].findIndex(
      (p, i) =>
        p === position && source.chromosomes[source.chromosomeCode.at(i)!] === batch.variants.chromosome[0],
    );
    const calls = tables.calls[v]!;
    const called = calls.filter((call) => call !== 3);
    const mean = called.reduce((a, b) => a + b, 0) / called.length;
    const gene = batch.gene[0]!;
    const residual = Array.from(
      cohort.residuals.slice(gene * n, (gene + 1) * n),
      (e) => e * cohort.residualNorm[gene]!,
    );
    const fit = plainOls(
      residual,
      calls.map((call) => (call === 3 ? mean : call)),
      [],
    );
    expect(batch.slope[0]! / fit.slope).toBeCloseTo(1, 9);
    expect(batch.slopeSe[0]! / fit.slopeSe).toBeCloseTo(1, 9);
  });

  test("many pairs come in several runs, in order, each once", async () => {
    const tables = randomTables(8, { samples: 9, variants: 900, genes: 420, covariates: 0 });
    const cohort = buildCohort({ ...tables, covariates: undefined }, { maf: 0.05 });
    let before = -1;
    let pairs = 0;
    const runs = new Set<string>();
    const run = mapTrans(cohort, { backend, pValue: 1, allPairs: true });
    for await (const { number, piece, batch } of run.parts()) {
      runs.add(`${number} ${piece}`);
      for (let i = 0; i < batch.gene.length; i++) {
        const chromosome = batch.variants.chromosome[batch.variant[i]!] === "chr1" ? 0 : 1;
        const place =
          (chromosome * 1e6 + batch.variants.position[batch.variant[i]!]!) * 1000 + batch.gene[i]!;
        if (place <= before) throw new Error(`pair ${pairs} is out of order`);
        before = place;
        pairs++;
      }
    }
    expect(runs.size).toBeGreaterThan(1);
    expect(pairs).toBe(run.result().counts.tests);
    expect(pairs).toBeGreaterThan(2 ** 18);
  });

  test("genes and variants without a test say why", async () => {
    const tables = randomTables(7, { samples: 30, variants: 60, genes: 6, covariates: 2 });
    const { expression, covariates, calls } = tables;
    expression.values.fill(4, 0, 30);
    covariates.cells[0]!.forEach((cell, s) => {
      expression.values[30 + (29 - s)] = 3 * Number(cell) + 1;
    });
    (expression.chromosome as string[])[2] = "7";
    (calls[5] as number[]).fill(2);
    const cohort = buildCohort(tables, { maf: 0 });
    const { result, batches } = await everything(mapCis(cohort, { backend, window: 5_000 }));
    const status = Object.fromEntries(cohort.genes.id.map((id, gene) => [id, result.leads.status[gene]]));
    expect(status).toMatchObject({ G0: "constant", G1: "collinear", G2: "no-variants" });
    const dropped = new Map(
      batches.flatMap((b) =>
        b.dropped.position.reduce<[string, string][]>((list, p, i) => {
          list.push([`${b.dropped.chromosome[i]}:${p}`, b.dropped.status[i]!]);
          return list;
        }, []),
      ),
    );
    expect(dropped.get("chr1:6000")).toBe("constant");
  });
});
