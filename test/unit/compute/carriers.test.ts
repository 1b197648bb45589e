/** What the screen by carriers promises, piece by piece, and all of it over hostile products. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Backend, CallRows } from "../../../src/compute/backend.ts";
import { readRow } from "../../../src/compute/exact.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import {
  type Counts,
  type Extras,
  measureRow,
  originOf,
  UNIT,
} from "../../../src/compute/screen/carrierRows.ts";
import {
  fixedPointShift,
  genesInFixedPoint,
  rowInFixedPoint,
} from "../../../src/compute/screen/fixedPoint.ts";
import { countCalls, emptyMeasures } from "../../../src/compute/screen/rows.ts";
import { createWasmBackend } from "../../../src/compute/wasm/backend.ts";
import { KERNELS } from "../../../src/compute/wasm/generated.ts";
import { instantiate, type Kernels } from "../../../src/compute/wasm/kernels.ts";
import { withFactors } from "./check.ts";
import { quantised, randomCalls, randomColumns } from "./cohorts.ts";
import { hostileCalls, hostileProduct, SIZES } from "./hostileCalls.ts";
import { Random } from "./random.ts";

const GROUPS = [1, 2, 4] as const;
/** Bytes of a sample in a panel. */
const PLACE = 32;
const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);

describe("panels", () => {
  it.each(GROUPS)("keep what int8, int16 and int32 hold, in groups of %i", (group) => {
    for (const samples of [2, 3, 5, 33, 200, 1023, 1024, 1025, 2049, 5000, 30_000]) {
      const random = new Random(samples);
      const columns = randomColumns(random, samples > 10_000 ? 2 : 12, samples);
      for (let j = 0; j < columns.count; j += 1) {
        const { q, scale, remainder } = quantised(columns, j, { group });
        const where = `${samples} samples, column ${j}`;
        expect(sum(q), where).toBe(0);
        const sizes = q.map(Math.abs).sort((a, b) => b - a);
        expect(sum(sizes.slice(0, group)), where).toBeLessThanOrEqual(127);
        for (let from = 0; from < samples; from += 1024) {
          const stretch = q.slice(from, from + 1024);
          const above = sum(stretch.map((v) => Math.max(0, v)));
          const below = sum(stretch.map((v) => Math.max(0, -v)));
          // Calls of 0 to 2, and of -1 to 1, at their worst.
          expect(Math.max(2 * above, 2 * below, above + below), where).toBeLessThanOrEqual(32_767);
        }
        // Integers from 0 to 2,048 a sample, at their worst.
        const most = 2 * UNIT * sum(q.map((v) => Math.max(0, v)));
        expect(most, where).toBeLessThan(2 ** 31);
        if (scale === 0) continue;
        const d = q.map((value, s) => columns.values[j * samples + s]! - scale * value);
        expect(remainder, where).toBeGreaterThanOrEqual(deviation(d));
      }
    }
  });
});

/** |x - mean(x)|. */
function deviation(x: readonly number[]): number {
  const mean = sum(x) / x.length;
  return Math.sqrt(sum(x.map((v) => (v - mean) ** 2)));
}

describe("rows of calls", () => {
  it("are measured as plain sums have it, with whatever fills and dosages", () => {
    for (let seed = 0; seed < 60; seed += 1) {
      const random = new Random(seed);
      const samples = random.integer(1, 90);
      const rows = hostileCalls(random, 8, samples);
      const g = new Float64Array(samples);
      for (let row = 0; row < rows.count; row += 1) {
        readRow(rows, row, g);
        const where = `seed ${seed}, row ${row}`;
        const counts = countCalls(rows, row);
        const origin = originOf(counts, samples);
        const measures = emptyMeasures(1);
        const extras = { sample: new Uint32Array(samples), weight: new Int16Array(samples), length: 0 };
        const marked = measureRow(rows, row, counts, origin, measures, 0, extras);
        if (g.some(Number.isNaN)) {
          expect(measures.length[0], where).toBeNaN();
          continue;
        }
        const K = integersOf(rows, row, origin, marked ? extras : undefined);
        const unit = marked ? 1 / UNIT : 1;
        expect(measures.unit[0], where).toBe(unit);
        expect(Math.min(...K) * unit, where).toBeGreaterThanOrEqual(0);
        expect(Math.max(...K) * unit, where).toBeLessThanOrEqual(2);
        const rest = K.map((k, s) => g[s]! - unit * k);
        const near = (value: number) => (1 + 1e-6) * value + 1e-12;
        expect(measures.spread[0], where).toBeGreaterThanOrEqual(deviation(K) * (1 - 1e-12));
        expect(measures.spread[0], where).toBeLessThanOrEqual(
          near(deviation(K)) + 2 ** -24 * Math.hypot(...K),
        );
        expect(measures.remainder[0], where).toBeGreaterThanOrEqual(deviation(rest) * (1 - 1e-12) - 1e-15);
        expect(measures.remainder[0], where).toBeLessThanOrEqual(
          near(deviation(rest)) + 1.001 * 2 ** -12 * Math.hypot(...rest),
        );
        expect(measures.length[0], where).toBeGreaterThanOrEqual(Math.hypot(...g) * (1 - 1e-12));
        expect(measures.length[0], where).toBeLessThanOrEqual(near(Math.hypot(...g)));
      }
    }
  });

  it("are counted from where the fewest samples are left, at most two thirds", () => {
    const random = new Random(3);
    for (let i = 0; i < 2000; i += 1) {
      const [zeros, ones, twos, missing] = [0, 0, 0, 0].map(() => random.integer(0, 9)) as [
        number,
        number,
        number,
        number,
      ];
      const counts: Counts = { ones, twos, missing };
      const called = zeros + ones + twos;
      const left = [ones + twos, zeros + twos, zeros + ones];
      const chosen = left[originOf(counts, called + missing)]!;
      expect(chosen).toBe(Math.min(...left));
      expect(chosen).toBeLessThanOrEqual((2 * called) / 3);
    }
  });
});

/** The integers that lists (calls counted from `origin`) and extras make of a row, origin added again. */
function integersOf(rows: CallRows, row: number, origin: number, extras: Extras | undefined): number[] {
  const sign = origin === 2 ? -1 : 1;
  const unit = extras === undefined ? 1 : UNIT;
  const integers = Array.from({ length: rows.samples }, (_, s) => {
    const call = callOf(rows, row, s);
    return call === 3 ? 0 : unit * sign * (call - origin);
  });
  for (let i = 0; i < (extras?.length ?? 0); i += 1) integers[extras!.sample[i]!]! += extras!.weight[i]!;
  return integers.map((k) => sign * k + unit * origin);
}

function callOf({ packed, stride }: CallRows, row: number, s: number): number {
  return (packed[row * stride + (s >> 2)]! >> (2 * (s & 3))) & 3;
}

/** Numbers of a pair, f32, and the shift if it must be one. */
interface PairNumbers {
  readonly s: number;
  readonly t: number;
  readonly a: number;
  readonly remainder: number;
  readonly spread: number;
  readonly base: number;
  readonly shift?: number;
}

const f = Math.fround;
const power = (random: Random, least: number, most: number) =>
  f(2 ** (least + (most - least) * random.next()));

function anyNumbers(random: Random, divisor: number, extreme: boolean): PairNumbers {
  const size = (least: number, most: number) => power(random, least, most);
  const s = extreme ? size(-30, 0) : size(-11, -7);
  const a = f((extreme ? size(-80, 60) : size(-6, 0)) * random.pick([1, -1]));
  const whole = random.next() * 5;
  return {
    s,
    a,
    t: random.chance(0.03) ? 0 : extreme ? size(-90, 90) : size(-5, 0),
    remainder: random.chance(0.1) ? 0 : extreme ? size(-60, 2) : size(-9, -5),
    spread: random.chance(0.05) ? 0 : f(Math.abs(a) * size(0, 7)),
    base: f(Math.max(2 ** -90, random.chance(0.5) ? 0 : whole * s * Math.abs(a) * divisor)),
  };
}

/** Numbers that 16 bits hold all but exactly: nothing is left of what rounding to the safe side gives elsewhere. */
function tight(random: Random, divisor: number): PairNumbers {
  const shift = random.integer(0, 12);
  const [gene, row] = [2 ** shift, 2 ** (15 - shift)];
  const little = 2 ** -22;
  const s = power(random, -11, -7);
  const a = f((row / (random.integer(1, 32_767) * divisor)) * (1 - little));
  return {
    s,
    a,
    shift,
    t: f(((random.integer(1, 32_767) * s) / gene) * (1 + little)),
    remainder: f(((random.integer(1, 3000) * s) / gene) * (1 - little)),
    spread: f(((random.integer(1, 3000) * a * divisor) / row) * (1 - little)),
    base: f(random.integer(1, 4) * s * a * divisor * (1 - little)),
  };
}

describe("the comparison in 16 bits", () => {
  const clamp = (x: number) => Math.max(-32_768, Math.min(32_767, x));
  const q15 = (x: number, y: number) => clamp((x * y + 2 ** 14) >> 15);

  it("lets every pair pass that the one in f32 does", () => {
    let compared = 0;
    for (let seed = 0; seed < 100_000; seed += 1) {
      const random = new Random(seed);
      const kind = random.pick(["tight", "tight", "usual", "extreme"]);
      const divisor = random.pick([1, 1024]);
      const numbers =
        kind === "tight" ? tight(random, divisor) : anyNumbers(random, divisor, kind === "extreme");
      const { s, t, a, remainder, spread, base } = numbers;
      const columns = {
        samples: 1,
        scale: Float32Array.of(s),
        remainder: Float32Array.of(remainder),
        largest: { remainder: 0, length: 1, sum: 0 },
      };
      const threshold = Float32Array.of(t);
      const rows = {
        scale: [Float32Array.of(a)],
        spread: [Float32Array.of(spread)],
        base: Float32Array.of(base),
      };
      const shift = numbers.shift ?? fixedPointShift(columns, threshold);
      const [reach, slack, row] = [new Int16Array(1), new Int16Array(1), new Int16Array(3)];
      genesInFixedPoint(columns, threshold, 0, shift, reach, slack);
      rowInFixedPoint(rows, 0, shift, 1 / s, divisor, row);
      const right = clamp(clamp(q15(reach[0]!, row[0]!) - q15(slack[0]!, row[1]!)) - row[2]!);
      const passes32 = (dot: number) =>
        f(f(Math.abs(f(a * f(s * f(dot))))) + f(base + f(spread * remainder))) >= t;
      // The least sum that counts; |sum| only grows from there.
      const most = divisor === 1 ? 32_767 : 2 ** 31 - 1;
      if (!passes32(most)) continue;
      let [low, high] = [-1, most];
      while (high - low > 1) {
        const middle = low + Math.floor((high - low) / 2);
        if (passes32(middle)) high = middle;
        else low = middle;
      }
      for (const dot of [high, -high]) {
        const sum16 = Math.max(-32_767, clamp(Math.floor(dot / divisor)));
        expect(Math.abs(sum16), `seed ${seed}, sum ${dot}`).toBeGreaterThanOrEqual(right);
      }
      if (right > 0) compared += 1;
    }
    // Many pairs were not let pass for want of bits.
    expect(compared).toBeGreaterThan(10_000);
  });
});

describe("lists of carriers", () => {
  let kernels: Kernels;
  beforeAll(async () => {
    kernels = await instantiate(Uint8Array.from(atob(KERNELS), (c) => c.charCodeAt(0)));
  });

  it("are what a plain loop finds", () => {
    for (let seed = 0; seed < 80; seed += 1) {
      const random = new Random(seed);
      const samples = random.chance(0.3) ? random.integer(1, 8) : random.integer(1, 1100);
      const stretch = random.pick([32, 64, 1024]);
      const group = random.pick([...GROUPS]);
      const rows = randomCalls(random, 5, samples);
      const origins = Array.from({ length: rows.count }, () => random.integer(0, 2));
      const memory = kernels.lay({
        packed: ["u8", rows.packed.length],
        counts: ["u32", 3 * rows.count],
        origins: ["u8", rows.count],
        ends: ["u32", 4 * rows.count],
        lists: ["u16", rows.count * (samples + 9)],
      });
      memory.packed.view.set(rows.packed);
      memory.origins.view.set(origins);
      kernels.run.countCalls(memory.packed.at, rows.stride, rows.count, memory.counts.at);
      for (let row = 0; row < rows.count; row += 1) {
        const { ones, twos, missing } = countCalls(rows, row);
        expect([...memory.counts.view.subarray(3 * row, 3 * row + 3)]).toEqual([ones, twos, missing]);
      }
      for (let from = 0; from < samples; from += stretch) {
        const calls = Math.min(stretch, samples - from);
        const at = [memory.packed.at, rows.stride, rows.count, from / 4, calls, memory.origins.at] as const;
        const bytes = kernels.run.listCalls(...at, group, calls, memory.ends.at, memory.lists.at);
        const expected = origins.map((origin, row) => plainLists(rows, row, origin, from, calls, group));
        const own = origins.map((_, row) => {
          const ends = memory.ends.view.subarray(4 * row, 4 * row + 4);
          return [0, 1, 2].map((i) => [...memory.lists.view.subarray(ends[i]! / 2, ends[i + 1]! / 2)]);
        });
        expect(own, `seed ${seed}, from ${from}`).toEqual(expected);
        expect(bytes).toBe(2 * sum(expected.flat().map((list) => list.length)));
      }
    }
  });
});

/** Where a stretch's samples are in a panel whose call, less the origin, is 2, 1 and -1; 2 - call for origin 2. */
function plainLists(rows: CallRows, row: number, origin: number, from: number, calls: number, group: number) {
  return [2, 1, -1].map((wanted) => {
    const list: number[] = [];
    for (let s = 0; s < calls; s += 1) {
      const call = callOf(rows, row, from + s);
      if (call !== 3 && (origin === 2 ? 2 - call : call - origin) === wanted) list.push(PLACE * s);
    }
    while (list.length % group !== 0) list.push(PLACE * calls);
    return list;
  });
}

describe("the screen by carriers", () => {
  const small = { rows: 3, lists: 3 * 50_000, extras: 8000, found: 33 };
  const SETTINGS = [
    ...GROUPS.flatMap((group) => [{ group }, { group, stretch: 32 }]),
    { group: 2, carrierTile: small },
    { group: 4, carrierTile: small, stretch: 96 },
  ] as const;

  it.each(SETTINGS)("finds the reference's pairs in hostile products: %o", async (settings) => {
    const backend = await createWasmBackend({}, { kernel: "carriers", ...settings });
    for (const samples of SIZES) {
      for (let seed = 0; seed < (samples < 100 ? 12 : 2); seed += 1) {
        const product = hostileProduct(new Random(1000 * samples + seed), samples);
        const where = `${samples} samples, seed ${seed}`;
        expect(await pairsOf(backend, product), where).toEqual(
          await pairsOf(createReferenceBackend(), product),
        );
      }
    }
  });

  it("finds them in 70,000 samples", async () => {
    const backend = await createWasmBackend({}, { kernel: "carriers" });
    const product = hostileProduct(new Random(8), 70_000);
    expect(await pairsOf(backend, product)).toEqual(await pairsOf(createReferenceBackend(), product));
  });

  it("bounds what missing calls and dosages leave by its sign", async () => {
    // Half of the samples are missing, the others dosages; all have the integer 512 of 1,024, and what is left, 1/4,096
    // below or above, is the whole row: r is 1, the estimate 0.
    const samples = 64;
    const rest = 2 ** -12;
    const packed = new Uint8Array(samples / 4).fill(0xff, samples / 8);
    const half = samples / 2;
    const remainder = {
      offset: Uint32Array.of(0, half),
      sample: Uint32Array.from({ length: half }, (_, s) => s),
      value: new Float64Array(half).fill(0.5 + rest),
    };
    const fill = Float64Array.of(0.5 - rest);
    const rows = { kind: "calls", count: 1, samples, stride: samples / 4, packed, fill, remainder } as const;
    const size = 1 / Math.sqrt(samples);
    const values = Float64Array.from({ length: samples }, (_, s) => (s < half ? size : -size));
    const columns = { count: 1, samples, values, standardised: true };
    const norm = Float64Array.of(rest * Math.sqrt(samples));
    const product = {
      factors: [{ rows, columns, norm, weight: 1 }],
      threshold: Float64Array.of(0.9999),
      windows: undefined,
    };
    for (const group of GROUPS) {
      const backend = await createWasmBackend({}, { kernel: "carriers", group });
      expect(await pairsOf(backend, product)).toEqual({ row: [0], column: [0] });
    }
  });
});

async function pairsOf(backend: Backend, product: ReturnType<typeof hostileProduct>) {
  return withFactors(backend, product, async (factors) => {
    const { threshold, windows } = product;
    const { row, column } = await backend.product(factors, {
      kind: "candidates",
      threshold,
      ...(windows === undefined ? {} : { windows }),
    });
    return { row: [...row], column: [...column] };
  });
}
