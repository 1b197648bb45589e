/** What the screen by products promises of rows of dosages and other numbers, against plain loops in f64. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Backend, RealRows, Rows } from "../../../src/compute/backend.ts";
import { padded, readRow } from "../../../src/compute/exact.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { createWasmBackend } from "../../../src/compute/wasm/backend.ts";
import { KERNELS } from "../../../src/compute/wasm/generated.ts";
import { instantiate, type Kernels } from "../../../src/compute/wasm/kernels.ts";
import { rowLayout, ScreenRows } from "../../../src/compute/wasm/screenRows.ts";
import { withFactors } from "./check.ts";
import { hostileCalls, hostileProduct, SIZES } from "./hostileCalls.ts";
import { Random } from "./random.ts";

const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);

/** |x - mean(x)|. */
function deviation(x: readonly number[]): number {
  const mean = sum(x) / x.length;
  return Math.sqrt(sum(x.map((v) => (v - mean) ** 2)));
}

/** The next f64 above or below. */
function ulps(value: number, steps: number): number {
  return value + steps * 2 ** -52 * Math.max(Math.abs(value), 2 ** -1022);
}

/** Numbers on and beside the edges of rounding, at the ends of the range, all equal, or of any size. */
function hostileNumbers(random: Random, samples: number): number[] {
  const kind = random.pick(["edges", "edges", "ends", "equal", "dosages", "one way", "any", "wild"]);
  const scale = random.pick([1, 1, 1e-12, 1e12, 1e-160, 1e150]);
  const around = random.pick([0, 0, 1, 1e6]);
  const equal = random.pick([0, 2, 1 / 3, -7]);
  return Array.from({ length: samples }, (_, s) => {
    switch (kind) {
      case "edges": {
        // From -127 to 127 units of 1/127, so that k + 1/2 is where rounding turns.
        if (s < 2) return scale * (around + 2 * s - 1);
        const half = (random.integer(-127, 126) + 0.5) / 127;
        return scale * (around + ulps(half, random.integer(-1, 1)));
      }
      case "one way":
        // What is left has one sign and all but half a unit.
        if (s < 2) return 2 * s - 1;
        return (random.integer(-127, 126) + 0.499) / 127;
      case "ends":
        return random.pick([0, 2]);
      case "equal":
        return ulps(equal, random.chance(0.1) ? 1 : 0);
      case "dosages":
        return random.integer(0, 2000) / 1000;
      case "any":
        return scale * (random.normal() + around);
      default:
        return random.pick([0, 1, -1e300, 1e300, 5e-324, 1e-310, Number.NaN, Infinity, -Infinity]);
    }
  });
}

function hostileReals(random: Random, count: number, samples: number): RealRows {
  const values = Float64Array.from(
    Array.from({ length: count }, () => hostileNumbers(random, samples)).flat(),
  );
  return { kind: "real", count, samples, values };
}

describe("rows of numbers", () => {
  let kernels: Kernels;
  beforeAll(async () => {
    kernels = await instantiate(Uint8Array.from(atob(KERNELS), (c) => c.charCodeAt(0)));
  });

  /** The integers of all rows as they lie in memory: vectors of two rows take turns. */
  function quantised(rows: Rows) {
    const stride = padded(rows.samples, 8);
    const tile = { rows: rows.count + (rows.count % 2), columns: 4, found: 4 };
    const memory = kernels.lay(rowLayout([rows], [2 * stride], tile));
    memory.rows.view.fill(99);
    const own = new ScreenRows(kernels, memory, rows, tile, 0, 0, 2 * stride);
    own.load(0, rows.count);
    const integers = Array.from({ length: rows.count }, (_, row) =>
      Array.from({ length: stride }, (_, s) => {
        const vector = (row >> 1) * 2 * stride + 16 * (s >> 3) + 8 * (row & 1);
        return memory.rows.view[vector + (s & 7)]!;
      }),
    );
    return { integers, measures: own.measures };
  }

  it("have integers of 7 bits and a sign, and bounds of what these leave", () => {
    let measured = 0;
    for (let seed = 0; seed < 400; seed += 1) {
      const random = new Random(seed);
      const samples = random.chance(0.5) ? random.integer(1, 9) : random.integer(10, 600);
      const calls = random.chance(0.4);
      const make = calls ? hostileCalls : hostileReals;
      const rows = make(random, random.integer(1, 37), samples);
      if (rows.kind === "calls" && rows.remainder === undefined) continue;
      const { integers, measures } = quantised(rows);
      const g = new Float64Array(samples);
      for (let row = 0; row < rows.count; row += 1) {
        readRow(rows, row, g);
        const where = `seed ${seed}, row ${row}`;
        if (!g.every(Number.isFinite)) {
          expect(measures.length[row], where).toBeNaN();
          continue;
        }
        const largest = Math.max(...g.map(Math.abs));
        // Squares of these leave f64; such rows are always candidates, or the caller's norm is 0.
        if (largest > 1e153 || (largest > 0 && largest < 1e-153)) continue;
        measured += 1;
        const K = integers[row]!.slice(0, samples);
        expect(integers[row]!.slice(samples), where).toEqual(integers[row]!.slice(samples).fill(0));
        expect(Math.max(...K.map(Math.abs)), where).toBeLessThanOrEqual(127);
        const unit = measures.unit[row]!;
        const middle = Math.min(...g) / 2 + Math.max(...g) / 2;
        const fuzz = 2 ** -50 * largest;
        const rest = K.map((k, s) => g[s]! - middle - unit * k);
        expect(Math.max(...rest.map(Math.abs)), where).toBeLessThanOrEqual(unit / 2 + fuzz);
        const slack = samples * 2 ** -50 * Math.hypot(...g);
        expect(measures.remainder[row], where).toBeGreaterThanOrEqual(deviation(rest) - slack);
        expect(measures.remainder[row], where).toBeLessThanOrEqual(
          deviation(rest) * (1 + 1e-5) + 2 ** -11.9 * Math.hypot(...rest) + slack,
        );
        expect(measures.spread[row], where).toBeGreaterThanOrEqual(deviation(K) * (1 - 1e-14));
        expect(measures.spread[row], where).toBeLessThanOrEqual(
          deviation(K) * (1 + 1e-6) + 2 ** -24 * Math.hypot(...K),
        );
        expect(measures.length[row]! / Math.hypot(...g) || 1, where).toBeCloseTo(1, 12);
      }
    }
    expect(measured).toBeGreaterThan(2000);
  });
});

describe("the screen by products", () => {
  const SETTINGS = [
    { digits: 1, settings: {} },
    { digits: 2, settings: {} },
    { digits: 2, settings: { tile: { rows: 2, columns: 4, found: 4 } } },
    { digits: 1, settings: { tile: { rows: 6, columns: 12, found: 13 } } },
  ] as const;

  it.each(SETTINGS)("finds the reference's pairs in hostile products: %o", async ({ digits, settings }) => {
    const backend = await createWasmBackend({ digits }, { kernel: "dot", ...settings });
    for (const samples of SIZES) {
      for (let seed = 0; seed < (samples < 100 ? 12 : 2); seed += 1) {
        const random = new Random(1000 * samples + seed);
        const product = hostileProduct(random, samples);
        const where = `${samples} samples, seed ${seed}`;
        expect(await pairsOf(backend, product), where).toEqual(
          await pairsOf(createReferenceBackend(), product),
        );
      }
    }
  });

  it("bounds what 7 bits leave by its sign", async () => {
    // The ends of the range are single samples, the others halves of a unit above and below an integer: what is left is the
    // whole correlation, r is all but 1, the estimate 0.
    const samples = 514;
    const unit = 1 / 127;
    const values = Float64Array.from({ length: samples }, (_, s) => (s % 2 === 0 ? 0.499 : -0.499) * unit);
    values.set([1, -1]);
    const rows = { kind: "real", count: 1, samples, values } as const;
    const size = 1 / Math.sqrt(samples - 2);
    const e = Float64Array.from({ length: samples }, (_, s) => (s < 2 ? 0 : s % 2 === 0 ? size : -size));
    const columns = { count: 1, samples, values: e, standardised: true };
    const product = {
      factors: [{ rows, columns, norm: Float64Array.of(0.499 * unit * Math.sqrt(samples - 2)), weight: 1 }],
      threshold: Float64Array.of(0.9999),
      windows: undefined,
    };
    for (const digits of [1, 2] as const) {
      const backend = await createWasmBackend({ digits });
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
