import type { ColumnMax, Windows } from "../backend.ts";
import { type ExactFactor, ExactRow } from "../exact.ts";
import { resultArray, windowOf } from "../product.ts";
import { isSilent, MARGIN } from "../screen/bound.ts";
import { valuesOf } from "./dense.ts";
import type { EngineSettings, HeldColumns, Job } from "./job.ts";
import type { Kernels } from "./kernels.ts";
import { ScreenTiles } from "./screenTiles.ts";

/** The largest |statistic| of each column so far, exact, and what a row must reach to be looked at. */
class Maxima {
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

  /** Refines a tile's entries. Rows of a column come in ascending order, so the first of equals stays. */
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

/**
 * Runs the `columnMax` epilogue, one row tile a step. The screen of a tile first raises each column's certified
 * lower bound of the maximum, then selects the rows whose upper bound reaches it, and those are
 * refined in f64: whichever row attains the maximum is among them, and so is every row that ties with it.
 */
export function* columnMax(
  kernels: Kernels,
  job: Job<HeldColumns>,
  rows: number,
  windows: Windows | undefined,
  settings: EngineSettings,
): Generator<void, ColumnMax> {
  const tiles = new ScreenTiles(kernels, job, settings);
  const factors = job.factors.map(({ rows, columns, norm, weight }) => {
    return { rows, values: valuesOf(columns), norm, weight };
  });
  const maxima = new Maxima(job.columns, factors);
  const silent: number[] = [];
  for (let j = 0; j < job.columns; j += 1) {
    if (!isSilent(tiles.columns, j)) continue;
    silent.push(j);
    maxima.floor[j] = Number.POSITIVE_INFINITY;
  }
  for (let from = 0; from < rows; from += tiles.tile.rows) {
    const to = Math.min(rows, from + tiles.tile.rows);
    tiles.loadRows(from, to);
    for (const columns of tiles.columnTiles(windows, rows, from, to)) {
      tiles.estimate(columns);
      tiles.setThresholds(columns, maxima.floor);
      tiles.raise(MARGIN);
      tiles.getThresholds(columns, maxima.floor);
      for (let row = 0; row < to - from; ) {
        const { next, entries } = tiles.select(row);
        maxima.refine(entries, columns, from);
        row = next;
      }
    }
    yield;
  }
  for (const j of silent) maxima.meetSilent(j, windowOf(windows, j, rows));
  return { kind: "columnMax", value: maxima.value, row: maxima.row, pairs: job.pairs };
}
