import { padded, usable } from "../exact.ts";
import type { CarrierFactor, CarrierScreen } from "./carrierScreen.ts";
import type { Kernels } from "./kernels.ts";

/**
 * Products of a screen's rows with columns whose values lie beside it, in f64 as `ExactRow` of exact.ts has them. The screen has
 * {@link exactPanelLength} numbers beside it.
 */
export class ExactPanel {
  private readonly run: Kernels["run"];
  private readonly factor: CarrierFactor;
  private readonly screen: CarrierScreen;
  /** Bytes of a column. */
  private readonly stride: number;
  /** Bytes of a row, of which the kernel writes whole vectors; then comes what a missing call counts as. */
  private readonly rowBytes: number;
  private readonly rowAt: number;
  private readonly row: Float64Array;
  private current = -1;

  constructor(kernels: Kernels, factor: CarrierFactor, screen: CarrierScreen, columns: number) {
    const { samples } = factor.rows;
    const { memory } = screen;
    this.run = kernels.run;
    this.factor = factor;
    this.screen = screen;
    this.stride = 8 * padded(samples, 4);
    this.rowBytes = 8 * padded(samples, 8);
    this.rowAt = memory.values.at + columns * this.stride;
    this.row = memory.values.view.subarray((columns * this.stride) / 8);
  }

  /** Whether {@link products} can have the row: the others are for {@link product}. */
  isPlain(at: number): boolean {
    return !this.screen.hasExtras(at);
  }

  /** Products of `count` plain rows of the tile, whose numbers (u32) lie at `rows`, and column `i`, written (f64) to `out`. */
  products(rows: number, count: number, i: number, out: number): void {
    const { run, screen } = this;
    const { stride } = this.factor.rows;
    const values = screen.memory.values.at + i * this.stride;
    run.dotRowsOfCalls64(screen.memory.packed.at, stride, values, rows, count, out);
  }

  /** Puts the values of column `i` in their place. */
  place(i: number, values: Float64Array): void {
    this.screen.memory.values.view.set(values, (i * this.stride) / 8);
  }

  /** |statistic| of row `at` of the tile that starts at `from`, and a column whose {@link product} with it is at hand. */
  size(from: number, at: number, product: number): number {
    const { norm, weight } = this.factor;
    const row = norm[from + at]!;
    return usable(row) ? Math.abs((weight * product) / row) : 0;
  }

  /** The product of row `at` of the tile that starts at `from`, and column `i`. */
  product(from: number, at: number, i: number): number {
    const { run, screen } = this;
    const { stride } = this.factor.rows;
    const values = screen.memory.values.at + i * this.stride;
    if (!screen.hasExtras(at)) return run.dotCalls64(screen.memory.packed.at + at * stride, values, stride);
    if (from + at !== this.current) this.read(from + at, at);
    this.current = from + at;
    return run.dotOne64(this.rowAt, values, this.stride);
  }

  /** The row as numbers: see `readRow`. */
  private read(row: number, at: number): void {
    const { stride, fill, remainder } = this.factor.rows;
    const { rowAt, rowBytes } = this;
    this.row[rowBytes / 8] = fill[row]!;
    const packed = this.screen.memory.packed.at + at * stride;
    this.run.unpackDosages(packed, stride, 1, rowAt + rowBytes, rowAt, rowBytes);
    if (remainder === undefined) return;
    const { offset, sample, value } = remainder;
    for (let i = offset[row]!; i < offset[row + 1]!; i += 1) {
      const s = sample[i]!;
      this.row[s] = this.row[s]! + value[i]!;
    }
  }
}

/** Numbers of f64 of the columns' values, a row, and what stands in for its missing calls. */
export function exactPanelLength(samples: number, columns: number): number {
  return columns * padded(samples, 4) + padded(samples, 8) + 1;
}
