import { describe, expect, it } from "vitest";
import {
  bytesOfCarriersTile64,
  bytesOfColumns,
  bytesOfDenseTile,
  bytesOfProduct,
  bytesOfScreenTile,
  carriersTile64,
  denseTile,
  screenTile,
} from "../../../src/compute/plan.ts";

const SAMPLES = [1, 3, 100, 500, 2_683, 10_000, 100_000];

describe("tiles", () => {
  it.each(SAMPLES)("fit the kernels and a few MiB at %i samples", (samples) => {
    const screen = screenTile([samples]);
    expect(screen.rows % 2).toBe(0);
    expect(screen.columns % 4).toBe(0);
    expect(screen.found).toBeGreaterThanOrEqual(screen.columns);
    expect(Math.max(screen.rows, screen.columns)).toBeLessThan(65_536);
    const dense = denseTile(samples);
    expect(dense.rows % 4).toBe(0);
    expect(dense.columns % 2).toBe(0);
    // Below some 20,000 samples all tiles stay in L2; beyond, the smallest tile is what it is.
    const limit = samples <= 10_000 ? 2 ** 20 : 8 * 6.2 * samples;
    expect(bytesOfScreenTile([samples])).toBeLessThan(limit);
    expect(bytesOfDenseTile(samples)).toBeLessThan(limit);
  });

  it.each(SAMPLES)("of carriers in f64 take a few MiB at most at %i samples", (samples) => {
    const { rows, room } = carriersTile64(samples);
    expect(rows > 0).toBe(samples <= 4096);
    // A quarter of the samples (rounded up), and a vector past it.
    if (rows > 0) expect(room).toBeGreaterThanOrEqual(Math.ceil(samples / 4) + 8);
    expect(rows * (3 * samples + 1)).toBeLessThan(65_536 * 256);
    expect(bytesOfCarriersTile64(samples)).toBeLessThan(12 * 2 ** 20);
  });

  it("hold the rows of all cohorts", () => {
    expect(screenTile([500, 500, 500]).rows).toBeLessThan(screenTile([500]).rows);
    expect(bytesOfScreenTile([500, 500, 500])).toBeLessThan(2 ** 20);
  });
});

describe("memory of a product", () => {
  it("counts f64 values and integers of columns", () => {
    // Four columns of int16. Panels: 32 columns of int8, one sample more for the zeros; four f64 a column beside either kind of integers.
    expect(bytesOfColumns(1, 8)).toBe(64 + (4 * 16 + 32) + (9 * 32 + 32));
    expect(bytesOfColumns(1000, 500)).toBe(1000 * 4000 + 1000 * (1008 + 32) + (32 * 501 * 32 + 1000 * 32));
  });

  it("is little more than a dense result", () => {
    const plan = { kind: "dense", rows: 1000, columns: 2000, samples: [500], calls: true } as const;
    const result = 8 * 1000 * 2000;
    const bytes = bytesOfProduct({ ...plan, pairs: 1000 * 2000 });
    expect(bytes).toBeGreaterThan(result);
    expect(bytes - result).toBeLessThan(2 ** 21);
  });
});
