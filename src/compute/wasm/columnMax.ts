import type { ColumnMax, Windows } from "../backend.ts";
import { windowOf } from "../product.ts";
import { isSilent, MARGIN } from "../screen/bound.ts";
import { Maxima } from "../screen/maxima.ts";
import { valuesOf } from "./dense.ts";
import type { EngineSettings, HeldColumns, Job } from "./job.ts";
import type { Kernels } from "./kernels.ts";
import { ScreenTiles } from "./screenTiles.ts";

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
