import { UsageError } from "../../errors.ts";
import type { Windows } from "../backend.ts";
import { padded } from "../exact.ts";
import { windowOf } from "../product.ts";
import { type ColumnFactors, columnFactors } from "../screen/bound.ts";
import { fixedPointShift } from "../screen/fixedPoint.ts";
import { PAIR_DISTANCE, PANEL_GENES, type Panels, panelLength } from "../screen/panels.ts";
import type { CarrierColumns, CarrierFactor, CarrierMemory } from "./carrierScreen.ts";
import type { HeldColumns, JobFactor } from "./job.ts";

/** A factor whose rows are calls. */
export function callsOf({ rows, norm, weight }: JobFactor<HeldColumns>): CarrierFactor {
  if (rows.kind !== "calls") throw new UsageError("product: this needs calls");
  return { rows, norm, weight };
}

/** Tells the kernels which rows of a tile the columns from `start` on meet; returns the rows that some of them meet. */
export function placeWindows(
  memory: CarrierMemory,
  windows: Windows | undefined,
  start: number,
  count: number,
  rows: number,
  from: number,
  to: number,
): [first: number, end: number] {
  let least = to - from;
  let most = 0;
  for (let i = 0; i < memory.first.view.length; i += 1) {
    const [first, last] = i < count ? windowOf(windows, start + i, rows) : [0, 0];
    memory.first.view[i] = Math.max(0, first - from);
    memory.last.view[i] = Math.max(0, Math.min(to, last) - from);
    if (memory.first.view[i]! >= memory.last.view[i]!) continue;
    least = Math.min(least, memory.first.view[i]!);
    most = Math.max(most, memory.last.view[i]!);
  }
  return [least, most];
}

/** Of panels that are held: made once for all jobs that meet them, of which each would leave them behind. */
const known = new WeakMap<Panels, ColumnFactors>();

function factorsOf(panels: Panels): ColumnFactors {
  const factors = known.get(panels) ?? columnFactors(panels, 1);
  known.set(panels, factors);
  return factors;
}

/** Loaded columns as panels of the carrier kernels. */
export class HeldPanels {
  readonly count: number;
  readonly width: number;
  readonly columns: CarrierColumns;
  readonly factors: ColumnFactors;
  private readonly panels: Panels;
  private readonly windows: Windows | undefined;
  private readonly rows: number;

  /** `thresholdOf` says what the columns will be compared with, about; `width`: how many of them at once. */
  constructor(
    held: HeldColumns,
    windows: Windows | undefined,
    rows: number,
    thresholdOf: (factors: ColumnFactors) => Float32Array,
    width = PANEL_GENES,
  ) {
    const { panels } = held;
    if (panels === undefined) throw new UsageError("product: this needs standardised columns");
    this.panels = panels;
    this.windows = windows;
    this.rows = rows;
    this.width = width;
    this.count = Math.ceil(panels.count / width);
    this.factors = factorsOf(panels);
    const { samples, stretch, group } = panels;
    this.columns = {
      samples,
      stretch,
      group,
      largest: this.factors.largest,
      shift: fixedPointShift(this.factors, thresholdOf(this.factors)),
      inverse: this.factors.scale.reduce((most, s) => (s > 0 ? Math.max(most, 1 / s) : most), 0),
      paired: width > PANEL_GENES,
    };
  }

  /** The first column of a panel, and how many it has. */
  columnsOf(panel: number): [first: number, count: number] {
    const first = panel * this.width;
    return [first, Math.min(this.width, this.panels.count - first)];
  }

  /** Puts a panel's integers and numbers, but not its thresholds, into memory; returns the rows of the tile that it meets. */
  place(memory: CarrierMemory, panel: number, from: number, to: number): [first: number, end: number] {
    const [start, count] = this.columnsOf(panel);
    const [first, end] = placeWindows(memory, this.windows, start, count, this.rows, from, to);
    if (first >= end) return [first, end];
    const length = panelLength(this.panels);
    for (let i = 0; i < count; i += PANEL_GENES) {
      const at = ((start + i) / PANEL_GENES) * length;
      memory.panel.view.set(this.panels.integers.subarray(at, at + length), i === 0 ? 0 : PAIR_DISTANCE);
    }
    for (let i = 0; i < this.width; i += 1) {
      memory.scale.view[i] = i < count ? this.factors.scale[start + i]! : 0;
      memory.remainder.view[i] = i < count ? this.factors.remainder[start + i]! : 0;
    }
    return [first, end];
  }

  /** Puts the panel's f64 values, `values` of all columns, into memory. */
  placeValues(memory: CarrierMemory, panel: number, values: Float64Array): void {
    const { samples } = this.panels;
    const stride = padded(samples, 4);
    const [start, count] = this.columnsOf(panel);
    for (let i = 0; i < count; i += 1) {
      const from = (start + i) * samples;
      memory.values.view.set(values.subarray(from, from + samples), i * stride);
    }
  }
}
