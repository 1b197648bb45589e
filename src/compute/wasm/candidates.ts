import type { Candidates, Windows } from "../backend.ts";
import { screenThresholds } from "../screen/bound.ts";
import type { EngineSettings, HeldColumns, Job } from "./job.ts";
import type { Kernels } from "./kernels.ts";
import { ScreenTiles } from "./screenTiles.ts";

/** Integers that grow by doubling. */
class Growing {
  private held = new Uint32Array(1024);
  length = 0;

  extend(count: number): Uint32Array<ArrayBuffer> {
    const from = this.length;
    this.length += count;
    if (this.length > this.held.length) {
      const larger = new Uint32Array(Math.max(this.length, 2 * this.held.length));
      larger.set(this.held.subarray(0, from));
      this.held = larger;
    }
    return this.held.subarray(from, this.length);
  }

  get view(): Uint32Array<ArrayBuffer> {
    return this.held.subarray(0, this.length);
  }
}

/** Candidates of all tiles in order of row, then column. */
class OrderedPairs {
  readonly row = new Growing();
  readonly column = new Growing();
  private readonly tileRow = new Growing();
  private readonly tileColumn = new Growing();

  /** Entries of one tile; within a row tile, column tiles come in order. */
  add(entries: Uint32Array, columns: Uint32Array): void {
    const row = this.tileRow.extend(entries.length);
    const column = this.tileColumn.extend(entries.length);
    entries.forEach((entry, i) => {
      row[i] = entry >>> 16;
      column[i] = columns[entry & 0xffff]!;
    });
  }

  /** Ends the row tile that starts at row `from`: its pairs go to their rows, in a stable order. */
  endRows(from: number, rows: number): void {
    const tileRow = this.tileRow.view;
    const next = new Uint32Array(rows + 1);
    for (const r of tileRow) next[r + 1] = next[r + 1]! + 1;
    for (let r = 0; r < rows; r += 1) next[r + 1] = next[r + 1]! + next[r]!;
    const row = this.row.extend(tileRow.length);
    const column = this.column.extend(tileRow.length);
    const tileColumn = this.tileColumn.view;
    tileRow.forEach((r, i) => {
      const to = next[r]!;
      next[r] = to + 1;
      row[to] = from + r;
      column[to] = tileColumn[i]!;
    });
    this.tileRow.length = 0;
    this.tileColumn.length = 0;
  }
}

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
