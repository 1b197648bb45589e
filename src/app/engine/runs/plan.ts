import type { Cohort } from "../../../cohort/cohort.ts";
import type { Backend } from "../../../compute/backend.ts";
import { CancelledError } from "../../../errors.ts";
import type { Job, WorkPlan } from "../protocol.ts";
import { type MapJob, mapOf } from "./mapRun.ts";

/** Milliseconds that measuring may take. */
const MEASURED = 1_200;
/** A pair in Parquet: what the demo's tables take. */
const BYTES_A_PAIR = 45;
/** Of a page that is open, with the engine's code and buffers. */
const BYTES_AT_REST = 120e6;
/** Columns of permutations in the work at once. */
const PERMUTED_COLUMNS = 1_024;

/**
 * The work of a job: pairs are those of the plan, seconds are measured on a slice of this work, on this machine, now. They hold within a factor of
 * three or so: parts differ, and the first one pays for starting up.
 */
export async function planOf(cohort: Cohort, job: Job, backend: Backend, memory: number): Promise<WorkPlan> {
  const using = `Using ${backend.description}`;
  if (job.kind === "network") return networkPlan(cohort, using);
  const { pairs, share, seconds } = await measure(cohort, job, backend, memory);
  const permutations = job.kind === "cis" ? job.permutations : 0;
  const written = job.kind === "cis" ? pairs : Math.min(pairs, pairs * job.pValue * 3 + 1000);
  const samples = cohort.samples.length;
  const held = 8 * samples * cohort.genes.id.length * 2 + 20 * cohort.tables.genotypes.variantCount;
  const working =
    permutations === 0 ? 32e6 : 64e6 + 8 * samples * Math.min(permutations, PERMUTED_COLUMNS) * 4;
  return {
    pairs,
    permutedPairs: pairs * permutations,
    seconds: share > 0 ? seconds / share : Number.NaN,
    bytes: BYTES_AT_REST + held + working,
    resultBytes: Math.round(written * BYTES_A_PAIR),
    using,
    warnings: warningsOf(backend),
  };
}

interface Measured {
  readonly pairs: number;
  /** Of the pairs, that the measured slice has done. */
  readonly share: number;
  readonly seconds: number;
}

/** Runs parts of the plan, a middling one first, until the time is up. */
async function measure(cohort: Cohort, job: MapJob, backend: Backend, memory: number): Promise<Measured> {
  const timer = new AbortController();
  let sizes = new Float64Array(0);
  let started = 0;
  let latest = 0;
  let done = 0;
  const run = mapOf(cohort, job, {
    backend,
    memory,
    seed: job.seed,
    signal: timer.signal,
    onProgress({ phase, done: tested }) {
      if (phase !== "testing") return;
      latest = performance.now();
      done = tested;
      if (latest - started > MEASURED) timer.abort();
    },
  });
  try {
    const parts = run.parts((plan) => {
      sizes = Float64Array.from(plan.pairs);
      started = performance.now();
      latest = started;
      const middle = [...sizes.keys()].sort((a, b) => sizes[a]! - sizes[b]!)[sizes.length >> 1] ?? 0;
      return [...sizes.keys()].slice(middle, middle + 8);
    });
    for await (const part of parts) {
      latest = performance.now();
      done = Math.max(done, part.counts.tests);
      if (latest - started > MEASURED) break;
    }
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
  }
  const pairs = sizes.reduce((sum, size) => sum + size, 0);
  return {
    pairs,
    share: pairs === 0 ? 0 : Math.min(1, done / pairs),
    seconds: Math.max(1e-3, (latest - started) / 1000),
  };
}

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
