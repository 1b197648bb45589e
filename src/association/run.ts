import type { Cohort } from "../cohort/cohort.ts";
import { scanVariants, type VariantScan } from "../cohort/variants.ts";
import type { Backend } from "../compute/backend.ts";
import { SpareBuffers } from "../compute/spareBuffers.ts";
import { loadPairTests } from "../compute/wasm/pairTests.ts";
import { CancelledError } from "../errors.ts";
import { studentT } from "../statistics/studentT.ts";
import type { ChooseParts, MapPart, PartCounts } from "./mapPart.ts";
import { normColumns } from "./norms.ts";
import type { Tester } from "./refine.ts";
import { MapSummary } from "./summary.ts";
import type { Surveyor } from "./survey.ts";
import type { MapResult, MapRun, Progress } from "./tables.ts";

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
/** Blocks of genotypes whose memory is kept for those to come: as many as are read at once. */
const SPARE_BLOCKS = 4;

/** What a run holds on the backend while it lasts. */
export interface Session {
  readonly surveyor: Surveyor;
  readonly tester: Tester;
}

/** Scans the variants, loads what norms are made with, runs `body`, and releases it whatever happens. */
export async function* withSession<Item, Result>(
  cohort: Cohort,
  options: RunOptions,
  body: (session: Session) => AsyncGenerator<Item, Result>,
): AsyncGenerator<Item, Result> {
  const { backend, signal } = options;
  if (signal?.aborted) throw new CancelledError();
  const scan: VariantScan = await scanVariants(cohort, signal);
  const { count, values } = normColumns(cohort);
  const samples = cohort.samples.length;
  const basis = count === 0 ? undefined : await backend.load({ count, samples, values, standardised: false });
  const tails = studentT(cohort.degreesOfFreedom);
  try {
    return yield* body({
      surveyor: { cohort, backend, scan, basis, spare: new SpareBuffers(SPARE_BLOCKS) },
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

/** `backend`, counting the pairs of its products into `pairsBy`, by whoever did the work. */
export function countingBackend(backend: Backend, pairsBy: Map<string, number>): Backend {
  return {
    name: backend.name,
    description: backend.description,
    parallelism: backend.parallelism,
    takesRemainders: backend.takesRemainders,
    load: (columns) => backend.load(columns),
    gram: (rows, signal) => backend.gram(rows, signal),
    ...(backend.loadPermuted && { loadPermuted: backend.loadPermuted.bind(backend) }),
    ...(backend.giveBack && { giveBack: backend.giveBack.bind(backend) }),
    async product(factors, epilogue, signal) {
      const result = await backend.product(factors, epilogue, signal);
      const by = result.by ?? backend.name;
      pairsBy.set(by, (pairsBy.get(by) ?? 0) + result.pairs);
      return result;
    },
    dispose: () => backend.dispose(),
  };
}

/** The numbers that every part is numbered by in a plan of `count` parts, as `choose` wants them. */
export async function chosenParts(pairs: Float64Array, choose: ChooseParts | undefined): Promise<number[]> {
  const all = Array.from(pairs.keys());
  if (choose === undefined) return all;
  const wanted = new Set(await choose({ pairs }));
  return all.filter((number) => wanted.has(number));
}

/**
 * A {@link MapRun} over `parts`, a generator of the parts chosen from its plan. May be iterated once, and has a
 * result when all parts were asked for. `finish` makes of the whole map what takes all of its parts.
 */
export function mapRun(
  cohort: Cohort,
  { backend }: RunOptions,
  parts: (choose: ChooseParts | undefined) => AsyncGenerator<MapPart, void>,
  finish?: (result: MapResult) => MapResult,
): MapRun {
  const summary = (first = 0): MapSummary =>
    new MapSummary(
      {
        geneStatus: cohort.geneStatus,
        variantsRead: cohort.tables.genotypes.variantCount,
        backend: backend.name,
        finish,
      },
      first,
    );
  let result: MapResult | undefined;
  let started = false;
  async function* run(choose?: ChooseParts): AsyncGenerator<MapPart, void> {
    if (started) throw new Error("a map run can be iterated once; call mapCis or mapTrans again");
    started = true;
    if (choose !== undefined) return yield* parts(choose);
    const whole = summary();
    for await (const part of parts(undefined)) {
      whole.add(part);
      yield part;
    }
    result = whole.result();
  }
  return {
    genes: cohort.genes,
    marks: cohort.marks,
    parts: run,
    summary,
    async *[Symbol.asyncIterator]() {
      for await (const { batch } of run()) yield batch;
    },
    result() {
      if (result === undefined) throw new Error("result() is there when the iteration has ended");
      return result;
    },
  };
}

/** What a part counts while it is worked on. */
export class PartCounter {
  tests = 0;
  hits = 0;
  candidates = 0;
  pairsScreened = 0;
  variantsTested = 0;
  everyGene = 0;
  readonly pairsBy = new Map<string, number>();

  counts(): PartCounts {
    const { tests, hits, candidates, pairsScreened, variantsTested, everyGene } = this;
    const pairsBy = Object.fromEntries(this.pairsBy);
    return { tests, hits, candidates, pairsScreened, variantsTested, everyGene, pairsBy };
  }
}
