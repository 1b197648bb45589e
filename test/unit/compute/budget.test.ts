/**
 * What products on the CPU cost in operations and bytes, which no noise disturbs: budgets that were recorded, not times. A
 * change that needs more must say why and record anew.
 */
import { describe, expect, it, vi } from "vitest";
import type { CallRows } from "../../../src/compute/backend.ts";
import {
  bytesOfCarrierTile,
  bytesOfMaximaTile,
  bytesOfPermutedTile,
  carrierTile,
} from "../../../src/compute/plan.ts";
import type { Spawn } from "../../../src/compute/threads.ts";
import { createWasmBackend } from "../../../src/compute/wasm/backend.ts";
import { Kernels, type Layout } from "../../../src/compute/wasm/kernels.ts";
import { permutation } from "../../../src/statistics/random.ts";
import { withFactors } from "./check.ts";
import { factorOf, plainProduct, randomColumns, type TestProduct } from "./cohorts.ts";
import { Random } from "./random.ts";

/** Rows whose allele frequencies are `frequency(uniform)`. */
function spectrum(seed: number, count: number, samples: number, frequency: (u: number) => number): CallRows {
  const random = new Random(seed);
  const stride = Math.ceil(samples / 4);
  const packed = new Uint8Array(count * stride);
  for (let row = 0; row < count; row += 1) {
    const p = frequency(random.next());
    for (let s = 0; s < samples; s += 1) {
      const call = Number(random.chance(p)) + Number(random.chance(p));
      packed[row * stride + (s >> 2)]! |= call << (2 * (s & 3));
    }
  }
  return { kind: "calls", count, samples, stride, packed, fill: new Float64Array(count) };
}

/** One cohort of calls and expression without outliers at one threshold of |r|. */
function productOf(rows: CallRows, width: number, threshold: number): TestProduct {
  const random = new Random(77);
  const factor = factorOf(random, rows, randomColumns(random, width, rows.samples, true), 1, true);
  return { factors: [factor], threshold: new Float64Array(width).fill(threshold), windows: undefined };
}

/** Every layout that a product of one thread makes. */
async function layoutsOf(product: TestProduct): Promise<Layout[]> {
  const lay = vi.spyOn(Kernels.prototype, "lay");
  try {
    await candidatesOf(product, {});
    return lay.mock.calls.map(([layout]) => layout);
  } finally {
    lay.mockRestore();
  }
}

async function candidatesOf(product: TestProduct, settings: Parameters<typeof createWasmBackend>[1]) {
  const backend = await createWasmBackend({}, settings);
  const { threshold } = product;
  return withFactors(backend, product, (factors) =>
    backend.product(factors, { kind: "candidates", threshold }),
  );
}

describe("additions of the screen by carriers", () => {
  // The share of a row's samples that it adds up: 2 p (1 - p) + p^2 of hard calls by the minor allele, and never more than
  // 0.6; the filling of lists beside it.
  it.each([
    ["1/x from 0.01 to 0.5", (u: number) => 0.01 * 50 ** u, 0.211],
    ["uniform", (u: number) => u, 0.4],
    ["common", () => 0.5, 0.51],
    ["as bad as it gets", () => 0.42, 0.519],
  ])("are few a sample: %s", async (_, frequency, budget) => {
    const rows = spectrum(11, 300, 500, frequency);
    const entries = await entriesOf(rows);
    expect(entries / (rows.count * rows.samples)).toBeLessThanOrEqual(budget);
    expect(entries / (rows.count * rows.samples)).toBeGreaterThan(0.9 * budget);
  });
});

type Run = Kernels["run"];

/** Runs `body` with each job's kernels as `watch` has them. */
async function watched(watch: (run: Run) => Partial<Run>, body: () => Promise<unknown>): Promise<void> {
  const lay = Kernels.prototype.lay;
  const spy = vi.spyOn(Kernels.prototype, "lay").mockImplementation(function (this: Kernels, layout) {
    Object.assign(this, { run: { ...this.run, ...watch(this.run) } });
    return lay.call(this, layout);
  });
  try {
    await body();
  } finally {
    spy.mockRestore();
  }
}

/** Entries of the carriers' lists of all rows, as the kernels make them in groups of four. */
async function entriesOf(rows: CallRows): Promise<number> {
  let entries = 0;
  const watch = (run: Run) => ({
    listCalls(...of: Parameters<Run["listCalls"]>) {
      const bytes = run.listCalls(...of);
      entries += bytes / 2;
      return bytes;
    },
  });
  await watched(watch, () => candidatesOf(productOf(rows, 1, 1), { group: 4 }));
  return entries;
}

describe("f64 products of a search for maxima", () => {
  const rows = spectrum(5, 2000, 500, (u) => 0.01 * 50 ** u);
  const columns = 96;

  it.each([
    { group: 1, held: 7.4, permuted: 7.3 },
    { group: 2, held: 11.2, permuted: 9.5 },
    { group: 4, held: 20.7, permuted: 13.8 },
  ] as const)("are few a column in groups of $group", async ({ group, held, permuted }) => {
    const product = productOf(rows, columns, 1);
    const [factor] = product.factors;
    const order = new Uint32Array(columns * 500);
    for (let p = 0; p < columns; p += 1) order.set(permutation(1, 0, p, 500), p * 500);
    const values = factor!.columns.values.subarray(0, 500);
    const recipe = { genes: 1, permutations: columns, samples: 500, values, order };
    const backend = await createWasmBackend({}, { group });
    const pairs = group === 1 ? "screenPair1" : "screenPair2";
    const budgets = [
      { loaded: await backend.load(factor!.columns), budget: held, width: 32 },
      { loaded: await backend.loadPermuted!(recipe), budget: permuted, width: group === 4 ? 32 : 64 },
    ];
    for (const { loaded, budget, width } of budgets) {
      let [products, screened] = [0, 0];
      const watch = (run: Run) => ({
        dotCalls64(...of: Parameters<Run["dotCalls64"]>) {
          products += 1;
          return run.dotCalls64(...of);
        },
        // Rows `from` to `rows` of a call, of 32 columns and of 64.
        [`screenCarriers${group}`](...of: Parameters<Run["screenCarriers1"]>) {
          screened += of[9] - of[8];
          run[`screenCarriers${group}`](...of);
        },
        [pairs](...of: Parameters<Run["screenPair1"]>) {
          screened += of[8] - of[7];
          run[pairs](...of);
        },
      });
      await watched(watch, () => backend.product([{ ...factor!, columns: loaded }], { kind: "columnMax" }));
      expect(products / columns).toBeLessThanOrEqual(budget);
      expect(products / columns).toBeGreaterThan(0.9 * budget);
      // No panel of columns is searched twice.
      expect(screened).toBe(rows.count * Math.ceil(columns / width));
    }
  });
});

describe("pairs that the screen lets pass", () => {
  const product = productOf(
    spectrum(5, 2000, 500, (u) => 0.01 * 50 ** u),
    96,
    0.15,
  );

  it.each([
    { group: 1, budget: 1.45 },
    { group: 2, budget: 2.3 },
    { group: 4, budget: 4.9 },
  ] as const)("are $budget a hit in groups of $group", async ({ group, budget }) => {
    const { passed, row } = await candidatesOf(product, { group });
    expect(row.length).toBeGreaterThan(100);
    expect(passed! / row.length).toBeLessThanOrEqual(budget);
    expect(passed! / row.length).toBeGreaterThan(0.9 * budget);
  });
});

describe("bytes posted to a worker", () => {
  const [ROWS, COLUMNS, SAMPLES] = [200, 70, 203];
  const stride = Math.ceil(SAMPLES / 4);
  const calls = plainProduct(new Random(42), ROWS, COLUMNS, SAMPLES);
  /** Calls, fills and norms of rows, thresholds of columns. */
  const OWN = ROWS * (stride + 8 + 8) + 8 * COLUMNS;

  it("are a product's own rows, norms and thresholds, whatever buffers they lie in", async () => {
    const [factor] = calls.factors;
    const rows = factor!.rows as CallRows;
    // Views of larger buffers, as slices of a part are.
    const packed = new Uint8Array(10 * rows.packed.length).subarray(0, rows.packed.length);
    packed.set(rows.packed);
    const norm = new Float64Array(10 * ROWS).subarray(0, ROWS);
    norm.set(factor!.norm);
    const product = { ...calls, factors: [{ ...factor!, rows: { ...rows, packed }, norm }] };
    expect(await posted(product)).toEqual({ load: 0, run: [OWN, OWN] });
  });

  it("are 12 more a dosage, and an offset a row", async () => {
    const [factor] = calls.factors;
    const offset = Uint32Array.from({ length: ROWS + 1 }, (_, row) => 3 * row);
    const sample = Uint32Array.from({ length: 3 * ROWS }, (_, i) => 5 * (i % 3));
    const remainder = { offset, sample, value: new Float64Array(3 * ROWS).fill(0.1) };
    const rows = { ...(factor!.rows as CallRows), remainder };
    const bytes = OWN + 4 * (ROWS + 1) + 12 * 3 * ROWS;
    expect(await posted({ ...calls, factors: [{ ...factor!, rows }] })).toEqual({
      load: 0,
      run: [bytes, bytes],
    });
  });

  /** Of two products of the same columns: bytes that go along, shared memory aside. */
  async function posted(product: TestProduct) {
    const bytes: { load: number; run: number[] } = { load: 0, run: [] };
    const spawn: Spawn = (_code, events) => ({
      post(message) {
        const { type } = message as { type: string };
        if (type === "load") bytes.load += bytesIn(message, ownBytes);
        if (type !== "run") return;
        bytes.run.push(bytesIn(message, (view) => (ownBytes(view) > 0 ? view.byteLength : 0)));
        // What they lie in is lent, and up to a quarter larger: pieces of 4 KiB at least.
        const lent = bytesIn(message, ownBytes);
        expect(lent).toBeLessThan(1.25 * bytes.run.at(-1)! + 6 * 4096);
        events.message({ type: "done", result: { kind: "candidates", row: [], column: [], pairs: 0 } });
      },
      hold() {},
      async terminate() {},
    });
    const backend = await createWasmBackend({ threads: 1, spawn });
    const { threshold } = product;
    await withFactors(backend, product, async (factors) => {
      for (let i = 0; i < 2; i += 1) await backend.product(factors, { kind: "candidates", threshold });
    });
    return bytes;
  }
});

/** Bytes of all arrays in a message, by what counts of each. */
function bytesIn(value: unknown, of: (view: ArrayBufferView) => number): number {
  if (ArrayBuffer.isView(value)) return of(value);
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce((sum: number, part) => sum + bytesIn(part, of), 0);
}

/** Those of the buffer under a view, but for memory that is shared. */
function ownBytes({ buffer }: ArrayBufferView): number {
  return buffer instanceof ArrayBuffer ? buffer.byteLength : 0;
}

describe("WebAssembly memory of the screen by carriers", () => {
  const BYTES = { u8: 1, i8: 1, u16: 2, i16: 2, i32: 4, u32: 4, f32: 4, f64: 8 } as const;
  const bytesOf = (layout: Layout) =>
    Object.values(layout).reduce(
      (sum, [type, length]) => sum + Math.ceil((BYTES[type] * length) / 16) * 16,
      0,
    );

  it.each([3, 100, 500, 1024, 1025, 2683, 10_000, 70_000])("is planned at %i samples", async (samples) => {
    const { rows } = carrierTile(samples);
    const product = productOf(
      spectrum(1, 2, samples, () => 0.1),
      1,
      0.9,
    );
    const [factor] = product.factors;
    // As many rows as a tile takes, all of them empty.
    const stride = Math.ceil(samples / 4);
    const empty = {
      ...factor!.rows,
      count: rows,
      stride,
      packed: new Uint8Array(rows * stride),
      fill: new Float64Array(rows),
    };
    const full = {
      ...product,
      factors: [{ ...factor!, rows: empty as CallRows, norm: new Float64Array(rows) }],
    };
    const [layout] = await layoutsOf(full);
    const bytes = bytesOf(layout!);
    expect(bytesOfCarrierTile(samples)).toBeGreaterThanOrEqual(bytes);
    expect(bytesOfCarrierTile(samples)).toBeLessThanOrEqual(1.1 * bytes + 8192);
    // A product of few rows takes no more than those, a panel of columns, and a column and a row of numbers need.
    const [short] = await layoutsOf(product);
    expect(bytesOf(short!)).toBeLessThan((8 * bytes) / rows + 2 ** 17 + (33 + 16) * samples);
  });

  it.each([3, 100, 500, 1025, 2683])("is planned for maxima at %i samples", async (samples) => {
    const product = productOf(
      spectrum(1, 50, samples, () => 0.1),
      1,
      0.9,
    );
    const [factor] = product.factors;
    const { values } = factor!.columns;
    const basis = { count: 2, values: new Float64Array(2 * samples) };
    const order = new Uint32Array(samples);
    const recipe = { genes: 1, permutations: 1, samples, values, order, basis };
    const backend = await createWasmBackend();
    for (const [loaded, planned] of [
      [await backend.load(factor!.columns), bytesOfMaximaTile(samples, 50)],
      [await backend.loadPermuted!(recipe), bytesOfPermutedTile(samples, 2, 50)],
    ] as const) {
      const lay = vi.spyOn(Kernels.prototype, "lay");
      await backend.product([{ ...factor!, columns: loaded }], { kind: "columnMax" });
      const bytes = bytesOf(lay.mock.calls[0]![0]);
      lay.mockRestore();
      expect(planned).toBeGreaterThanOrEqual(bytes);
      expect(planned).toBeLessThanOrEqual(1.1 * bytes + 8192);
    }
  });
});
