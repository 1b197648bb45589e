/** How work is cut for a device: pure functions of its limits. */
import type { Block } from "./variants.ts";

/** Rows and columns of a tile are packed in 16 bits each. */
const LINES_LIMIT = 65_536;
/** Rows of a tile: as many as make the upload of a tile's columns' factors small beside the product. */
const MOST_ROWS = 8192;
/** Columns that a submit should have at least, where there are so many. */
const WIDE = 1024;

/** Workgroups in two dimensions: at least `count`, neither side beyond `limit`, and as few more as can be. */
export function dispatchGrid(count: number, limit: number): readonly [x: number, y: number] {
  if (count <= limit) return [Math.max(1, count), 1];
  const y = Math.ceil(count / limit);
  return [Math.ceil(count / y), y];
}

/** What is to be cut. */
export interface TileQuestion {
  readonly rows: number;
  readonly columns: number;
  /** Bytes that a row, and a column, takes in the largest of its buffers. */
  readonly rowBytes: number;
  readonly columnBytes: number;
  /** Products of four samples that a pair takes, over all cohorts, digits and passes. */
  readonly wordsAPair: number;
  readonly block: Block;
  /** Work that a submit may be: see `Pace`. */
  readonly work: number;
  /** How often a device was lost: tiles are halved as often. */
  readonly halvings: number;
  /** Entries of candidates that there is room for. */
  readonly capacity: number;
}

export interface TileShape {
  readonly rows: number;
  readonly columns: number;
}

export type TileLimits = Pick<GPUSupportedLimits, "maxStorageBufferBindingSize" | "maxBufferSize">;

/** The largest tile of rows, and of columns a submit, that a device's limits and the time of a submit leave. */
export function tileShape(question: TileQuestion, limits: TileLimits): TileShape {
  const { rows, columns, rowBytes, columnBytes, block, work, halvings, capacity } = question;
  const bytes = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  const halved = 1 / (1 << Math.min(halvings, 20));
  const perPair = Math.max(1, question.wordsAPair);
  // A block that is not full takes as long as one that is.
  const whole = (lines: number, size: number) => Math.ceil(Math.max(1, lines) / size) * size;
  const rowsByWork = work / (perPair * whole(Math.min(columns, WIDE), block.columns));
  const mostRows = bytes / rowBytes;
  const tileRows = Math.min(
    Math.max(1, rows),
    blocks(Math.min(mostRows, MOST_ROWS * halved, rowsByWork), mostRows, block.rows),
  );
  const columnsByWork = work / (perPair * whole(tileRows, block.rows));
  const mostColumns = Math.min(LINES_LIMIT, capacity, bytes / columnBytes);
  const tileColumns = Math.min(
    Math.max(1, columns),
    blocks(Math.min(mostColumns, (LINES_LIMIT * halved) / 2, columnsByWork), mostColumns, block.columns),
  );
  return { rows: tileRows, columns: tileColumns };
}

/** `lines` in whole blocks, at least one block, and never more than `most` (nor less than one line). */
function blocks(lines: number, most: number, block: number): number {
  const whole = Math.max(block, Math.floor(lines / block) * block);
  return Math.max(1, Math.min(whole, Math.floor(most)));
}
