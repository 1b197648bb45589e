import type { Cohort } from "../cohort/cohort.ts";
import { STATUS_CODE } from "../cohort/variants.ts";
import type { LoadedColumns } from "../compute/backend.ts";
import { throwIfAborted, UsageError } from "../errors.ts";
import { log10 } from "../statistics/elementary.ts";
import { DroppedRows, pairBatch } from "./batch.ts";
import { chromosomeRuns, lowerBound, reachOf } from "./geometry.ts";
import { Leads } from "./leads.ts";
import { planMemory } from "./memory.ts";
import { NullSampler } from "./nullSample.ts";
import { inOrder } from "./pipeline.ts";
import { Counters, DEFAULT_MEMORY, mapRun, type RunOptions, type Session, withSession } from "./run.ts";
import { survey } from "./survey.ts";
import type { MapResult, MapRun, PairBatch } from "./tables.ts";
import { TransCollector, type TransJob } from "./transCollect.ts";
import { Slicer, screen, screenThreshold } from "./transScreen.ts";

export interface TransOptions extends RunOptions {
  /** Pairs are written when their p is at most this. Default 1e-5. */
  readonly pValue?: number | undefined;
  /** Base pairs: pairs on one chromosome are tested when farther apart than this. Default 5,000,000. */
  readonly distance?: number | undefined;
  /** Test cis pairs too. */
  readonly allPairs?: boolean | undefined;
}

/**
 * All variants x all genes farther apart than `distance` (or on another chromosome), the pairs with
 * p <= `pValue`: screened by the backend, refined in f64. Batches come by variant, then gene.
 */
export function mapTrans(cohort: Cohort, options: TransOptions): MapRun {
  const pValue = options.pValue ?? 1e-5;
  if (!(pValue > 0 && pValue <= 1))
    throw new UsageError(`p-value threshold ${pValue}: must be above 0 and at most 1`);
  const distance = options.distance ?? 5_000_000;
  if (!(Number.isSafeInteger(distance) && distance >= 0)) {
    throw new UsageError(`distance ${distance}: must be a whole number of base pairs, 0 or more`);
  }
  const job: TransJob = {
    cohort,
    pValue,
    log10Threshold: log10(pValue),
    reach: options.allPairs === true ? -1 : distance,
    seed: options.seed ?? 1,
    signal: options.signal,
  };
  return mapRun(cohort, () =>
    withSession(cohort, options, async function* (session) {
      const expression = await options.backend.load({
        count: cohort.genes.id.length,
        samples: cohort.samples.length,
        values: cohort.residuals,
        standardised: true,
      });
      try {
        return yield* transBatches(job, session, expression, options);
      } finally {
        await expression.dispose();
      }
    }),
  );
}

async function* transBatches(
  job: TransJob,
  session: Session,
  expression: LoadedColumns,
  options: TransOptions,
): AsyncGenerator<PairBatch, MapResult> {
  const { cohort } = job;
  const { backend, scan } = session.surveyor;
  const source = cohort.tables.genotypes;
  const okGenes = Uint32Array.from(cohort.geneStatus.keys()).filter(
    (gene) => cohort.geneStatus[gene] === "ok",
  );
  const sampler = new NullSampler(job.seed, okGenes.length, plannedTests(job, scan.status, okGenes));
  const leads = new Leads(cohort.genes.id.length);
  const counters = new Counters();
  const collector = new TransCollector(job, session.tester, okGenes, leads, sampler, counters);
  const { ahead } = planMemory(
    {
      cohort,
      genes: cohort.genes.id.length,
      kind: "candidates",
      threads: backend.parallelism,
      takesRemainders: backend.takesRemainders,
      variants: Math.min(VARIANTS_PER_PART, source.variantCount),
      pairs: PAIRS_IN_FLIGHT,
    },
    options.memory ?? DEFAULT_MEMORY,
  );
  const total = scan.tested * okGenes.length;
  const threshold = screenThreshold(job);
  const slicer = new Slicer(okGenes.length);
  const starts = Array.from(
    { length: Math.ceil(source.variantCount / VARIANTS_PER_PART) },
    (_, i) => i * VARIANTS_PER_PART,
  );
  const surveys = inOrder(starts, Math.min(2, ahead), (start) => {
    throwIfAborted(job.signal);
    const end = Math.min(source.variantCount, start + VARIANTS_PER_PART);
    return survey(session.surveyor, start, end, job.signal);
  });
  const slices = inOrder(slicer.slices(surveys), ahead, async (slice) => {
    throwIfAborted(job.signal);
    const found = await screen(job, session.screener, expression, slice, threshold);
    slicer.learn(found);
    return { slice, found };
  });
  let done = 0;
  let number = 0;
  for await (const { slice, found } of slices) {
    throwIfAborted(job.signal);
    const { part, from, to } = slice;
    for (const { rows, endsPart } of collector.add(slice, found)) {
      const dropped = new DroppedRows();
      if (endsPart) {
        dropped.add(part, part.start, part.end, (variant) => !collector.isNearAll(variant));
        dropped.count(counters.dropped);
      }
      yield await pairBatch(number++, source, part, rows, await dropped.table(source));
    }
    done += (to - from) * okGenes.length;
    options.onProgress?.({ done, total, phase: "testing" });
  }
  const table = await leads.table(cohort);
  return {
    leads: table,
    null: await sampler.pairs.result(source),
    counts: counters.counts(cohort, session, table.status),
  };
}

/** Variants surveyed, and reported on, together. */
const VARIANTS_PER_PART = 8192;
/** Candidates and pairs of a slice that memory is planned for. */
const PAIRS_IN_FLIGHT = 2 ** 19;

/** Pairs that will be tested, as far as is known before collinear variants are found. */
function plannedTests(job: TransJob, status: Uint8Array, okGenes: Uint32Array): number {
  const { cohort } = job;
  const source = cohort.tables.genotypes;
  let tested = 0;
  for (const code of status) if (code === STATUS_CODE.ok) tested++;
  let pairs = tested * okGenes.length;
  if (job.reach < 0) return pairs;
  const before = new Uint32Array(source.variantCount + 1);
  for (let v = 0; v < source.variantCount; v++)
    before[v + 1] = before[v]! + (status[v] === STATUS_CODE.ok ? 1 : 0);
  const runs = chromosomeRuns(source);
  for (const gene of okGenes) {
    const run = runs[cohort.geneChromosome[gene]!];
    if (run === undefined) continue;
    const { low, high } = reachOf(cohort, gene, job.reach);
    const from = lowerBound(source.position, low, run.start, run.end);
    const to = lowerBound(source.position, high + 1, from, run.end);
    pairs -= before[to]! - before[from]!;
  }
  return pairs;
}
