import { throwIfAborted } from "../errors.ts";
import type { Named } from "./agree.ts";
import { corner, type Operands } from "./operands.ts";
import { alternate, type Contender, repeated } from "./repeat.ts";
import { correlate, refinePairs, screen, thresholdOf } from "./work.ts";

/** What a contender's repeats took. */
export interface ProductTimes {
  readonly job: "screen" | "refine" | "correlation";
  readonly name: string;
  /** Pairs of one pass. */
  readonly pairs: number;
  /** Of each repeat, the mean of its passes. */
  readonly seconds: readonly number[];
}

export interface ProductJob {
  readonly operands: Operands;
  /** Those that do all of it, and those so slow that they do a slice only. */
  readonly backends: readonly Named[];
  readonly slow: readonly Named[];
  readonly slice: { readonly variants: number; readonly genes: number };
  readonly repeats: number;
  /** Least seconds of a repeat. */
  readonly least: number;
  readonly signal?: AbortSignal | undefined;
  readonly onDoing: (text: string) => void;
}

/** p at which the screen selects, and at which there are pairs enough to time refinement on. */
const SCREEN_LOG10_P = -5;
const REFINE_LOG10_P = -3;

/** Times the bare products of every backend, and refinement, which is the same for all. */
export async function timeProducts(job: ProductJob): Promise<ProductTimes[]> {
  const small = corner(job.operands, job.slice.variants, job.slice.genes);
  const all = [
    ...job.backends.map((one) => ({ ...one, operands: job.operands })),
    ...job.slow.map((one) => ({ ...one, operands: small })),
  ];
  const held = await Promise.all(
    all.map(async (one) => ({ ...one, columns: await one.backend.load(one.operands.columns) })),
  );
  try {
    const least = thresholdOf(SCREEN_LOG10_P, job.operands.samples);
    const screens = held.map(({ name, backend, operands, columns }) => ({
      pairs: operands.rows.count * operands.columns.count,
      contender: repeated(name, job.least, async () => {
        await screen(backend, operands, columns, least, job.signal);
      }),
    }));
    const doneBy = new Map<string, string>();
    const correlations = held.map(({ name, backend, operands, columns }) => ({
      pairs: operands.columns.count * operands.columns.count,
      contender: repeated(name, job.least, async () => {
        await correlate(backend, operands, columns, (_, by) => void doneBy.set(name, by), job.signal);
      }),
    }));
    const times = [
      ...(await timed("screen", screens, job)),
      ...(await timed("refine", [await refining(job)], job)),
    ];
    const correlated = await timed("correlation", correlations, job);
    // What another backend did is that one's time.
    return [
      ...times,
      ...correlated.filter(
        ({ name }) => held.find((one) => one.name === name)?.backend.name === doneBy.get(name),
      ),
    ];
  } finally {
    for (const { columns } of held) await columns.dispose();
  }
}

interface Timed {
  readonly pairs: number;
  readonly contender: Contender;
}

async function timed(
  job: ProductTimes["job"],
  entries: readonly Timed[],
  { repeats, signal, onDoing }: ProductJob,
): Promise<ProductTimes[]> {
  const contenders = entries.map(({ contender }) => contender);
  const onRun = ({ name }: Contender, round: number) =>
    onDoing(`Timing ${job} · ${name} · ${round < 0 ? "warming up" : `${round + 1} of ${repeats}`}`);
  // The first run also finds how many passes make a repeat, the second runs so many.
  const seconds = await alternate(contenders, repeats, { warmups: 2, signal, onRun });
  return entries.map(({ pairs, contender: { name } }, i) => ({ job, name, pairs, seconds: seconds[i]! }));
}

/** Refinement of the pairs that the first backend's screen leaves. */
async function refining({ operands, backends, slow, least, signal }: ProductJob): Promise<Timed> {
  const { backend } = [...backends, ...slow][0]!;
  const r = thresholdOf(REFINE_LOG10_P, operands.samples);
  const columns = await backend.load(operands.columns);
  try {
    const pairs = await screen(backend, operands, columns, r, signal);
    const pass = async () => {
      throwIfAborted(signal);
      refinePairs(operands, pairs, r);
    };
    return { pairs: pairs.row.length, contender: repeated("f64, 1 thread", least, pass) };
  } finally {
    await columns.dispose();
  }
}
