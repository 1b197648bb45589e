import { type CohortShape, DEFAULT_SHAPE } from "./cohort.ts";
import { genomeLength } from "./genome.ts";

/** What the user chose of the sizes; the machine's speed chooses the rest. */
export interface ChosenSizes {
  readonly samples?: number | undefined;
  readonly variants?: number | undefined;
  readonly genes?: number | undefined;
  readonly seed: number;
}

/** How much is done: repeats, and about how long one of them is to last. */
export interface Effort {
  /** Of bare products: repeats, and least seconds of each. */
  readonly repeats: number;
  readonly least: number;
  /** Of whole commands: repeats, and seconds that screening their pairs would take at the speed measured. */
  readonly commands: number;
  readonly screening: number;
  /** Pairs that `cis` writes, about. */
  readonly cisPairs: number;
  readonly genes: number;
  /** Seconds of a measurement of the peak. */
  readonly peak: number;
}

export const FULL: Effort = {
  repeats: 9,
  least: 0.5,
  commands: 5,
  screening: 3,
  cisPairs: 4_000_000,
  genes: 4000,
  peak: 0.3,
};

/** Less than half a minute on two cores. */
export const QUICK: Effort = {
  repeats: 5,
  least: 0.12,
  commands: 2,
  screening: 0.3,
  cisPairs: 500_000,
  genes: 1000,
  peak: 0.1,
};

const LEAST_VARIANTS = 4096;
const MOST_VARIANTS = 2 ** 20;

/**
 * The cohort for a machine whose fastest backend screens `rate` pairs a second: as many variants as `screening` seconds
 * take, rounded to a power of two so that the same machine makes the same cohort again. Its chromosomes are as long as
 * leaves `cisPairs` pairs within 1 Mb.
 */
export function planCohort(effort: Effort, chosen: ChosenSizes, rate: number): CohortShape {
  const samples = chosen.samples ?? DEFAULT_SHAPE.samples;
  const genes = chosen.genes ?? effort.genes;
  const variants = chosen.variants ?? powerOfTwo((effort.screening * rate) / genes);
  const { chromosomes } = DEFAULT_SHAPE;
  const megabases = (2 * variants * genes) / effort.cisPairs;
  const scale = Math.min(1, Math.max(0.001, megabases / genomeLength(chromosomes)));
  const covariates = Math.min(10, Math.max(0, samples - 4));
  const planted = { cis: Math.min(50, genes), trans: Math.min(50, genes) };
  return { ...DEFAULT_SHAPE, ...planted, samples, variants, genes, covariates, scale, seed: chosen.seed };
}

function powerOfTwo(value: number): number {
  let power = LEAST_VARIANTS;
  while (power < MOST_VARIANTS && power * Math.SQRT2 < value) power *= 2;
  return power;
}

/** Variants and genes that backends are compared with the judge on: half a million pairs at 500 samples. */
export const AGREEMENT = { variants: 1024, genes: 384 } as const;
