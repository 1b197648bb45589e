import type { Cohort } from "../cohort/cohort.ts";
import { STATUS_CODE } from "../cohort/variants.ts";
import type { Windows } from "../compute/backend.ts";
import { CancelledError, UsageError } from "../errors.ts";
import { DroppedRows, pairBatch, type TestedPairs } from "./batch.ts";
import { type CisPart, type CisPlan, pairsIn, planCis } from "./cisPlan.ts";
import { denseProducts } from "./dosageRows.ts";
import { bytesOfEffectiveTests } from "./effectiveTests.ts";
import { type Anchor, absoluteDistance, inRuns } from "./geometry.ts";
import { LabelCache } from "./labelCache.ts";
import { Leads } from "./leads.ts";
import type { ChooseParts, MapPart } from "./mapPart.ts";
import { planMemory } from "./memory.ts";
import { normsWith } from "./norms.ts";
import { PairSampler, SampledPairs } from "./nullSample.ts";
import { withGeneLevel } from "./permutation/geneLevel.ts";
import { type GeneTestPlan, geneTester } from "./permutation/geneTests.ts";
import { bytesOfMaxima } from "./permutation/maxima.ts";
import { type GeneTestRequest, planGeneTests } from "./permutation/request.ts";
import { inOrder } from "./pipeline.ts";
import { emptyTest, refineRun } from "./refine.ts";
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

/** The tested variants that a part's windows span, and each gene's window as rows of them. */
interface Neighbourhood {
  readonly number: number;
  readonly part: CisPart;
  readonly counter: PartCounter;
  readonly surveys: readonly Survey[];
  readonly tested: ReturnType<typeof joinSurveys>;
  readonly windows: Windows;
  /** g.e of gene after gene, each its window's rows. */
  readonly products: Float64Array;
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
  const pairsOf = Float64Array.from(plan.parts, pairsIn);
  const chosen = await chosenParts(pairsOf, choose);
  const total = chosen.reduce((sum, number) => sum + pairsOf[number]!, 0);
  let done = 0;
  const parts = inOrder(chosen, ahead, async (number) => {
    if (signal?.aborted) throw new CancelledError();
    return neighbourhood(session, cache, number, plan.parts[number]!, signal);
  });
  for await (const near of parts) {
    if (signal?.aborted) throw new CancelledError();
    const { number, part, surveys, tested, counter } = near;
    const leads = new Leads(part.genes.length);
    const sample = new SampledPairs();
    const pairs = testWindows(cohort, session, near, options.anchor ?? "tss", leads, sampler, sample);
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
    yield { number, piece: 0, last: true, batch, counts: counter.counts(), tables };
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
  signal: AbortSignal | undefined,
): Promise<Neighbourhood> {
  const surveys =
    part.genes.length === 0
      ? [await survey(session.surveyor, part.reportFrom, part.reportTo, signal, false)]
      : await cache.range(Math.min(part.start, part.reportFrom), part.end);
  cache.forgetBefore(part.start);
  const tested = joinSurveys(surveys, part.start, part.end);
  const rowOf = (variant: number): number => {
    let low = 0;
    let high = tested.index.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (tested.index[middle]! < variant) low = middle + 1;
      else high = middle;
    }
    return low;
  };
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

/** Tests each gene with its window, and counts, samples and keeps the leads on the way. */
function testWindows(
  cohort: Cohort,
  session: Session,
  near: Neighbourhood,
  anchor: Anchor,
  leads: Leads,
  sampler: PairSampler,
  sample: SampledPairs,
): TestedPairs & { readonly offset: Uint32Array } {
  const { part, tested, windows, products, counter } = near;
  const { position } = cohort.tables.genotypes;
  const pairs = testedRows(near);
  const longest = windows.end.reduce((most, end, i) => Math.max(most, end - windows.start[i]!), 0);
  const work = { r: new Float64Array(longest), t: new Float64Array(longest) };
  const norms = new Float64Array(longest);
  const whole = !tested.norm.includes(0);
  const test = emptyTest();
  const { r } = work;
  let at = 0;
  for (let i = 0; i < part.genes.length; i++) {
    const gene = part.genes[i]!;
    const from = pairs.offset[i]!;
    const count = pairs.offset[i + 1]! - from;
    const first = at;
    const [start, end] = [windows.start[i]!, windows.end[i]!];
    at += end - start;
    const all = normsWith(cohort, tested, gene, start, end);
    if (!whole) keepTested(all, products, first, norms);
    const run = products.subarray(first, first + count);
    const own = whole ? all : norms;
    refineRun(session.tester, run, own, cohort.residualNorm[gene]!, work, pairs, from);
    leads.tests[i]! += count;
    const index = whole ? tested.index.subarray(start, end) : indexOf(tested.index, pairs.row, from, count);
    let floor = leads.floor(i);
    let next = -1;
    for (
      let k = notable(r, index, 0, count, floor, next);
      k < count;
      k = notable(r, index, k + 1, count, floor, next)
    ) {
      const variant = index[k]!;
      if (variant >= next) next = sampler.next(variant, gene);
      const drawn = variant === next;
      if (!drawn && Math.abs(r[k]!) < floor) continue;
      const distance = absoluteDistance(cohort, gene, position[variant]!, anchor);
      const leading = leads.leads(i, r[k]!, distance);
      if (!drawn && !leading) continue;
      test.r = r[k]!;
      test.slope = pairs.slope[from + k]!;
      test.slopeSe = pairs.slopeSe[from + k]!;
      test.log10P = pairs.log10P[from + k]!;
      if (drawn) sample.add(variant, gene, test);
      if (!leading) continue;
      const row = pairs.row[from + k]!;
      leads.set(i, test, {
        index: variant,
        distance,
        af: tested.af[row]!,
        maSamples: tested.maSamples[row]!,
        maCount: tested.maCount[row]!,
      });
      floor = leads.floor(i);
    }
  }
  counter.tests += pairs.row.length;
  counter.hits += pairs.row.length;
  counter.candidates += pairs.row.length;
  counter.pairsScreened += products.length;
  return pairs;
}

/** The first pair from `k` on that may lead (|r| at least `floor`) or whose variant is `next` or after it; or `count`. */
function notable(
  r: Float64Array,
  index: Uint32Array,
  k: number,
  count: number,
  floor: number,
  next: number,
): number {
  let at = k;
  while (at < count && index[at]! < next && Math.abs(r[at]!) < floor) at++;
  return at;
}

/** The variants of `count` rows, those at `from` and after it in `rows`. */
function indexOf(index: Uint32Array, rows: Uint32Array, from: number, count: number): Uint32Array {
  const out = new Uint32Array(count);
  for (let i = 0; i < count; i++) out[i] = index[rows[from + i]!]!;
  return out;
}

/** Moves a window's products of the rows that are tested together, in place from `first` on, and their norms, of those of the `window`, to `norms`. */
function keepTested(window: Float64Array, products: Float64Array, first: number, norms: Float64Array): void {
  let kept = 0;
  for (let row = 0; row < window.length; row++) {
    if (window[row] === 0) continue;
    norms[kept] = window[row]!;
    products[first + kept++] = products[first + row]!;
  }
}

/** The pairs of all windows without the collinear variants, their tests still to be made; where each gene's start. */
function testedRows({ part, tested, windows }: Neighbourhood): TestedPairs & { offset: Uint32Array } {
  const { norm } = tested;
  const offset = new Uint32Array(part.genes.length + 1);
  const most = windows.end.reduce((sum, end, i) => sum + end - windows.start[i]!, 0);
  const rows = new Uint32Array(most);
  let at = 0;
  for (let i = 0; i < part.genes.length; i++) {
    const end = windows.end[i]!;
    for (let row = windows.start[i]!; row < end; row++) if (norm[row] !== 0) rows[at++] = row;
    offset[i + 1] = at;
  }
  const row = rows.subarray(0, at);
  const gene = new Uint32Array(at);
  for (let i = 0; i < part.genes.length; i++) gene.fill(part.genes[i]!, offset[i]!, offset[i + 1]!);
  const column = (): Float64Array => new Float64Array(at);
  return { row, gene, slope: column(), slopeSe: column(), log10P: column(), offset };
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
