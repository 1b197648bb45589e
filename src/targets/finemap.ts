import { labelsOf, variantTable } from "../association/batch.ts";
import { chromosomeRuns, lowerBound, reachOf } from "../association/geometry.ts";
import { emptyTest, refine, refineRun, type Tester } from "../association/refine.ts";
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
import { type LdMismatch, ldMismatch, SWITCHED_LOG_LR, SWITCHED_Z } from "../statistics/ldMismatch.ts";
import { dot, residualise } from "../statistics/linalg.ts";
import { studentT } from "../statistics/studentT.ts";
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
  /** Of `summary`: people behind its statistics. Default what it says itself of each pair, else {@link observations}. */
  readonly n?: number | undefined;
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
  /** Sets left out since their variants correlate too little. */
  readonly impure: number;
  /** What was fitted to: {@link observations}, or the people behind summary statistics (the median over variants). */
  readonly observations: number;
  /** Of summary statistics: their z, and how they fit the LD. */
  readonly check: (LdMismatch & { readonly z: Float64Array }) | undefined;
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
  const people = (options.summary && options.n) ?? observations(cohort);
  if (options.summary === undefined && status !== "ok") return nothing(gene, status, people);
  if (run === undefined) return nothing(gene, "no-variants", people);
  const { position } = cohort.tables.genotypes;
  const { low, high } = reachOf(cohort, gene, options.window ?? 1_000_000);
  const start = lowerBound(position, low, run.start, run.end);
  const end = lowerBound(position, high + 1, start, run.end);
  if (start === end) return nothing(gene, "no-variants", people);
  checkMemory(cohort, gene, end - start, options);
  const found = await survey(session.surveyor, start, end, options.signal);
  const all = await labelsOf(cohort.tables.genotypes, found.index);
  const rows: number[] = [];
  const scores: Score[] = [];
  for (let row = 0; row < found.rows.count; row++) {
    if (found.norm[row] === 0) continue;
    const score = options.summary?.z(gene, all.id[row]!, all.effectAllele[row]!, all.otherAllele[row]!);
    if (options.summary !== undefined && score === undefined) continue;
    rows.push(row);
    if (score !== undefined)
      scores.push({ z: score, n: options.n ?? options.summary?.n(gene, all.id[row]!) ?? people });
  }
  if (rows.length === 0) return nothing(gene, options.summary ? "no-statistics" : "no-variants", people);
  return fitted(cohort, session, gene, units.of(found, rows), found, rows, scores, options);
}

/** A z, and the people behind it. */
interface Score {
  readonly z: number;
  readonly n: number;
}

function nothing(gene: number, status: FinemapStatus, people: number): GeneFinemap {
  const none = new Float64Array(0);
  const labels = { id: [], chromosome: [], position: new Int32Array(0), effectAllele: [], otherAllele: [] };
  const variants = { ...labels, af: none, maSamples: new Int32Array(0), maCount: new Int32Array(0) };
  return {
    ...{ gene, status, variants, slope: none, slopeSe: none, log10P: none, scale: none },
    ...{ fit: undefined, sets: [], impure: 0, observations: people, check: undefined },
  };
}

/** Fits the variants `rows` of a survey; without `scores` to the gene's expression. */
async function fitted(
  cohort: Cohort,
  session: Session,
  gene: number,
  genotypes: readonly UnitGenotype[],
  found: Survey,
  rows: readonly number[],
  scores: readonly Score[],
  options: FinemapOptions,
): Promise<GeneFinemap> {
  const n = cohort.samples.length;
  const norm = Float64Array.from(genotypes, (one) => one.norm);
  const ld = genotypeLd(genotypes.map((one) => one.unit));
  const own = options.summary === undefined;
  const r = own
    ? Float64Array.from(genotypes, ({ unit }) => dot(unit, 0, cohort.residuals, gene * n, n))
    : Float64Array.from(scores, ({ z, n: people }) => z / Math.sqrt(z * z + people - 2));
  // With summary data alone the slope is in standard deviations of expression.
  const expressionNorm = own ? cohort.residualNorm[gene]! : Math.sqrt(observations(cohort) - 1);
  const products = r.map((value, i) => value * norm[i]!);
  const tests = own
    ? testsOf(session.tester, products, norm, expressionNorm)
    : testsOfScores(products, norm, expressionNorm, scores);
  const people = own ? observations(cohort) : medianSize(scores);
  const fit = susie(r.map(within), ld, people, options);
  const { sets, impure } = credibleSets(fit, ld, options.coverage ?? 0.95, options.minCorrelation ?? 0.5);
  return {
    gene,
    status: fit.converged ? "ok" : "not-converged",
    variants: await variantTable(cohort.tables.genotypes, found, Uint32Array.from(rows)),
    ...tests,
    scale: norm.map((value) => expressionNorm / value),
    ...{ fit, sets, impure, observations: people },
    check: own ? undefined : checked(r, scores, genotypes),
  };
}

function testsOf(tester: Tester, products: Float64Array, norm: Float64Array, expressionNorm: number) {
  const count = norm.length;
  const tests = {
    slope: new Float64Array(count),
    slopeSe: new Float64Array(count),
    log10P: new Float64Array(count),
  };
  refineRun(
    tester,
    products,
    norm,
    expressionNorm,
    { r: new Float64Array(count), t: new Float64Array(count) },
    tests,
    0,
  );
  return tests;
}

/** The tests that scores come from: n - 2 degrees of freedom, n people behind each. */
function testsOfScores(
  products: Float64Array,
  norm: Float64Array,
  expressionNorm: number,
  scores: readonly Score[],
) {
  const testers = new Map<number, Tester>();
  const test = emptyTest();
  const all = scores.map(({ n }, i) => {
    const tester = testers.get(n) ?? { degreesOfFreedom: n - 2, tails: studentT(n - 2) };
    testers.set(n, tester);
    refine(tester, products[i]!, norm[i]!, expressionNorm, test);
    return { ...test };
  });
  return {
    slope: Float64Array.from(all, ({ slope }) => slope),
    slopeSe: Float64Array.from(all, ({ slopeSe }) => slopeSe),
    log10P: Float64Array.from(all, ({ log10P }) => log10P),
  };
}

/** The (lower) median of the people behind the scores. */
function medianSize(scores: readonly Score[]): number {
  const sizes = scores.map(({ n }) => n).sort((a, b) => a - b);
  return sizes[(sizes.length - 1) >> 1]!;
}

/** The variants whose z is likely of the other allele. */
export function switchedIn({ z, logLr }: Pick<LdMismatch, "logLr"> & { readonly z: Float64Array }): number[] {
  return Array.from(z.keys()).filter((i) => logLr[i]! > SWITCHED_LOG_LR && Math.abs(z[i]!) > SWITCHED_Z);
}

function checked(r: Float64Array, scores: readonly Score[], genotypes: readonly UnitGenotype[]) {
  const z = r.map((value, i) => value * Math.sqrt(scores[i]!.n - 1));
  return {
    z,
    ...ldMismatch(
      z,
      genotypes.map(({ unit }) => unit),
    ),
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
