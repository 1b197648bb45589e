import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../../src/compute/backend.ts";
import { LARGEST_WHOLE, type WholeRows } from "../../../src/compute/gram.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { createWasmBackend } from "../../../src/compute/wasm/backend.ts";
import { groupsOf } from "../../../src/compute/wasm/wholeRows.ts";
import { gramShape, gramWork } from "../../../src/compute/webgpu/gramTile.ts";
import { BLOCKS } from "../../../src/compute/webgpu/variants.ts";
import { CancelledError, LimitError, UsageError } from "../../../src/errors.ts";
import { spawnThread } from "../../../src/node/threads.ts";
import { Random } from "./random.ts";
import { meddledGpu, webGpu } from "./webgpu/device.ts";

/** Rows of numbers, kept as a list. */
function rowsOf(count: number, length: number, value: (row: number, u: number) => number): WholeRows {
  const values = Array.from({ length: count }, (_, i) => Int16Array.from({ length }, (_, u) => value(i, u)));
  return { count, length, row: (i, into) => into.set(values[i]!) };
}

function randomRows(random: Random, count: number, length: number): WholeRows {
  // Of some rows nearly all numbers are as large as can be, of some few.
  const large = Array.from({ length: count }, () => [0, 0.02, 0.5, 1][random.integer(0, 3)]!);
  return rowsOf(count, length, (i) => {
    const sign = random.next() < 0.3 ? -1 : 1;
    const size = random.next() < large[i]! ? LARGEST_WHOLE : random.integer(0, 300);
    return sign * size;
  });
}

/** The products of rows `from` to `to`, one number after the other. */
function expected({ count, length, row }: WholeRows, from: number, to: number): Float64Array {
  const values = Array.from({ length: count }, (_, i) => {
    const into = new Int16Array(length);
    row(i, into);
    return Array.from(into);
  });
  const out: number[] = [];
  for (let j = 0; j < to; j++) {
    for (let i = from; i < to; i++) out.push(values[j]!.reduce((sum, x, u) => sum + x * values[i]![u]!, 0));
  }
  return Float64Array.from(out);
}

const SHAPES = [
  [1, 1],
  [2, 3],
  [5, 8],
  [9, 9],
  [70, 64],
  [131, 513],
  [67, 1100],
] as const;

const MAKE: Readonly<Record<string, () => Promise<Backend>>> = {
  reference: async () => createReferenceBackend(),
  wasm: () => createWasmBackend(),
  "wasm, 2 threads": () => createWasmBackend({ threads: 2, spawn: spawnThread }),
  webgpu: () => webGpu(),
  "webgpu without an integer dot": () => webGpu({ packedDot: false }),
  "webgpu, short submits": () => webGpu({}, { work: 64 * 64 * 4 * 70 }),
  "webgpu, small buffers": () => webGpu({}, { binding: 2 ** 17 }),
};

describe.each(Object.entries(MAKE))("products of whole-number rows on %s", (_, make) => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await make();
  });
  afterAll(() => backend.dispose());

  it.each(SHAPES)("%i rows of %i numbers are exact", async (count, length) => {
    const seed = 31 * count + length;
    const random = new Random(seed);
    const rows = randomRows(random, count, length);
    const gram = await backend.gram(rows);
    const [a, b] = [random.integer(0, count), random.integer(0, count)];
    for (const [from, to] of [
      [0, count],
      [Math.min(a, b), Math.max(a, b)],
    ] as const) {
      expect(await gram.products(from, to), `seed ${seed}, rows ${from} to ${to}`).toEqual(
        expected(rows, from, to),
      );
    }
    await gram.dispose();
  });

  it("of the largest numbers are exact, whatever their signs", async () => {
    const rows = rowsOf(
      6,
      2000,
      (i, u) => (i < 2 ? 1 : i === 2 ? -1 : u % (i - 1) === 0 ? -1 : 1) * LARGEST_WHOLE,
    );
    const gram = await backend.gram(rows);
    expect(await gram.products(0, 6)).toEqual(expected(rows, 0, 6));
    await gram.dispose();
  });

  it("of rows that are not there, or too long, are refused", async () => {
    const gram = await backend.gram(rowsOf(3, 4, () => 1));
    await expect(gram.products(2, 4)).rejects.toThrow(UsageError);
    await expect(gram.products(2, 1)).rejects.toThrow("gram: rows 2 to 1 of 3");
    await gram.dispose();
    await expect(backend.gram({ count: 1, length: 2 ** 16 + 1, row() {} })).rejects.toThrow(LimitError);
  });

  it("stop when they are told to", async () => {
    const gram = await backend.gram(rowsOf(40, 50, (i, u) => i + u));
    const stop = new AbortController();
    stop.abort();
    await expect(gram.products(0, 40, stop.signal)).rejects.toThrow(CancelledError);
    await gram.dispose();
  });
});

describe("a device that is destroyed under a product of whole-number rows", () => {
  it.each([1, 2, 4])("at its encoder %i: the work is done again on another", async (nth) => {
    const gpu = await meddledGpu((device, number) => {
      if (number > 1) return;
      const create = device.createCommandEncoder.bind(device);
      let count = 0;
      device.createCommandEncoder = (descriptor) => {
        count += 1;
        if (count === nth) device.destroy();
        return create(descriptor);
      };
    });
    const backend = await webGpu({ gpu }, { work: 64 * 64 * 4 * 20 });
    const rows = randomRows(new Random(nth), 150, 400);
    const gram = await backend.gram(rows);
    expect(await gram.products(100, 150)).toEqual(expected(rows, 100, 150));
    expect(backend.activity.losses).toBe(1);
    await gram.dispose();
    await backend.dispose();
  });

  it("again and again: the work goes to the fallback, and the user is told", async () => {
    const gpu = await meddledGpu((device) => device.destroy());
    const warnings: string[] = [];
    const good = await webGpu();
    await good.dispose();
    const backend = await webGpu({ gpu, onWarning: (text) => warnings.push(text) });
    const rows = randomRows(new Random(5), 20, 30);
    const gram = await backend.gram(rows);
    expect(await gram.products(3, 20)).toEqual(expected(rows, 3, 20));
    expect(warnings.some((text) => text.includes("going on with"))).toBe(true);
    await gram.dispose();
    await backend.dispose();
  });
});

describe("how whole-number rows are cut", () => {
  it("stretches are as long as no sum of products leaves int32", async () => {
    const stretch = async (value: number) => {
      const groups = await groupsOf(
        rowsOf(4, 2048, () => value),
        false,
      );
      return groups.stretch / 64;
    };
    expect(await stretch(LARGEST_WHOLE)).toBe(1);
    expect(await stretch(5000)).toBe(8);
    expect(await stretch(100)).toBe(64);
  });

  it("submits are whole blocks of all words, or some words of one block", () => {
    const at = { block: BLOCKS.wide, binding: 2 ** 30 };
    expect(gramShape(256, 5000, 1250, { ...at, work: 4 * 256 * 1250 * 640 })).toEqual({
      columns: 640,
      words: 1250,
    });
    expect(gramShape(256, 5000, 1250, { ...at, work: 4 * 256 * 64 * 100 })).toEqual({
      columns: 64,
      words: 100,
    });
    // Never nothing.
    expect(gramShape(3, 2, 10, { ...at, work: 1 })).toEqual({ columns: 2, words: 10 });
    expect(gramShape(256, 5000, 10, { ...at, work: 2 ** 40, binding: 12 * 256 * 70 })).toEqual({
      columns: 70,
      words: 10,
    });
    expect(gramWork(65, { columns: 1, words: 10 }, BLOCKS.wide)).toBe(4 * 128 * 64 * 10);
  });
});
