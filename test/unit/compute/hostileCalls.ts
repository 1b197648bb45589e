/** Products of calls that attack the screen by carriers. */
import type { CallRows } from "../../../src/compute/backend.ts";
import {
  factorOf,
  nudged,
  randomCalls,
  randomColumns,
  randomWindows,
  statistic,
  type TestProduct,
} from "./cohorts.ts";
import type { Random } from "./random.ts";

/** Numbers of samples around a vector, a stretch and several stretches. */
export const SIZES = [1, 2, 3, 4, 5, 31, 32, 33, 63, 64, 65, 1023, 1024, 1025, 2049, 5000];

/** Calls with any share of missing ones, fills outside 0 to 2, and dosages that are nowhere near their calls. */
export function hostileCalls(random: Random, count: number, samples: number): CallRows {
  const calls = randomCalls(random, count, samples);
  const { packed, stride } = calls;
  for (let row = 0; row < count; row += 1) {
    if (random.chance(0.5))
      calls.fill[row] = random.pick([0, 2, -0.7, 5, 2.0004, -0.0003, 1 / 3, 1e3, Number.NaN]);
  }
  if (random.chance(0.3)) return calls;
  const offset = new Uint32Array(count + 1);
  const sample: number[] = [];
  const value: number[] = [];
  for (let row = 0; row < count; row += 1) {
    const share = random.pick([0, 0.1, 1]);
    const kind = random.pick(["near", "near", "far", "nothing left", "one way"]);
    for (let s = 0; s < samples; s += 1) {
      const call = (packed[row * stride + (s >> 2)]! >> (2 * (s & 3))) & 3;
      if (call === 3 || !random.chance(share)) continue;
      sample.push(s);
      value.push(besides(random, kind, call));
    }
    offset[row + 1] = sample.length;
  }
  const remainder = { offset, sample: Uint32Array.from(sample), value: Float64Array.from(value) };
  return { ...calls, remainder };
}

function besides(random: Random, kind: string, call: number): number {
  switch (kind) {
    case "far":
      return 6 * random.next() - 3;
    case "nothing left":
      // The dosage is next to 0.
      return random.pick([1e-9, -1e-9, 1e-12, 0]) - call;
    case "one way":
      // All that rounding to 1/1,024 leaves has one sign, as far as the row's ends let it.
      return 0.25 + 0.49 / 1024;
    default:
      return random.next() - 0.5;
  }
}

/** One cohort of hostile calls; norms and thresholds of any size, some just at a pair's statistic. */
export function hostileProduct(random: Random, samples: number): TestProduct {
  const count = random.integer(1, 14);
  // Several panels now and then.
  const width = samples < 100 && random.chance(0.3) ? random.integer(33, 70) : random.integer(1, 20);
  const rows = hostileCalls(random, count, samples);
  const factor = factorOf(random, rows, randomColumns(random, width, samples), random.pick([1, -1, 0.01]));
  const norm = factor.norm.map((size) =>
    random.chance(0.8) ? size : random.pick([1e-30, 1e-6, 1e6, 1e30, 1e300, 1e-300, 0, -1, Infinity]),
  );
  const factors = [{ ...factor, norm }];
  const threshold = Float64Array.from({ length: width }, (_, j) =>
    random.chance(0.1)
      ? random.pick([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e-300, 1e-30, 1e30])
      : nudged(statistic(factors, random.integer(0, count - 1), j), random.integer(-2, 2)),
  );
  const windows = random.chance(0.4) ? randomWindows(random, count, width) : undefined;
  return { factors, threshold, windows };
}
