import type { CallRows } from "../backend.ts";
import type { CarrierTile } from "../plan.ts";
import { type ColumnFactors, type RowFactors, rowFactors } from "../screen/bound.ts";
import { UNIT } from "../screen/carrierRows.ts";
import { genesInFixedPoint, rowInFixedPoint } from "../screen/fixedPoint.ts";
import {
  type Group,
  PAIR_DISTANCE,
  PAIR_GENES,
  PANEL_GENES,
  panelLength,
  stretchCount,
} from "../screen/panels.ts";
import { emptyMeasures, type RowMeasures } from "../screen/rows.ts";
import { CarrierRows } from "./carrierRows.ts";
import type { Kernels, Regions } from "./kernels.ts";

/** Of the kernel's `stages`: sums start anew; sums are whole, and compared. */
const FIRST = 1;
const LAST = 2;
/** i16 and f32 numbers of a row's record: see `screen` of assembly/carriers.ts. */
const RECORD = { i16: 10, f32: 5 } as const;

/** What a screen by carriers knows of its columns before it meets one. */
export interface CarrierColumns {
  readonly samples: number;
  readonly stretch: number;
  readonly group: Group;
  /** The largest of what the rows' constant needs. */
  readonly largest: ColumnFactors["largest"];
  /** Of the comparison in 16 bits: see fixedPoint.ts. */
  readonly shift: number;
  /** The largest 1 / scale of a column. */
  readonly inverse: number;
  /** Whether two panels are compared at once, {@link PAIR_DISTANCE} bytes apart; for one stretch of samples and groups below 4 alone. */
  readonly paired?: boolean;
}

/** What rows of a tile are measured in, by engine, which has one job at a time: each job would leave it behind. */
interface Measured {
  readonly rows: number;
  readonly measures: RowMeasures;
  readonly factors: RowFactors;
}

const held = new WeakMap<Kernels, Measured>();

/** Room for `rows` rows; what a job before has left in it means nothing. */
function measuredOf(kernels: Kernels, rows: number): Measured {
  const known = held.get(kernels);
  if (known !== undefined && known.rows >= rows) return known;
  const numbers = () => new Float32Array(rows);
  const factors = { scale: [numbers()], spread: [numbers()], base: numbers() };
  const made = { rows, measures: emptyMeasures(rows), factors };
  held.set(kernels, made);
  return made;
}

/** Numbers of f64 that lie beside the screen: a panel's values and a row, and what makes permuted columns. */
export interface Beside {
  readonly values: number;
  readonly making: number;
}

function layoutOf(
  { samples, stretch, paired }: CarrierColumns,
  stride: number,
  { rows, lists, extras, found }: CarrierTile,
  beside: Beside,
) {
  const stretches = stretchCount({ samples, stretch });
  return {
    packed: ["u8", rows * stride],
    counts: ["u32", rows * 3],
    origins: ["u8", rows],
    ends: ["u32", stretches * rows * 4],
    lists: ["u16", lists],
    records: ["i16", rows * RECORD.i16],
    extras: ["u32", stretches * (rows + 1) + extras],
    panel: ["i8", (paired ? PAIR_DISTANCE : 0) + panelLength({ samples, stretch })],
    reach: ["i16", PAIR_GENES],
    slack: ["i16", PAIR_GENES],
    scale: ["f32", PAIR_GENES],
    remainder: ["f32", PAIR_GENES],
    threshold: ["f32", PAIR_GENES],
    first: ["i32", PAIR_GENES],
    last: ["i32", PAIR_GENES],
    sums: ["i32", PANEL_GENES * (stretches > 1 ? rows : 1)],
    // A row of two panels has to find room, or the kernel would not go on.
    found: ["u32", 2 + (paired ? Math.max(found, PAIR_GENES) : found)],
    values: ["f64", beside.values],
    making: ["f64", beside.making],
  } as const;
}

export type CarrierMemory = Regions<ReturnType<typeof layoutOf>>;

/** One cohort's calls, as a screen by carriers takes them. */
export interface CarrierFactor {
  readonly rows: CallRows;
  readonly norm: Float64Array;
  readonly weight: number;
}

/**
 * The screen of one cohort's calls by their carriers: load rows, then sum and compare them with one panel of 32 columns after
 * the other, whose integers, numbers and thresholds the caller puts into `memory`. What leaves the kernel is pairs; a panel's sums
 * exist for one row at a time (for one tile of rows where the cohort has several stretches of samples).
 */
export class CarrierScreen {
  readonly memory: CarrierMemory;
  private readonly kernels: Kernels;
  private readonly columns: CarrierColumns;
  private readonly rows: CarrierRows;
  private readonly factor: CarrierFactor;
  private readonly factors: RowFactors;
  private readonly measures: RowMeasures;
  private readonly boundScale: number;
  private readonly recordNumbers: Float32Array;

  constructor(
    kernels: Kernels,
    factor: CarrierFactor,
    columns: CarrierColumns,
    tile: CarrierTile,
    boundScale = 1,
    beside: Beside = { values: 0, making: 0 },
  ) {
    this.kernels = kernels;
    this.factor = factor;
    this.columns = columns;
    this.memory = kernels.lay(layoutOf(columns, factor.rows.stride, tile, beside));
    this.rows = new CarrierRows(kernels, this.memory, factor.rows, columns, tile);
    this.boundScale = boundScale;
    const { measures, factors } = measuredOf(kernels, tile.rows);
    this.measures = measures;
    this.factors = factors;
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
    const none = new Float32Array(0);
    const known = { samples: columns.samples, largest: columns.largest, scale: none, remainder: none };
    const cohort = { measures, norm: factor.norm, weight: factor.weight, columns: known };
    rowFactors([cohort], from, to, factors, this.boundScale);
    const records = this.memory.records.view;
    for (let at = 0; at < to - from; at += 1) {
      const extras = this.rows.hasExtras(at);
      const record = records.subarray(at * RECORD.i16, (at + 1) * RECORD.i16);
      rowInFixedPoint(factors, at, columns.shift, columns.inverse, extras ? UNIT : 1, record);
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

  /** Whether a row of the tile has missing calls, or dosages. */
  hasExtras(at: number): boolean {
    return this.rows.hasExtras(at);
  }

  /** Makes what was put into memory of a panel (or two) ready for {@link compare}. */
  lift(): void {
    const { samples, stretch, group, paired } = this.columns;
    const { at } = this.memory.panel;
    this.kernels.run.liftPanel(at, samples, stretch, group);
    if (paired) this.kernels.run.liftPanel(at + PAIR_DISTANCE, samples, stretch, group);
  }

  /** The pairs of rows `first` to `end` of the tile and the panel's columns: entries `row << 16 | column`. */
  *compare(first: number, end: number): Generator<Uint32Array> {
    const { columns, memory } = this;
    const { reach, slack, threshold, scale, remainder } = memory;
    const genes = { samples: columns.samples, largest: columns.largest };
    const factors = { ...genes, scale: scale.view, remainder: remainder.view };
    genesInFixedPoint(factors, threshold.view, 0, columns.shift, reach.view, slack.view);
    const stretches = stretchCount(columns);
    for (let stretch = 0; stretch < stretches; stretch += 1) {
      for (let row = first; row < end; ) {
        this.screen(stretch, stretches, row, end);
        row = memory.found.view[0]!;
        const count = memory.found.view[1]!;
        if (count > 0) yield memory.found.view.subarray(2, 2 + count);
      }
    }
  }

  /** Compares rows `row` to `end` in one of the stretches, until there may be no room for entries. */
  private screen(stretch: number, stretches: number, row: number, end: number): void {
    const { columns, memory } = this;
    const { run } = this.kernels;
    const { ends, lists, extras } = this.rows.places(stretch);
    const panel = memory.panel.at + stretch * (columns.stretch + 1) * PANEL_GENES;
    const records = memory.records.at;
    const [genes, sums] = [memory.reach.at, memory.sums.at];
    const [found, capacity] = [memory.found.at, memory.found.view.length - 2];
    if (columns.paired) {
      const kernel = columns.group === 1 ? run.screenPair1 : run.screenPair2;
      kernel(panel, ends, lists, records, genes, extras, sums, row, end, found, capacity);
      return;
    }
    const kernel = { 1: run.screenCarriers1, 2: run.screenCarriers2, 4: run.screenCarriers4 }[columns.group];
    const stages = (stretch === 0 ? FIRST : 0) | (stretch === stretches - 1 ? LAST : 0);
    kernel(panel, ends, lists, records, genes, extras, sums, stages, row, end, found, capacity);
  }
}
