import { describe, expect, it } from "vitest";
import type { CallRows, Columns } from "../../../src/compute/backend.ts";
import { canonicalDot } from "../../../src/compute/exact.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { columnFactors, NO_PAIR, rowFactors, screenThresholds } from "../../../src/compute/screen/bound.ts";
import { columnLevels, quantise, ROW_LIMIT } from "../../../src/compute/screen/columns.ts";
import { digitsFor } from "../../../src/compute/screen/digits.ts";
import {
  countCalls,
  emptyMeasures,
  measureCalls,
  nearestFraction,
} from "../../../src/compute/screen/rows.ts";
import { createWasmBackend } from "../../../src/compute/wasm/backend.ts";
import { withFactors } from "./check.ts";
import { randomProduct, type TestFactor } from "./cohorts.ts";
import { Random } from "./random.ts";

const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);

function standardised(random: Random, count: number, samples: number): Columns {
  const values = new Float64Array(count * samples);
  for (let j = 0; j < count; j += 1) {
    const e = values.subarray(j * samples, (j + 1) * samples);
    for (let s = 0; s < samples; s += 1) e[s] = random.normal();
    const mean = e.reduce((a, b) => a + b, 0) / samples;
    for (let s = 0; s < samples; s += 1) e[s] = e[s]! - mean;
    const norm = Math.sqrt(canonicalDot(e, 0, e, 0, samples));
    for (let s = 0; s < samples; s += 1) e[s] = e[s]! / norm;
  }
  return { count, samples, values, standardised: true };
}

/** Columns of +-1/sqrt(n), halves or thirds apart: every integer is as large as it may be. */
function extremeColumn(samples: number): Columns {
  const size = 1 / Math.sqrt(samples);
  const values = Float64Array.from({ length: samples }, (_, s) => (s % 2 === 0 ? size : -size));
  return { count: 1, samples, values, standardised: true };
}

describe("quantised columns", () => {
  it.each([1, 2] as const)("sum to 0, stay in range and leave what they say (%i digits)", (digits) => {
    for (const seed of SEEDS) {
      for (const { columns } of randomProduct(new Random(seed)).factors) {
        const { samples } = columns;
        const screen = quantise(columns, digits);
        const levels = columnLevels(samples, digits);
        for (let j = 0; j < columns.count; j += 1) {
          const q = Array.from(screen.integers.subarray(j * screen.stride, (j + 1) * screen.stride));
          const e = Array.from(columns.values.subarray(j * samples, (j + 1) * samples));
          const where = `seed ${seed}, column ${j}`;
          expect(
            q.reduce((a, b) => a + b, 0),
            where,
          ).toBe(0);
          expect(Math.max(...q.map(Math.abs)), where).toBeLessThanOrEqual(levels);
          expect(
            q.slice(samples).every((v) => v === 0),
            where,
          ).toBe(true);
          const d = e.map((v, s) => v - screen.scale[j]! * q[s]!);
          // Each value is rounded to one of its two neighbours.
          expect(Math.max(...d.map(Math.abs)), where).toBeLessThan(screen.scale[j]! * 1.0001 + 1e-300);
          const mean = d.reduce((a, b) => a + b, 0) / samples;
          const size = Math.sqrt(d.reduce((sum, v) => sum + (v - mean) ** 2, 0));
          expect(screen.remainder[j], where).toBeGreaterThanOrEqual(size);
          expect(screen.remainder[j], where).toBeLessThanOrEqual(size * 1.001 + 1e-13);
        }
      }
    }
  });

  it("balance the roundings at the least cost", () => {
    // In units of the scale: 127, -42.4, -42.4, -42.2 rounds to 127, -42, -42, -42: one of the first two moves.
    const raw = [127, -42.4, -42.4, -42.2];
    const norm = Math.sqrt(raw.reduce((sum, v) => sum + v * v, 0));
    const columns = {
      count: 1,
      samples: 4,
      values: Float64Array.from(raw, (v) => v / norm),
      standardised: true,
    };
    expect([...quantise(columns, 1).integers.subarray(0, 4)]).toEqual([127, -43, -42, -42]);
  });

  it("hold what their digits and int32 sums allow", () => {
    expect(columnLevels(500, 1)).toBe(127);
    expect(columnLevels(518, 2)).toBe(32_639);
    for (const samples of [519, 2_683, 133_000, 200_000, 10_000_000]) {
      for (const digits of [1, 2] as const) {
        expect(columnLevels(samples, digits) * ROW_LIMIT * samples).toBeLessThan(2 ** 31);
      }
      expect((columnLevels(samples, 2) + 1) * ROW_LIMIT * samples).toBeGreaterThanOrEqual(2 ** 31);
    }
    expect(() => columnLevels(20_000_000, 2)).toThrow(/20000000 samples/);
  });

  it("are refused when they are not standardised", () => {
    const of = (...values: number[]): Columns => {
      return { count: 1, samples: values.length, values: Float64Array.from(values), standardised: true };
    };
    expect(() => quantise(of(1, 2, 3), 2)).toThrow(/column 0 is said to be standardised, but has sum 6/);
    expect(() => quantise(of(1, -1, Number.NaN), 2)).toThrow(/standardised/);
    expect(() => quantise(of(Number.POSITIVE_INFINITY, 0, 0), 2)).toThrow(/standardised/);
  });

  it.each([518, 519, 2_684])(
    "of %i samples at their largest do not overflow the kernel's int32",
    async (n) => {
      // The even length puts every product at its extreme and of one sign.
      const samples = n + (n % 2);
      const columns = extremeColumn(samples);
      const values = Float64Array.from(columns.values, (v) => v * 1000);
      const rows = { kind: "real", count: 1, samples, values } as const;
      const factor: TestFactor = { rows, columns, norm: Float64Array.of(1000), weight: 1 };
      const product = { factors: [factor], threshold: Float64Array.of(0.999), windows: undefined };
      const backend = await createWasmBackend();
      await withFactors(backend, product, async (factors) => {
        const { row } = await backend.product(factors, { kind: "candidates", threshold: product.threshold });
        expect([...row]).toEqual([0]);
        const far = await backend.product(factors, { kind: "candidates", threshold: Float64Array.of(1.001) });
        expect([...far.row]).toEqual([]);
      });
    },
  );
});

describe("rows", () => {
  it("are counted by code", () => {
    const random = new Random(5);
    for (const samples of [1, 4, 7, 1019, 1020, 1021, 5000]) {
      const stride = Math.ceil(samples / 4);
      const packed = new Uint8Array(2 * stride).fill(255);
      const expected = [0, 0, 0, 0];
      packed.fill(0, stride);
      for (let s = 0; s < samples; s += 1) {
        const code = samples === 1020 ? 3 : random.integer(0, 3);
        expected[code]! += 1;
        packed[stride + (s >> 2)]! |= code << (2 * (s & 3));
      }
      const rows: CallRows = { kind: "calls", count: 2, samples, stride, packed, fill: new Float64Array(2) };
      const { ones, twos, missing } = countCalls(rows, 1);
      expect([ones, twos, missing], `${samples} samples`).toEqual(expected.slice(1));
    }
  });

  it("with missing calls take the fraction that is nearest to the fill", () => {
    expect(nearestFraction(0.5)).toEqual([1, 2]);
    expect(nearestFraction(0)).toEqual([0, 1]);
    expect(nearestFraction(2)).toEqual([2, 1]);
    expect(nearestFraction(4 / 63)).toEqual([4, 63]);
    for (let i = 0; i <= 1000; i += 1) {
      const [numerator, denominator] = nearestFraction(i / 500);
      expect(denominator).toBeLessThanOrEqual(63);
      expect(Math.max(2 * denominator, numerator)).toBeLessThanOrEqual(ROW_LIMIT);
      expect(Math.abs(numerator / denominator - i / 500)).toBeLessThanOrEqual(1 / 126);
    }
  });

  it("without a norm, or without numbers, meet no column; hopeless ones meet all", () => {
    const packed = Uint8Array.of(0b00_01_10_00, 0b00_01_10_00, 0b11_01_10_00, 0b00_01_10_00);
    const fill = Float64Array.of(1, 1, Number.NaN, 1);
    const rows: CallRows = { kind: "calls", count: 4, samples: 4, stride: 1, packed, fill };
    const measures = emptyMeasures(4);
    measureCalls(rows, 0, 4, measures, new Int16Array(8));
    const columns = columnFactors(quantise(extremeColumn(4), 1), 1);
    const norm = Float64Array.of(0, 1.6, 1.6, 1e-30);
    const out = {
      scale: [new Float32Array(4)],
      spread: [new Float32Array(4)],
      base: new Float32Array(4),
    };
    rowFactors([{ measures, norm, weight: 1, columns }], 0, 4, out);
    expect(out.base[0]).toBe(NO_PAIR);
    expect(out.base[1]).toBeGreaterThan(0);
    expect(out.base[1]).toBeLessThan(1e-5);
    expect(out.base[2]).toBe(NO_PAIR);
    expect(out.base[3]).toBe(2 ** 100);
    expect(out.scale[0]![3]).toBe(0);
  });
});

describe("thresholds", () => {
  it("are lowered to f32, and out of reach where there is nothing to find", () => {
    const values = new Float64Array(8 * 4);
    for (let j = 0; j < 7; j += 1) values.set(extremeColumn(4).values, j * 4);
    const columns = columnFactors(quantise({ count: 8, samples: 4, values, standardised: true }, 1), 1);
    const asked = [0.1, 0, -1, 1e-300, 1e300, Number.POSITIVE_INFINITY, Number.NaN, 0.1];
    const lowered = screenThresholds(Float64Array.from(asked), [columns]);
    expect(lowered[0]).toBeLessThan(0.1 * (1 - 1e-12));
    expect(lowered[0]).toBeGreaterThan(0.1 * (1 - 1e-6));
    expect([...lowered.subarray(1, 4)]).toEqual([0, 0, 0]);
    expect(lowered[4]).toBeLessThan(2 ** 91);
    expect([...lowered.subarray(5)]).toEqual([
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
  });
});

describe("the screen selects", () => {
  it.each([
    { kernel: "dot", digits: 2, most: 1.1 },
    { kernel: "dot", digits: 1, most: 3 },
    { group: 1, most: 2.5 },
    { group: 2, most: 5 },
    { group: 4, most: 14 },
    { group: 1, stretch: 64, most: 2.5 },
  ] as const)("few more candidates than hits (%o)", async ({ most, ...settings }) => {
    const random = new Random(11);
    const samples = 400;
    const columns = standardised(random, 60, samples);
    const calls = randomProductRows(random, 500, samples);
    const threshold = new Float64Array(60).fill(3 / Math.sqrt(samples));
    const product = { factors: [{ ...calls, columns, weight: 1 }], threshold, windows: undefined };
    const count = async (backend: Awaited<ReturnType<typeof createWasmBackend>>) =>
      withFactors(backend, product, async (factors) => {
        const { row, passed } = await backend.product(factors, { kind: "candidates", threshold });
        return passed ?? row.length;
      });
    const digits = "digits" in settings ? settings.digits : "auto";
    const hits = await count(createReferenceBackend());
    const candidates = await count(await createWasmBackend({ digits }, settings));
    expect(hits).toBeGreaterThan(40);
    expect(candidates).toBeGreaterThanOrEqual(hits);
    expect(candidates).toBeLessThanOrEqual(hits * most);
  });
});

function randomProductRows(random: Random, count: number, samples: number) {
  const stride = Math.ceil(samples / 4);
  const packed = new Uint8Array(count * stride);
  const norm = new Float64Array(count);
  for (let row = 0; row < count; row += 1) {
    let sum = 0;
    let squares = 0;
    for (let s = 0; s < samples; s += 1) {
      const call = Number(random.chance(0.3)) + Number(random.chance(0.3));
      packed[row * stride + (s >> 2)]! |= call << (2 * (s & 3));
      sum += call;
      squares += call * call;
    }
    norm[row] = Math.sqrt(squares - (sum * sum) / samples);
  }
  const rows: CallRows = { kind: "calls", count, samples, stride, packed, fill: new Float64Array(count) };
  return { rows, norm };
}

describe("the rule for the second digit", () => {
  const question = { remainder: 0.008, samples: 400, threshold: 0.22, secondDigit: 1, refine: 50 };

  it("takes it where it is free", () => {
    expect(digitsFor({ ...question, secondDigit: 0 })).toBe(2);
  });

  it("does without at a few hundred samples, asks for it at thousands", () => {
    const z = 4.417;
    const at = (samples: number) =>
      digitsFor({ ...question, samples, refine: 500, threshold: z / Math.sqrt(samples) });
    expect(at(400)).toBe(1);
    expect(at(40_000)).toBe(2);
  });

  it("follows the costs", () => {
    const loose = { ...question, samples: 2_683, threshold: 2 / Math.sqrt(2_683) };
    expect(digitsFor({ ...loose, refine: 1 })).toBe(1);
    expect(digitsFor({ ...loose, refine: 1000 })).toBe(2);
    expect(digitsFor({ ...loose, refine: 1000, remainder: 1e-6 })).toBe(1);
    expect(digitsFor({ ...loose, threshold: Number.POSITIVE_INFINITY })).toBe(1);
  });
});
