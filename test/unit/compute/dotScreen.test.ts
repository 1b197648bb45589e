/** The kernel that screens by products and compares in registers, against plain loops over its integers. */
import { beforeAll, describe, expect, it } from "vitest";
import { NO_PAIR } from "../../../src/compute/screen/bound.ts";
import { KERNELS } from "../../../src/compute/wasm/generated.ts";
import { instantiate, type Kernels } from "../../../src/compute/wasm/kernels.ts";
import { Random } from "./random.ts";

const INT32 = 2 ** 31 - 1;

interface Tile {
  readonly rows: Int16Array[];
  readonly columns: Int16Array[];
  /** f32: scale, spread, base of rows; scale, remainder, threshold of columns; whole numbers: the rows that a column meets. */
  readonly rowFactors: Float32Array[];
  readonly columnFactors: Float32Array[];
  readonly windows: readonly [first: number, last: number][];
}

/** Rows of up to 127, columns as large as `samples` of these leave int32 (ScreenColumns), at their ends now and then. */
function tileOf(random: Random, samples: number, stride: number): Tile {
  const [height, width] = [2 * random.integer(1, 9), 4 * random.integer(1, 5)];
  const largest = Math.min(32_639, Math.floor(INT32 / (127 * samples)));
  const extreme = random.chance(0.3);
  const line = (most: number) =>
    Int16Array.from({ length: stride }, (_, s) => {
      if (s >= samples) return 0;
      return extreme ? most * random.pick([1, 1, 1, -1]) : random.integer(-most, most);
    });
  const rows = Array.from({ length: height }, () => line(127));
  const columns = Array.from({ length: width }, () => line(largest));
  const wide = Math.fround(1 / (127 * largest * Math.sqrt(samples)));
  const rowFactors = rows.map(() =>
    Float32Array.of(
      random.pick([1, -1, 0.3]) * wide,
      random.next(),
      random.chance(0.1) ? NO_PAIR : random.next() / 8,
    ),
  );
  const columnFactors = columns.map(() =>
    Float32Array.of(
      random.next(),
      random.next() / 8,
      random.pick([0, 0.4, 0.8, 1.2, Number.POSITIVE_INFINITY]),
    ),
  );
  const windows = columns.map((): [number, number] =>
    random.chance(0.7) ? [0, height] : [random.integer(0, height), random.integer(0, height)],
  );
  return { rows, columns, rowFactors, columnFactors, windows };
}

/** [row, column], four columns after four, then row by row. */
function expected({ rows, columns, rowFactors, columnFactors, windows }: Tile): number[][] {
  const f = Math.fround;
  const found: number[][] = [];
  for (let four = 0; four < columns.length; four += 4) {
    rows.forEach((x, i) => {
      const [a, spread, base] = rowFactors[i]!;
      for (let j = four; j < four + 4; j += 1) {
        const [scale, remainder, threshold] = columnFactors[j]!;
        const dot = columns[j]!.reduce((sum, y, s) => sum + y * x[s]!, 0);
        const estimate = Math.abs(f(a! * f(scale! * f(dot))));
        const upper = f(estimate + f(base! + f(spread! * remainder!)));
        const [first, last] = windows[j]!;
        if (base !== NO_PAIR && upper >= threshold! && first <= i && i < last) found.push([i, j]);
      }
    });
  }
  return found;
}

/** `lines` with the vectors of each `together` in turn: see dot.ts. */
function inTurn(lines: readonly Int16Array[], together: number): Int16Array {
  const stride = lines[0]!.length;
  return Int16Array.from({ length: lines.length * stride }, (_, at) => {
    const block = Math.floor(at / (together * stride));
    const vector = Math.floor((at % (together * stride)) / 8);
    return lines[block * together + (vector % together)]![Math.floor(vector / together) * 8 + (at % 8)]!;
  });
}

describe("the screen by products in registers", () => {
  let kernels: Kernels;
  beforeAll(async () => {
    kernels = await instantiate(Uint8Array.from(atob(KERNELS), (c) => c.charCodeAt(0)));
  });

  function screened(tile: Tile, stride: number, capacity: number): { pairs: number[][]; calls: number } {
    const [height, width] = [tile.rows.length, tile.columns.length];
    const rowRoom = 4 * Math.ceil(height / 4);
    const memory = kernels.lay({
      rows: ["i16", height * stride],
      columns: ["i16", width * stride],
      rowFactors: ["f32", 3 * rowRoom],
      columnFactors: ["f32", 3 * width],
      windows: ["i32", 2 * width],
      found: ["u32", 2 + capacity],
    });
    memory.rows.view.set(inTurn(tile.rows, 2));
    memory.columns.view.set(inTurn(tile.columns, 4));
    for (const k of [0, 1, 2]) {
      memory.rowFactors.view.set(
        tile.rowFactors.map((one) => one[k]!),
        k * rowRoom,
      );
      memory.columnFactors.view.set(
        tile.columnFactors.map((one) => one[k]!),
        k * width,
      );
    }
    for (const k of [0, 1] as const)
      memory.windows.view.set(
        tile.windows.map((one) => one[k]),
        k * width,
      );
    const pairs: number[][] = [];
    let calls = 0;
    for (let start = 0; start >> 16 < width / 4; calls += 1) {
      kernels.run.screenDots(
        memory.rows.at,
        memory.columns.at,
        height,
        width,
        2 * stride,
        memory.rowFactors.at,
        4 * rowRoom,
        memory.columnFactors.at,
        4 * width,
        start,
        memory.found.at,
        capacity,
      );
      const [next, count] = memory.found.view;
      expect(count).toBeLessThanOrEqual(capacity);
      for (const entry of memory.found.view.subarray(2, 2 + count!))
        pairs.push([entry >>> 16, entry & 0xffff]);
      start = next!;
    }
    return { pairs, calls };
  }

  it("finds the pairs that plain loops find, however few entries find room", () => {
    let [found, dropped, resumed] = [0, 0, 0];
    for (let seed = 0; seed < 300; seed += 1) {
      const random = new Random(seed);
      const samples = random.pick([1, 7, 8, 9, 100, 515, 516, 517, 2683]);
      const stride = 8 * Math.ceil(samples / 8);
      const tile = tileOf(random, samples, stride);
      const capacity = random.pick([8, 9, 31, 4096]);
      const { pairs, calls } = screened(tile, stride, capacity);
      expect(pairs, `seed ${seed}`).toEqual(expected(tile));
      found += pairs.length;
      dropped += tile.rows.length * tile.columns.length - pairs.length;
      resumed += calls - 1;
    }
    expect(Math.min(found, dropped)).toBeGreaterThan(5000);
    expect(resumed).toBeGreaterThan(300);
  });

  it("holds the largest sums that its integers may have", () => {
    for (const samples of [1, 516, 517, 2683, 20_000]) {
      const stride = 8 * Math.ceil(samples / 8);
      const largest = Math.min(32_639, Math.floor(INT32 / (127 * samples)));
      const line = (value: number) =>
        Int16Array.from({ length: stride }, (_, s) => (s < samples ? value : 0));
      const dot = Math.fround(127 * largest * samples);
      const tile: Tile = {
        rows: [line(127), line(-127)],
        columns: [line(largest), line(-largest), line(largest), line(-largest)],
        rowFactors: [Float32Array.of(1, 0, 0), Float32Array.of(1, 0, 0)],
        // Just what the sums are, and just above.
        columnFactors: [0, 0, 1, 1].map((above) => Float32Array.of(1, 0, dot * (1 + above * 2 ** -20))),
        windows: [0, 1, 2, 3].map((): [number, number] => [0, 2]),
      };
      expect(screened(tile, stride, 8).pairs, `${samples}`).toEqual([
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ]);
    }
  });
});
