/**
 * What products cost in operations, which no noise disturbs: budgets that were recorded, not times. A change that needs more
 * must say why and record anew.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Epilogue, Factor } from "../../../../src/compute/backend.ts";
import type { Activity } from "../../../../src/compute/webgpu/activity.ts";
import { BLOCKS } from "../../../../src/compute/webgpu/variants.ts";
import { plainProduct } from "../cohorts.ts";
import { Random } from "../random.ts";
import { webGpu } from "./device.ts";

const [ROWS, COLUMNS, SAMPLES] = [500, 150, 203];
/** Of 4 bytes: words of a column, and bytes of a row of calls. */
const WORDS = Math.ceil(SAMPLES / 4);
/** Products of four samples a submit: three blocks of 64 x 64, so a tile is 64 rows and all columns. */
const WORK = 3 * 64 * 64 * WORDS;

describe("the budget of a product", () => {
  let backend: Awaited<ReturnType<typeof webGpu>>;
  const product = plainProduct(new Random(42), ROWS, COLUMNS, SAMPLES);
  let factors: Factor[];
  beforeAll(async () => {
    backend = await webGpu({ digits: 1 }, { work: WORK, block: BLOCKS.wide });
    const [factor] = product.factors;
    factors = [{ ...factor!, columns: await backend.load(factor!.columns) }];
  });
  afterAll(() => backend.dispose());

  async function cost(epilogue: Epilogue): Promise<Activity> {
    const before = { ...backend.activity };
    await backend.product(factors, epilogue);
    const after: Activity = { ...backend.activity };
    for (const name of Object.keys(before) as (keyof Activity)[]) after[name] -= before[name];
    return after;
  }

  const tiles = Math.ceil(ROWS / 64);
  const columnBytes = 4 * WORDS * COLUMNS;
  /** 2-bit calls, 4 bytes of terms and 12 of factors a row. */
  const rowBytes = ROWS * (WORDS + 4 + 12);
  /** A tile's columns: factors, thresholds, windows, blocks' windows, the cohort's table. */
  const tileBytes = COLUMNS * (8 + 4 + 8) + 8 * Math.ceil(COLUMNS / 64) + 16;
  const paramBytes = 32;
  /** The counter and the first 4,095 entries; and the device's times. */
  const readBytes = 4 * 4096 + 16;

  it("of candidates, and again with its columns on the device", async () => {
    // About |r| = 0.35: of 75,000 pairs a few, so that the buffer's head holds each tile's.
    const threshold = new Float64Array(COLUMNS).fill(0.35);
    const first = await cost({ kind: "candidates", threshold });
    expect(first).toMatchObject({ pipelines: 1, submits: tiles, dispatches: tiles, splits: 0, losses: 0 });
    expect(first.bytesUploaded).toBe(columnBytes + rowBytes + tiles * (tileBytes + paramBytes));
    expect(first.bytesRead).toBeLessThanOrEqual(tiles * readBytes);
    // Two tiles' in flight, and one's that is loaded meanwhile.
    expect(first.buffers).toBeLessThanOrEqual(1 + 3 * 11);
    const second = await cost({ kind: "candidates", threshold });
    expect(second).toMatchObject({ pipelines: 0, submits: tiles, dispatches: tiles });
    // A few more are in use at once when nothing is compiled in between.
    expect(second.buffers).toBeLessThanOrEqual(11);
    expect(second.bytesUploaded).toBe(first.bytesUploaded - columnBytes);
  });

  it("of columnMax, which takes the products twice", async () => {
    const own = await cost({ kind: "columnMax" });
    // Twice a block is the most that fits into three: a submit for each of the three blocks of columns.
    expect(own).toMatchObject({
      pipelines: 1,
      submits: 3 * tiles,
      dispatches: 6 * tiles,
      splits: 0,
      losses: 0,
    });
    expect(own.bytesRead).toBeLessThanOrEqual(own.submits * readBytes + tiles * 4 * COLUMNS);
    expect(own.buffers).toBeLessThanOrEqual(22);
  });
});
