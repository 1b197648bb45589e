/** The search for maxima by carriers over hostile products, and columns made by recipe. */
import { describe, expect, it } from "vitest";
import { standardise } from "../../../src/cohort/residuals.ts";
import type { Backend, CallRows, ColumnMax, PermutedColumns } from "../../../src/compute/backend.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { nullMaximum } from "../../../src/compute/screen/nullMaximum.ts";
import { countCalls } from "../../../src/compute/screen/rows.ts";
import { createWasmBackend } from "../../../src/compute/wasm/backend.ts";
import { KERNELS } from "../../../src/compute/wasm/generated.ts";
import { instantiate } from "../../../src/compute/wasm/kernels.ts";
import { spawnThread } from "../../../src/node/threads.ts";
import { orthonormalBasis } from "../../../src/statistics/linalg.ts";
import { permutation } from "../../../src/statistics/random.ts";
import { sameBits, withFactors } from "./check.ts";
import {
  adversarialProduct,
  factorOf,
  randomCalls,
  randomColumns,
  randomWindows,
  statistic,
  type TestProduct,
} from "./cohorts.ts";
import { hostileProduct, SIZES } from "./hostileCalls.ts";
import { Random } from "./random.ts";

const GROUPS = [1, 2, 4] as const;
const SMALL = { rows: 7, lists: 7 * 50_000, extras: 20_000, found: 33 };
const SETTINGS = [
  ...GROUPS.flatMap((group) => [{ group }, { group, stretch: 32 }]),
  { group: 2, carrierTile: SMALL },
  { group: 4, carrierTile: SMALL, stretch: 96 },
] as const;

function maximaOf(backend: Backend, product: TestProduct): Promise<ColumnMax> {
  const windows = product.windows && { windows: product.windows };
  return withFactors(backend, product, (factors) =>
    backend.product(factors, { kind: "columnMax", ...windows }),
  );
}

/** A row of no number has no maximum to compare: it gets one. */
function numbered(product: TestProduct): TestProduct {
  for (const { rows } of product.factors) {
    if (rows.kind === "calls") rows.fill.set(rows.fill.map((fill) => (Number.isNaN(fill) ? 0.3 : fill)));
  }
  return product;
}

async function expectSame(backend: Backend, product: TestProduct, where: string): Promise<void> {
  const own = await maximaOf(backend, product);
  const expected = await maximaOf(createReferenceBackend(), product);
  expect([...own.row], where).toEqual([...expected.row]);
  expect(sameBits(own.value, expected.value), where).toBe(true);
  expect(own.pairs, where).toBe(expected.pairs);
}

describe("maxima by carriers", () => {
  it.each(SETTINGS)("are the reference's in hostile products: %o", async (settings) => {
    const backend = await createWasmBackend({}, { kernel: "carriers", ...settings });
    for (const samples of SIZES) {
      for (let seed = 0; seed < (samples < 100 ? 12 : 2); seed += 1) {
        const product = numbered(hostileProduct(new Random(2000 * samples + seed), samples));
        await expectSame(backend, product, `${samples} samples, seed ${seed}`);
      }
    }
  });

  it.each([{}, { carrierTile: { ...SMALL, rows: 150, lists: 150 * 200 } }])(
    "of many rows are found from a guess, or without it where nothing reaches it: %o",
    async (settings) => {
      const backend = await createWasmBackend({}, { kernel: "carriers", ...settings });
      for (let seed = 0; seed < 6; seed += 1) {
        const random = new Random(seed);
        const samples = random.integer(20, 60);
        const rows = randomCalls(random, 400, samples, seed % 2 === 1);
        const varied = firstVaried(rows);
        // Rows that all say the same: their maximum is that of one, far below that of many.
        if (seed < 3) for (let row = 0; row < 400; row += 1) copyTo(rows, varied, row);
        const factor = factorOf(random, rows, randomColumns(random, 70, samples), 1, true);
        const windows = seed % 3 === 0 ? undefined : randomWindows(random, 400, 70);
        const product = { factors: [factor], threshold: new Float64Array(70), windows };
        if (seed === 0) {
          const guess = nullMaximum(400, samples);
          const { value } = await maximaOf(createReferenceBackend(), product);
          expect(value.filter((size) => size > 0 && size < guess).length).toBeGreaterThan(20);
          expect(value.filter((size) => size > guess).length).toBeGreaterThan(0);
        }
        await expectSame(backend, numbered(product), `seed ${seed}`);
      }
    },
  );

  it.each(GROUPS)("are missed with half the bound, in groups of %i", async (group) => {
    const mutant = await createWasmBackend({}, { kernel: "carriers", group, boundScale: 0.5 });
    const sound = await createWasmBackend({}, { kernel: "carriers", group });
    let missed = 0;
    for (let seed = 0; seed < 60; seed += 1) {
      const product = overtaken(new Random(seed), group);
      if (product === undefined) continue;
      await expectSame(sound, product, `seed ${seed}`);
      const { value } = await maximaOf(mutant, product);
      const expected = await maximaOf(createReferenceBackend(), product);
      if (!sameBits(value, expected.value)) missed += 1;
    }
    expect(missed).toBeGreaterThan(10);
  });
});

function copyTo({ packed, stride, fill }: CallRows, from: number, to: number): void {
  packed.copyWithin(to * stride, from * stride, (from + 1) * stride);
  fill[to] = fill[from]!;
}

/**
 * A row that all but reaches the maximum, then rows without a norm until it is known, then the row that is the maximum, and whose
 * estimate is as far below it as can be.
 */
function overtaken(random: Random, group: 1 | 2 | 4): TestProduct | undefined {
  const product = adversarialProduct(random, { group });
  const { rows, columns, norm } = product.factors[0]!;
  if (rows.kind !== "calls" || rows.count < 2) return undefined;
  const { stride, samples } = rows;
  const count = 40;
  const packed = new Uint8Array(count * stride);
  packed.set(rows.packed.subarray(stride, 2 * stride));
  packed.set(rows.packed.subarray(0, stride), (count - 1) * stride);
  const calls = { kind: "calls", count, samples, stride, packed, fill: new Float64Array(count) } as const;
  const norms = new Float64Array(count);
  norms[0] = 1;
  norms[count - 1] = norm[0]!;
  const factors = [{ rows: calls, columns, norm: norms, weight: 1 }];
  // The column that is attacked is the one whose threshold is at row 0's statistic.
  const target = (j: number) => statistic(factors, count - 1, j);
  const column = Array.from({ length: columns.count }, (_, j) => j).find(
    (j) => Math.abs(product.threshold[j]! / target(j) - 1) < 1e-12,
  );
  if (column === undefined || statistic(factors, 0, column) < 1e-6) return undefined;
  norms[0] = statistic(factors, 0, column) / (0.9999 * target(column));
  return { factors, threshold: product.threshold, windows: undefined };
}

/** The first row that carries both alleles often enough. */
function firstVaried(rows: CallRows): number {
  const counts = Array.from({ length: rows.count }, (_, row) => countCalls(rows, row));
  return counts.findIndex(({ ones, twos }) => Math.abs(ones + twos - rows.samples / 2) < rows.samples / 4);
}

const NONE = orthonormalBasis(new Float64Array(0), [], 50);

/** Permuted expression of any kind; a gene of a constant now and then. */
function recipeOf(random: Random, samples: number, genes: number, permutations: number): PermutedColumns {
  const values = new Float64Array(genes * samples);
  for (let gene = 0; gene < genes; gene += 1) {
    const kind = random.pick(["normal", "outlier", "few", "constant", "far"]);
    for (let s = 0; s < samples; s += 1) {
      const x = random.normal();
      const odd = s === 3 ? 1e6 : x;
      const few = Number(random.chance(0.1));
      values[gene * samples + s] = { normal: x, outlier: odd, few, constant: 2.5, far: 1e9 + x }[kind]!;
    }
  }
  const order = new Uint32Array(permutations * samples);
  for (let p = 0; p < permutations; p += 1) order.set(permutation(9, 0, p, samples), p * samples);
  const count = random.pick([0, 1, 3, Math.max(0, samples - 4)]);
  const covariates = Float64Array.from({ length: count * samples }, () => random.normal());
  const names = Array.from({ length: count }, (_, c) => `C${c}`);
  return { genes, permutations, samples, values, order, basis: orthonormalBasis(covariates, names, samples) };
}

/** The recipe's columns in plain JavaScript. */
function columnsOf({ genes, permutations, samples, values, order, basis }: PermutedColumns): Float64Array {
  const out = new Float64Array(genes * permutations * samples);
  for (let gene = 0; gene < genes; gene += 1) {
    for (let p = 0; p < permutations; p += 1) {
      const e = out.subarray((gene * permutations + p) * samples).subarray(0, samples);
      for (let s = 0; s < samples; s += 1) e[s] = values[gene * samples + order[p * samples + s]!]!;
      if (basis !== undefined) standardise(e, { used: [], dropped: [], n: samples, ...basis });
    }
  }
  return out;
}

describe("permuted columns", () => {
  const makers = {
    "on the caller's thread": () => createWasmBackend(),
    "by 4, in stretches of 32": () => createWasmBackend({}, { group: 4, stretch: 32 }),
    "one by one, in small tiles": () =>
      createWasmBackend(
        {},
        { group: 1, carrierTile: { rows: 20, lists: 20 * 3000, extras: 9000, found: 40 } },
      ),
    "on a thread": () => createWasmBackend({ threads: 1, spawn: spawnThread }),
  };

  it.each(Object.entries(makers))("have the maxima of plain ones, %s", async (_, make) => {
    const backend = await make();
    for (const [seed, samples] of [6, 7, 8, 33, 64, 101, 1030].entries()) {
      const random = new Random(seed);
      const recipe = recipeOf(random, samples, random.integer(1, 4), random.pick([1, 5, 33]));
      const count = recipe.genes * recipe.permutations;
      const values = columnsOf(recipe);
      const plain = { count, samples, values, standardised: true };
      const rows = randomCalls(random, random.pick([30, 180]), samples, seed % 2 === 0);
      const { norm } = factorOf(random, rows, plain, 1, true);
      const windows = seed % 2 === 0 ? randomWindows(random, rows.count, count) : undefined;
      const product = numbered({
        factors: [{ rows, columns: plain, norm, weight: 1 }],
        threshold: new Float64Array(count),
        windows,
      });
      const expected = await maximaOf(createReferenceBackend(), product);
      const columns = await backend.loadPermuted!(recipe);
      const own = await backend.product([{ rows, columns, norm, weight: 1 }], {
        kind: "columnMax",
        ...(windows && { windows }),
      });
      expect([...own.row], `seed ${seed}`).toEqual([...expected.row]);
      expect(sameBits(own.value, expected.value), `seed ${seed}`).toBe(true);
      await columns.dispose();
    }
    await backend.dispose();
  });

  it("are searched in many tiles, each from a guess of its own", async () => {
    const carrierTile = { rows: 80, lists: 80 * 200, extras: 9000, found: 40 };
    const backend = await createWasmBackend({}, { carrierTile });
    for (let seed = 0; seed < 24; seed += 1) {
      const random = new Random(seed);
      const samples = 50;
      const recipe = { ...recipeOf(random, samples, 2, 200), basis: undefined };
      for (let gene = 0; gene < 2; gene += 1) {
        standardise(recipe.values.subarray(gene * samples, (gene + 1) * samples), NONE);
      }
      const values = columnsOf(recipe);
      const plain = { count: 400, samples, values, standardised: true };
      const rows = randomCalls(random, 160, samples, false);
      // Two tiles say one thing each, so that guesses fall from tile to tile.
      for (let row = 1; row < 160; row += 1) copyTo(rows, row < 80 ? 0 : 159, row);
      const factor = factorOf(random, rows, plain, 1, true);
      const threshold = new Float64Array(400);
      const expected = await maximaOf(createReferenceBackend(), {
        factors: [factor],
        threshold,
        windows: undefined,
      });
      const columns = await backend.loadPermuted!(recipe);
      const { norm } = factor;
      const own = await backend.product([{ rows, columns, norm, weight: 1 }], { kind: "columnMax" });
      expect([...own.row], `seed ${seed}`).toEqual([...expected.row]);
      expect(sameBits(own.value, expected.value), `seed ${seed}`).toBe(true);
    }
  });

  it("are for maxima alone, and are checked", async () => {
    const backend = await createWasmBackend();
    const recipe = recipeOf(new Random(1), 10, 1, 2);
    const columns = await backend.loadPermuted!(recipe);
    const rows = randomCalls(new Random(2), 3, 10);
    const factors = [{ rows, columns, norm: new Float64Array(3), weight: 1 }];
    await expect(backend.product(factors, { kind: "dense" })).rejects.toThrow("permuted columns are for");
    const order = recipe.order.map((sample) => sample + 1);
    await expect(backend.loadPermuted!({ ...recipe, order })).rejects.toThrow(
      "an order with sample 10 of 10",
    );
    const values = recipe.values.subarray(1);
    await expect(backend.loadPermuted!({ ...recipe, values })).rejects.toThrow("9 values for 1 genes of 10");
  });

  it("keep the promises of panels, and say what they leave out", async () => {
    const kernels = await instantiate(Uint8Array.from(atob(KERNELS), (c) => c.charCodeAt(0)));
    for (const [seed, samples] of [5, 32, 33, 100, 1023, 1024, 1025, 2600].entries()) {
      const random = new Random(seed);
      const group = GROUPS[seed % 3]!;
      const columns = randomColumns(random, 4, samples);
      const memory = kernels.lay({
        e: ["f64", 4 * samples],
        panel: ["i8", 32 * (samples + 4)],
        scale: ["f32", 4],
        remainder: ["f32", 4],
      });
      for (let i = 0; i < 4 * samples; i += 1) {
        memory.e.view[i] = columns.values[(i % 4) * samples + Math.floor(i / 4)]!;
      }
      const least = group / (127 * Math.sqrt(samples));
      const at = [memory.panel.at, memory.scale.at, memory.remainder.at] as const;
      kernels.run.quantiseColumns(memory.e.at, samples, 1024, group, least, ...at);
      for (let c = 0; c < 4; c += 1) {
        const where = `${samples} samples, column ${c}`;
        const e = columns.values.subarray(c * samples, (c + 1) * samples);
        const q = Array.from(e, (_, s) => memory.panel.view[32 * (s + Math.floor(s / 1024)) + c]!);
        const [scale, remainder] = [memory.scale.view[c]!, memory.remainder.view[c]!];
        expect(scale === 0, where).toBe(e.every((x) => x === 0));
        expect(
          q.reduce((a, b) => a + b, 0),
          where,
        ).toBe(0);
        const largest = q.map(Math.abs).sort((a, b) => b - a);
        expect(
          largest.slice(0, group).reduce((a, b) => a + b, 0),
          where,
        ).toBeLessThanOrEqual(127);
        for (let from = 0; from < samples; from += 1024) {
          const stretch = q.slice(from, from + 1024);
          const above = stretch.reduce((sum, v) => sum + Math.max(0, v), 0);
          const below = stretch.reduce((sum, v) => sum + Math.max(0, -v), 0);
          expect(Math.max(2 * above, 2 * below), where).toBeLessThanOrEqual(32_767);
        }
        const left = Math.sqrt(q.reduce((sum, v, s) => sum + (e[s]! - scale * v) ** 2, 0));
        expect(remainder, where).toBeGreaterThanOrEqual(left);
        expect(remainder, where).toBeLessThanOrEqual(1.001 * left + 2e-6);
      }
    }
  });
});
