import type { Cohort } from "../../cohort/cohort.ts";
import { STATUS_CODE } from "../../cohort/variants.ts";
import { throwIfAborted, UsageError } from "../../errors.ts";
import { DroppedRows, pairBatch } from "../batch.ts";
import { type CisPart, pairsIn, planCis } from "../cisPlan.ts";
import { denseProducts } from "../dosageRows.ts";
import { bytesOfEffectiveTests } from "../effectiveTests.ts";
import { type Anchor, inRuns } from "../geometry.ts";
import { LabelCache } from "../labelCache.ts";
import { Leads } from "../leads.ts";
import type { ChooseParts, MapPart } from "../mapPart.ts";
import { planMemory } from "../memory.ts";
import { PairSampler, SampledPairs } from "../nullSample.ts";
import { inOrder } from "../pipeline.ts";
import { chosenParts, countingBackend, DEFAULT_MEMORY, PartCounter } from "../run.ts";
import type { Survey } from "../survey.ts";
import { joinSurveys, SurveyCache } from "../surveyCache.ts";
import { type CisNeighbourhood, CisTests } from "./cisTests.ts";
import { termColumns, variantColumns } from "./columns.ts";
import type { InteractionSurvey } from "./gram.ts";
import { PartNumbers } from "./leadNumbers.ts";
import { type InteractionOptions, type InteractionSession, interactionRun } from "./session.ts";
import type { InteractionRun } from "./tables.ts";
import { bytesOfWhitening } from "./whitenedGram.ts";

export interface CisInteractionOptions extends InteractionOptions {
  /** Base pairs on either side of the gene, inclusive. Default 1,000,000. */
  readonly window?: number | undefined;
  /** What distances are measured from. Default `tss`. */
  readonly anchor?: Anchor | undefined;
  /** Count effective tests of each gene (eigenMT); otherwise all tests count. Default true. */
  readonly eigenMT?: boolean | undefined;
}

/**
 * The interaction of every variant within `window` of every gene with a context, or several in one model: all pairs in
 * f64. Batches come by gene, then variant in source order; slope, its error and p are those of the product with the (first) context.
 */
export function mapCisInteraction(cohort: Cohort, options: CisInteractionOptions): InteractionRun {
  const window = options.window ?? 1_000_000;
  if (!(Number.isSafeInteger(window) && window >= 0)) {
    throw new UsageError(`window ${window}: must be a whole number of base pairs, 0 or more`);
  }
  return interactionRun(cohort, options, (session, choose) => cisParts(session, window, options, choose));
}

async function* cisParts(
  session: InteractionSession,
  window: number,
  options: CisInteractionOptions,
  choose: ChooseParts | undefined,
): AsyncGenerator<MapPart, void> {
  const { model } = session;
  const { cohort } = model;
  const { backend, scan } = session.surveyor;
  const { signal } = options;
  const source = cohort.tables.genotypes;
  const plan = planCis(cohort, window);
  const planned = (plan.pairs * scan.tested) / Math.max(1, source.variantCount);
  const sampler = new PairSampler(options.seed ?? 1, planned);
  const cache = new SurveyCache<InteractionSurvey>(source.variantCount, session.survey);
  const labels = new LabelCache(source, source.variantCount);
  const covered = (variant: number): boolean => inRuns(plan.covered, variant);
  const terms = model.modifiers.length + 1;
  const { ahead } = planMemory(
    {
      cohort,
      genes: terms * plan.largest.genes,
      kind: "dense",
      threads: backend.parallelism,
      takesRemainders: backend.takesRemainders,
      variants: plan.largest.variants,
      pairs: (terms + 2 * model.contexts.length) * plan.largest.pairs,
      effectiveBytes:
        options.eigenMT === false ? 0 : bytesOfEffectiveTests(cohort.samples.length, plan.largest.variants),
      ...bytesOfWhitening(model),
    },
    options.memory ?? DEFAULT_MEMORY,
  );
  const pairsOf = Float64Array.from(plan.parts, pairsIn);
  const chosen = await chosenParts(pairsOf, choose);
  const total = chosen.reduce((sum, number) => sum + pairsOf[number]!, 0);
  let done = 0;
  const parts = inOrder(chosen, ahead, async (number) => {
    throwIfAborted(signal);
    return neighbourhood(session, cache, number, plan.parts[number]!, signal);
  });
  const tests = new CisTests(session, { planned, anchor: options.anchor ?? "tss", sampler });
  for await (const near of parts) {
    throwIfAborted(signal);
    const { number, part, surveys, counter } = near;
    const leads = new Leads(part.genes.length);
    const sample = new SampledPairs();
    const numbers = new PartNumbers(model);
    const pairs = tests.run(near, { leads, sample, numbers, counter });
    if (options.eigenMT !== false) await tests.countEffective(near, numbers, signal);
    const dropped = new DroppedRows();
    for (const one of surveys) dropped.add(one, part.reportFrom, part.reportTo, covered);
    counter.variantsTested += countTested(surveys, part, covered);
    labels.keep(Math.min(part.start, part.reportFrom), part.end);
    const tested = { ...near.tested, extra: near.variantNumbers };
    const batch = await pairBatch(number, labels, tested, { take: () => pairs }, await dropped.table(labels));
    const tables = {
      leads: await leads.part(part.genes, labels),
      sample: await sample.part(labels),
      ...numbers.tables(),
    };
    yield { number, piece: 0, last: true, batch, counts: counter.counts(), tables };
    done += pairsOf[number]!;
    options.onProgress?.({ done, total, phase: "testing" });
  }
}

async function neighbourhood(
  session: InteractionSession,
  cache: SurveyCache<InteractionSurvey>,
  number: number,
  part: CisPart,
  signal: AbortSignal | undefined,
): Promise<CisNeighbourhood> {
  const { model, maker } = session;
  const counter = new PartCounter();
  const screener = countingBackend(session.surveyor.backend, counter.pairsBy);
  const from = part.genes.length === 0 ? part.reportFrom : Math.min(part.start, part.reportFrom);
  const surveys = await cache.range(from, part.genes.length === 0 ? part.reportTo : part.end);
  cache.forgetBefore(part.start);
  const tested = joinSurveys(surveys, part.start, part.end);
  const rowOf = (variant: number): number => {
    const row = tested.index.findIndex((index) => index >= variant);
    return row < 0 ? tested.index.length : row;
  };
  const start = part.windowStart.map(rowOf);
  const end = part.windowEnd.map(rowOf);
  const records = joinRecords(surveys, part, maker.layout.length, tested.index.length);
  const products = await windowProducts();
  return {
    number,
    part,
    counter,
    surveys,
    tested,
    records,
    variantNumbers: variantColumns(model, maker.layout, records),
    start,
    end,
    products,
  };

  async function windowProducts(): Promise<Float64Array> {
    if (part.genes.length === 0) return new Float64Array(0);
    const columns = await screener.load(termColumns(model, part.genes));
    const repeated = (run: Uint32Array): Uint32Array =>
      Uint32Array.from({ length: columns.count }, (_, j) => run[j % part.genes.length]!);
    try {
      return await denseProducts(
        screener,
        tested.rows,
        columns,
        { start: repeated(start), end: repeated(end) },
        signal,
      );
    } finally {
      await columns.dispose();
    }
  }
}

/** The records of the surveys' rows within the part's run, in the order of the joined rows. */
function joinRecords(
  surveys: readonly InteractionSurvey[],
  { start, end }: CisPart,
  length: number,
  rows: number,
): Float64Array {
  const joined = new Float64Array(rows * length);
  let at = 0;
  for (const { index, records } of surveys) {
    index.forEach((variant, row) => {
      if (variant < start || variant >= end) return;
      joined.set(records.subarray(row * length, (row + 1) * length), at);
      at += length;
    });
  }
  return joined;
}

/** Variants tested with some gene among those that this part reports on. */
function countTested(
  surveys: readonly Survey[],
  part: CisPart,
  covered: (variant: number) => boolean,
): number {
  let tested = 0;
  for (const one of surveys) {
    for (let v = Math.max(part.reportFrom, one.start); v < Math.min(part.reportTo, one.end); v++) {
      if (one.status[v - one.start] === STATUS_CODE.ok && covered(v)) tested++;
    }
  }
  return tested;
}
