import type { Cohort } from "../cohort/cohort.ts";
import { STATUS_CODE } from "../cohort/variants.ts";
import type { Windows } from "../compute/backend.ts";
import { SpareBuffers } from "../compute/spareBuffers.ts";
import { CancelledError, UsageError } from "../errors.ts";
import { DroppedRows, pairBatch } from "./batch.ts";
import { type CisPart, type CisPlan, pairsIn, planCis } from "./cisPlan.ts";
import { type Neighbourhood, placeOf, testWindows } from "./cisWindows.ts";
import { denseProducts } from "./dosageRows.ts";
import { bytesOfEffectiveTests } from "./effectiveTests.ts";
import { type Anchor, inRuns } from "./geometry.ts";
import { LabelCache } from "./labelCache.ts";
import { Leads } from "./leads.ts";
import type { ChooseParts, MapPart } from "./mapPart.ts";
import { planMemory } from "./memory.ts";
import { PairSampler, SampledPairs } from "./nullSample.ts";
import { withGeneLevel } from "./permutation/geneLevel.ts";
import { type GeneTestPlan, geneTester } from "./permutation/geneTests.ts";
import { bytesOfMaxima } from "./permutation/maxima.ts";
import { type GeneTestRequest, planGeneTests } from "./permutation/request.ts";
import { inOrder } from "./pipeline.ts";
import {
  chosenParts,
  countingBackend,
  DEFAULT_MEMORY,
  mapRun,
  PartCounter,
  type RunOptions,
  type Session,
  withSession,
} from "./run.ts";
import { SexStrata, type Stratified } from "./sexes/strata.ts";
import { type Survey, survey } from "./survey.ts";
import { joinSurveys, SurveyCache } from "./surveyCache.ts";
import type { MapRun } from "./tables.ts";

/** Pieces of memory kept for parts to come: the columns of two parts, and the calls of some. */
const SPARE_BUFFERS = 16;

export interface CisOptions extends RunOptions {
  /** Base pairs on either side of the gene, inclusive. Default 1,000,000. */
  readonly window?: number | undefined;
  /** What distances are measured from. Default `tss`. The window itself is the same for both. */
  readonly anchor?: Anchor | undefined;
  /** Tests of genes beyond Bonferroni's: permutations, ACAT, eigenMT. */
  readonly geneTests?: GeneTestRequest | undefined;
  /** Variants that are also tested in each sex: further numbers of their pairs. */
  readonly sexStratified?: Stratified | undefined;
}

/**
 * Every variant within `window` of every gene, all pairs in f64 (nothing is screened, since every pair
 * is wanted). Batches come by gene, then variant in source order.
 */
export function mapCis(cohort: Cohort, options: CisOptions): MapRun {
  const window = options.window ?? 1_000_000;
  if (!(Number.isSafeInteger(window) && window >= 0)) {
    throw new UsageError(`window ${window}: must be a whole number of base pairs, 0 or more`);
  }
  const genes = options.geneTests && planGeneTests(cohort, options.geneTests, options.seed ?? 1);
  const strata = options.sexStratified && new SexStrata(cohort, options.sexStratified);
  const run = mapRun(
    cohort,
    options,
    (choose) =>
      withSession(cohort, options, (session) =>
        cisParts(cohort, session, window, options, { genes, strata }, choose),
      ),
    genes && ((result) => withGeneLevel(result, genes)),
  );
  return { ...run, geneLevelPlan: genes };
}

async function* cisParts(
  cohort: Cohort,
  session: Session,
  window: number,
  options: CisOptions,
  { genes, strata }: { genes: GeneTestPlan | undefined; strata: SexStrata | undefined },
  choose: ChooseParts | undefined,
): AsyncGenerator<MapPart, void> {
  const { backend, scan } = session.surveyor;
  const { signal } = options;
  const plan = planCis(cohort, window);
  const share = scan.tested / Math.max(1, cohort.tables.genotypes.variantCount);
  const sampler = new PairSampler(options.seed ?? 1, plan.pairs * share);
  const cache = new SurveyCache(cohort.tables.genotypes.variantCount, (start, end) =>
    survey(session.surveyor, start, end, signal),
  );
  const labels = new LabelCache(cohort.tables.genotypes, cohort.tables.genotypes.variantCount);
  const covered = (variant: number): boolean => inRuns(plan.covered, variant);
  const { ahead } = planMemory(
    {
      cohort,
      genes: plan.largest.genes,
      kind: "dense",
      threads: backend.parallelism,
      takesRemainders: backend.takesRemainders,
      variants: plan.largest.variants,
      // Tests in each sex are ten numbers more.
      pairs: (strata === undefined ? 1 : 3) * plan.largest.pairs,
      permutationBytes: permutationBytes(cohort, session, genes, plan.largest),
      effectiveBytes:
        genes?.within === "eigenmt" ? bytesOfEffectiveTests(cohort.samples.length, plan.largest.variants) : 0,
    },
    options.memory ?? DEFAULT_MEMORY,
  );
  const test = genes && (await geneTester(session, genes, plan));
  const spare = new SpareBuffers(SPARE_BUFFERS);
  const pairsOf = Float64Array.from(plan.parts, pairsIn);
  const chosen = await chosenParts(pairsOf, choose);
  const total = chosen.reduce((sum, number) => sum + pairsOf[number]!, 0);
  let done = 0;
  const parts = inOrder(chosen, ahead, async (number) => {
    if (signal?.aborted) throw new CancelledError();
    return neighbourhood(session, cache, number, plan.parts[number]!, spare, signal);
  });
  for await (const near of parts) {
    if (signal?.aborted) throw new CancelledError();
    const { number, part, surveys, tested, counter } = near;
    const leads = new Leads(part.genes.length);
    const sample = new SampledPairs();
    const pairs = testWindows(cohort, session, near, spare, options.anchor ?? "tss", leads, sampler, sample);
    const geneTests = await test?.({ ...near, genes: part.genes, pairs }, leads, signal);
    backend.giveBack?.(near.products);
    const dropped = new DroppedRows();
    for (const one of surveys) dropped.add(one, part.reportFrom, part.reportTo, covered);
    countTested(surveys, part, covered, counter);
    labels.keep(Math.min(part.start, part.reportFrom), part.end);
    const own = strata?.columns(tested.rows, tested.index, pairs);
    const rows = { take: () => ({ ...pairs, extra: own?.pairs }) };
    const variants = { ...tested, extra: own?.variants };
    const batch = await pairBatch(number, labels, variants, rows, await dropped.table(labels));
    const tables = {
      leads: await leads.part(part.genes, labels),
      sample: await sample.part(labels),
      ...geneTests,
    };
    spare.giveBack([near.tested.rows.packed.buffer]);
    const columns = [pairs.row, pairs.gene, pairs.slope, pairs.slopeSe, pairs.log10P];
    let released = false;
    const release = (): void => {
      if (!released) spare.giveBack(columns.map(({ buffer }) => buffer));
      released = true;
    };
    yield { number, piece: 0, last: true, batch, counts: counter.counts(), tables, release };
    done += pairsOf[number]!;
    options.onProgress?.({ done, total, phase: "testing" });
  }
}

/** What the permutations of a part hold beside it. */
function permutationBytes(
  cohort: Cohort,
  { surveyor: { backend } }: Session,
  genes: GeneTestPlan | undefined,
  largest: CisPlan["largest"],
): number {
  if (genes?.rule === undefined) return 0;
  const { count: permutations } = genes.rule.permutations;
  const samples = cohort.samples.length;
  const covariates = cohort.genotypeBasis.count;
  const whitened = cohort.covariance !== undefined;
  return bytesOfMaxima({ ...largest, samples, covariates, permutations, whitened }, backend);
}

async function neighbourhood(
  session: Session,
  cache: SurveyCache,
  number: number,
  part: CisPart,
  spare: SpareBuffers,
  signal: AbortSignal | undefined,
): Promise<Neighbourhood> {
  const surveys =
    part.genes.length === 0
      ? [await survey(session.surveyor, part.reportFrom, part.reportTo, signal, false)]
      : await cache.range(Math.min(part.start, part.reportFrom), part.end);
  cache.forgetBefore(part.start);
  const tested = joinSurveys(surveys, part.start, part.end, (bytes) => spare.take(bytes));
  const rowOf = (variant: number): number => placeOf(tested.index, variant);
  const windows = { start: part.windowStart.map(rowOf), end: part.windowEnd.map(rowOf) };
  const counter = new PartCounter();
  const products = await windowProducts(session, part, tested, windows, counter, signal);
  return { number, part, counter, surveys, tested, windows, products };
}

/** The f64 products of the part's genes with the rows of their windows. */
async function windowProducts(
  session: Session,
  part: CisPart,
  tested: Neighbourhood["tested"],
  windows: Windows,
  counter: PartCounter,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const { cohort, backend } = session.surveyor;
  const screener = countingBackend(backend, counter.pairsBy);
  const samples = cohort.samples.length;
  if (part.genes.length === 0) return new Float64Array(0);
  const values = new Float64Array(part.genes.length * samples);
  part.genes.forEach((gene, i) => {
    values.set(cohort.residuals.subarray(gene * samples, (gene + 1) * samples), i * samples);
  });
  const columns = await screener.load({ count: part.genes.length, samples, values, standardised: false });
  try {
    return await denseProducts(screener, tested.rows, columns, windows, signal);
  } finally {
    await columns.dispose();
  }
}

/** Counts the variants tested with some gene among those that this part reports on. */
function countTested(
  surveys: readonly Survey[],
  part: CisPart,
  covered: (variant: number) => boolean,
  counter: PartCounter,
): void {
  for (const one of surveys) {
    for (let v = Math.max(part.reportFrom, one.start); v < Math.min(part.reportTo, one.end); v++) {
      if (one.status[v - one.start] === STATUS_CODE.ok && covered(v)) counter.variantsTested++;
    }
  }
}
