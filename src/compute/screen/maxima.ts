import { type ExactFactor, ExactRow } from "../exact.ts";
import { resultArray } from "../product.ts";
import { MARGIN } from "./bound.ts";

/** The largest |statistic| of each column so far, exact, and what a row must reach to be looked at. */
export class Maxima {
  readonly value: Float64Array<ArrayBuffer>;
  readonly row: Int32Array<ArrayBuffer>;
  /** Certified lower bound of the maximum, f32. */
  readonly floor: Float32Array<ArrayBuffer>;
  private readonly exact: ExactRow;

  constructor(columns: number, factors: readonly ExactFactor[]) {
    this.value = resultArray(columns);
    this.row = new Int32Array(columns).fill(-1);
    this.floor = new Float32Array(columns);
    this.exact = new ExactRow(factors);
  }

  /** Refines a tile's entries `row << 16 | column`. Rows of a column come in ascending order, so the first of equals stays. */
  refine(entries: Uint32Array, columns: Uint32Array, from: number): void {
    let current = -1;
    for (const entry of entries) {
      const row = from + (entry >>> 16);
      const column = columns[entry & 0xffff]!;
      if (row !== current) this.exact.read(row);
      current = row;
      const size = Math.abs(this.exact.statistic(column));
      if (this.row[column] !== -1 && !(size > this.value[column]!)) continue;
      this.value[column] = size;
      this.row[column] = row;
      this.floor[column] = Math.max(this.floor[column]!, size * MARGIN);
    }
  }

  /** The statistics of a column of zeros are 0: its row is the first it meets that has a norm. */
  meetSilent(column: number, [start, end]: readonly [number, number]): void {
    for (let row = start; row < end && this.row[column] === -1; row += 1) {
      if (this.exact.read(row)) this.row[column] = row;
    }
  }
}
