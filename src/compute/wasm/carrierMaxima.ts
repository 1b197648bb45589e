import type { ColumnMax } from "../backend.ts";
import { usable } from "../exact.ts";
import { resultArray } from "../product.ts";
import { MARGIN } from "../screen/bound.ts";
import type { CarrierFactor, CarrierMemory, CarrierScreen } from "./carrierScreen.ts";
import { ExactPanel } from "./exactPanel.ts";
import type { Kernels } from "./kernels.ts";

/** Columns in panels, made or fetched one panel at a time. */
export interface MaximaPanels {
  readonly count: number;
  /** The most columns of a panel. */
  readonly width: number;
  columnsOf(panel: number): [first: number, count: number];
  /** Puts a panel's integers, numbers and f64 values into memory; returns the rows of the tile that it meets. */
  place(memory: CarrierMemory, panel: number, from: number, to: number): [first: number, end: number];
  /** An |r| that the maxima of the panel are all but certain to reach. */
  startOf(panel: number): number;
  /** Is shown the maxima of a panel that were found in a tile. */
  learn(panel: number, maxima: Float64Array): void;
}

/** Rows that are compared with one threshold; the next run is twice as long. */
const FIRST_RUN = 64;
/** The same where everything passes at first. */
const FIRST_RUN_FROM_0 = 16;
const LONGEST_RUN = 512;

/**
 * The largest |statistic| of each column, exact. Each column has a floor: what its maximum is known, or at first guessed, to reach. Rows
 * are screened against the floors in runs of growing length, what passes is computed in f64 and raises them, so that a column is
 * computed a few times, not once a row. A row that was let go is below the floor: where nothing reached a guessed floor, the
 * column is searched again from 0.
 */
export class CarrierMaxima {
  readonly value: Float64Array<ArrayBuffer>;
  readonly row: Int32Array<ArrayBuffer>;
  /** How many pairs were computed in f64. */
  refined = 0;
  private readonly screen: CarrierScreen;
  private readonly panels: MaximaPanels;
  private readonly exact: ExactPanel;
  /** The highest guess that rows of each column were let go for. */
  private readonly guessed: Float64Array;
  /** Columns whose guess nothing reached. */
  private readonly missed: Uint8Array;
  private readonly silent: Uint8Array;

  constructor(
    kernels: Kernels,
    factor: CarrierFactor,
    screen: CarrierScreen,
    panels: MaximaPanels,
    columns: number,
  ) {
    this.value = resultArray(columns);
    this.row = new Int32Array(columns).fill(-1);
    this.guessed = new Float64Array(columns);
    this.missed = new Uint8Array(columns);
    this.silent = new Uint8Array(columns);
    this.screen = screen;
    this.panels = panels;
    this.exact = new ExactPanel(kernels, factor, screen, panels.width);
  }

  /** Searches all rows; yields after every panel. */
  *search(rows: number): Generator<void> {
    yield* this.pass(rows, false);
    this.row.forEach((row, j) => {
      this.missed[j] = row === -1 && this.guessed[j]! > 0 ? 1 : 0;
    });
    if (this.missed.includes(1)) yield* this.pass(rows, true);
  }

  isSilent(column: number): boolean {
    return this.silent[column] === 1;
  }

  private *pass(rows: number, again: boolean): Generator<void> {
    for (let from = 0; from < rows; ) {
      const to = this.screen.loadRows(from);
      for (let panel = 0; panel < this.panels.count; panel += 1) {
        const [start, count] = this.panels.columnsOf(panel);
        if (again && !this.missed.subarray(start, start + count).includes(1)) continue;
        const [first, end] = this.panels.place(this.screen.memory, panel, from, to);
        if (first >= end) continue;
        this.searchPanel(panel, from, first, end, again);
        this.panels.learn(panel, this.value.subarray(start, start + count));
        yield;
      }
      from = to;
    }
  }

  /** Rows `first` to `end` of the tile that starts at `from`. */
  private searchPanel(panel: number, from: number, first: number, end: number, again: boolean): void {
    this.screen.lift();
    const [start, count] = this.panels.columnsOf(panel);
    const { scale, threshold } = this.screen.memory;
    const guess = again ? 0 : this.panels.startOf(panel);
    threshold.view.fill(Number.POSITIVE_INFINITY);
    for (let i = 0; i < count; i += 1) {
      const j = start + i;
      if (scale.view[i] === 0) this.silent[j] = 1;
      else if (!again || this.missed[j] === 1) threshold.view[i] = this.floorOf(j, guess) * MARGIN;
    }
    let run = guess > 0 ? FIRST_RUN : FIRST_RUN_FROM_0;
    for (let at = first; at < end; at += run, run = Math.min(LONGEST_RUN, 2 * run)) {
      for (const entries of this.screen.compare(at, Math.min(end, at + run))) {
        this.refine(entries, start, from);
      }
      for (let i = 0; i < count; i += 1) {
        threshold.view[i] = Math.max(threshold.view[i]!, this.value[start + i]! * MARGIN);
      }
    }
  }

  /** What rows of a column must reach to be looked at: its maximum so far, or else the guess. */
  private floorOf(column: number, guess: number): number {
    if (this.row[column] !== -1) return this.value[column]!;
    this.guessed[column] = guess === 0 ? 0 : Math.max(guess, this.guessed[column]!);
    return guess;
  }

  /** Entries `row << 16 | column`. Rows of a column come in ascending order, so that the first of equals stays. */
  private refine(entries: Uint32Array, start: number, from: number): void {
    this.refined += entries.length;
    for (const entry of entries) {
      const column = entry & 0xffff;
      const row = entry >>> 16;
      const size = this.exact.size(from, row, this.exact.product(from, row, column));
      const j = start + column;
      // Below a guess some row that was let go may be larger.
      if (this.row[j] === -1 ? !(size >= this.guessed[j]!) : !(size > this.value[j]!)) continue;
      this.value[j] = size;
      this.row[j] = from + row;
    }
  }
}

/** The maxima found; a column of zeros has 0 at the first row it meets that has a norm, as the reference says. */
export function columnMaxOf(
  maxima: CarrierMaxima,
  { norm }: CarrierFactor,
  windowOf: (column: number) => [start: number, end: number],
  pairs: number,
): ColumnMax {
  const { value, row } = maxima;
  for (let j = 0; j < row.length; j += 1) {
    if (!maxima.isSilent(j)) continue;
    const [start, end] = windowOf(j);
    for (let i = start; i < end && row[j] === -1; i += 1) if (usable(norm[i]!)) row[j] = i;
  }
  return { kind: "columnMax", value, row, pairs };
}
