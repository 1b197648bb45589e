import { describe, expect, test } from "vitest";
import { ResultQueries } from "../../../../src/app/engine/queries/queries.ts";
import { buildCohort } from "../../../../src/cohort/cohort.ts";
import { log10TwoSidedT } from "../../../../src/statistics/studentT.ts";
import { madeResult } from "../../../helpers/madeResult.ts";
import { plainOls, plainResiduals, sumOf } from "../../../helpers/plainOls.ts";
import { randomTables } from "../../../helpers/randomCohort.ts";
import { filled } from "../../../helpers/twoSignals.ts";

/** What the page shows of a map against textbook formulas on the very data: nothing of src computes what is expected. */

const SIZE = { samples: 50, variants: 80, genes: 10, covariates: 2 };
const WINDOW = 15_000;
const PERMUTED = {
  within: "permutations",
  permutations: { least: 60, most: 60 },
  discovery: { qvalue: "bh", lambda: 0.85, fdr: 0.3 },
} as const;

async function scene(seed: number) {
  const tables = randomTables(seed, SIZE);
  // Fold changes need expression above 0.
  tables.expression.values.forEach((value, i) => {
    tables.expression.values[i] = value + 12;
  });
  const cohort = buildCohort(tables, { maf: 0 });
  const made = await madeResult("cis", cohort, { window: WINDOW, geneTests: PERMUTED });
  const n = SIZE.samples;
  const covariates = tables.covariates.cells.map((cells) => cells.map(Number));
  /** In the order of the genotypes' samples, as the calls. */
  const expressionOf = (id: string): number[] => {
    const row = tables.expression.id.indexOf(id);
    return Array.from({ length: n }, (_, s) => tables.expression.values[row * n + (n - 1 - s)]!);
  };
  const callsOf = (id: string): readonly number[] => {
    const [chromosome, position] = id.split(":");
    const code = chromosome === "chr1" ? 0 : 1;
    return tables.calls.find(
      (_, v) =>
        tables.genotypes.position.at(v) === Number(position) &&
        tables.genotypes.chromosomeCode.at(v) === code,
    )!;
  };
  return { ...made, cohort, queries: new ResultQueries(made.open), covariates, expressionOf, callsOf };
}

describe.each([1, 2])("seed %i", (seed) => {
  test("slope, its error and p of each pair are those of least squares", async () => {
    const { queries, covariates, expressionOf, callsOf } = await scene(seed);
    const genes = await queries.genes();
    let compared = 0;
    for (const [gene, id] of genes.id.entries()) {
      const pairs = await queries.pairs(gene);
      for (const [row, variant] of pairs.variant.entries()) {
        const calls = filled(callsOf(variant));
        const fit = plainOls(expressionOf(id), calls, covariates);
        expect(pairs.slope[row]! / fit.slope, `${id} ${variant}`).toBeCloseTo(1, 7);
        expect(pairs.slopeSe[row]! / fit.slopeSe).toBeCloseTo(1, 7);
        expect(pairs.log10P[row]).toBeCloseTo(log10TwoSidedT(fit.t, fit.degreesOfFreedom), 7);
        expect(pairs.af[row]).toBeCloseTo(calls.reduce((sum, g) => sum + g, 0) / (2 * calls.length), 12);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(60);
  });

  test("values are the calls, the expression, and what the covariates leave of it", async () => {
    const { queries, cohort, covariates, expressionOf, callsOf } = await scene(seed);
    const genes = await queries.genes();
    let missing = 0;
    for (const [gene, id] of genes.id.entries()) {
      for (const variant of (await queries.pairs(gene)).variant.slice(0, 4)) {
        const found = (await queries.values({ gene: id, variant }))!;
        const calls = callsOf(variant);
        const order = cohort.samples.map((sample) => Number(sample.slice(1)));
        const residual = plainResiduals(expressionOf(id), covariates);
        expect([found.effectAllele, found.otherAllele]).toEqual(["G", "A"]);
        order.forEach((s, i) => {
          if (calls[s] === 3) missing++;
          expect(found.genotype[i]).toBe(calls[s] === 3 ? Number.NaN : calls[s]);
          expect(found.expression[i]).toBe(expressionOf(id)[s]);
          expect(found.residual[i]).toBeCloseTo(residual[s]!, 9);
        });
      }
    }
    expect(missing).toBeGreaterThan(0);
  });

  test("r2 is the squared correlation of dosages, missing ones at the mean", async () => {
    const { queries, callsOf } = await scene(seed);
    const { variant } = await queries.pairs(0);
    const [lead] = variant;
    const r2 = (await queries.ld(lead!, variant))!;
    const centred = (id: string): number[] => {
      const g = filled(callsOf(id));
      const mean = g.reduce((sum, value) => sum + value, 0) / g.length;
      return g.map((value) => value - mean);
    };
    variant.forEach((id, row) => {
      const [a, b] = [centred(lead!), centred(id)];
      expect(r2[row]).toBeCloseTo(sumOf(a, b) ** 2 / (sumOf(a, a) * sumOf(b, b)), 10);
    });
  });

  test("genes have what their permutations, threshold and fold change are", async () => {
    const { queries, map, callsOf, expressionOf, covariates } = await scene(seed);
    const genes = await queries.genes();
    const level = map.geneLevel!;
    for (const [gene, id] of genes.id.entries()) {
      if (genes.variant[gene] === "") continue;
      expect(genes.pPerm[gene]).toBe(level.unit[gene]!.p);
      expect(genes.log10PBeta[gene]).toBe(level.unit[gene]!.log10PBeta);
      expect(genes.log10Threshold[gene]).toBe(level.log10Corrected[gene]);
      // A variant of a significant gene is significant at or below it: the lead is.
      if (level.eGene[gene] === 1)
        expect(genes.log10P[gene]).toBeLessThanOrEqual(genes.log10Threshold[gene]!);
      const calls = filled(callsOf(genes.variant[gene]!));
      const y = expressionOf(id);
      const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
      const { slope } = plainOls(y, calls, covariates);
      const without = mean(y) - slope * mean(calls);
      expect(genes.afcStatus[gene]).toBe("ok");
      expect(genes.log2Afc[gene]).toBeCloseTo(Math.log2((without + 2 * slope) / without), 9);
      expect(genes.log2AfcSe[gene]).toBeGreaterThan(0);
    }
    const plain = new ResultQueries(
      (await madeResult("cis", buildCohort(randomTables(seed, SIZE)), { window: WINDOW })).open,
    );
    const { pPerm, log10Threshold, log2Afc, afcStatus, contexts } = await plain.genes();
    for (const values of [pPerm, log10Threshold, log2Afc]) expect(values.every(Number.isNaN)).toBe(true);
    expect(new Set(afcStatus)).toEqual(new Set([""]));
    expect(contexts).toBeUndefined();
  });
});
