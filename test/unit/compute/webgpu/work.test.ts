import { describe, expect, it } from "vitest";
import { BLOCKS } from "../../../../src/compute/webgpu/variants.ts";
import { dispatchGrid, tileShape } from "../../../../src/compute/webgpu/work.ts";
import { Random } from "../random.ts";

describe("the grid of a dispatch", () => {
  it.each([
    [0, [1, 1]],
    [1, [1, 1]],
    [65_534, [65_534, 1]],
    [65_535, [65_535, 1]],
    [65_536, [32_768, 2]],
    [65_537, [32_769, 2]],
    [131_070, [65_535, 2]],
    [131_071, [43_691, 3]],
  ])("of %i workgroups is %j", (count, grid) => {
    expect(dispatchGrid(count, 65_535)).toEqual(grid);
  });

  it("covers all, keeps to the limit and adds less than a line", () => {
    const random = new Random(1);
    for (let i = 0; i < 1000; i += 1) {
      const count = random.integer(1, 65_535 * 40);
      const [x, y] = dispatchGrid(count, 65_535);
      expect(Math.max(x, y)).toBeLessThanOrEqual(65_535);
      expect(x * y).toBeGreaterThanOrEqual(count);
      expect(x * y - count).toBeLessThan(y);
    }
  });
});

describe("tiles", () => {
  const device = { maxStorageBufferBindingSize: 2 ** 27, maxBufferSize: 2 ** 28 };
  it("keep to buffers, work, room for candidates and 16 bits; halve with each loss; are never empty", () => {
    const random = new Random(2);
    for (let i = 0; i < 500; i += 1) {
      const words = random.pick([1, 30, 125, 700, 25_000, 250_000]);
      const block = random.pick([BLOCKS.wide, BLOCKS.thin]);
      const question = {
        rows: random.pick([1, 63, 64, 1000, 100_000, 1e6]),
        columns: random.pick([1, 65, 20_000, 500_000]),
        rowBytes: random.pick([1, 4]) * words + 4,
        columnBytes: 4 * words,
        wordsAPair: words * random.pick([1, 2, 4]),
        block,
        work: random.pick([2 ** 14, 2 ** 18, 2 ** 22, 2 ** 30, 2 ** 42]),
        halvings: random.integer(0, 9),
        capacity: random.pick([64, 4096, 2 ** 20]),
      };
      const { rows, columns } = tileShape(question, device);
      const where = JSON.stringify(question);
      for (const value of [rows, columns]) {
        expect(Number.isInteger(value) && value >= 1 && value <= 65_536, where).toBe(true);
      }
      expect(
        rows <= question.rows && columns <= question.columns && columns <= question.capacity,
        where,
      ).toBe(true);
      expect(rows * question.rowBytes, where).toBeLessThanOrEqual(2 ** 27);
      expect(columns * question.columnBytes, where).toBeLessThanOrEqual(2 ** 27);
      if (rows > block.rows || columns > block.columns) {
        // Whole blocks are what a device does; one of them is the least.
        const padded =
          Math.ceil(rows / block.rows) * block.rows * Math.ceil(columns / block.columns) * block.columns;
        const least = block.rows * block.columns * question.wordsAPair;
        expect(padded * question.wordsAPair, where).toBeLessThanOrEqual(
          Math.max(question.work, least) * 1.0001,
        );
      }
      const after = tileShape({ ...question, halvings: question.halvings + 1 }, device);
      expect(after.rows, where).toBeLessThanOrEqual(rows);
    }
    const large = {
      rows: 1e6,
      columns: 1e6,
      rowBytes: 129,
      columnBytes: 500,
      wordsAPair: 125,
      block: BLOCKS.wide,
      work: 2 ** 42,
      capacity: 2 ** 20,
    };
    const whole = tileShape({ ...large, halvings: 0 }, device);
    const half = tileShape({ ...large, halvings: 1 }, device);
    expect([half.rows * 2, half.columns * 2]).toEqual([whole.rows, whole.columns]);
  });
});
