import type { Cohort } from "../../cohort/cohort.ts";
import { STATUS_CODE } from "../../cohort/variants.ts";
import { throwIfAborted, UsageError } from "../../errors.ts";
import { log10 } from "../../statistics/elementary.ts";
import { DroppedRows, pairBatch } from "../batch.ts";
import { Leads } from "../leads.ts";
import { planMemory } from "../memory.ts";
import { NullSampler } from "../nullSample.ts";
import { inOrder } from "../pipeline.ts";
import { Counters, DEFAULT_MEMORY } from "../run.ts";
import type { PairBatch } from "../tables.ts";
import { nearRuns, type VariantRuns } from "../trans/variantRuns.ts";
import { Slicer, VARIANTS_PER_PART } from "../transScreen.ts";
import { variantColumns } from "./columns.ts";
import { LeadNumbers } from "./leadNumbers.ts";
import { isScreenedInteraction, type PairFinder, pairFinder } from "./screen.ts";
import { type InteractionOptions, type InteractionSession, interactionRun } from "./session.ts";
import type { InteractionResult, InteractionRun } from "./tables.ts";
import { TransTests } from "./transTests.ts";

export interface TransInteractionOptions extends InteractionOptions {
  /** Pairs are written when the p of their product with the context is at most this. Default 1e-5. */
  readonly pValue?: number | undefined;
  /** Base pairs: pairs on one chromosome are tested when farther apart than this. Default 5,000,000. */
  readonly distance?: number | undefined;
  /** Test cis pairs too. */
  readonly allPairs?: boolean | undefined;
}

/**
 * The interaction of all variants with a context (or several in one model) on all genes farther away than `distance`, the pairs
 * with p <= `pValue`: of one context screened by the backend, then tested in f64. Batches come by variant, then gene.
 */
export function mapTransInteraction(cohort: Cohort, options: TransInteractionOptions): InteractionRun {
  const { pValue = 1e-5, distance = 5_000_000 } = options;
  if (!(pValue > 0 && pValue <= 1))
    throw new UsageError(`p-value threshold ${pValue}: must be above 0 and at most 1`);
  if (!(Number.isSafeInteger(distance) && distance >= 0)) {
    throw new UsageError(`distance ${distance}: must be a whole number of base pairs, 0 or more`);
  }
  return interactionRun(cohort, options, async function* (session) {
    const { model, maker, screener } = session;
    const genes = Uint32Array.from(model.cohort.geneStatus.keys()).filter(
      (gene) => model.cohort.geneStatus[gene] === "ok",
    );
    const finder = await pairFinder(model, maker.layout, screener, genes, pValue, log10(pValue));
    try {
      return yield* transBatches(
        session,
        finder,
        genes,
        pValue,
        nearRuns(cohort, options.allPairs === true ? -1 : distance),
        options,
      );
    } finally {
      await finder.dispose();
    }
  });
}

async function* transBatches(
  session: InteractionSession,
  finder: PairFinder,
  genes: Uint32Array,
  pValue: number,
  near: VariantRuns,
  options: TransInteractionOptions,
): AsyncGenerator<PairBatch, InteractionResult> {
  const { model } = session;
  const { cohort } = model;
  const { signal } = options;
  const { scan } = session.surveyor;
  const source = cohort.tables.genotypes;
  const planned = plannedTests(near, scan.status, genes);
  const sampler = new NullSampler(options.seed ?? 1, genes.length, planned);
  const leads = new Leads(cohort.genes.id.length);
  const numbers = new LeadNumbers(model);
  const counters = new Counters();
  const tests = new TransTests(
    session,
    { genes, near, log10Threshold: log10(pValue) },
    { leads, sampler, numbers, counters, planned },
  );
  const ahead = slicesAhead(session, genes.length, pValue, options);
  const slicer = new Slicer(genes.length);
  const starts = Array.from(
    { length: Math.ceil(source.variantCount / VARIANTS_PER_PART) },
    (_, i) => i * VARIANTS_PER_PART,
  );
  const surveys = inOrder(starts, Math.min(2, ahead), (start) => {
    throwIfAborted(signal);
    return session.survey(start, Math.min(source.variantCount, start + VARIANTS_PER_PART));
  });
  const slices = inOrder(slicer.slices(surveys), ahead, async (slice) => {
    throwIfAborted(signal);
    const found = await finder.find(slice, signal);
    slicer.learn(found);
    return { slice, found };
  });
  const total = scan.tested * genes.length;
  let done = 0;
  let number = 0;
  for await (const { slice, found } of slices) {
    throwIfAborted(signal);
    const { part, from, to } = slice;
    const extra = variantColumns(model, session.maker.layout, part.records);
    for (const { rows, endsPart } of tests.add(slice, found)) {
      const dropped = new DroppedRows();
      if (endsPart) {
        dropped.add(part, part.start, part.end, (variant) => !tests.isLeftOut(variant));
        dropped.count(counters.dropped);
      }
      yield await pairBatch(number++, source, { ...part, extra }, rows, await dropped.table(source));
    }
    done += (to - from) * genes.length;
    options.onProgress?.({ done, total, phase: "testing" });
  }
  const table = await leads.table(cohort);
  return numbers.result({
    leads: table,
    null: await sampler.pairs.result(source),
    counts: counters.counts(cohort, session, table.status),
  });
}

/** Candidates and pairs of a slice that memory is planned for. */
const PAIRS_IN_FLIGHT = 2 ** 19;

function slicesAhead(
  { model, surveyor: { backend } }: InteractionSession,
  genes: number,
  pValue: number,
  { memory = DEFAULT_MEMORY }: TransInteractionOptions,
): number {
  const { cohort, modifiers } = model;
  const { ahead } = planMemory(
    {
      cohort,
      genes: (modifiers.length + 1) * genes,
      kind: isScreenedInteraction(modifiers.length, pValue) ? "candidates" : "dense",
      threads: backend.parallelism,
      takesRemainders: backend.takesRemainders,
      variants: Math.min(VARIANTS_PER_PART, cohort.tables.genotypes.variantCount),
      pairs: 2 * PAIRS_IN_FLIGHT,
    },
    memory,
  );
  return ahead;
}

/** Pairs that will be tested, as far as is known before the variants' Gram matrices are. */
function plannedTests(near: VariantRuns, status: Uint8Array, genes: Uint32Array): number {
  const tested = Uint32Array.from(status.keys()).filter((variant) => status[variant] === STATUS_CODE.ok);
  let pairs = tested.length * genes.length;
  for (const gene of genes) pairs -= near.count(gene, tested);
  return pairs;
}
