import { labelsOf, variantTable } from "../association/batch.ts";
import { chromosomeRuns, lowerBound, reachOf } from "../association/geometry.ts";
import { refineRun } from "../association/refine.ts";
import { type RunOptions, type Session, withSession } from "../association/run.ts";
import { type Survey, survey } from "../association/survey.ts";
import type { GeneStatus, VariantTable } from "../association/tables.ts";
import type { Cohort } from "../cohort/cohort.ts";
import { refuseCovariance } from "../cohort/covariance.ts";
import { decodeDosages } from "../cohort/dosages.ts";
import { LimitError, throwIfAborted, UsageError } from "../errors.ts";
import { counted, thousands } from "../formats/wording.ts";
import { type CredibleSet, credibleSets } from "../statistics/credibleSets.ts";
import { genotypeLd } from "../statistics/ld.ts";
import { dot, residualise } from "../statistics/linalg.ts";
import { type SusieFit, type SusieOptions, susie } from "../statistics/susie.ts";
import type { SummaryStatistics } from "./summaryStatistics.ts";

export interface FinemapOptions extends RunOptions, SusieOptions {
  /** Genes by their number in the cohort; default all of them, or all that `summary` has. */
  readonly genes?: readonly number[] | undefined;
  /** Base pairs on either side of the gene, inclusive. Default 1,000,000. */
  readonly window?: number | undefined;
  /** Probability that a credible set holds. Default 0.95. */
  readonly coverage?: number | undefined;
  /** A set whose variants correlate less than this is none. Default 0.5. */
  readonly minCorrelation?: number | undefined;
  /** Take the associations from here instead of from the expression; LD stays the cohort's. */
  readonly summary?: SummaryStatistics | undefined;
}

/** `not-converged`: there is a fit, but it was still changing after the last iteration. */
export type FinemapStatus = GeneStatus | "not-converged" | "no-statistics";

/** One gene. Without variants to map there is no fit, and the arrays are empty. */
export interface GeneFinemap {
  /** Number in the cohort. */
  readonly gene: number;
  readonly status: FinemapStatus;
  /** The variants fine-mapped, in source order, and the gene's test with each. */
  readonly variants: VariantTable;
  readonly slope: Float64Array;
  readonly slopeSe: Float64Array;
  readonly log10P: Float64Array;
  /** What one unit of a standardised effect is in expression per copy of the effect allele, of each variant. */
  readonly scale: Float64Array;
  readonly fit: SusieFit | undefined;
  readonly sets: readonly CredibleSet[];
}

/** Independent observations: samples less the covariates that were projected out of genotypes and expression. */
export function observations(cohort: Cohort): number {
  return cohort.samples.length - cohort.genotypeBasis.count;
}

/** Standard deviation of a gene's residual expression over {@link observations}. */
export function residualDeviation(cohort: Cohort, gene: number): number {
  return cohort.residualNorm[gene]! / Math.sqrt(observations(cohort) - 1);
}

/**
 * SuSiE for one gene after the other, on genotypes and expression that the covariates were projected out of: what
 * is left of n samples beside k covariates is as good as n - k observations, and so they are counted. With
 * `summary`, the same from z scores and the LD of the cohort, projected on its covariates.
 * Throws UsageError for `--model qtltools`, whose genotypes keep the covariates; LimitError where a window does not fit.
 */
export async function* finemap(cohort: Cohort, options: FinemapOptions): AsyncGenerator<GeneFinemap> {
  refuseCovariance(cohort, "fine-mapping");
  if (cohort.model !== "ols") {
    throw new UsageError("fine-mapping projects the covariates out of genotypes too: it needs --model ols");
  }
  const genes = options.genes ?? options.summary?.genes ?? cohort.genes.id.map((_, gene) => gene);
  const { signal, onProgress } = options;
  yield* withSession(cohort, options, async function* (session) {
    const runs = chromosomeRuns(cohort.tables.genotypes);
    const units = new UnitGenotypes(cohort);
    for (let i = 0; i < genes.length; i++) {
      throwIfAborted(signal);
      yield await finemapGene(cohort, session, runs, units, genes[i]!, options);
      onProgress?.({ done: i + 1, total: genes.length, phase: "testing" });
    }
  });
}

async function finemapGene(
  cohort: Cohort,
  session: Session,
  runs: readonly { readonly start: number; readonly end: number }[],
  units: UnitGenotypes,
  gene: number,
  options: FinemapOptions,
): Promise<GeneFinemap> {
  const status = cohort.geneStatus[gene]!;
  const run = runs[cohort.geneChromosome[gene]!];
  if (options.summary === undefined && status !== "ok") return nothing(gene, status);
  if (run === undefined) return nothing(gene, "no-variants");
  const { position } = cohort.tables.genotypes;
  const { low, high } = reachOf(cohort, gene, options.window ?? 1_000_000);
  const start = lowerBound(position, low, run.start, run.end);
  const end = lowerBound(position, high + 1, start, run.end);
  if (start === end) return nothing(gene, "no-variants");
  checkMemory(cohort, gene, end - start, options);
  const found = await survey(session.surveyor, start, end, options.signal);
  const all = await labelsOf(cohort.tables.genotypes, found.index);
  const rows: number[] = [];
  const z: number[] = [];
  for (let row = 0; row < found.rows.count; row++) {
    if (found.norm[row] === 0) continue;
    const score = options.summary?.z(gene, all.id[row]!, all.effectAllele[row]!, all.otherAllele[row]!);
    if (options.summary !== undefined && score === undefined) continue;
    rows.push(row);
    if (score !== undefined) z.push(score);
  }
  if (rows.length === 0) return nothing(gene, options.summary ? "no-statistics" : "no-variants");
  return fitted(cohort, session, gene, units.of(found, rows), found, rows, z, options);
}

function nothing(gene: number, status: FinemapStatus): GeneFinemap {
  const none = new Float64Array(0);
  const labels = { id: [], chromosome: [], position: new Int32Array(0), effectAllele: [], otherAllele: [] };
  const variants = { ...labels, af: none, maSamples: new Int32Array(0), maCount: new Int32Array(0) };
  return {
    ...{ gene, status, variants, slope: none, slopeSe: none, log10P: none, scale: none },
    ...{ fit: undefined, sets: [] },
  };
}

/** Fits the variants `rows` of a survey; without `z` to the gene's expression. */
async function fitted(
  cohort: Cohort,
  session: Session,
  gene: number,
  genotypes: readonly UnitGenotype[],
  found: Survey,
  rows: readonly number[],
  z: readonly number[],
  options: FinemapOptions,
): Promise<GeneFinemap> {
  const n = cohort.samples.length;
  const norm = Float64Array.from(genotypes, (one) => one.norm);
  const ld = genotypeLd(genotypes.map((one) => one.unit));
  const freedom = cohort.degreesOfFreedom;
  const r =
    options.summary === undefined
      ? Float64Array.from(genotypes, ({ unit }) => dot(unit, 0, cohort.residuals, gene * n, n))
      : Float64Array.from(z, (score) => score / Math.sqrt(score * score + freedom));
  const tests = {
    slope: new Float64Array(rows.length),
    slopeSe: new Float64Array(rows.length),
    log10P: new Float64Array(rows.length),
  };
  // With summary data alone the slope is in standard deviations of expression.
  const expressionNorm =
    options.summary === undefined ? cohort.residualNorm[gene]! : Math.sqrt(observations(cohort) - 1);
  const work = { r: new Float64Array(rows.length), t: new Float64Array(rows.length) };
  const products = r.map((value, i) => value * norm[i]!);
  refineRun(session.tester, products, norm, expressionNorm, work, tests, 0);
  const fit = susie(r.map(within), ld, observations(cohort), options);
  const sets = credibleSets(fit, ld, options.coverage ?? 0.95, options.minCorrelation ?? 0.5);
  return {
    gene,
    status: fit.converged ? "ok" : "not-converged",
    variants: await variantTable(cohort.tables.genotypes, found, Uint32Array.from(rows)),
    ...tests,
    scale: norm.map((value) => expressionNorm / value),
    fit,
    sets,
  };
}

/** Rounding may carry a correlation of 1 past it. */
function within(r: number): number {
  return Math.max(-1, Math.min(1, r));
}

/** Residual genotypes scaled to norm 1, and the norm before. */
interface UnitGenotype {
  readonly unit: Float64Array;
  readonly norm: number;
}

/** The residual genotypes of the window in hand: the next gene's window mostly holds the same variants. */
class UnitGenotypes {
  readonly #cohort: Cohort;
  /** By index in the source. */
  #held = new Map<number, UnitGenotype>();

  constructor(cohort: Cohort) {
    this.#cohort = cohort;
  }

  /** Those of the rows of a survey; forgets all others. */
  of(found: Survey, rows: readonly number[]): UnitGenotype[] {
    const before = this.#held;
    this.#held = new Map();
    return rows.map((row) => {
      const index = found.index[row]!;
      const one = before.get(index) ?? this.#made(found, row);
      this.#held.set(index, one);
      return one;
    });
  }

  #made({ rows }: Survey, row: number): UnitGenotype {
    const n = this.#cohort.samples.length;
    const unit = new Float64Array(n);
    decodeDosages(rows, row, rows.fill[row]!, unit);
    residualise(unit, 0, n, this.#cohort.genotypeBasis);
    const norm = Math.sqrt(dot(unit, 0, unit, 0, n));
    for (let s = 0; s < n; s++) unit[s]! /= norm;
    return { unit, norm };
  }
}

/** Numbers a variant beside its genotypes: five an effect, and those of its test. */
const NUMBERS_PER_EFFECT = 5;
const NUMBERS_PER_VARIANT = 24;

function checkMemory(cohort: Cohort, gene: number, variants: number, options: FinemapOptions): void {
  const { memory } = options;
  if (memory === undefined) return;
  const each = cohort.samples.length + NUMBERS_PER_EFFECT * (options.effects ?? 10) + NUMBERS_PER_VARIANT;
  const bytes = 8 * variants * each;
  const held = 8 * (cohort.residuals.length + cohort.tables.expression.values.length);
  if (bytes + held <= memory) return;
  const mib = (value: number): string => `${thousands(Math.ceil(value / 2 ** 20))} MiB`;
  throw new LimitError(
    `gene ${cohort.genes.id[gene]}: fine-mapping ${counted(variants, "variant")} of ${counted(cohort.samples.length, "sample")} needs ${mib(bytes + held)}, --memory is ${mib(memory)}; raise it, or take a smaller --window`,
  );
}
