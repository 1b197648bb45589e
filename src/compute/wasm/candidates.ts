import type { Candidates, Windows } from "../backend.ts";
import { screenThresholds } from "../screen/bound.ts";
import { OrderedPairs } from "../screen/orderedPairs.ts";
import type { EngineSettings, HeldColumns, Job } from "./job.ts";
import type { Kernels } from "./kernels.ts";
import { ScreenTiles } from "./screenTiles.ts";

/** Runs the `candidates` epilogue, one row tile a step. */
export function* candidates(
  kernels: Kernels,
  job: Job<HeldColumns>,
  rows: number,
  threshold: Float64Array,
  windows: Windows | undefined,
  settings: EngineSettings,
): Generator<void, Candidates> {
  const tiles = new ScreenTiles(kernels, job, settings);
  const lowered = screenThresholds(threshold, tiles.columns);
  const pairs = new OrderedPairs();
  for (let from = 0; from < rows; from += tiles.tile.rows) {
    const to = Math.min(rows, from + tiles.tile.rows);
    tiles.loadRows(from, to);
    for (const columns of tiles.columnTiles(windows, rows, from, to)) {
      tiles.estimate(columns);
      tiles.setThresholds(columns, lowered);
      for (let row = 0; row < to - from; ) {
        const { next, entries } = tiles.select(row);
        pairs.add(entries, columns);
        row = next;
      }
    }
    pairs.endRows(from, to - from);
    yield;
  }
  return {
    kind: "candidates",
    row: pairs.row.view.slice(),
    column: pairs.column.view.slice(),
    pairs: job.pairs,
  };
}
