import type { Cohort } from "../../cohort/cohort.ts";
import { STATUS_CODE } from "../../cohort/variants.ts";
import { throwIfAborted, UsageError } from "../../errors.ts";
import { log10 } from "../../statistics/elementary.ts";
import { DroppedRows, pairBatch } from "../batch.ts";
import { LabelCache } from "../labelCache.ts";
import { type ChooseParts, type MapPart, NO_COUNTS } from "../mapPart.ts";
import { planMemory } from "../memory.ts";
import { NullSampler } from "../nullSample.ts";
import { inOrder } from "../pipeline.ts";
import { chosenParts, DEFAULT_MEMORY } from "../run.ts";
import { nearRuns, type VariantRuns } from "../trans/variantRuns.ts";
import { pairsOfParts } from "../trans.ts";
import { Slicer, VARIANTS_PER_PART } from "../transScreen.ts";
import { variantColumns } from "./columns.ts";
import { isScreenedInteraction, pairFinder } from "./finder.ts";
import type { FoundPairs, InteractionSlice, PairFinder } from "./found.ts";
import { type InteractionOptions, type InteractionSession, interactionRun } from "./session.ts";
import type { InteractionRun } from "./tables.ts";
import { TransTests } from "./transTests.ts";
import { bytesOfWhitening } from "./whitenedGram.ts";

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
  return interactionRun(cohort, options, async function* (session, choose) {
    const { model, maker, surveyor } = session;
    const genes = Uint32Array.from(model.cohort.geneStatus.keys()).filter(
      (gene) => model.cohort.geneStatus[gene] === "ok",
    );
    const finder = await pairFinder(
      { model, layout: maker.layout, backend: surveyor.backend, genes },
      pValue,
    );
    try {
      const near = nearRuns(cohort, options.allPairs === true ? -1 : distance);
      yield* transParts(session, finder, { genes, near, pValue }, options, choose);
    } finally {
      await finder.dispose();
    }
  });
}

/** Which pairs are tested, and which of them are written. */
interface Asked {
  readonly genes: Uint32Array;
  readonly near: VariantRuns;
  readonly pValue: number;
}

async function* transParts(
  session: InteractionSession,
  finder: PairFinder,
  { genes, near, pValue }: Asked,
  options: TransInteractionOptions,
  choose: ChooseParts | undefined,
): AsyncGenerator<MapPart, void> {
  const { model } = session;
  const { cohort } = model;
  const { status } = session.surveyor.scan;
  const source = cohort.tables.genotypes;
  const planned = plannedTests(near, status, genes);
  const sampler = new NullSampler(options.seed ?? 1, genes.length, planned);
  const tests = new TransTests(session, { genes, near, log10Threshold: log10(pValue), sampler, planned });
  const ahead = slicesAhead(session, genes.length, pValue, options);
  const pairsOf = pairsOfParts(status, genes.length);
  const chosen = await chosenParts(pairsOf, choose);
  const total = chosen.reduce((sum, number) => sum + pairsOf[number]!, 0);
  const labels = new LabelCache(source, source.variantCount);
  const allGenes = Array.from(cohort.genes.id.keys());
  let done = 0;
  for await (const { slice, found } of foundSlices(session, finder, genes.length, chosen, ahead, options)) {
    const { part, from, to } = slice;
    const number = part.start / VARIANTS_PER_PART;
    const extra = variantColumns(model, session.maker.layout, part.records);
    labels.keep(part.start, part.end);
    for (const { rows, piece, end } of tests.add(slice, found)) {
      const dropped = new DroppedRows();
      if (end !== undefined) {
        dropped.add(part, part.start, part.end, (variant) => !tests.isLeftOut(variant));
      }
      const batch = await pairBatch(number, labels, { ...part, extra }, rows, await dropped.table(labels));
      const tables = end && {
        leads: await end.leads.part(allGenes, labels),
        sample: await end.sample.part(labels),
        ...end.numbers.tables(),
      };
      const counts = end?.counter.counts() ?? NO_COUNTS;
      yield { number, piece, last: end !== undefined, batch, counts, tables: tables ?? {} };
    }
    done += (to - from) * genes.length;
    options.onProgress?.({ done, total, phase: "testing" });
  }
}

/** The parts `numbers`, slice by slice in the order of the source, each with the pairs of it that may pass. */
async function* foundSlices(
  session: InteractionSession,
  finder: PairFinder,
  genes: number,
  numbers: readonly number[],
  ahead: number,
  { signal }: TransInteractionOptions,
): AsyncGenerator<{ slice: InteractionSlice; found: FoundPairs }> {
  const { variantCount } = session.model.cohort.tables.genotypes;
  const slicer = new Slicer(genes);
  const surveys = inOrder(numbers, Math.min(2, ahead), (number) => {
    throwIfAborted(signal);
    const start = number * VARIANTS_PER_PART;
    return session.survey(start, Math.min(variantCount, start + VARIANTS_PER_PART));
  });
  const slices = inOrder(slicer.slices(surveys), ahead, async (slice) => {
    throwIfAborted(signal);
    const found = await finder.find(slice, signal);
    slicer.learn(found);
    return { slice, found };
  });
  for await (const one of slices) {
    throwIfAborted(signal);
    yield one;
  }
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
      ...bytesOfWhitening(model),
    },
    memory,
  );
  return ahead;
}

/** Pairs that will be tested, as far as is known before the variants' Gram matrices are. */
function plannedTests(near: VariantRuns, status: Uint8Array, genes: Uint32Array): number {
  const variants = new Uint32Array(status.length);
  let count = 0;
  for (let variant = 0; variant < status.length; variant++) {
    if (status[variant] === STATUS_CODE.ok) variants[count++] = variant;
  }
  const tested = variants.subarray(0, count);
  let pairs = count * genes.length;
  for (const gene of genes) pairs -= near.count(gene, tested);
  return pairs;
}
