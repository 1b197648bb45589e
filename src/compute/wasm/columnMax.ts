import type { ColumnMax, Windows } from "../backend.ts";
import { maximaTile } from "../plan.ts";
import { windowOf } from "../product.ts";
import { isSilent, MARGIN } from "../screen/bound.ts";
import { Maxima } from "../screen/maxima.ts";
import { nullMaximum } from "../screen/nullMaximum.ts";
import { PANEL_GENES } from "../screen/panels.ts";
import { CarrierMaxima, columnMaxOf } from "./carrierMaxima.ts";
import { type CarrierMemory, CarrierScreen } from "./carrierScreen.ts";
import { valuesOf } from "./dense.ts";
import { exactPanelLength } from "./exactPanel.ts";
import { callsOf, HeldPanels } from "./heldPanels.ts";
import type { EngineSettings, HeldColumns, Job } from "./job.ts";
import type { Kernels } from "./kernels.ts";
import { PermutedPanels } from "./permutedPanels.ts";
import { ScreenTiles } from "./screenTiles.ts";

/** Runs the `columnMax` epilogue. */
export function columnMax(
  kernels: Kernels,
  job: Job<HeldColumns>,
  rows: number,
  windows: Windows | undefined,
  settings: EngineSettings,
): Generator<void, ColumnMax> {
  const run = job.kernel === "carriers" ? byCarriers : byProducts;
  return run(kernels, job, rows, windows, settings);
}

function* byCarriers(
  kernels: Kernels,
  { factors, columns, pairs }: Job<HeldColumns>,
  rows: number,
  windows: Windows | undefined,
  settings: EngineSettings,
): Generator<void, ColumnMax> {
  const held = factors[0]!.columns;
  const factor = callsOf(factors[0]!);
  const panels =
    held.permuted === undefined
      ? heldMaximaPanels(held, windows, rows)
      : new PermutedPanels(kernels, held.permuted, windows, rows, settings);
  const { samples, stretch } = panels.columns;
  const tile = settings.carrierTile ?? maximaTile(samples, stretch, rows);
  const beside = { values: exactPanelLength(samples, panels.width), making: panels.making };
  const screen = new CarrierScreen(kernels, factor, panels.columns, tile, settings.boundScale, beside);
  const maxima = new CarrierMaxima(kernels, factor, screen, panels, columns);
  yield* maxima.search(rows);
  return columnMaxOf(maxima, factor, (column) => windowOf(windows, column, rows), pairs);
}

/** Loaded columns as the search takes them. */
function heldMaximaPanels(held: HeldColumns, windows: Windows | undefined, rows: number) {
  const values = valuesOf(held);
  const start = nullMaximum(rows, values.length / Math.max(1, held.panels?.count ?? 0));
  const panels = new HeldPanels(held, windows, rows, ({ scale }) =>
    new Float32Array(scale.length).fill(start),
  );
  const { count, columns } = panels;
  return {
    count,
    width: PANEL_GENES,
    columns,
    making: 0,
    columnsOf: (panel: number) => panels.columnsOf(panel),
    place(memory: CarrierMemory, panel: number, from: number, to: number) {
      const met = panels.place(memory, panel, from, to);
      if (met[0] < met[1]) panels.placeValues(memory, panel, values);
      return met;
    },
    startOf(panel: number) {
      const [first, width] = panels.columnsOf(panel);
      let least = rows;
      for (let j = first; j < first + width; j += 1) {
        const [low, high] = windowOf(windows, j, rows);
        least = Math.min(least, high - low);
      }
      return nullMaximum(least, columns.samples);
    },
    learn() {},
  };
}

/**
 * Anything but calls of one cohort, one row tile a step. The screen of a tile first raises each column's certified
 * lower bound of the maximum, then selects the rows whose upper bound reaches it, and those are
 * refined in f64: whichever row attains the maximum is among them, and so is every row that ties with it.
 */
function* byProducts(
  kernels: Kernels,
  job: Job<HeldColumns>,
  rows: number,
  windows: Windows | undefined,
  settings: EngineSettings,
): Generator<void, ColumnMax> {
  const tiles = new ScreenTiles(kernels, job, settings, true);
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
