import type { Cohort } from "../../../cohort/cohort.ts";
import type { Backend } from "../../../compute/backend.ts";
import { throwIfAborted } from "../../../errors.ts";
import type { Job, WorkPlan } from "../protocol.ts";
import type { MapJob } from "./mapRun.ts";
import { type Measured, measure, type PlanOptions } from "./measure.ts";

/** A pair in Parquet: what the demo's tables take. */
const BYTES_A_PAIR = 45;
/** Of a tab that has a cohort open, with the engine's code and what a plan has used (bench/pageRun.ts). */
const BYTES_AT_REST = 230e6;
/** Of a run beside what it holds. */
const WORKING = 32e6;
/** Pairs of a cis map: parts in flight, then columns that are written, then points of the plot, which are a million at most. */
const BYTES_A_HELD_PAIR = 85;
const HELD_PAIRS = 2e6;
/** Columns of permutations in the work at once, and what goes with them. */
const PERMUTED_COLUMNS = 1_024;
const PERMUTING = 64e6;

/**
 * The work of a job: pairs are those of the plan, seconds are measured on a slice of this work, on this machine, now. Parts differ, and so does what
 * else the machine does: on WebAssembly plans of the demo were off by up to a factor of three, on a GPU of software by far more (bench/RESULTS.md).
 * Throws CancelledError soon after `signal` fires.
 */
export async function planOf(
  cohort: Cohort,
  job: Job,
  backend: Backend,
  options: PlanOptions,
): Promise<WorkPlan> {
  const using = `Using ${backend.description}`;
  throwIfAborted(options.signal);
  if (job.kind === "network") return networkPlan(cohort, using);
  const measured = await measure(cohort, job, backend, options);
  const { pairs, hits } = measured;
  const permutations = job.kind === "cis" ? job.permutations : 0;
  const samples = cohort.samples.length;
  const held = 8 * samples * cohort.genes.id.length * 2 + 20 * cohort.tables.genotypes.variantCount;
  const writing = job.kind === "cis" ? BYTES_A_HELD_PAIR * Math.min(pairs, HELD_PAIRS) : 0;
  const permuting =
    permutations === 0 ? 0 : PERMUTING + 8 * samples * Math.min(permutations, PERMUTED_COLUMNS) * 4;
  return {
    pairs,
    permutedPairs: pairs * permutations,
    seconds: secondsOf(measured, job),
    // Permutations are over before the last tables are written.
    bytes: BYTES_AT_REST + WORKING + held + Math.max(writing, permuting),
    resultBytes: Math.round(hits * BYTES_A_PAIR),
    using,
    warnings: warningsOf(backend),
  };
}

/** All of it: the variants are read once more, every pair is tested, every one that is found is kept, read back and written. */
function secondsOf({ setup, testing, writing, pairs, hits }: Measured, job: MapJob): number {
  const significant = job.kind === "cis" && job.permutations > 0 ? SIGNIFICANT_WRITING : 1;
  return setup + testing * pairs + writing * hits * significant + FINISHING;
}

/** With permutations the significant pairs are written into a table of their own: some 5 in 100, and all are looked at. */
const SIGNIFICANT_WRITING = 1.1;
/** Of tables with a row a gene, hashes and the report: seconds. */
const FINISHING = 0.5;

/** Genes x genes: two products and the linkage, by the rates of one thread of WebAssembly. */
function networkPlan(cohort: Cohort, using: string): WorkPlan {
  const genes = cohort.genes.id.length;
  const pairs = (genes * (genes - 1)) / 2;
  const seconds = 0.5 + (pairs * (cohort.samples.length + genes)) / 1.5e9;
  return {
    ...{ pairs, permutedPairs: 0, seconds, using, warnings: [] },
    bytes: BYTES_AT_REST + 14 * genes * genes,
    resultBytes: 300 * genes,
  };
}

function warningsOf({ name, description }: Backend): string[] {
  const software = /\(software\)|swiftshader|llvmpipe/i.test(description);
  return software && name !== "wasm" ? ["This GPU is made of CPU instructions: WebAssembly is faster."] : [];
}
