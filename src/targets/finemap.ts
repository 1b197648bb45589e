import { labelsOf, variantTable } from "../association/batch.ts";
import { type Reach, windowOf } from "../association/conditional/memory.ts";
import { chromosomeRuns } from "../association/geometry.ts";
import { WhitenedPermutations } from "../association/permutation/whitened.ts";
import { inOrder } from "../association/pipeline.ts";
import { emptyTest, refine, refineRun, type Tester } from "../association/refine.ts";
import { type RunOptions, type Session, withSession } from "../association/run.ts";
import { type Survey, survey } from "../association/survey.ts";
import type { GeneStatus, VariantTable } from "../association/tables.ts";
import type { Cohort } from "../cohort/cohort.ts";
import { refuseCovariance } from "../cohort/covariance.ts";
import { TaskPool } from "../compute/taskPool.ts";
import type { Threads } from "../compute/threads.ts";
import { throwIfAborted, UsageError } from "../errors.ts";
import type { CredibleSet } from "../statistics/credibleSets.ts";
import { type LdMismatch, SWITCHED_LOG_LR, SWITCHED_Z } from "../statistics/ldMismatch.ts";
import { dot } from "../statistics/linalg.ts";
import { studentT } from "../statistics/studentT.ts";
import type { SusieFit, SusieOptions } from "../statistics/susie.ts";
import { checkMemory, staysPacked, windowsAtOnce } from "./finemapMemory.ts";
import { FIT_WORKER } from "./generated.ts";
import { packedLd } from "./packedLd.ts";
import type { SummaryStatistics } from "./summaryStatistics.ts";
import { type UnitGenotype, UnitGenotypes } from "./unitGenotypes.ts";
import { fitWindow, fitWith, type WindowFit, type WindowJob } from "./windowFit.ts";

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
  /**
   * Keep calls packed and decode one variant at a time, in place of all residual genotypes of a window in f64: a little slower, and the last digits
   * differ. On the caller's thread; of expression and independent samples only. Default false.
   */
  readonly packed?: boolean | undefined;
  /** Where genes are fitted side by side; default, and for a count below 2, on the caller's thread. */
  readonly threads?: Threads | undefined;
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

/** Norm of a gene's residual expression; sqrt(y'Py) of samples that are not independent. */
function expressionNorm({ residualNorm, covariance }: Cohort, gene: number): number {
  return residualNorm[gene]! / (covariance?.stretch[gene] ?? 1);
}

/** Standard deviation of a gene's residual expression over {@link observations}. */
export function residualDeviation(cohort: Cohort, gene: number): number {
  return expressionNorm(cohort, gene) / Math.sqrt(observations(cohort) - 1);
}

/**
 * SuSiE for one gene after the other, on genotypes and expression that the covariates were projected out of: what
 * is left of n samples beside k covariates is as good as n - k observations, and so they are counted. With
 * `summary`, the same from z scores and the LD of the cohort, projected on its covariates.
 * Of samples that are not independent genotypes and expression are whitened, P^(1/2) g and P^(1/2) y (statistics/mixedModel.ts), with the
 * share of the variance that the gene's model without variants has.
 * Throws UsageError for `--model qtltools`, whose genotypes keep the covariates, and for summary statistics of samples that are not
 * independent; LimitError where a window does not fit.
 */
export async function* finemap(cohort: Cohort, options: FinemapOptions): AsyncGenerator<GeneFinemap> {
  if (options.summary !== undefined) refuseCovariance(cohort, "fine-mapping of summary statistics");
  if (cohort.model !== "ols") {
    throw new UsageError("fine-mapping projects the covariates out of genotypes too: it needs --model ols");
  }
  const genes = options.genes ?? options.summary?.genes ?? cohort.genes.id.map((_, gene) => gene);
  const { signal, onProgress, threads, window = 1_000_000 } = options;
  const pool =
    threads !== undefined && threads.count > 1
      ? new TaskPool<WindowJob, WindowFit>(threads, FIT_WORKER)
      : undefined;
  try {
    yield* withSession(cohort, options, async function* (session) {
      const runs = chromosomeRuns(cohort.tables.genotypes);
      const reaches = new Map<number, Reach>();
      for (const gene of genes) {
        const run = runs[cohort.geneChromosome[gene]!];
        if (run !== undefined) reaches.set(gene, windowOf(cohort, gene, run, window));
      }
      const finemapper = new Finemapper(cohort, session, options, pool);
      // One window more than there are threads is read and made ready.
      const ahead = windowsAtOnce(cohort, reaches, pool === undefined ? 1 : threads!.count + 1, options);
      let done = 0;
      for await (const one of inOrder(genes, ahead, (gene) => finemapper.gene(gene, reaches.get(gene)))) {
        yield one;
        onProgress?.({ done: ++done, total: genes.length, phase: "testing" });
      }
      throwIfAborted(signal);
    });
  } finally {
    await pool?.dispose();
  }
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

/** Fits genes, each by itself. */
class Finemapper {
  readonly #cohort: Cohort;
  readonly #session: Session;
  readonly #options: FinemapOptions;
  readonly #pool: TaskPool<WindowJob, WindowFit> | undefined;
  readonly #units: UnitGenotypes;
  readonly #whitened: WhitenedPermutations | undefined;

  constructor(
    cohort: Cohort,
    session: Session,
    options: FinemapOptions,
    pool: TaskPool<WindowJob, WindowFit> | undefined,
  ) {
    this.#cohort = cohort;
    this.#session = session;
    this.#options = options;
    this.#pool = pool;
    this.#units = new UnitGenotypes(cohort);
    this.#whitened = WhitenedPermutations.of(cohort);
  }

  async gene(gene: number, reach: Reach | undefined): Promise<GeneFinemap> {
    const cohort = this.#cohort;
    const { summary, n, signal } = this.#options;
    throwIfAborted(signal);
    const status = cohort.geneStatus[gene]!;
    const people = (summary && n) ?? observations(cohort);
    if (summary === undefined && status !== "ok") return nothing(gene, status, people);
    if (reach === undefined || reach.start === reach.end) return nothing(gene, "no-variants", people);
    checkMemory(cohort, gene, reach.end - reach.start, this.#options);
    const found = await survey(this.#session.surveyor, reach.start, reach.end, signal);
    const all = await labelsOf(cohort.tables.genotypes, found.index);
    const rows: number[] = [];
    const scores: Score[] = [];
    for (let row = 0; row < found.rows.count; row++) {
      if (found.norm[row] === 0) continue;
      const score = summary?.z(gene, all.id[row]!, all.effectAllele[row]!, all.otherAllele[row]!);
      if (summary !== undefined && score === undefined) continue;
      rows.push(row);
      if (score !== undefined) scores.push({ z: score, n: n ?? summary?.n(gene, all.id[row]!) ?? people });
    }
    if (rows.length === 0) return nothing(gene, summary ? "no-statistics" : "no-variants", people);
    return this.#fitted(gene, found, rows, scores);
  }

  /** Fits the variants `rows` of a survey; without `scores` to the gene's expression. */
  async #fitted(
    gene: number,
    found: Survey,
    rows: readonly number[],
    scores: readonly Score[],
  ): Promise<GeneFinemap> {
    const cohort = this.#cohort;
    const { summary, coverage = 0.95, minCorrelation = 0.5 } = this.#options;
    const own = summary === undefined;
    const packed = staysPacked(cohort, this.#options);
    const genotypes = packed ? [] : this.#units.of(found, rows, gene);
    const met = packed ? this.#met(gene, found, rows) : undefined;
    const norm = met?.norm ?? Float64Array.from(genotypes, (one) => one.norm);
    const r = own
      ? (met?.r ?? this.#correlations(gene, genotypes))
      : Float64Array.from(scores, ({ z, n }) => z / Math.sqrt(z * z + n - 2));
    // With summary data alone the slope is in standard deviations of expression.
    const scaleOfY = own ? expressionNorm(cohort, gene) : Math.sqrt(observations(cohort) - 1);
    const products = r.map((value, i) => value * norm[i]!);
    const tests = own
      ? testsOf(this.#session.tester, products, norm, scaleOfY)
      : testsOfScores(products, norm, scaleOfY, scores);
    const people = own ? observations(cohort) : medianSize(scores);
    const z = own ? undefined : r.map((value, i) => value * Math.sqrt(scores[i]!.n - 1));
    const job = {
      ...{ r: r.map(within), observations: people, susie: susieOptions(this.#options) },
      ...{ coverage, minCorrelation, z },
    };
    const { fit, sets, impure, mismatch } = packed
      ? {
          ...fitWith(packedLd({ rows: found.rows, own: rows, norm, basis: cohort.genotypeBasis }), job),
          mismatch: undefined,
        }
      : await this.#fit({ ...job, unit: genotypes.map(({ unit }) => unit) });
    return {
      gene,
      status: fit.converged ? "ok" : "not-converged",
      variants: await variantTable(cohort.tables.genotypes, found, Uint32Array.from(rows)),
      ...tests,
      scale: norm.map((value) => scaleOfY / value),
      ...{ fit, sets, impure, observations: people },
      check: z && mismatch && { z, ...mismatch },
    };
  }

  async #fit(job: WindowJob): Promise<WindowFit> {
    if (this.#pool === undefined) return fitWindow(job);
    // Copied, not handed over: the next gene's window mostly holds the same genotypes.
    return this.#pool.run(job, [], this.#options.signal);
  }

  /** Norms of the rows and their correlations with the gene, one after the other. */
  #met(gene: number, found: Survey, rows: readonly number[]): { norm: Float64Array; r: Float64Array } {
    const { residuals, samples } = this.#cohort;
    const n = samples.length;
    const [norm, r] = [new Float64Array(rows.length), new Float64Array(rows.length)];
    rows.forEach((row, i) => {
      const one = this.#units.one(found, row);
      norm[i] = one.norm;
      r[i] = dot(one.unit, 0, residuals, gene * n, n);
    });
    return { norm, r };
  }

  #correlations(gene: number, genotypes: readonly UnitGenotype[]): Float64Array {
    const { residuals, samples } = this.#cohort;
    const n = samples.length;
    if (this.#whitened === undefined)
      return Float64Array.from(genotypes, ({ unit }) => dot(unit, 0, residuals, gene * n, n));
    const y = this.#whitened.expression(Uint32Array.of(gene));
    const length = Math.sqrt(dot(y, 0, y, 0, n));
    return Float64Array.from(genotypes, ({ unit }) => dot(unit, 0, y, 0, n) / length);
  }
}

function susieOptions(options: FinemapOptions): SusieOptions {
  const { effects, scaledPriorVariance, estimateResidualVariance, tolerance, maxIterations } = options;
  return { effects, scaledPriorVariance, estimateResidualVariance, tolerance, maxIterations };
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

/** Rounding may carry a correlation of 1 past it. */
function within(r: number): number {
  return Math.max(-1, Math.min(1, r));
}
