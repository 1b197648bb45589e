import { expect, test } from "vitest";
import { mapCis } from "../../../../src/association/cis.ts";
import {
  seededPermutations,
  stratifiedPermutations,
} from "../../../../src/association/permutation/donors.ts";
import { buildCohort } from "../../../../src/cohort/cohort.ts";
import { withHaploidMales } from "../../../../src/cohort/haploidMales.ts";
import type { SexChromosomes } from "../../../../src/cohort/sexChromosomes.ts";
import { createReferenceBackend } from "../../../../src/compute/reference/backend.ts";
import { xCohort } from "../../../helpers/chrX.ts";
import { plainOls } from "../../../helpers/plainOls.ts";
import { memoryGenotypes } from "../../../helpers/randomCohort.ts";

const PERMUTATIONS = 20;
const SEED = 4;

test("genes on X are permuted within each sex, others among all: p as by textbook least squares", async () => {
  const made = xCohort(21, { samples: 40, variants: 8, genes: 6 });
  const { samples, sex, covariate, genes, variants } = made;
  const plan: SexChromosomes = {
    ...{ build: "GRCh38", chrX: "0/2", maleCoding: "0/2", otherChromosomes: false },
    sex: Uint8Array.from(sex),
  };
  const values = Float64Array.from(genes.flatMap((gene) => gene.values));
  const male = sex.map((code) => (code === 1 ? 1 : 0));
  const cohort = buildCohort(
    {
      genotypes: withHaploidMales(memoryGenotypes(samples, variants), plan),
      sexChromosomes: plan,
      expression: {
        ...{ name: "expression", samples, id: genes.map(({ id }) => id), values },
        chromosome: genes.map(({ chromosome }) => chromosome),
        start: Int32Array.from(genes, ({ start }) => start),
        end: Int32Array.from(genes, ({ start }) => start + 1),
        strand: genes.map(() => "+"),
      },
      covariates: {
        ...{ name: "covariates", samples, covariates: ["C1", "sex"] },
        cells: [covariate.map(String), male.map(String)],
      },
    },
    { maf: 0 },
  );
  const run = mapCis(cohort, {
    ...{ backend: createReferenceBackend(), seed: SEED, window: 100_000_000 },
    geneTests: {
      ...{ within: "permutations", permutations: { least: PERMUTATIONS, most: PERMUTATIONS } },
      discovery: { qvalue: "bh", lambda: 0.85, fdr: 0.05 },
    },
  });
  for await (const _part of run.parts());
  const { row, tests } = run.result().geneLevel!;
  const pPerm = Array.from(row, (at) => tests.pPerm[at]!);
  const within = stratifiedPermutations(SEED, PERMUTATIONS, plan.sex!);
  const among = seededPermutations(SEED, PERMUTATIONS, samples.length);
  cohort.genes.id.forEach((id, number) => {
    const gene = genes.find((one) => one.id === id)!;
    const onX = gene.chromosome === "chrX";
    const own = variants.filter(({ chromosome }) => chromosome === (onX ? "X" : "1"));
    const best = (y: readonly number[]) =>
      Math.max(...own.map(({ calls }) => Math.abs(plainOls(y, calls, [covariate, male]).t)));
    const observed = best(gene.values);
    let reaching = 0;
    for (let p = 0; p < PERMUTATIONS; p++) {
      const order = (onX ? within : among).of(p);
      if (best(Array.from(order, (s) => gene.values[s]!)) >= observed) reaching++;
    }
    expect(pPerm[number], id).toBe((reaching + 1) / (PERMUTATIONS + 1));
  });
  const phenotype = cohort.genes.id;
  const groups = { name: "groups", phenotype, group: phenotype.map(() => "both") };
  expect(() =>
    mapCis(
      { ...cohort, tables: { ...cohort.tables, groups } },
      {
        backend: createReferenceBackend(),
        geneTests: {
          ...{ within: "permutations", permutations: { least: 20, most: 20 }, groups: "table" },
          discovery: { qvalue: "bh", lambda: 0.85, fdr: 0.05 },
        },
      },
    ),
  ).toThrow(/group both: .* but genes on X are permuted within each sex/);
  // What would not tell one from the other says nothing.
  expect(new Set(pPerm).size).toBeGreaterThan(2);
});
