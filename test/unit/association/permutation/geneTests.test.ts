import { describe, expect, it } from "vitest";
import { appendTables } from "../../../../src/association/mapPart.ts";
import { geneLevelColumns, significantPairs } from "../../../../src/association/permutation/geneColumns.ts";
import { ENOUGH } from "../../../../src/association/permutation/geneTest.ts";
import { groupTests, mergeGroups } from "../../../../src/association/permutation/groups.ts";
import type { GeneTestRequest } from "../../../../src/association/permutation/request.ts";
import type { MapResult, PairBatch } from "../../../../src/association/tables.ts";
import { createReferenceBackend } from "../../../../src/compute/reference/backend.ts";
import { createWasmBackend } from "../../../../src/compute/wasm/backend.ts";
import { buildCohort, type Cohort, mapCis } from "../../../../src/core.ts";
import { fitBeta, log10PBeta } from "../../../../src/statistics/betaFit.ts";
import { permutation } from "../../../../src/statistics/random.ts";
import { randomTables, testRandom } from "../../../helpers/randomCohort.ts";

const REQUEST: GeneTestRequest = {
  within: "permutations",
  permutations: { least: 100, most: 100 },
  discovery: { qvalue: "auto", lambda: 0.85, fdr: 0.2 },
};

function cohortOf(seed: number): Cohort {
  return buildCohort(randomTables(seed, { samples: 60, variants: 80, genes: 30, covariates: 3 }), {
    maf: 0.05,
  });
}

async function map(
  cohort: Cohort,
  request: GeneTestRequest,
  backend = createReferenceBackend(),
): Promise<{ result: MapResult; batches: PairBatch[] }> {
  const run = mapCis(cohort, { backend, geneTests: request });
  const batches: PairBatch[] = [];
  for await (const batch of run) batches.push(batch);
  return { result: run.result(), batches };
}

describe("tests of genes by permutations", () => {
  it("are the same bits on the SIMD backend, and count what they say", async () => {
    const cohort = cohortOf(11);
    const one = (await map(cohort, REQUEST)).result.geneLevel!;
    const backend = await createWasmBackend();
    const two = (await map(cohort, REQUEST, backend)).result.geneLevel!;
    await backend.dispose();
    expect(two).toEqual(one);
    expect(one.units).toBeGreaterThan(10);
    for (const test of one.unit) {
      if (test === undefined) continue;
      expect(test.count).toBe(100);
      expect((test.p * 101) % 1).toBeCloseTo(0, 9);
    }
  });

  it("with the identity among the permutations, it reaches each lead and is counted", async () => {
    const cohort = cohortOf(12);
    const n = cohort.samples.length;
    const others = Array.from({ length: 19 }, (_, i) => permutation(5, 0, i, n));
    const given = (rows: readonly Uint32Array[]): Cohort => ({
      ...cohort,
      tables: { ...cohort.tables, permutationIndices: { name: "given", rows } },
    });
    const identity = Uint32Array.from({ length: n }, (_, i) => i);
    const without = (await map(given(others), REQUEST)).result.geneLevel!;
    const with_ = (await map(given([identity, ...others]), REQUEST)).result.geneLevel!;
    without.unit.forEach((test, gene) => {
      if (test !== undefined) expect(with_.unit[gene]!.p * 21).toBeCloseTo(test.p * 20 + 1, 9);
    });
  });

  it("are made of the maxima, which are kept where they are asked for", async () => {
    const cohort = cohortOf(15);
    const plain = (await map(cohort, REQUEST)).result;
    for (const least of [100, 200]) {
      const permutations = { least, most: least === 100 ? 100 : 1000 };
      const { result } = await map(cohort, { ...REQUEST, permutations, keepMaxima: true });
      const level = result.geneLevel!;
      const { maxima, unit } = level;
      if (least === 100) expect({ ...level, maxima: undefined }).toEqual(plain.geneLevel);
      expect(maxima!.length).toBe(unit.length);
      unit.forEach((test, gene) => {
        const own = maxima![gene];
        expect(own === undefined, `gene ${gene}`).toBe(test === undefined);
        if (test === undefined) return;
        const [t, df] = [result.leads.slope[gene]! / result.leads.slopeSe[gene]!, cohort.degreesOfFreedom];
        const observed = Math.sqrt((t * t) / (df + t * t));
        const reaching = own!.filter((r) => r >= observed * (1 - 1e-12)).length;
        expect(own!.length, `gene ${gene}`).toBe(test.count);
        expect((reaching + 1) / (own!.length + 1), `gene ${gene}`).toBeCloseTo(test.p, 12);
        expect(
          fitBeta(
            own!.map((r) => r * r),
            df,
          ),
        ).toEqual(test.fit);
      });
    }
  });

  it("adaptive ones stop once enough reach the lead, gene by gene, on the permutations of the full run", async () => {
    const cohort = cohortOf(13);
    const full = (await map(cohort, { ...REQUEST, permutations: { least: 1000, most: 1000 } })).result
      .geneLevel!;
    const some = (await map(cohort, { ...REQUEST, permutations: { least: 200, most: 1000 } })).result
      .geneLevel!;
    const counts = new Set<number>();
    some.unit.forEach((test, gene) => {
      if (test === undefined) return;
      counts.add(test.count);
      const reaching = Math.round(test.p * (test.count + 1)) - 1;
      expect(test.count % 200).toBe(0);
      if (test.count < 1000) expect(reaching).toBeGreaterThanOrEqual(ENOUGH);
      else expect(test).toEqual(full.unit[gene]);
    });
    expect(counts.size).toBeGreaterThan(1);
  });

  it("call those pairs significant whose r^2 has a p beta up to the last eGene's, and each eGene's lead", async () => {
    const cohort = cohortOf(14);
    const { result, batches } = await map(cohort, {
      ...REQUEST,
      discovery: { ...REQUEST.discovery, fdr: 0.5 },
    });
    const level = result.geneLevel!;
    expect(level.significant).toBeGreaterThan(0);
    const eGenes = Array.from(level.q.keys()).filter((gene) => level.q[gene]! <= 0.5);
    const last = Math.max(...eGenes.map((gene) => level.log10P[gene]!));
    const rest = Array.from(level.log10P).filter((_, gene) => level.q[gene]! > 0.5);
    const cut = rest.length === 0 ? last : Math.log10((10 ** last + 10 ** Math.min(...rest)) / 2);
    const df = cohort.degreesOfFreedom;
    for (const batch of batches) {
      const kept = new Set(
        Array.from(
          significantPairs(batch, level).variant,
          (v, i) => `${v} ${significantPairs(batch, level).gene[i]}`,
        ),
      );
      batch.gene.forEach((gene, i) => {
        const t = batch.slope[i]! / batch.slopeSe[i]!;
        const p = log10PBeta(level.unit[gene]!.fit, (t * t) / (df + t * t));
        const isLead = batch.log10P[i] === result.leads.log10P[gene];
        if (Math.abs(p - cut) < 1e-6 && !isLead) return;
        const wanted = eGenes.includes(gene) && (isLead || p <= cut);
        expect(kept.has(`${batch.variant[i]} ${gene}`), `gene ${gene}, pair ${i}`).toBe(wanted);
      });
    }
  });
});

describe("the columns of genes", () => {
  it("have the corrected threshold as p and as the logarithm that decides, also where p underflows", async () => {
    const cohort = cohortOf(14);
    const { result } = await map(cohort, { ...REQUEST, discovery: { ...REQUEST.discovery, fdr: 0.5 } });
    const level = result.geneLevel!;
    const log10Corrected = level.log10Corrected.slice();
    const unit = level.unit.findIndex((test) => test !== undefined);
    log10Corrected[unit] = -400;
    const facts = { genes: cohort.genes, leads: result.leads, level: { ...level, log10Corrected } };
    const columns = geneLevelColumns(facts, "unit");
    const values = (name: string) => columns.find((column) => column.name === name)!.values as Float64Array;
    const log10P = values("log10_p_threshold_corrected");
    const own = log10Corrected.filter(
      (_, gene) => level.standsFor[gene] === gene || level.standsFor[gene]! < 0,
    );
    expect([...log10P].sort()).toEqual([...own].sort());
    const p = values("pval_nominal_threshold_corrected");
    expect(p[log10P.indexOf(-400)]).toBe(0);
    log10P.forEach((value, i) => {
      if (value > -300) expect(p[i]! / 10 ** value).toBeCloseTo(1, 12);
    });
  });
});

describe("groups of phenotypes", () => {
  it("have the same test whether they lie in one part or in several", () => {
    const next = testRandom(7);
    const of = Uint32Array.from([0, 1, 0, 2, 1, 2, 2]);
    const grouping = { id: ["a", "b", "c"], of };
    const best = Array.from(of, () => Float64Array.from({ length: 50 }, () => 0.2 + 0.3 * next()));
    const r = Array.from(of, () => 0.3 + 0.3 * next());
    const members = Uint32Array.from([2, 2, 3]);
    const part = (genes: readonly number[]) =>
      groupTests(
        grouping,
        members,
        {
          genes: Uint32Array.from(genes),
          led: genes.map((gene) => ({ gene, r: r[gene]! })),
          best: genes.map((gene) => best[gene]!),
        },
        40,
        "learnt",
      );
    const merged = (parts: readonly ReturnType<typeof part>[]) =>
      mergeGroups(appendTables(parts) as ReturnType<typeof part>, 40, "learnt");
    const whole = merged([part([0, 1, 2, 3, 4, 5, 6])]);
    expect(merged([part([0, 1, 2, 3]), part([4, 5, 6])])).toEqual(whole);
    expect(merged([part([0]), part([1, 2]), part([3, 4, 5]), part([6])])).toEqual(whole);
    whole.lead.forEach((lead, group) => {
      const own = Array.from(of.keys()).filter((gene) => of[gene] === group);
      expect(r[lead]).toBe(Math.max(...own.map((gene) => r[gene]!)));
      const reaching = Array.from(
        { length: 50 },
        (_, p) => Math.max(...own.map((gene) => best[gene]![p]!)) >= r[lead]!,
      );
      expect(whole.pPerm[group]).toBe((reaching.filter(Boolean).length + 1) / 51);
    });
  });
});
