import { describe, expect, test } from "vitest";
import { mapCisInteraction } from "../../../src/association/interaction/cis.ts";
import type { InteractionRun } from "../../../src/association/interaction/tables.ts";
import { mapTransInteraction } from "../../../src/association/interaction/trans.ts";
import { buildCohort, type Cohort } from "../../../src/cohort/cohort.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { lambdaGC } from "../../../src/statistics/quantile.ts";
import { log10TwoSidedT } from "../../../src/statistics/studentT.ts";
import { plainModel } from "../../helpers/plainOls.ts";
import { type RandomTables, randomTables, testNormal, testRandom } from "../../helpers/randomCohort.ts";

const SIZE = { samples: 47, variants: 120, genes: 19, covariates: 2 };
const MAF = 0.08;

interface Pair {
  readonly b: number;
  readonly se: number;
  readonly log10P: number;
  readonly hc3: number;
  /** log10 p of HC3 by its own moments. */
  readonly robustP?: number;
}

function scene(seed: number): { tables: RandomTables; cohort: Cohort; context: number[] } {
  const tables = randomTables(seed, SIZE);
  const random = testRandom(seed + 5);
  const context = tables.genotypes.samples.map(() => 3 + testNormal(random));
  const contexts = {
    name: "c",
    samples: tables.genotypes.samples,
    covariates: ["age"],
    cells: [context.map(String)],
  };
  return { tables, cohort: buildCohort({ ...tables, contexts }, { maf: 0 }), context };
}

/** Every pair of a variant common enough in both halves, by a plain fit of the whole model. */
function plainPairs({ genotypes, expression, covariates, calls }: RandomTables, context: readonly number[]) {
  const n = SIZE.samples;
  const rows = covariates.cells.map((cells) => cells.map(Number));
  const order = [...context.keys()].sort((a, b) => context[a]! - context[b]!);
  const halves = [order.slice(0, Math.floor(n / 2)), order.slice(Math.floor(n / 2))];
  const out = new Map<string, Pair & { gene: number; variant: number }>();
  calls.forEach((row, variant) => {
    const called = row.filter((call) => call !== 3);
    const mean = called.reduce((a, b) => a + b, 0) / called.length;
    const g = row.map((call) => (call === 3 ? mean : call));
    const common = halves.every((half) => {
      const af = half.reduce((sum, s) => sum + g[s]!, 0) / (2 * half.length);
      return Math.min(af, 1 - af) >= MAF;
    });
    if (!common) return;
    for (let gene = 0; gene < SIZE.genes; gene++) {
      const y = Array.from({ length: n }, (_, s) => expression.values[gene * n + (n - 1 - s)]!);
      const fit = plainModel(y, [...rows, context, g, g.map((copies, s) => copies * context[s]!)]);
      const at = rows.length + 3;
      const position = genotypes.position.at(variant)!;
      const log10P = log10TwoSidedT(fit.beta[at]! / fit.se[at]!, fit.degreesOfFreedom);
      out.set(
        `${expression.id[gene]} ${genotypes.chromosomes[genotypes.chromosomeCode.at(variant)!]}:${position}`,
        {
          ...{ b: fit.beta[at]!, se: fit.se[at]!, log10P, hc3: fit.hc3[at]! },
          robustP: log10TwoSidedT(
            (fit.beta[at]! / fit.hc3[at]!) * Math.sqrt(fit.hc3Scale[at]!),
            fit.hc3Df[at]!,
          ),
          ...{ gene, variant },
        },
      );
    }
  });
  return out;
}

async function everything(run: InteractionRun) {
  const pairs = new Map<string, Pair>();
  let dropped = 0;
  for await (const batch of run) {
    dropped += batch.dropped.id.length;
    for (let i = 0; i < batch.variant.length; i++) {
      const v = batch.variant[i]!;
      const key = `${run.genes.id[batch.gene[i]!]} ${batch.variants.chromosome[v]}:${batch.variants.position[v]}`;
      expect(pairs.has(key), key).toBe(false);
      const { slope, slopeSe, log10P, extra } = batch;
      pairs.set(key, { b: slope[i]!, se: slopeSe[i]!, log10P: log10P[i]!, hc3: extra!["b_gi_se_hc3"]![i]! });
    }
  }
  return { pairs, dropped, result: run.result() };
}

function expectSame(ours: Map<string, Pair>, plain: Map<string, Pair>, hc3From: number, where: string): void {
  expect([...ours.keys()].sort(), where).toEqual([...plain.keys()].sort());
  for (const [key, fit] of plain) {
    const found = ours.get(key)!;
    expect(Math.abs(found.b - fit.b) / fit.se, `${where} ${key}`).toBeLessThan(1e-8);
    expect(found.se / fit.se, `${where} ${key}`).toBeCloseTo(1, 8);
    expect(Math.abs(found.log10P - fit.log10P), `${where} ${key}`).toBeLessThan(
      1e-7 * Math.max(1, -fit.log10P),
    );
    if (fit.log10P < hc3From) expect(found.hc3 / fit.hc3, `${where} ${key}: HC3`).toBeCloseTo(1, 7);
  }
}

const backend = createReferenceBackend();
const options = { backend, mafInteraction: MAF };

describe("interaction maps against textbook least squares", () => {
  test.each([1, 2])("cis, seed %i", async (seed) => {
    const { tables, cohort, context } = scene(seed);
    const window = 20_000;
    const found = await everything(mapCisInteraction(cohort, { ...options, window, robustBelow: 0.2 }));
    const { expression, genotypes } = tables;
    const plain = new Map(
      [...plainPairs(tables, context)].filter(([, { gene, variant }]) => {
        const position = genotypes.position.at(variant)!;
        const same = genotypes.chromosomeCode.at(variant) === (expression.chromosome[gene] === "1" ? 0 : 1);
        return (
          same && position > expression.start[gene]! - window && position <= expression.end[gene]! + window
        );
      }),
    );
    expectSame(found.pairs, plain, Math.log10(0.2) - 1e-6, `seed ${seed}`);
    const { result, dropped } = found;
    expect(result.counts.tests).toBe(plain.size);
    expect(dropped + result.counts.variantsTested).toBe(SIZE.variants);
    expect(result.null.log10P.length).toBe(plain.size);
    expect(result.nullLog10PHc3.length).toBe(plain.size);
    expect(result.lambdaHc3).toBe(lambdaGC(result.nullLog10PHc3));
    const robust = [...plain.values()].map(({ robustP }) => robustP!);
    expect(result.lambdaHc3).toBeCloseTo(lambdaGC(robust), 6);
    cohort.genes.id.forEach((id, gene) => {
      const mine = [...plain].filter(([key]) => key.startsWith(`${id} `));
      expect(result.leads.status[gene]).toBe(mine.length === 0 ? "no-variants" : "ok");
      if (mine.length === 0) return;
      const best = mine.reduce((a, b) => (b[1].log10P < a[1].log10P ? b : a))[1];
      expect(result.leads.log10P[gene]! / best.log10P).toBeCloseTo(1, 7);
      expect(result.leadExtra["b_gi_se_hc3"]![gene]! / best.hc3).toBeCloseTo(1, 6);
      expect(result.effectiveTests[gene]).toBeGreaterThanOrEqual(1);
      expect(result.effectiveTests[gene]).toBeLessThanOrEqual(mine.length);
    });
  });

  test.each([
    [3, 1e-2, true],
    [4, 1e-2, false],
    [5, 0.5, true],
  ])(
    "trans, seed %i, p %f, all pairs %s: every pair that passes, no other",
    async (seed, pValue, allPairs) => {
      const { tables, cohort, context } = scene(seed);
      const distance = 30_000;
      const found = await everything(mapTransInteraction(cohort, { ...options, pValue, distance, allPairs }));
      const { expression, genotypes } = tables;
      const tested = [...plainPairs(tables, context)].filter(([, { gene, variant }]) => {
        const position = genotypes.position.at(variant)!;
        const same = genotypes.chromosomeCode.at(variant) === (expression.chromosome[gene] === "1" ? 0 : 1);
        const near =
          position > expression.start[gene]! - distance && position <= expression.end[gene]! + distance;
        return allPairs || !same || !near;
      });
      const passing = new Map(tested.filter(([, { log10P }]) => log10P <= Math.log10(pValue)));
      expect(passing.size).toBeGreaterThan(5);
      expectSame(found.pairs, passing, 0, `seed ${seed}`);
      expect(found.result.counts.tests).toBe(tested.length);
      expect(found.result.null.log10P.length).toBe(tested.length);
      expect(found.dropped + found.result.counts.variantsTested).toBe(SIZE.variants);
    },
  );

  test("a trans map of several parts: the numbers of leads and sample are those of their pairs", async () => {
    const size = { samples: 23, variants: 8300, genes: 6, covariates: 1 };
    const tables = randomTables(7, size);
    const random = testRandom(8);
    const cells = [tables.genotypes.samples.map(() => String(testNormal(random)))];
    const contexts = { name: "c", samples: tables.genotypes.samples, covariates: ["age"], cells };
    const cohort = buildCohort({ ...tables, contexts }, { maf: 0 });
    const run = mapTransInteraction(cohort, { ...options, pValue: 0.01, allPairs: true });
    const parts = new Set<number>();
    const best = new Map<number, { log10P: number; hc3: number; part: number }>();
    for await (const { part, gene, log10P, extra } of run) {
      parts.add(part);
      gene.forEach((g, i) => {
        const hc3 = extra!["b_gi_se_hc3"]![i]!;
        if (!(log10P[i]! >= (best.get(g)?.log10P ?? 0))) best.set(g, { log10P: log10P[i]!, hc3, part });
      });
    }
    const { leads, leadExtra, counts, ...result } = run.result();
    expect(parts.size).toBe(2);
    best.forEach(({ log10P, hc3 }, g) => {
      expect(leads.log10P[g]).toBe(log10P);
      expect(leadExtra["b_gi_se_hc3"]![g]).toBe(hc3);
      expect(leadExtra["b_gi"]![g]).toBe(leads.slope[g]);
      expect(result.effectiveTests[g]).toBe(leads.numVariants[g]);
    });
    expect(best.size).toBe(size.genes);
    expect(leads.numVariants.reduce((sum, tests) => sum + tests, 0)).toBe(counts.tests);
    expect(result.nullLog10PHc3.length).toBe(result.null.log10P.length);
  });
});
