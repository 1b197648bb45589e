import { UsageError } from "../../errors.ts";
import type { Windows } from "../backend.ts";
import { screenTile, type Tile } from "../plan.ts";
import { windowOf } from "../product.ts";
import {
  type CohortRows,
  type ColumnFactors,
  columnFactors,
  type RowFactors,
  rowFactors,
} from "../screen/bound.ts";
import type { ScreenColumns } from "../screen/columns.ts";
import type { EngineSettings, HeldColumns, Job, JobFactor } from "./job.ts";
import type { Kernels, Regions } from "./kernels.ts";
import { rowLayout, ScreenRows } from "./screenRows.ts";

/** Columns whose integers lie vector by vector in turn: the kernel's register tile. */
const FOUR = 4;
/** Bits of a row in what `screenDots` says of where to go on. */
const ROW_BITS = 16;
/** Entries that a register tile may have. */
const LEAST_FOUND = 2 * FOUR;

interface Cohort {
  readonly integers: ScreenColumns;
  readonly bound: CohortRows;
  readonly rows: ScreenRows;
}

/**
 * The screen's tile memory. `[cohort][row]` and `[cohort][column]` where there is one a cohort. Rows' and columns' numbers lie
 * one after the other as `screenDots` has them; estimates are for {@link ScreenTiles.estimate} alone.
 */
function layoutOf({ factors }: Job<HeldColumns>, tile: Tile, estimates: boolean) {
  const { rows, columns, found } = tile;
  const count = factors.length;
  const strides = factors.map(strideOf);
  return {
    ...rowLayout(
      factors.map((factor) => factor.rows),
      strides,
      tile,
    ),
    columns: ["i16", (columns * Math.max(0, ...strides)) / 2],
    estimates: ["f32", estimates ? rows * columns : 0],
    rowScale: ["f32", rows * count],
    rowSpread: ["f32", rows * count],
    rowBase: ["f32", rows],
    columnScale: ["f32", columns * count],
    columnRemainder: ["f32", columns * count],
    threshold: ["f32", columns],
    first: ["i32", columns],
    last: ["i32", columns],
    found: ["u32", 2 + Math.max(found, LEAST_FOUND)],
  } as const;
}

/** Bytes of a row, or column, of a cohort's integers. */
function strideOf(factor: JobFactor<HeldColumns>): number {
  return integersOf(factor).stride * 2;
}

function integersOf({ columns }: JobFactor<HeldColumns>): ScreenColumns {
  if (columns.integers === undefined) throw new UsageError("product: this needs standardised columns");
  return columns.integers;
}

/**
 * The integer screen over a job's tiles: load rows, then for each of `columnTiles` either `pass` (one cohort), or `estimate` and
 * then `raise` and `select`. Only a tile of estimates ever exists.
 */
export class ScreenTiles {
  readonly tile: Tile;
  /** Column factors of each cohort, in the job's order. */
  readonly columns: readonly ColumnFactors[];
  private readonly kernels: Kernels;
  private readonly cohorts: readonly Cohort[];
  private readonly memory: Regions<ReturnType<typeof layoutOf>>;
  private readonly factors: RowFactors;
  private readonly boundScale: number;
  private readonly columnCount: number;
  private readonly everyColumn: Uint32Array;
  private rowCount = 0;
  private tileColumns = 0;

  /** `estimates`: whether {@link estimate} and what follows it will be called. */
  constructor(kernels: Kernels, job: Job<HeldColumns>, settings: EngineSettings, estimates: boolean) {
    this.kernels = kernels;
    this.columnCount = job.columns;
    this.everyColumn = Uint32Array.from({ length: job.columns }, (_, j) => j);
    this.boundScale = settings.boundScale ?? 1;
    this.tile = settings.tile ?? screenTile(job.factors.map(({ rows }) => rows.samples));
    this.memory = kernels.lay(layoutOf(job, this.tile, estimates));
    this.cohorts = cohortsOf(kernels, this.memory, job, this.tile);
    this.columns = this.cohorts.map(({ bound }) => bound.columns);
    const perCohort = (all: Float32Array) =>
      this.cohorts.map((_, c) => all.subarray(c * this.tile.rows, (c + 1) * this.tile.rows));
    this.factors = {
      scale: perCohort(this.memory.rowScale.view),
      spread: perCohort(this.memory.rowSpread.view),
      base: this.memory.rowBase.view,
    };
  }

  /** Makes rows `from` to `to` (at most a tile) the rows of what follows. */
  loadRows(from: number, to: number): void {
    this.rowCount = to - from;
    for (const cohort of this.cohorts) cohort.rows.load(from, to);
    rowFactors(
      this.cohorts.map(({ bound }) => bound),
      from,
      to,
      this.factors,
      this.boundScale,
    );
  }

  /** The columns that meet some of rows `from` to `to`, and others of their fours, a tile at a time, in order. */
  *columnTiles(windows: Windows | undefined, rows: number, from: number, to: number): Generator<Uint32Array> {
    const { first, last } = this.memory;
    if (windows === undefined) {
      for (let start = 0; start < this.columnCount; start += this.tile.columns) {
        first.view.fill(0);
        last.view.fill(to - from);
        yield this.everyColumn.subarray(start, start + this.tile.columns);
      }
      return;
    }
    const tile: number[] = [];
    for (let start = 0; start < this.columnCount; start += FOUR) {
      const end = Math.min(this.columnCount, start + FOUR);
      let met = false;
      for (let j = start; j < end; j += 1) {
        const [begin, stop] = windowOf(windows, j, rows);
        const at = tile.length + j - start;
        first.view[at] = Math.max(0, begin - from);
        last.view[at] = Math.max(0, Math.min(to, stop) - from);
        met ||= begin < to && stop > from;
      }
      if (!met) continue;
      for (let j = start; j < end; j += 1) tile.push(j);
      if (tile.length < this.tile.columns) continue;
      yield Uint32Array.from(tile);
      tile.length = 0;
    }
    if (tile.length > 0) yield Uint32Array.from(tile);
  }

  /**
   * The pairs of one cohort's tile and `columns`, as `columnTiles` yielded them, that reach `thresholds` (of all columns): entries
   * as `select` has them, but of four columns after four in order of row, then column.
   */
  *pass(columns: Uint32Array, thresholds: Float32Array): Generator<Uint32Array> {
    const { memory, kernels } = this;
    const width = this.stage(columns);
    const [cohort] = this.cohorts;
    this.setThresholds(columns, thresholds);
    const done = (width / FOUR) << ROW_BITS;
    for (let start = 0; start < done; ) {
      kernels.run.screenDots(
        cohort!.rows.at,
        memory.columns.at,
        this.tileRows,
        width,
        cohort!.integers.stride * 2,
        memory.rowScale.at,
        memory.rowSpread.at - memory.rowScale.at,
        memory.columnScale.at,
        memory.columnRemainder.at - memory.columnScale.at,
        start,
        memory.found.at,
        memory.found.view.length - 2,
      );
      start = memory.found.view[0]!;
      const count = memory.found.view[1]!;
      if (count > 0) yield memory.found.view.subarray(2, 2 + count);
    }
  }

  /** Rows of the tile, made even: an odd one's neighbour is never a pair's. */
  private get tileRows(): number {
    return Math.ceil(this.rowCount / 2) * 2;
  }

  /** Computes the tile's estimates for `columns`, as `columnTiles` yielded them. */
  estimate(columns: Uint32Array): void {
    const { memory } = this;
    const width = this.stage(columns, (cohort, c, width) => {
      this.kernels.run.estimateTile(
        cohort.rows.at,
        memory.columns.at,
        this.tileRows,
        width,
        cohort.integers.stride * 2,
        memory.rowScale.at + c * this.tile.rows * 4,
        memory.columnScale.at + c * width * 4,
        memory.estimates.at,
        c === 0 ? 0 : 1,
      );
    });
    this.tileColumns = width;
  }

  /** Puts the columns of one cohort after the other into memory; returns their number, made a multiple of four. */
  private stage(columns: Uint32Array, staged?: (cohort: Cohort, c: number, width: number) => void): number {
    const { memory } = this;
    const width = Math.ceil(columns.length / FOUR) * FOUR;
    // Columns beyond the last meet no row.
    memory.first.view.fill(0, columns.length);
    memory.last.view.fill(0, columns.length);
    this.cohorts.forEach((cohort, c) => {
      this.stageColumns(cohort, c * width, columns);
      staged?.(cohort, c, width);
    });
    return width;
  }

  private stageColumns(
    { integers: { integers, stride }, bound }: Cohort,
    offset: number,
    columns: Uint32Array,
  ): void {
    const { memory } = this;
    const length = FOUR * stride;
    // `columns` ascends, so the first and last tell whether it is one run.
    const run = columns.at(-1)! - columns[0]! === columns.length - 1;
    const step = run ? columns.length : FOUR;
    for (let at = 0; at < columns.length; at += step) {
      const from = columns[at]! * stride;
      memory.columns.view.set(integers.subarray(from, from + Math.ceil(step / FOUR) * length), at * stride);
    }
    columns.forEach((j, at) => {
      memory.columnScale.view[offset + at] = bound.columns.scale[j]!;
      memory.columnRemainder.view[offset + at] = bound.columns.remainder[j]!;
    });
  }

  /** Sets what `select` compares with, of the columns estimated, and takes back what `raise` made of it. */
  setThresholds(columns: Uint32Array, all: Float32Array): void {
    columns.forEach((j, at) => {
      this.memory.threshold.view[at] = all[j]!;
    });
  }

  getThresholds(columns: Uint32Array, all: Float32Array): void {
    columns.forEach((j, at) => {
      all[j] = this.memory.threshold.view[at]!;
    });
  }

  /**
   * The tile's pairs that reach their threshold from row `from` of the tile on: entries `row << 16 | column`
   * (positions in the tile), and the row to go on from (the tile's row count when it is done).
   */
  select(from: number): { readonly next: number; readonly entries: Uint32Array } {
    const { memory } = this;
    this.kernels.run.select(
      memory.estimates.at,
      this.rowCount,
      this.tileColumns,
      this.cohorts.length,
      memory.rowBase.at,
      memory.rowSpread.at,
      this.tile.rows * 4,
      memory.columnRemainder.at,
      memory.threshold.at,
      memory.first.at,
      memory.last.at,
      from,
      memory.found.at,
      this.tile.found,
    );
    const [next, count] = memory.found.view;
    return { next: next!, entries: memory.found.view.subarray(2, 2 + count!) };
  }

  /** Raises each threshold to what some |statistic| of the tile is certain to reach. */
  raise(margin: number): void {
    const { memory } = this;
    this.kernels.run.raise(
      memory.estimates.at,
      this.rowCount,
      this.tileColumns,
      this.cohorts.length,
      memory.rowBase.at,
      memory.rowSpread.at,
      this.tile.rows * 4,
      memory.columnRemainder.at,
      memory.threshold.at,
      memory.first.at,
      memory.last.at,
      margin,
    );
  }
}

function cohortsOf(
  kernels: Kernels,
  memory: Regions<ReturnType<typeof layoutOf>>,
  { factors }: Job<HeldColumns>,
  tile: Tile,
): Cohort[] {
  let offset = 0;
  return factors.map((factor, c) => {
    const integers = integersOf(factor);
    const stride = strideOf(factor);
    const rows = new ScreenRows(kernels, memory, factor.rows, tile, c, offset, stride);
    offset += tile.rows * stride;
    const bound = {
      measures: rows.measures,
      norm: factor.norm,
      weight: factor.weight,
      columns: columnFactors(integers, factors.length),
    };
    return { integers, bound, rows };
  });
}
