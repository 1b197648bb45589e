import { describe, expect, it } from "vitest";
import { CHUNKS, KERNELS } from "../../../../src/compute/webgpu/generated.ts";
import { sourceOf } from "../../../../src/compute/webgpu/source.ts";
import {
  BLOCKS,
  blocksBetween,
  chooseBlock,
  paddedPairs,
  variantOf,
} from "../../../../src/compute/webgpu/variants.ts";
import { Random } from "../random.ts";

describe("a device's variant", () => {
  const dot = new Set(["packed_4x8_integer_dot_product"]);
  const none = new Set<string>();
  it.each([
    [dot, new Set(["subgroups"]), {}, true, true],
    [dot, none, {}, true, false],
    [none, new Set(["subgroups", "timestamp-query"]), {}, false, true],
    [none, none, { packedDot: true, subgroups: true }, false, false],
    [dot, new Set(["subgroups"]), { packedDot: false }, false, true],
    [dot, new Set(["subgroups"]), { subgroups: false }, true, false],
  ])("is what it has, less what is not wanted (%#)", (language, features, wanted, packedDot, subgroups) => {
    expect(variantOf(language, features, wanted)).toEqual({ packedDot, subgroups });
  });
});

describe("a kernel's source", () => {
  it.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])("has the chunks of its variant, each once (packed dot %s, subgroups %s)", (packedDot, subgroups) => {
    const source = sourceOf(KERNELS.screen_select, { packedDot, subgroups });
    const count = (text: string) => source.split(text).length - 1;
    expect(count("dot4I8Packed(")).toBe(packedDot ? 4 : 0);
    expect(count("subgroupAdd(")).toBe(subgroups ? 1 : 0);
    expect(count("fn placeOf(")).toBe(1);
    expect(count("fn dots(")).toBe(1);
    expect(count("fn rowQuad(")).toBe(1);
    expect(count("#include")).toBe(0);
    expect(source.startsWith("enable subgroups;\n")).toBe(subgroups);
    expect(count("enable ")).toBe(subgroups ? 1 : 0);
  });

  it("that wants a chunk which is not there is an error", () => {
    const variant = { packedDot: true, subgroups: true };
    expect(() => sourceOf('#include "lib/moon.wgsl"', variant)).toThrow("shaders/lib/moon.wgsl");
  });

  it("is of files below 250 lines", () => {
    for (const [name, text] of [...Object.entries(KERNELS), ...Object.entries(CHUNKS)]) {
      expect(text.split("\n").length, name).toBeLessThanOrEqual(250);
    }
  });
});

describe("blocks", () => {
  it("keep to the workgroup memory and the invocations that every device has", () => {
    for (const { sideX, sideY, rows, columns } of Object.values(BLOCKS)) {
      expect([rows, columns]).toEqual([4 * sideY, 4 * sideX]);
      expect(sideX * sideY).toBeLessThanOrEqual(256);
      // Five vectors of 16 bytes a line, and what the epilogues add: a number a column, and two.
      expect((rows + columns) * 5 * 16 + 4 * columns + 8).toBeLessThanOrEqual(16_384);
    }
  });

  it.each([
    [0, 0, 0],
    [5, 5, 0],
    [7, 3, 0],
    [0, 1, 1],
    [63, 64, 1],
    [63, 65, 2],
    [64, 128, 1],
    [10, 200, 4],
  ])("that lines %i to %i touch, of 64: %i", (first, end, count) => {
    expect(blocksBetween(first, end, 64)).toBe(count);
  });

  it("are wide where columns are many, thin where they are few", () => {
    expect(chooseBlock({ rows: 100_000, columns: 20_000 })).toBe(BLOCKS.wide);
    expect(chooseBlock({ rows: 100_000, columns: 64 })).toBe(BLOCKS.wide);
    expect(chooseBlock({ rows: 100_000, columns: 16 })).toBe(BLOCKS.thin);
    expect(chooseBlock({ rows: 100_000, columns: 1 })).toBe(BLOCKS.thin);
    expect(chooseBlock({ rows: 20, columns: 20_000 })).toBe(BLOCKS.wide);
  });

  it("are thin where neighbouring columns meet rows that lie apart", () => {
    const columns = 2000;
    // Genes in order, each with the variants within its window: `step` variants on from the last one's.
    const windows = (step: number, width: number) => ({
      start: Uint32Array.from({ length: columns }, (_, j) => step * j),
      end: Uint32Array.from({ length: columns }, (_, j) => step * j + width),
    });
    const rows = 2000 * 100 + 5000;
    expect(chooseBlock({ rows, columns, windows: windows(100, 300) })).toBe(BLOCKS.thin);
    expect(chooseBlock({ rows, columns, windows: windows(1, 5000) })).toBe(BLOCKS.wide);
  });

  it("that are not idle are those in which a column of the block meets a row", () => {
    const random = new Random(11);
    for (let i = 0; i < 50; i += 1) {
      const rows = random.integer(1, 700);
      const columns = random.integer(1, 200);
      const start = Uint32Array.from({ length: columns }, () => random.integer(0, rows));
      const end = start.map((from) => random.integer(from, Math.min(rows, from + random.pick([0, 5, 200]))));
      for (const block of Object.values(BLOCKS)) {
        let blocks = 0;
        for (let c = 0; c < columns; c += block.columns) {
          const met = [...start.keys()].filter((j) => j >= c && j < c + block.columns && start[j]! < end[j]!);
          const first = Math.min(...met.map((j) => start[j]!));
          const last = Math.max(...met.map((j) => end[j]!));
          for (let r = 0; r < rows; r += block.rows) if (first < r + block.rows && last > r) blocks += 1;
        }
        const pairs = blocks * block.rows * block.columns;
        expect(paddedPairs({ rows, columns, windows: { start, end } }, block)).toBe(pairs);
        const all =
          Math.ceil(rows / block.rows) * block.rows * Math.ceil(columns / block.columns) * block.columns;
        expect(paddedPairs({ rows, columns }, block)).toBe(all);
      }
    }
  });
});
