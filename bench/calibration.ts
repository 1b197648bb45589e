import { mapCis } from "../src/association/cis.ts";
import type { WithinGene } from "../src/association/permutation/discovery.ts";
import { seededPermutations } from "../src/association/permutation/donors.ts";
import type { GeneTestRequest } from "../src/association/permutation/request.ts";
import type { RunOptions } from "../src/association/run.ts";
import type { MapResult, MapRun } from "../src/association/tables.ts";
import { mapTrans } from "../src/association/trans.ts";
import { buildCohort, type Cohort } from "../src/cohort/cohort.ts";
import type { Backend } from "../src/compute/backend.ts";

/** How p-values behave where nothing is associated. */
export interface Calibration {
  /** Tests of all shuffles: of genes (or groups), of a trans map its sampled pairs. */
  readonly tests: number;
  /** Shares of tests whose p, of a gene corrected for its variants, is at most 0.05 and 0.001. */
  readonly at05: number;
  readonly at001: number;
  /** The same above 0.85, where pi0 is read off: 0.15 where p is uniform. */
  readonly above85: number;
  /** Genomic control of the nominal p-values: median over shuffles. */
  readonly lambda: number;
}

/** What is mapped. */
export interface CalibrationPlan {
  /** How a gene's p is corrected; `trans`: the pairs of a trans map. */
  readonly test: WithinGene | "trans";
  /** At least and at most. */
  readonly permutations: { readonly least: number; readonly most: number };
}

/** Keeps the shuffles, and the draws of donors, apart from the permutations of the map itself. */
const SHUFFLE_SEED = 1_000_000;
const DONOR_SEED = 2_000_000;

/**
 * `cohort` with the genotypes of donor shuffle `number`; expression and covariates stay together. Of `donors` that are drawn, others with
 * another shuffle (0: all of them); `groupSize` neighbours of the expression file are a group, 1: each is tested by itself.
 */
export function shuffledCohort(cohort: Cohort, number: number, groupSize = 1, donors = 0): Cohort {
  const { genotypes } = cohort.tables;
  const { samples } = genotypes;
  const order = seededPermutations(SHUFFLE_SEED + number, 1, samples.length).of(0);
  const drawn = seededPermutations(DONOR_SEED + number, 1, samples.length).of(0);
  const kept = new Set(donors === 0 ? order : drawn.subarray(0, donors));
  const shuffled = {
    name: genotypes.name,
    // Who is not drawn has a name that expression does not know.
    samples: Array.from(order, (s) => (kept.has(s) ? samples[s]! : `not drawn: ${samples[s]}`)),
    variantCount: genotypes.variantCount,
    chromosomes: genotypes.chromosomes,
    chromosomeCode: genotypes.chromosomeCode,
    position: genotypes.position,
    remainders: genotypes.remainders,
    read: genotypes.read.bind(genotypes),
    labels: genotypes.labels.bind(genotypes),
  };
  const { transform, model, filters } = cohort;
  const made = buildCohort({ ...cohort.tables, genotypes: shuffled }, { transform, model, ...filters });
  if (groupSize === 1) return made;
  const phenotype = made.genes.id;
  const group = phenotype.map((_, i) => `group ${Math.floor(i / groupSize)}`);
  return { ...made, tables: { ...made.tables, groups: { name: "neighbours", phenotype, group } } };
}

/** Maps cohorts `from` to `to` (exclusive), in which nothing is associated, and counts what looks significant. */
export async function calibrate(
  cohortOf: (number: number) => Cohort,
  backend: Backend,
  shuffles: { readonly from: number; readonly to: number },
  plan: CalibrationPlan,
  onShuffle: (number: number, soFar: Calibration) => void = () => {},
): Promise<Calibration> {
  const log10P: number[] = [];
  const lambdas: number[] = [];
  const soFar = (): Calibration => ({
    tests: log10P.length,
    at05: share(log10P, 0.05),
    at001: share(log10P, 0.001),
    above85: 1 - share(log10P, 0.85),
    lambda: lambdas.toSorted((a, b) => a - b)[Math.floor(lambdas.length / 2)]!,
  });
  for (let number = shuffles.from; number < shuffles.to; number++) {
    const run = started(cohortOf(number), { backend, seed: number }, plan);
    for await (const _part of run.parts());
    for (const value of tested(run.result())) if (!Number.isNaN(value)) log10P.push(value);
    lambdas.push(run.result().null.lambda);
    onShuffle(number, soFar());
  }
  return soFar();
}

function started(cohort: Cohort, options: RunOptions, plan: CalibrationPlan): MapRun {
  const { test: within, permutations } = plan;
  if (within === "trans") return mapTrans(cohort, options);
  const geneTests: GeneTestRequest = {
    within,
    permutations,
    discovery: { qvalue: "bh", lambda: 0.85, fdr: 0.05 },
    ...(cohort.tables.groups && { groups: "table" }),
  };
  return mapCis(cohort, { ...options, geneTests });
}

function tested({ geneLevel, null: sample }: MapResult): Float64Array {
  return geneLevel === undefined ? sample.log10P : geneLevel.log10P;
}

function share(log10P: readonly number[], p: number): number {
  return log10P.filter((value) => value <= Math.log10(p)).length / log10P.length;
}
