import type { Cohort } from "../cohort/cohort.ts";
import { STATUS_CODE } from "../cohort/variants.ts";
import type { LoadedColumns } from "../compute/backend.ts";
import { throwIfAborted, UsageError } from "../errors.ts";
import { log10 } from "../statistics/elementary.ts";
import { DroppedRows, pairBatch } from "./batch.ts";
import { chromosomeRuns, lowerBound, reachOf } from "./geometry.ts";
import { LabelCache } from "./labelCache.ts";
import { type ChooseParts, type MapPart, NO_COUNTS } from "./mapPart.ts";
import { planMemory } from "./memory.ts";
import { NullSampler } from "./nullSample.ts";
import { inOrder } from "./pipeline.ts";
import {
  chosenParts,
  countingBackend,
  DEFAULT_MEMORY,
  mapRun,
  type RunOptions,
  type Session,
  withSession,
} from "./run.ts";
import { survey } from "./survey.ts";
import type { MapRun } from "./tables.ts";
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
  return mapRun(cohort, options, (choose) =>
    withSession(cohort, options, async function* (session) {
      const expression = await options.backend.load({
        count: cohort.genes.id.length,
        samples: cohort.samples.length,
        values: cohort.residuals,
        standardised: true,
      });
      try {
        return yield* transParts(job, session, expression, options, choose);
      } finally {
        await expression.dispose();
      }
    }),
  );
}

async function* transParts(
  job: TransJob,
  session: Session,
  expression: LoadedColumns,
  options: TransOptions,
  choose: ChooseParts | undefined,
): AsyncGenerator<MapPart, void> {
  const { cohort } = job;
  const { backend, scan } = session.surveyor;
  const source = cohort.tables.genotypes;
  const okGenes = Uint32Array.from(cohort.geneStatus.keys()).filter(
    (gene) => cohort.geneStatus[gene] === "ok",
  );
  const sampler = new NullSampler(job.seed, okGenes.length, plannedTests(job, scan.status, okGenes));
  const collector = new TransCollector(job, session.tester, okGenes, sampler);
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
  const pairsOf = pairsOfParts(scan.status, okGenes.length);
  const chosen = await chosenParts(pairsOf, choose);
  const total = chosen.reduce((sum, number) => sum + pairsOf[number]!, 0);
  const everyGene = Array.from(cohort.genes.id.keys());
  const threshold = screenThreshold(job);
  const slicer = new Slicer(okGenes.length);
  const labels = new LabelCache(source, source.variantCount);
  const surveys = inOrder(chosen, Math.min(2, ahead), (number) => {
    throwIfAborted(job.signal);
    const start = number * VARIANTS_PER_PART;
    const end = Math.min(source.variantCount, start + VARIANTS_PER_PART);
    return survey(session.surveyor, start, end, job.signal);
  });
  const slices = inOrder(slicer.slices(surveys), ahead, async (slice) => {
    throwIfAborted(job.signal);
    const pairsBy = new Map<string, number>();
    const found = await screen(job, countingBackend(backend, pairsBy), expression, slice, threshold);
    slicer.learn(found);
    return { slice, found, pairsBy };
  });
  let done = 0;
  for await (const { slice, found, pairsBy } of slices) {
    throwIfAborted(job.signal);
    const { part, from, to } = slice;
    const number = part.start / VARIANTS_PER_PART;
    labels.keep(part.start, part.end);
    for (const { rows, piece, end } of collector.add(slice, found, pairsBy)) {
      const dropped = new DroppedRows();
      if (end !== undefined) {
        dropped.add(part, part.start, part.end, (variant) => !collector.isNearAll(variant));
      }
      const batch = await pairBatch(number, labels, part, rows, await dropped.table(labels));
      if (end === undefined) {
        yield { number, piece, last: false, batch, counts: NO_COUNTS, tables: {} };
        continue;
      }
      const tables = {
        leads: await end.leads.part(everyGene, labels),
        sample: await end.sample.part(labels),
      };
      yield { number, piece, last: true, batch, counts: end.counter.counts(), tables };
    }
    done += (to - from) * okGenes.length;
    options.onProgress?.({ done, total, phase: "testing" });
  }
}

/** Variants surveyed, and reported on, together. */
const VARIANTS_PER_PART = 8192;

/** Pairs of each part, near ones counted in: variants that pass the filters with all genes. */
function pairsOfParts(status: Uint8Array, genes: number): Float64Array {
  const pairs = new Float64Array(Math.ceil(status.length / VARIANTS_PER_PART));
  status.forEach((code, variant) => {
    if (code === STATUS_CODE.ok) pairs[Math.floor(variant / VARIANTS_PER_PART)]! += genes;
  });
  return pairs;
}

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
