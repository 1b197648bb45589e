import type { Candidates, ColumnMax } from "../backend.ts";
import { windowOf } from "../product.ts";
import { isSilent, MARGIN, screenThresholds } from "../screen/bound.ts";
import type { ScreenJob } from "../screen/job.ts";
import { Maxima } from "../screen/maxima.ts";
import { OrderedPairs } from "../screen/orderedPairs.ts";
import type { Dots } from "./dots.ts";
import { meetingRows, type Pace, screenTiles, type TileSums } from "./tiles.ts";

/** What a screen runs with. */
export interface ScreenRun {
  readonly job: ScreenJob;
  readonly dots: Dots;
  readonly pace: Pace;
}

/** The `candidates` epilogue. */
export async function candidates(
  { job, dots, pace }: ScreenRun,
  threshold: Float64Array,
  signal: AbortSignal | undefined,
): Promise<Candidates> {
  const lowered = screenThresholds(
    threshold,
    job.cohorts.map(({ columns }) => columns),
  );
  const pairs = new OrderedPairs();
  for await (const tile of screenTiles(job, dots, pace, signal)) {
    pairs.add(select(job, tile, lowered), columnsOf(tile));
    if (tile.columnFrom + tile.columns === job.columns) pairs.endRows(tile.rowFrom, tile.rows);
  }
  const [row, column] = [pairs.row.view.slice(), pairs.column.view.slice()];
  return { kind: "candidates", row, column, pairs: job.pairs };
}

/** The `columnMax` epilogue, as the wasm backend's: see there. */
export async function columnMax(
  { job, dots, pace }: ScreenRun,
  signal: AbortSignal | undefined,
): Promise<ColumnMax> {
  const factors = job.cohorts.map(({ factor: { rows, columns, norm, weight } }) => {
    return { rows, values: columns.held.values, norm, weight };
  });
  const maxima = new Maxima(job.columns, factors);
  const columns = job.cohorts.map((cohort) => cohort.columns);
  const silent = Array.from({ length: job.columns }, (_, j) => j).filter((j) => isSilent(columns, j));
  for (const j of silent) maxima.floor[j] = Number.POSITIVE_INFINITY;
  for await (const tile of screenTiles(job, dots, pace, signal)) {
    raise(job, tile, maxima.floor);
    maxima.refine(select(job, tile, maxima.floor), columnsOf(tile), tile.rowFrom);
  }
  for (const j of silent) maxima.meetSilent(j, windowOf(job.windows, j, job.rows));
  return { kind: "columnMax", value: maxima.value, row: maxima.row, pairs: job.pairs };
}

function columnsOf({ columnFrom, columns }: TileSums): Uint32Array {
  return Uint32Array.from({ length: columns }, (_, j) => columnFrom + j);
}

/** Entries `row << 16 | column` of a tile's pairs that may reach their column's threshold, in order. */
function select(job: ScreenJob, tile: TileSums, threshold: Float32Array): Uint32Array {
  const { rows, columns, columnFrom, estimate, bound } = tile;
  const meeting = Array.from({ length: columns }, (_, j) => meetingRows(job, columnFrom + j, tile));
  const entries: number[] = [];
  for (let row = 0, at = 0; row < rows; row += 1) {
    for (let j = 0; j < columns; j += 1, at += 1) {
      if (!(estimate[at]! + bound[at]! >= threshold[columnFrom + j]!)) continue;
      const [start, end] = meeting[j]!;
      if (row >= start && row < end) entries.push(((row << 16) | j) >>> 0);
    }
  }
  return Uint32Array.from(entries);
}

/** Raises each column's floor to what the |statistic| of some row is certain to reach. */
function raise(job: ScreenJob, tile: TileSums, floor: Float32Array): void {
  const { columns, columnFrom, estimate, bound } = tile;
  for (let j = 0; j < columns; j += 1) {
    const [start, end] = meetingRows(job, columnFrom + j, tile);
    let certain = floor[columnFrom + j]!;
    for (let row = start; row < end; row += 1) {
      const at = row * columns + j;
      // A bound below 0 is that of a row which no column meets.
      if (bound[at]! >= 0) certain = Math.max(certain, (estimate[at]! - bound[at]!) * MARGIN);
    }
    floor[columnFrom + j] = certain;
  }
}
