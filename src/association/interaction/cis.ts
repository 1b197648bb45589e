import type { Cohort } from "../../cohort/cohort.ts";
import { STATUS_CODE } from "../../cohort/variants.ts";
import { throwIfAborted, UsageError } from "../../errors.ts";
import { DroppedRows, pairBatch } from "../batch.ts";
import { type CisPart, planCis } from "../cisPlan.ts";
import { denseProducts } from "../dosageRows.ts";
import type { Anchor } from "../geometry.ts";
import { LabelCache } from "../labelCache.ts";
import { Leads } from "../leads.ts";
import { planMemory } from "../memory.ts";
import { PairSampler } from "../nullSample.ts";
import { inOrder } from "../pipeline.ts";
import { Counters, DEFAULT_MEMORY } from "../run.ts";
import type { Survey } from "../survey.ts";
import { joinSurveys, SurveyCache } from "../surveyCache.ts";
import type { PairBatch } from "../tables.ts";
import { type CisNeighbourhood, CisTests } from "./cisTests.ts";
import { termColumns, variantColumns } from "./columns.ts";
import type { InteractionSurvey } from "./gram.ts";
import { LeadNumbers } from "./leadNumbers.ts";
import { type InteractionOptions, type InteractionSession, interactionRun } from "./session.ts";
import type { InteractionResult, InteractionRun } from "./tables.ts";

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
  return interactionRun(cohort, options, (session) => cisBatches(session, window, options));
}

async function* cisBatches(
  session: InteractionSession,
  window: number,
  options: CisInteractionOptions,
): AsyncGenerator<PairBatch, InteractionResult> {
  const { model } = session;
  const { cohort } = model;
  const { backend, scan } = session.surveyor;
  const { signal } = options;
  const source = cohort.tables.genotypes;
  const plan = planCis(cohort, window);
  const share = scan.tested / Math.max(1, source.variantCount);
  const sampler = new PairSampler(options.seed ?? 1, plan.pairs * share);
  const leads = new Leads(cohort.genes.id.length);
  const numbers = new LeadNumbers(model);
  const counters = new Counters();
  const cache = new SurveyCache<InteractionSurvey>(source.variantCount, session.survey);
  const labels = new LabelCache(source, source.variantCount);
  const covered = (variant: number): boolean => plan.covered[variant] === 1;
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
    },
    options.memory ?? DEFAULT_MEMORY,
  );
  const parts = inOrder(plan.parts, ahead, async (part) => {
    throwIfAborted(signal);
    return neighbourhood(session, cache, part, signal);
  });
  const tests = new CisTests(session, {
    planned: plan.pairs * share,
    anchor: options.anchor ?? "tss",
    leads,
    sampler,
    numbers,
    counters,
  });
  let done = 0;
  let number = 0;
  for await (const near of parts) {
    throwIfAborted(signal);
    const { part, surveys } = near;
    const pairs = tests.run(near);
    if (options.eigenMT !== false) await tests.countEffective(near, signal);
    const dropped = new DroppedRows();
    for (const one of surveys) dropped.add(one, part.reportFrom, part.reportTo, covered);
    dropped.count(counters.dropped);
    counters.variantsTested += countTested(surveys, part, covered);
    labels.keep(Math.min(part.start, part.reportFrom), part.end);
    yield await pairBatch(
      number++,
      labels,
      { ...near.tested, extra: near.variantNumbers },
      { take: () => pairs },
      await dropped.table(labels),
    );
    await leads.learn(part.genes, labels);
    await sampler.pairs.learn(labels);
    part.genes.forEach((_, i) => {
      done += part.windowEnd[i]! - part.windowStart[i]!;
    });
    options.onProgress?.({ done, total: plan.pairs, phase: "testing" });
  }
  const table = await leads.table(cohort);
  return numbers.result({
    leads: table,
    null: await sampler.pairs.result(source),
    counts: counters.counts(cohort, session, table.status),
  });
}

async function neighbourhood(
  session: InteractionSession,
  cache: SurveyCache<InteractionSurvey>,
  part: CisPart,
  signal: AbortSignal | undefined,
): Promise<CisNeighbourhood> {
  const { model, maker, screener } = session;
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
    part,
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
