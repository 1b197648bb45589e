import type { Candidates, Windows } from "../backend.ts";
import { screenThresholds } from "../screen/bound.ts";
import { OrderedPairs } from "../screen/orderedPairs.ts";
import { PANEL_GENES } from "../screen/panels.ts";
import { CarrierScreen } from "./carrierScreen.ts";
import { confirmed } from "./confirm.ts";
import type { EngineSettings, HeldColumns, Job } from "./job.ts";
import type { Kernels } from "./kernels.ts";
import { ScreenTiles } from "./screenTiles.ts";

/** Runs the `candidates` epilogue, one row tile a step. */
export function candidates(
  kernels: Kernels,
  job: Job<HeldColumns>,
  rows: number,
  threshold: Float64Array,
  windows: Windows | undefined,
  settings: EngineSettings,
): Generator<void, Candidates> {
  const run = job.kernel === "carriers" ? byCarriers : byProducts;
  return run(kernels, job, rows, threshold, windows, settings);
}

function* byCarriers(
  kernels: Kernels,
  job: Job<HeldColumns>,
  rows: number,
  threshold: Float64Array,
  windows: Windows | undefined,
  settings: EngineSettings,
): Generator<void, Candidates> {
  const screen = new CarrierScreen(kernels, job.factors[0]!, threshold, windows, settings);
  const pairs = new OrderedPairs();
  for (let from = 0; from < rows; ) {
    const to = screen.loadRows(from);
    for (let panel = 0; panel < screen.panels; panel += 1) {
      for (const entries of screen.screen(panel, from, to)) pairs.addFrom(entries, panel * PANEL_GENES);
    }
    pairs.endRows(from, to - from);
    from = to;
    yield;
  }
  return confirmed(job, threshold, pairs);
}

function* byProducts(
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
  return confirmed(job, threshold, pairs);
}
