import type { Cohort } from "../cohort/cohort.ts";
import { STATUS_CODE } from "../cohort/variants.ts";
import { bytesOfColumns } from "../compute/plan.ts";
import { UsageError } from "../errors.ts";
import { log10 } from "../statistics/elementary.ts";
import { DroppedRows, pairBatch } from "./batch.ts";
import { GrowingFloats } from "./growing.ts";
import { Leads } from "./leads.ts";
import { planMemory } from "./memory.ts";
import { NullSampler } from "./nullSample.ts";
import { Counters, DEFAULT_MEMORY, mapRun, type RunOptions, type Session, withSession } from "./run.ts";
import type { MapResult, MapRun, PairBatch } from "./tables.ts";
import { LOCUS_DISTANCE, Loci } from "./trans/loci.ts";
import { transPermutations } from "./trans/permutationFdr.ts";
import { hitsThatFit, type PermutationPlan, permutedHits, tooManyHits } from "./trans/permuted.ts";
import { nearRuns } from "./trans/variantRuns.ts";
import { TransCollector, type TransJob } from "./transCollect.ts";
import { screenedSlices, screenThreshold, VARIANTS_PER_PART } from "./transScreen.ts";

export interface TransOptions extends RunOptions {
  /** Pairs are written when their p is at most this. Default 1e-5. */
  readonly pValue?: number | undefined;
  /** Base pairs: pairs on one chromosome are tested when farther apart than this. Default 5,000,000. */
  readonly distance?: number | undefined;
  /** Test cis pairs too. */
  readonly allPairs?: boolean | undefined;
  /** Permutations of the donors, for false discovery rates of pairs, genes and loci. Default 0: none. */
  readonly permutations?: number | undefined;
  /** Base pairs: hits of a gene no farther apart than this are one locus. Default 1,000,000. */
  readonly locusDistance?: number | undefined;
}

/**
 * All variants x all genes farther apart than `distance` (or on another chromosome), the pairs with
 * p <= `pValue`: screened by the backend, refined in f64. Batches come by variant, then gene.
 */
export function mapTrans(cohort: Cohort, options: TransOptions): MapRun {
  const pValue = options.pValue ?? 1e-5;
  if (!(pValue > 0 && pValue <= 1))
    throw new UsageError(`p-value threshold ${pValue}: must be above 0 and at most 1`);
  const { distance = 5_000_000, locusDistance = LOCUS_DISTANCE, permutations = 0 } = options;
  for (const [what, value] of [
    ["distance", distance],
    ["locus distance", locusDistance],
  ] as const) {
    if (!(Number.isSafeInteger(value) && value >= 0)) {
      throw new UsageError(`${what} ${value}: must be a whole number of base pairs, 0 or more`);
    }
  }
  if (!(Number.isSafeInteger(permutations) && permutations >= 0)) {
    throw new UsageError(`permutations ${permutations}: must be a whole number, 0 or more`);
  }
  const near = nearRuns(cohort, options.allPairs === true ? -1 : distance);
  const job: TransJob = {
    cohort,
    pValue,
    log10Threshold: log10(pValue),
    leftOut: near,
    near,
    seed: options.seed ?? 1,
    signal: options.signal,
  };
  return mapRun(cohort, () =>
    withSession(cohort, options, (session) =>
      transBatches(job, session, { ...options, permutations, locusDistance }),
    ),
  );
}

async function* transBatches(
  job: TransJob,
  session: Session,
  options: TransOptions & { readonly permutations: number; readonly locusDistance: number },
): AsyncGenerator<PairBatch, MapResult> {
  const { cohort } = job;
  const { permutations, locusDistance } = options;
  const source = cohort.tables.genotypes;
  const okGenes = Uint32Array.from(cohort.geneStatus.keys()).filter(
    (gene) => cohort.geneStatus[gene] === "ok",
  );
  const planned = plannedTests(job, session.surveyor.scan.status, okGenes);
  const sampler = new NullSampler(job.seed, okGenes.length, planned);
  const leads = new Leads(cohort.genes.id.length);
  const counters = new Counters();
  const loci = permutations > 0 ? new Loci(cohort.genes.id.length, locusDistance, source) : undefined;
  const collector = new TransCollector(job, session.tester, okGenes, leads, sampler, counters, loci);
  const ahead = slicesAhead(job, session, cohort.genes.id.length, options);
  const permuting = permutations > 0 ? planPermutations(job, session, okGenes, planned, options) : undefined;
  const tested = session.surveyor.scan.tested * okGenes.length;
  const total = tested * (1 + permutations);
  let done = 0;
  const progress = (pairs: number): void => {
    done += pairs;
    options.onProgress?.({ done, total, phase: "testing" });
  };
  const kept = new GrowingFloats();
  let number = 0;
  const expression = await options.backend.load({
    count: cohort.genes.id.length,
    samples: cohort.samples.length,
    values: cohort.residuals,
    standardised: true,
  });
  try {
    const slices = screenedSlices(job, session, expression, screenThreshold(job), ahead);
    for await (const { slice, found } of slices) {
      const { part, from, to } = slice;
      for (const { rows, endsPart } of collector.add(slice, found)) {
        const dropped = new DroppedRows();
        if (endsPart) {
          dropped.add(part, part.start, part.end, (variant) => !collector.isLeftOut(variant));
          dropped.count(counters.dropped);
        }
        const batch = await pairBatch(number++, source, part, rows, await dropped.table(source));
        if (permuting !== undefined) {
          if (kept.length + batch.log10P.length > permuting.mostHits)
            throw tooManyHits(job.pValue, permuting);
          for (const value of batch.log10P) kept.push(value);
        }
        yield batch;
      }
      progress((to - from) * okGenes.length);
    }
  } finally {
    await expression.dispose();
  }
  const table = await leads.table(cohort);
  const result = {
    leads: table,
    null: await sampler.pairs.result(source),
    counts: counters.counts(cohort, session, table.status),
  };
  if (permuting === undefined || loci === undefined) return result;
  const hits = await permutedHits(job, session, okGenes, permuting, progress);
  const found = { pairs: kept.take(), genes: table.log10P, loci: loci.table() };
  return { ...result, permutations: await transPermutations(cohort, found, hits, locusDistance) };
}

/** How many slices may be in flight, with `columns` columns on the backend. */
function slicesAhead(
  { cohort }: TransJob,
  session: Session,
  columns: number,
  { memory = DEFAULT_MEMORY }: TransOptions,
): number {
  const { backend } = session.surveyor;
  const { ahead } = planMemory(
    {
      cohort,
      genes: columns,
      kind: "candidates",
      threads: backend.parallelism,
      takesRemainders: backend.takesRemainders,
      variants: Math.min(VARIANTS_PER_PART, cohort.tables.genotypes.variantCount),
      pairs: PAIRS_IN_FLIGHT,
    },
    memory,
  );
  return ahead;
}

/** Share of the memory that the columns of permutations may take, beyond those of one. */
const SHARE_OF_COLUMNS = 8;

/**
 * As many permutations go through the genotypes together as fit in a share of the memory.
 * @throws LimitError when chance alone gives more hits than can be kept.
 */
function planPermutations(
  job: TransJob,
  session: Session,
  okGenes: Uint32Array,
  tests: number,
  options: TransOptions & { readonly permutations: number; readonly locusDistance: number },
): PermutationPlan {
  const { permutations, locusDistance, memory = DEFAULT_MEMORY } = options;
  const bytes = bytesOfColumns(okGenes.length, job.cohort.samples.length);
  const fitting = Math.floor(memory / SHARE_OF_COLUMNS / Math.max(1, bytes));
  const together = Math.max(1, Math.min(permutations, fitting));
  const ahead = slicesAhead(job, session, together * okGenes.length, options);
  const plan = { permutations, together, locusDistance, ahead, mostHits: hitsThatFit(memory / 4) };
  if (tests * job.pValue * permutations > plan.mostHits) throw tooManyHits(job.pValue, plan);
  return plan;
}

/** Candidates and pairs of a slice that memory is planned for. */
const PAIRS_IN_FLIGHT = 2 ** 19;

/** Pairs that will be tested, as far as is known before collinear variants are found. */
function plannedTests({ leftOut }: TransJob, status: Uint8Array, okGenes: Uint32Array): number {
  const tested = Uint32Array.from(status.keys()).filter((variant) => status[variant] === STATUS_CODE.ok);
  let pairs = tested.length * okGenes.length;
  for (const gene of okGenes) pairs -= leftOut.count(gene, tested);
  return pairs;
}
