import { describe, expect, it } from "vitest";
import {
  dispatchGrid,
  FIRST_WORK,
  LONGEST_SUBMIT,
  nextWork,
  tileShape,
} from "../../../../src/compute/webgpu/work.ts";
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

describe("the work of a submit", () => {
  it.each([1e7, 1e9, 1e11, 1e13])(
    "ends below 100 ms on a device of %d products a second, in a dozen steps",
    (rate) => {
      let work = FIRST_WORK;
      const times: number[] = [];
      for (let i = 0; i < 40; i += 1) {
        // 3 ms that every submit takes.
        const milliseconds = 3 + (1000 * work) / rate;
        times.push(milliseconds);
        work = nextWork(work, milliseconds);
      }
      expect(Math.max(...times.slice(12))).toBeLessThan(LONGEST_SUBMIT);
      if (rate < 1e13) expect(Math.min(...times.slice(14))).toBeGreaterThan(LONGEST_SUBMIT / 4);
    },
  );
});

describe("tiles", () => {
  const device = { maxStorageBufferBindingSize: 2 ** 27, maxBufferSize: 2 ** 28 };
  it("keep to buffers, work, room for candidates and 16 bits; halve with each loss; are never empty", () => {
    const random = new Random(2);
    for (let i = 0; i < 500; i += 1) {
      const rowWords = random.pick([1, 30, 125, 700, 25_000, 250_000]);
      const digits = random.pick([1, 2]);
      const question = {
        rows: random.pick([1, 63, 64, 1000, 100_000, 1e6]),
        columns: random.pick([1, 65, 20_000, 500_000]),
        rowWords,
        columnWords: rowWords * digits,
        cohorts: random.integer(1, 20),
        work: random.pick([2 ** 16, 2 ** 22, 2 ** 30, 2 ** 42]),
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
      expect(4 * rows * rowWords, where).toBeLessThanOrEqual(2 ** 27);
      expect(4 * columns * question.columnWords, where).toBeLessThanOrEqual(2 ** 27);
      if (rows > 64 || columns > 64) {
        const least = Math.min(rows, 64) * Math.min(columns, 64) * question.columnWords;
        expect(rows * columns * question.columnWords, where).toBeLessThanOrEqual(
          Math.max(question.work, least) * 1.0001,
        );
      }
      const after = tileShape({ ...question, halvings: question.halvings + 1 }, device);
      expect(after.rows, where).toBeLessThanOrEqual(rows);
    }
    const large = {
      rows: 1e6,
      columns: 1e6,
      rowWords: 125,
      columnWords: 125,
      cohorts: 1,
      work: 2 ** 42,
      capacity: 2 ** 20,
    };
    const whole = tileShape({ ...large, halvings: 0 }, device);
    const half = tileShape({ ...large, halvings: 1 }, device);
    expect([half.rows * 2, half.columns * 2]).toEqual([whole.rows, whole.columns]);
  });
});
