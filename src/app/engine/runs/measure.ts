import { MapTables, type OpenTable } from "../../../association/finish.ts";
import type { MapPart } from "../../../association/mapPart.ts";
import { decodePart, encodePart } from "../../../association/parts.ts";
import type { GeneTable } from "../../../association/tables.ts";
import type { Cohort } from "../../../cohort/cohort.ts";
import type { Backend } from "../../../compute/backend.ts";
import { CancelledError } from "../../../errors.ts";
import { parquetWriter } from "../../../formats/parquet.ts";
import { type MapJob, mapOf } from "./mapRun.ts";

export interface PlanOptions {
  /** Bytes the run may use. */
  readonly memory: number;
  /** Ends the measuring by CancelledError. */
  readonly signal: AbortSignal;
}

/** Milliseconds of testing that are enough to tell the rate. */
const MEASURED = 1_200;
/** Milliseconds without a part that is done after which fewer permutations are tried: one in so many, of no fewer than so many. */
const PATIENCE = 6_000;
const FEWER = 16;
const LEAST = 20;
/** Parts of a slice at most. */
const PARTS = 64;

/** What a slice of a map's work has told of all of it. */
export interface Measured {
  readonly pairs: number;
  /** Pairs that will be written. */
  readonly hits: number;
  /** Seconds before the first pair: the scan of the variants. */
  readonly setup: number;
  /** Seconds a pair tested, and a pair written (with the parts that wait for it). */
  readonly testing: number;
  readonly writing: number;
}

/** Runs parts of the map, middling ones first, until the time is up, and writes what they found to nowhere. */
export async function measure(
  cohort: Cohort,
  job: MapJob,
  backend: Backend,
  options: PlanOptions,
): Promise<Measured> {
  const fewer = job.kind === "cis" ? Math.ceil(job.permutations / FEWER) : 0;
  if (job.kind !== "cis" || fewer < LEAST) return measureSlice(cohort, job, backend, options);
  const whole = await measureSlice(cohort, job, backend, options, PATIENCE);
  if (whole !== undefined) return whole;
  // What is not permuted is counted too often then: rather too long than too short.
  const part = await measureSlice(cohort, { ...job, permutations: fewer }, backend, options);
  return { ...part, testing: (part.testing * job.permutations) / fewer };
}

/** Undefined where no part came within `patience` milliseconds; without, the first one is waited for. */
async function measureSlice(
  cohort: Cohort,
  job: MapJob,
  backend: Backend,
  options: PlanOptions,
): Promise<Measured>;
async function measureSlice(
  cohort: Cohort,
  job: MapJob,
  backend: Backend,
  options: PlanOptions,
  patience: number,
): Promise<Measured | undefined>;
async function measureSlice(
  cohort: Cohort,
  job: MapJob,
  backend: Backend,
  { memory, signal }: PlanOptions,
  patience?: number,
): Promise<Measured | undefined> {
  const enough = new AbortController();
  const cancel = (): void => enough.abort();
  signal.addEventListener("abort", cancel);
  if (signal.aborted) cancel();
  const clock = new Slice(enough, patience);
  const run = mapOf(cohort, job, {
    ...{ backend, memory, seed: job.seed, signal: enough.signal },
    onProgress: ({ phase, done }) => phase === "testing" && clock.tested(done),
  });
  const writer = await TimedTables.open(run.genes, job);
  try {
    for await (const part of run.parts(({ pairs }) => clock.begin(pairs))) {
      clock.part(part);
      await clock.aside(() => writer.write(part));
      part.release?.();
      if (clock.over()) {
        // Parts in flight are not waited for.
        enough.abort();
        break;
      }
    }
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
  } finally {
    signal.removeEventListener("abort", cancel);
    clock.end();
  }
  if (signal.aborted) throw new CancelledError();
  return clock.measured(job, writer);
}

interface Written {
  readonly hits: number;
  readonly seconds: number;
}

/** The time that a slice takes, and how far it came. */
export class Slice {
  readonly #enough: AbortController;
  readonly #now: () => number;
  readonly #made: number;
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  #pairsOf: Float64Array = new Float64Array(0);
  #began = 0;
  /** Milliseconds spent on other things since the beginning. */
  #aside = 0;
  /** Pairs of whole parts. */
  #whole = 0;
  readonly #marks: Mark[] = [];

  /** `enough` is aborted once the time is up, or after `patience` milliseconds without a part; `now` gives milliseconds. */
  constructor(enough: AbortController, patience?: number, now = () => performance.now()) {
    this.#enough = enough;
    this.#now = now;
    this.#made = now();
    this.#timer = patience === undefined ? undefined : setTimeout(() => enough.abort(), patience);
  }

  /** The parts of the slice: middling ones, some that follow one another, since neighbours share variants. */
  begin(pairs: Float64Array): readonly number[] {
    this.#pairsOf = Float64Array.from(pairs);
    this.#began = this.#now();
    const bySize = [...pairs.keys()].filter((part) => pairs[part]! > 0).sort((a, b) => pairs[a]! - pairs[b]!);
    const middle = bySize[bySize.length >> 1] ?? 0;
    return [...pairs.keys()].slice(middle, middle + PARTS);
  }

  part({ number, last }: Pick<MapPart, "number" | "last">): void {
    if (last) this.#whole += this.#pairsOf[number]!;
    this.#mark(this.#whole);
  }

  tested(pairs: number): void {
    this.#mark(pairs);
    if (this.over()) this.#enough.abort();
  }

  /** Does something whose time is not that of testing. */
  async aside(act: () => Promise<void>): Promise<void> {
    const start = this.#now();
    await act();
    this.#aside += this.#now() - start;
  }

  /** The first part pays for starting up: the time counts from its end, but where that alone takes long. */
  over(): boolean {
    const [first] = this.#marks;
    const time = this.#time();
    return (first !== undefined && time - first.time > MEASURED) || time > PATIENCE;
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  /** Undefined where nothing was tested. `written`: pairs, and the seconds that they took. */
  measured({ kind }: Pick<MapJob, "kind">, { hits, seconds }: Written): Measured | undefined {
    const pairs = this.#pairsOf.reduce((sum, size) => sum + size, 0);
    const [first, last] = [this.#marks[0], this.#marks.at(-1)];
    if (first === undefined || last === undefined) return pairs > 0 ? undefined : { ...NOTHING, pairs };
    // Two marks or more: what comes after the first tells the rate, and what the first took beyond it was starting up.
    const apart = last.pairs > first.pairs;
    const testing = (last.time - (apart ? first.time : 0)) / (last.pairs - (apart ? first.pairs : 0)) / 1000;
    const starting = Math.max(0, first.time / 1000 - first.pairs * testing);
    return {
      pairs,
      hits: kind === "cis" ? pairs : (hits / last.pairs) * pairs,
      setup: (this.#began - this.#made) / 1000 + starting,
      testing,
      writing: hits === 0 ? 0 : seconds / hits,
    };
  }

  /** Milliseconds of testing so far. */
  #time(): number {
    return this.#now() - this.#began - this.#aside;
  }

  #mark(pairs: number): void {
    if (pairs > (this.#marks.at(-1)?.pairs ?? 0)) this.#marks.push({ pairs, time: this.#time() });
  }
}

/** How many pairs were tested by when: milliseconds since the beginning, without what was aside. */
interface Mark {
  readonly pairs: number;
  readonly time: number;
}

const NOTHING = { hits: 0, setup: 0, testing: 0, writing: 0 };

/** Writes pairs as a run does, by way of their parts, to nowhere. */
class TimedTables {
  hits = 0;
  seconds = 0;
  readonly #tables: MapTables;

  private constructor(tables: MapTables) {
    this.#tables = tables;
  }

  static async open(genes: GeneTable, { kind }: MapJob): Promise<TimedTables> {
    return new TimedTables(await MapTables.open({ kind, genes, table: nowhere }));
  }

  async write(part: MapPart): Promise<void> {
    const start = performance.now();
    const kept = decodePart(encodePart(part), "a part");
    await this.#tables.write(kept.batch);
    this.hits += part.batch.variant.length;
    this.seconds += (performance.now() - start) / 1000;
  }
}

/** Small row groups: what is left in an open one is not measured. */
const nowhere: OpenTable = async (_, schema) =>
  parquetWriter({ write: async () => {}, close: async () => {} }, schema, 16_384);
