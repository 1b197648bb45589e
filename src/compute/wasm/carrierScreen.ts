import { UsageError } from "../../errors.ts";
import type { CallRows, Windows } from "../backend.ts";
import { type CarrierTile, carrierTile } from "../plan.ts";
import { windowOf } from "../product.ts";
import {
  type ColumnFactors,
  columnFactors,
  type RowFactors,
  rowFactors,
  screenThresholds,
} from "../screen/bound.ts";
import { UNIT } from "../screen/carrierRows.ts";
import { fixedPointShift, genesInFixedPoint, rowInFixedPoint } from "../screen/fixedPoint.ts";
import { PANEL_GENES, type Panels, panelLength, stretchCount } from "../screen/panels.ts";
import { emptyMeasures, type RowMeasures } from "../screen/rows.ts";
import { CarrierRows } from "./carrierRows.ts";
import type { EngineSettings, HeldColumns, JobFactor } from "./job.ts";
import type { Kernels, Regions } from "./kernels.ts";

/** Of the kernel's `stages`: sums start anew; sums are whole, and compared. */
const FIRST = 1;
const LAST = 2;
/** i16 and f32 numbers of a row's record: see `screen` of assembly/carriers.ts. */
const RECORD = { i16: 10, f32: 5 } as const;

function layoutOf({ samples, stretch }: Panels, stride: number, tile: CarrierTile) {
  const { rows, lists, extras, found } = tile;
  const stretches = stretchCount({ samples, stretch });
  return {
    packed: ["u8", rows * stride],
    counts: ["u32", rows * 3],
    origins: ["u8", rows],
    ends: ["u32", stretches * rows * 4],
    lists: ["u16", lists],
    records: ["i16", rows * RECORD.i16],
    extras: ["u32", stretches * (rows + 1) + extras],
    panel: ["i8", (Math.min(samples, stretch) + 1) * PANEL_GENES],
    reach: ["i16", PANEL_GENES],
    slack: ["i16", PANEL_GENES],
    scale: ["f32", PANEL_GENES],
    remainder: ["f32", PANEL_GENES],
    threshold: ["f32", PANEL_GENES],
    first: ["i32", PANEL_GENES],
    last: ["i32", PANEL_GENES],
    sums: ["i32", PANEL_GENES * (stretches > 1 ? rows : 1)],
    found: ["u32", 2 + found],
  } as const;
}

export type CarrierMemory = Regions<ReturnType<typeof layoutOf>>;

/**
 * The screen of one cohort's calls by their carriers: load rows, then sum and compare them with one panel of 32 columns after
 * the other. What leaves the kernel is pairs; a panel's sums exist for one row at a time (for one tile of rows where the
 * cohort has several stretches of samples).
 */
export class CarrierScreen {
  readonly panels: number;
  private readonly kernels: Kernels;
  private readonly memory: CarrierMemory;
  private readonly held: Panels;
  private readonly columns: ColumnFactors;
  private readonly threshold: Float32Array;
  private readonly windows: Windows | undefined;
  private readonly rows: CarrierRows;
  private readonly factor: JobFactor<HeldColumns>;
  private readonly factors: RowFactors;
  private readonly measures: RowMeasures;
  private readonly boundScale: number;
  private readonly shift: number;
  /** The largest 1 / scale of the columns. */
  private readonly inverse: number;
  private readonly recordNumbers: Float32Array;

  constructor(
    kernels: Kernels,
    factor: JobFactor<HeldColumns>,
    threshold: Float64Array,
    windows: Windows | undefined,
    settings: EngineSettings,
  ) {
    const { panels } = factor.columns;
    if (panels === undefined || factor.rows.kind !== "calls") {
      throw new UsageError("product: this needs standardised columns, and calls");
    }
    const rows: CallRows = factor.rows;
    const tile = settings.carrierTile ?? carrierTile(rows.samples, panels.stretch, rows.count);
    this.kernels = kernels;
    this.factor = factor;
    this.held = panels;
    this.windows = windows;
    this.memory = kernels.lay(layoutOf(panels, rows.stride, tile));
    this.rows = new CarrierRows(kernels, this.memory, rows, panels, tile);
    this.panels = Math.ceil(panels.count / PANEL_GENES);
    this.columns = columnFactors(panels, 1);
    this.threshold = screenThresholds(threshold, [this.columns]);
    this.boundScale = settings.boundScale ?? 1;
    this.measures = emptyMeasures(tile.rows);
    const numbers = () => new Float32Array(tile.rows);
    this.factors = { scale: [numbers()], spread: [numbers()], base: numbers() };
    this.shift = fixedPointShift(this.columns, this.threshold);
    this.inverse = this.columns.scale.reduce((most, s) => (s > 0 ? Math.max(most, 1 / s) : most), 0);
    this.recordNumbers = new Float32Array(
      this.memory.records.view.buffer,
      this.memory.records.at,
      tile.rows * RECORD.f32,
    );
  }

  /** Makes as many rows from `from` on as there is room for the rows of what follows; returns the row after them. */
  loadRows(from: number): number {
    const { factor, columns, factors, measures } = this;
    const to = this.rows.load(from, measures);
    const cohort = { measures, norm: factor.norm, weight: factor.weight, columns };
    rowFactors([cohort], from, to, factors, this.boundScale);
    const records = this.memory.records.view;
    for (let at = 0; at < to - from; at += 1) {
      const extras = this.rows.hasExtras(at);
      const record = records.subarray(at * RECORD.i16, (at + 1) * RECORD.i16);
      rowInFixedPoint(factors, at, this.shift, this.inverse, extras ? UNIT : 1, record);
      record[3] = extras ? 1 : 0;
      // Calls counted from the other end: the sum has the other sign.
      const sign = this.rows.origin(at) === 2 ? -1 : 1;
      const numbers = at * RECORD.f32 + 2;
      this.recordNumbers[numbers] = sign * factors.scale[0]![at]!;
      this.recordNumbers[numbers + 1] = factors.spread[0]![at]!;
      this.recordNumbers[numbers + 2] = factors.base[at]!;
    }
    return to;
  }

  /** The pairs of the loaded rows and the panel's columns: entries `row << 16 | column`, positions in tile and panel. */
  *screen(panel: number, from: number, to: number): Generator<Uint32Array> {
    const [first, end] = this.loadGenes(panel, from, to);
    if (first >= end) return;
    const { held, memory, kernels } = this;
    const kernel = {
      1: kernels.run.screenCarriers1,
      2: kernels.run.screenCarriers2,
      4: kernels.run.screenCarriers4,
    }[held.group];
    const stretches = stretchCount(held);
    let offset = panel * panelLength(held);
    for (let stretch = 0; stretch < stretches; stretch += 1) {
      const samples = Math.min(held.stretch, held.samples - stretch * held.stretch);
      const length = (samples + 1) * PANEL_GENES;
      memory.panel.view.set(held.integers.subarray(offset, offset + length));
      offset += length;
      const stages = (stretch === 0 ? FIRST : 0) | (stretch === stretches - 1 ? LAST : 0);
      const { ends, lists, extras } = this.rows.places(stretch);
      for (let row = first; row < end; ) {
        kernel(
          memory.panel.at,
          ends,
          lists,
          memory.records.at,
          memory.reach.at,
          extras,
          memory.sums.at,
          stages,
          row,
          end,
          memory.found.at,
          memory.found.view.length - 2,
        );
        row = memory.found.view[0]!;
        const count = memory.found.view[1]!;
        if (count > 0) yield memory.found.view.subarray(2, 2 + count);
      }
    }
  }

  /** Lays out the panel's columns for the kernel; returns the rows of the tile that some of them meet. */
  private loadGenes(panel: number, from: number, to: number): [number, number] {
    const { memory, columns, threshold } = this;
    const start = panel * PANEL_GENES;
    genesInFixedPoint(columns, threshold, start, this.shift, memory.reach.view, memory.slack.view);
    let least = to - from;
    let most = 0;
    for (let i = 0; i < PANEL_GENES; i += 1) {
      const j = start + i;
      const inside = j < columns.scale.length;
      const [first, last] = inside ? windowOf(this.windows, j, this.factor.rows.count) : [0, 0];
      memory.scale.view[i] = inside ? columns.scale[j]! : 0;
      memory.remainder.view[i] = inside ? columns.remainder[j]! : 0;
      memory.threshold.view[i] = inside ? threshold[j]! : Number.POSITIVE_INFINITY;
      memory.first.view[i] = Math.max(0, first - from);
      memory.last.view[i] = Math.max(0, Math.min(to, last) - from);
      if (memory.first.view[i]! >= memory.last.view[i]!) continue;
      least = Math.min(least, memory.first.view[i]!);
      most = Math.max(most, memory.last.view[i]!);
    }
    return [least, most];
  }
}
