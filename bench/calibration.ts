import { mapCis } from "../src/association/cis.ts";
import { seededPermutations } from "../src/association/permutation/donors.ts";
import { buildCohort, type Cohort } from "../src/cohort/cohort.ts";
import type { Backend } from "../src/compute/backend.ts";

/** How p-values behave where nothing is associated. */
export interface Calibration {
  /** Gene tests of all shuffles. */
  readonly tests: number;
  /** Shares of genes whose p, corrected by permutations, is at most 0.05 and 0.001. */
  readonly at05: number;
  readonly at001: number;
  /** Genomic control of the nominal p-values: median over shuffles. */
  readonly lambda: number;
}

/** Keeps the shuffles apart from the permutations of the map itself. */
const SHUFFLE_SEED = 1_000_000;

/** `cohort` with the genotypes of donor shuffle `number`; expression and covariates stay together. */
export function shuffledCohort(cohort: Cohort, number: number): Cohort {
  const { genotypes } = cohort.tables;
  const { samples } = genotypes;
  const order = seededPermutations(SHUFFLE_SEED + number, 1, samples.length).of(0);
  const shuffled = {
    name: genotypes.name,
    samples: Array.from(order, (s) => samples[s]!),
    variantCount: genotypes.variantCount,
    chromosomes: genotypes.chromosomes,
    chromosomeCode: genotypes.chromosomeCode,
    position: genotypes.position,
    remainders: genotypes.remainders,
    read: genotypes.read.bind(genotypes),
    labels: genotypes.labels.bind(genotypes),
  };
  const { transform, model, filters } = cohort;
  return buildCohort({ ...cohort.tables, genotypes: shuffled }, { transform, model, ...filters });
}

/** Maps cohorts `from` to `to` (exclusive), in which nothing is associated, with permutations, and counts what looks significant. */
export async function calibrate(
  cohortOf: (number: number) => Cohort,
  backend: Backend,
  shuffles: { readonly from: number; readonly to: number },
  permutations: number,
  onShuffle: (number: number, soFar: Calibration) => void = () => {},
): Promise<Calibration> {
  const log10P: number[] = [];
  const lambdas: number[] = [];
  const soFar = (): Calibration => ({
    tests: log10P.length,
    at05: share(log10P, 0.05),
    at001: share(log10P, 0.001),
    lambda: lambdas.toSorted((a, b) => a - b)[Math.floor(lambdas.length / 2)]!,
  });
  for (let number = shuffles.from; number < shuffles.to; number++) {
    const run = mapCis(cohortOf(number), {
      backend,
      seed: number,
      geneTests: {
        within: "permutations",
        permutations: { least: permutations, most: permutations },
        discovery: { qvalue: "bh", lambda: 0.85, fdr: 0.05 },
      },
    });
    for await (const _part of run.parts());
    const { geneLevel, null: sample } = run.result();
    for (const value of geneLevel!.log10P) if (!Number.isNaN(value)) log10P.push(value);
    lambdas.push(sample.lambda);
    onShuffle(number, soFar());
  }
  return soFar();
}

function share(log10P: readonly number[], p: number): number {
  return log10P.filter((value) => value <= Math.log10(p)).length / log10P.length;
}
