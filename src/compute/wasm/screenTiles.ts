import { UsageError } from "../../errors.ts";
import type { Windows } from "../backend.ts";
import { readRow } from "../exact.ts";
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
import { emptyMeasures, measureCalls, quantiseReal, type RowMeasures } from "../screen/rows.ts";
import type { EngineSettings, HeldColumns, Job, JobFactor } from "./job.ts";
import type { Kernels, Regions } from "./kernels.ts";

interface Cohort {
  readonly factor: JobFactor<HeldColumns>;
  readonly integers: ScreenColumns;
  readonly bound: CohortRows & { readonly measures: RowMeasures };
  /** Bytes of a row, or column, of integers; where the cohort's rows start in their region. */
  readonly stride: number;
  readonly offset: number;
}

/** The screen's tile memory. `[cohort][row]` and `[cohort][column]` where there is one a cohort. */
function layoutOf(cohorts: readonly Cohort[], { rows, columns, found }: Tile) {
  const count = cohorts.length;
  const widest = cohorts.reduce((most, { stride }) => Math.max(most, stride), 0);
  const all = cohorts.reduce((sum, { stride }) => sum + stride, 0);
  return {
    packed: ["u8", (rows * widest) / 8],
    terms: ["i16", rows * 2],
    rows: ["i16", (rows * all) / 2],
    columns: ["i16", (columns * widest) / 2],
    dots: ["i32", rows * columns],
    estimates: ["f32", rows * columns],
    rowScale: ["f32", rows * count],
    rowSpread: ["f32", rows * count],
    rowBase: ["f32", rows],
    columnScale: ["f32", columns * count],
    columnRemainder: ["f32", columns * count],
    threshold: ["f32", columns],
    first: ["i32", columns],
    last: ["i32", columns],
    found: ["u32", 2 + found],
  } as const;
}

/**
 * The integer screen over a job's tiles: load rows, then for each of `columnTiles` estimate and select.
 * Only a tile of estimates ever exists.
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
  private rowCount = 0;
  private tileColumns = 0;

  constructor(kernels: Kernels, job: Job<HeldColumns>, settings: EngineSettings) {
    this.kernels = kernels;
    this.columnCount = job.columns;
    this.boundScale = settings.boundScale ?? 1;
    this.tile = settings.tile ?? screenTile(job.factors.map(({ rows }) => rows.samples));
    this.cohorts = cohortsOf(job, this.tile);
    this.columns = this.cohorts.map(({ bound }) => bound.columns);
    this.memory = kernels.lay(layoutOf(this.cohorts, this.tile));
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
    for (const cohort of this.cohorts) this.loadCohort(cohort, from, to);
    rowFactors(
      this.cohorts.map(({ bound }) => bound),
      from,
      to,
      this.factors,
      this.boundScale,
    );
  }

  private loadCohort({ factor, bound, stride, offset }: Cohort, from: number, to: number): void {
    const { packed, terms, rows } = this.memory;
    if (factor.rows.kind === "real") {
      const integers = rows.view.subarray(offset / 2);
      quantiseReal(factor.rows, from, to, bound.measures, integers, stride / 2);
      return;
    }
    if (factor.rows.remainder !== undefined) {
      const integers = rows.view.subarray(offset / 2);
      const values = new Float64Array((to - from) * factor.rows.samples);
      for (let row = from; row < to; row += 1) {
        readRow(factor.rows, row, values.subarray((row - from) * factor.rows.samples));
      }
      const real = { kind: "real", count: to - from, samples: factor.rows.samples, values } as const;
      quantiseReal(real, 0, to - from, bound.measures, integers, stride / 2);
      return;
    }
    const bytes = factor.rows.stride;
    measureCalls(factor.rows, from, to, bound.measures, terms.view);
    packed.view.set(factor.rows.packed.subarray(from * bytes, to * bytes));
    this.kernels.run.unpackCalls(packed.at, bytes, to - from, terms.at, rows.at + offset, stride);
  }

  /** The columns that meet some of rows `from` to `to`, a tile at a time, in order. */
  *columnTiles(windows: Windows | undefined, rows: number, from: number, to: number): Generator<Uint32Array> {
    let tile = new Uint32Array(this.tile.columns);
    let count = 0;
    for (let j = 0; j < this.columnCount; j += 1) {
      const [start, end] = windowOf(windows, j, rows);
      if (start >= to || end <= from) continue;
      this.memory.first.view[count] = Math.max(0, start - from);
      this.memory.last.view[count] = Math.min(to, end) - from;
      tile[count] = j;
      count += 1;
      if (count < tile.length) continue;
      yield tile;
      tile = new Uint32Array(this.tile.columns);
      count = 0;
    }
    if (count > 0) yield tile.subarray(0, count);
  }

  /** Computes the tile's estimates for `columns`, as `columnTiles` yielded them. */
  estimate(columns: Uint32Array): void {
    const { memory } = this;
    const { run } = this.kernels;
    const width = Math.ceil(columns.length / 4) * 4;
    this.tileColumns = width;
    // Columns beyond the last meet no row.
    memory.first.view.fill(0, columns.length);
    memory.last.view.fill(0, columns.length);
    this.cohorts.forEach((cohort, c) => {
      this.stageColumns(cohort, c * width, columns);
      const rows = memory.rows.at + cohort.offset;
      const even = Math.ceil(this.rowCount / 2) * 2;
      run.dotTile(rows, memory.columns.at, even, width, cohort.stride, memory.dots.at);
      run.estimate(
        memory.dots.at,
        this.rowCount,
        width,
        memory.rowScale.at + c * this.tile.rows * 4,
        memory.columnScale.at + c * width * 4,
        memory.estimates.at,
        c === 0 ? 0 : 1,
      );
    });
  }

  private stageColumns({ integers, bound }: Cohort, offset: number, columns: Uint32Array): void {
    const { memory } = this;
    const { stride } = integers;
    // `columns` ascends, so the first and last tell whether it is one run.
    const run = columns.at(-1)! - columns[0]! === columns.length - 1;
    if (run) {
      const from = columns[0]! * stride;
      memory.columns.view.set(integers.integers.subarray(from, from + columns.length * stride));
    }
    columns.forEach((j, at) => {
      memory.columnScale.view[offset + at] = bound.columns.scale[j]!;
      memory.columnRemainder.view[offset + at] = bound.columns.remainder[j]!;
      if (!run) {
        memory.columns.view.set(integers.integers.subarray(j * stride, (j + 1) * stride), at * stride);
      }
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

function cohortsOf({ factors }: Job<HeldColumns>, tile: Tile): Cohort[] {
  let offset = 0;
  return factors.map((factor) => {
    const { integers } = factor.columns;
    if (integers === undefined) throw new UsageError("product: this needs standardised columns");
    const stride = integers.stride * 2;
    const bound = {
      measures: emptyMeasures(tile.rows),
      norm: factor.norm,
      weight: factor.weight,
      columns: columnFactors(integers, factors.length),
    };
    const cohort = { factor, integers, bound, stride, offset };
    offset += tile.rows * stride;
    return cohort;
  });
}
