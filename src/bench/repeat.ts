import { throwIfAborted } from "../errors.ts";

/** One of those that are compared: does its work once and returns how long that took, in seconds. */
export interface Contender {
  readonly name: string;
  run(): Promise<number>;
}

/**
 * Runs every contender `repeats` times, after `warmups` runs that do not count, and returns the seconds of each, in the
 * order of the contenders. Every other round goes backwards (A B B A), so that a machine that slows down or speeds up
 * meanwhile favours nobody. Throws CancelledError when `signal` fires.
 */
export async function alternate(
  contenders: readonly Contender[],
  repeats: number,
  options: {
    readonly warmups?: number;
    readonly signal?: AbortSignal | undefined;
    readonly onRun?: (contender: Contender, round: number) => void;
  } = {},
): Promise<number[][]> {
  const { warmups = 1, signal, onRun } = options;
  const seconds = contenders.map((): number[] => []);
  for (let round = -warmups; round < repeats; round++) {
    const order = [...contenders.keys()];
    if ((round & 1) === 1) order.reverse();
    for (const index of order) {
      throwIfAborted(signal);
      const contender = contenders[index]!;
      onRun?.(contender, round);
      const time = await contender.run();
      if (round >= 0) seconds[index]!.push(time);
    }
  }
  return seconds;
}

/**
 * A contender whose run goes over `pass` as often as fills about `least` seconds, and is the mean time of one: a clock
 * ticks too coarsely for a pass that takes a millisecond. The first run finds out how often. `now` is in milliseconds.
 */
export function repeated(
  name: string,
  least: number,
  pass: () => Promise<void>,
  now: () => number = () => performance.now(),
): Contender {
  let passes = 1;
  return {
    name,
    async run() {
      const start = now();
      for (let i = 0; i < passes; i++) await pass();
      const seconds = (now() - start) / 1000 / passes;
      passes = Math.max(1, Math.min(10_000, Math.round(least / Math.max(seconds, 1e-6))));
      return seconds;
    },
  };
}

/** What is said of repeated measurements: the middle one, and the smallest and the largest. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Of an even number the median is the mean of the two in the middle. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
  return { median, least: sorted[0]!, most: sorted[sorted.length - 1]! };
}
