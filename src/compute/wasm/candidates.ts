import type { Candidates, Windows } from "../backend.ts";
import { carrierTile } from "../plan.ts";
import { type ColumnFactors, screenThresholds } from "../screen/bound.ts";
import { OrderedPairs } from "../screen/orderedPairs.ts";
import { comparedWidth, PAIR_GENES } from "../screen/panels.ts";
import { CarrierScreen } from "./carrierScreen.ts";
import { ConfirmedPairs, confirmed, confirmLength, PassedPairs } from "./confirm.ts";
import { callsOf, HeldPanels } from "./heldPanels.ts";
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
  const factor = callsOf(job.factors[0]!);
  const held = job.factors[0]!.columns;
  const lower = (factors: ColumnFactors) => screenThresholds(threshold, [factors]);
  const width = held.panels && comparedWidth(held.panels);
  const panels = new HeldPanels(held, windows, rows, lower, width);
  const lowered = lower(panels.factors);
  const { columns } = panels;
  const tile = settings.carrierTile ?? carrierTile(columns.samples, columns.stretch, rows);
  // As many entries as a screen may find at once: see its layout.
  const found = Math.max(tile.found, PAIR_GENES);
  const beside = { values: confirmLength(columns.samples, found), making: 0 };
  const screen = new CarrierScreen(kernels, factor, columns, tile, settings.boundScale, beside);
  const { memory } = screen;
  // Threads that share no memory have the columns' integers alone.
  const pairs =
    held.values === undefined
      ? new PassedPairs()
      : new ConfirmedPairs(kernels, factor, screen, held.values, threshold);
  for (let from = 0; from < rows; ) {
    const to = screen.loadRows(from);
    for (let panel = 0; panel < panels.count; panel += 1) {
      const [first, end] = panels.place(memory, panel, from, to);
      if (first >= end) continue;
      const [start] = panels.columnsOf(panel);
      memory.threshold.view.fill(Number.POSITIVE_INFINITY);
      memory.threshold.view.set(lowered.subarray(start, start + panels.width));
      screen.lift();
      for (const entries of screen.compare(first, end)) pairs.add(entries, start, from);
    }
    pairs.endRows(from, to - from);
    from = to;
    yield;
  }
  return pairs.result(job.pairs);
}

function* byProducts(
  kernels: Kernels,
  job: Job<HeldColumns>,
  rows: number,
  threshold: Float64Array,
  windows: Windows | undefined,
  settings: EngineSettings,
): Generator<void, Candidates> {
  const single = job.factors.length === 1;
  const tiles = new ScreenTiles(kernels, job, settings, !single);
  const lowered = screenThresholds(threshold, tiles.columns);
  const pairs = new OrderedPairs();
  for (let from = 0; from < rows; from += tiles.tile.rows) {
    const to = Math.min(rows, from + tiles.tile.rows);
    tiles.loadRows(from, to);
    for (const columns of tiles.columnTiles(windows, rows, from, to)) {
      if (single) {
        for (const entries of tiles.pass(columns, lowered)) pairs.add(entries, columns);
        continue;
      }
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
