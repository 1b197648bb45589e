import { canonicalChromosome } from "../cohort/chromosomes.ts";
import { buildCohort, type Cohort } from "../cohort/cohort.ts";
import {
  chromosomeOf,
  covariateTable,
  genesOn,
  joinColumns,
  pickColumns,
  type SampleColumns,
} from "../cohort/views.ts";
import { throwIfAborted } from "../errors.ts";
import { elbowOf } from "../statistics/elbow.ts";
import { mapCis } from "./cis.ts";
import type { RunOptions } from "./run.ts";
import { genesTested } from "./tables.ts";

/** What a number of components finds. */
export interface TitrationPoint {
  readonly components: number;
  /** Covariates in the model, the components among them. */
  readonly covariates: number;
  readonly genesTested: number;
  /** Genes with q <= {@link EGENE_Q}. */
  readonly egenes: number;
}

/** The curve and the numbers of components that stand out on it. */
export interface Titration {
  readonly chromosome: string;
  readonly points: readonly TitrationPoint[];
  /** Where the curve, up to its maximum, bends most. */
  readonly elbow: number;
  /** Fewest components with the most eGenes. */
  readonly maximum: number;
  /** Fewest components with at least {@link ENOUGH} of the most eGenes. */
  readonly enough: number;
}

/** How a number of components is chosen from the curve, or the number itself. */
export type ComponentChoice = "auto" | "elbow" | "max" | number;

export const EGENE_Q = 0.05;
/** What `auto` is content with: noise moves the maximum of a flat curve more than it moves this. */
export const ENOUGH = 0.98;

export interface TitrationOptions extends RunOptions {
  readonly chromosome: string;
  readonly window?: number | undefined;
  /** Told of each point as it is found. */
  readonly onPoint?: ((point: TitrationPoint) => void) | undefined;
}

/**
 * Counts the eGenes of one chromosome with the first 0, 5, ... (`numbers`) of `components` in the model beside `design`. An eGene
 * has q <= 0.05, Benjamini-Hochberg over the chromosome's genes of each best p times its variants: the same rule for every
 * number, which is all that a comparison needs.
 */
export async function titrate(
  cohort: Cohort,
  design: SampleColumns,
  components: SampleColumns,
  numbers: readonly number[],
  options: TitrationOptions,
): Promise<Titration> {
  const { pairs: _, ...tables } = cohort.tables;
  const n = cohort.samples.length;
  const chromosome = {
    genotypes: chromosomeOf(tables.genotypes, options.chromosome),
    expression: genesOn(tables.expression, options.chromosome),
  };
  const points: TitrationPoint[] = [];
  for (const number of numbers) {
    throwIfAborted(options.signal);
    const first = pickColumns(
      components,
      Array.from({ length: number }, (_, i) => i),
      n,
    );
    const covariates = covariateTable("covariates", cohort.samples, joinColumns(design, first));
    const own = buildCohort(
      { ...tables, ...chromosome, covariates },
      { ...cohort.filters, transform: cohort.transform, model: cohort.model },
    );
    const run = mapCis(own, options);
    for await (const _batch of run);
    const { leads, counts } = run.result();
    const point = {
      components: number,
      covariates: own.report.covariatesUsed.length,
      genesTested: genesTested(counts),
      egenes: leads.qBonferroni.reduce((sum, q) => sum + (q <= EGENE_Q ? 1 : 0), 0),
    };
    points.push(point);
    options.onPoint?.(point);
  }
  return { chromosome: options.chromosome, points, ...standingOut(points) };
}

/** The numbers of components that stand out on a curve of at least one point, whose numbers ascend. */
export function standingOut(
  points: readonly Pick<TitrationPoint, "components" | "egenes">[],
): Pick<Titration, "elbow" | "maximum" | "enough"> {
  const most = Math.max(...points.map(({ egenes }) => egenes));
  const top = points.findIndex(({ egenes }) => egenes === most);
  const rise = points.slice(0, top + 1);
  const bend = elbowOf(
    rise.map(({ components }) => components),
    rise.map(({ egenes }) => egenes),
  );
  return {
    elbow: rise[bend]!.components,
    maximum: points[top]!.components,
    enough: points.find(({ egenes }) => egenes >= ENOUGH * most)!.components,
  };
}

/** The number of components that a rule chooses on a curve. */
export function chosenNumber(choice: ComponentChoice, titration: Titration | undefined): number {
  if (typeof choice === "number") return choice;
  if (titration === undefined) return 0;
  return { auto: titration.enough, elbow: titration.elbow, max: titration.maximum }[choice];
}

/** The chromosome with the most genes to test, of those that have variants (the first of equals); undefined without any. */
export function richestChromosome(cohort: Cohort): string | undefined {
  const genes = new Map<string, number>();
  cohort.genes.chromosome.forEach((name, g) => {
    if (cohort.geneChromosome[g]! < 0 || cohort.geneStatus[g] !== "ok") return;
    const chromosome = canonicalChromosome(name);
    genes.set(chromosome, (genes.get(chromosome) ?? 0) + 1);
  });
  let best: string | undefined;
  for (const [name, count] of genes) if (best === undefined || count > genes.get(best)!) best = name;
  return best;
}

/** 0, 5, 10, ..., 60, as far as `most` components and a quarter of the samples go. */
export function defaultNumbers(samples: number, most: number): number[] {
  const last = Math.min(60, most, Math.floor(samples / 4));
  return Array.from({ length: Math.floor(last / 5) + 1 }, (_, i) => 5 * i);
}
