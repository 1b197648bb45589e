import type { Cohort } from "../cohort/cohort.ts";
import { scanVariants, type VariantScan } from "../cohort/variants.ts";
import type { Backend } from "../compute/backend.ts";
import { loadPairTests } from "../compute/wasm/pairTests.ts";
import { CancelledError } from "../errors.ts";
import { studentT } from "../statistics/studentT.ts";
import type { Tester } from "./refine.ts";
import type { Surveyor } from "./survey.ts";
import type { MapCounts, MapResult, MapRun, PairBatch, Progress, VariantStatus } from "./tables.ts";

/** What every map is run with. */
export interface RunOptions {
  readonly backend: Backend;
  /** Bytes the run may use in all. Default 1 GiB. */
  readonly memory?: number | undefined;
  /** Of the null sample. Default 1. */
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export const DEFAULT_MEMORY = 2 ** 30;

/** What a run holds on the backend while it lasts. */
export interface Session {
  readonly surveyor: Surveyor;
  /** The backend, for the products that are tested: it counts their pairs into `pairsBy`. */
  readonly screener: Backend;
  /** Pairs, by the backend that did the work. */
  readonly pairsBy: ReadonlyMap<string, number>;
  readonly tester: Tester;
}

/** Scans the variants, loads the covariates' basis, runs `body`, and releases it whatever happens. */
export async function* withSession<Item, Result>(
  cohort: Cohort,
  options: RunOptions,
  body: (session: Session) => AsyncGenerator<Item, Result>,
): AsyncGenerator<Item, Result> {
  const { backend, signal } = options;
  if (signal?.aborted) throw new CancelledError();
  const scan: VariantScan = await scanVariants(cohort, signal);
  const { genotypeBasis } = cohort;
  const basis =
    genotypeBasis.count === 0
      ? undefined
      : await backend.load({
          count: genotypeBasis.count,
          samples: cohort.samples.length,
          values: genotypeBasis.values,
          standardised: false,
        });
  const pairsBy = new Map<string, number>();
  const tails = studentT(cohort.degreesOfFreedom);
  try {
    return yield* body({
      surveyor: { cohort, backend, scan, basis },
      screener: countingBackend(backend, pairsBy),
      pairsBy,
      tester: {
        degreesOfFreedom: cohort.degreesOfFreedom,
        tails,
        vector: await loadPairTests(tails.constants),
      },
    });
  } finally {
    await basis?.dispose();
  }
}

/** `backend`, counting pairs by whoever did the work. */
function countingBackend(backend: Backend, pairsBy: Map<string, number>): Backend {
  return {
    name: backend.name,
    description: backend.description,
    parallelism: backend.parallelism,
    takesRemainders: backend.takesRemainders,
    load: (columns) => backend.load(columns),
    ...(backend.loadPermuted && { loadPermuted: backend.loadPermuted.bind(backend) }),
    async product(factors, epilogue, signal) {
      const result = await backend.product(factors, epilogue, signal);
      const by = result.by ?? backend.name;
      pairsBy.set(by, (pairsBy.get(by) ?? 0) + result.pairs);
      return result;
    },
    dispose: () => backend.dispose(),
  };
}

/** A {@link MapRun} over a generator of batches that returns the run's result. May be iterated once. */
export function mapRun(cohort: Cohort, batches: () => AsyncGenerator<PairBatch, MapResult>): MapRun {
  let result: MapResult | undefined;
  let started = false;
  return {
    genes: cohort.genes,
    async *[Symbol.asyncIterator]() {
      if (started) throw new Error("a map run can be iterated once; call mapCis or mapTrans again");
      started = true;
      result = yield* batches();
    },
    result() {
      if (result === undefined) throw new Error("result() is there when the iteration has ended");
      return result;
    },
  };
}

/** Counters of a run, summed up in part order. */
export class Counters {
  tests = 0;
  hits = 0;
  candidates = 0;
  pairsScreened = 0;
  variantsTested = 0;
  readonly dropped = new Map<string, number>();

  counts(cohort: Cohort, { screener, pairsBy }: Session, status: readonly string[]): MapCounts {
    const genes: Record<string, number> = {};
    for (const known of status) genes[known] = (genes[known] ?? 0) + 1;
    return {
      tests: this.tests,
      hits: this.hits,
      candidates: this.candidates,
      pairsScreened: this.pairsScreened,
      pairsBy: Object.fromEntries(pairsBy),
      backend: screener.name,
      variantsRead: cohort.tables.genotypes.variantCount,
      variantsTested: this.variantsTested,
      dropped: Object.fromEntries(this.dropped) as Partial<Record<VariantStatus, number>>,
      genes,
    };
  }
}
