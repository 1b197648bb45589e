/** How work is cut for a device: pure functions of its limits. */

/** Rows, or columns, that a workgroup of the screen takes (BLOCK of shaders/lib/screen.wgsl). */
export const BLOCK = 64;
/** Rows and columns of a tile are packed in 16 bits each. */
const LINES_LIMIT = 65_536;
/** Milliseconds a submit should take at most, so that no watchdog resets the device. */
export const LONGEST_SUBMIT = 100;
/** What is aimed at: far enough below, near enough that the rest of a submit's cost does not count. */
const AIM = 40;
/** Products of four samples: the first submit's, and the bounds of what follows. */
export const FIRST_WORK = 2 ** 22;
const LEAST_WORK = 2 ** 16;
const MOST_WORK = 2 ** 42;
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

/** The next submit's work, from what the last one's took. */
export function nextWork(work: number, milliseconds: number): number {
  const factor = Math.min(4, Math.max(1 / 8, AIM / Math.max(milliseconds, 1e-3)));
  return Math.min(MOST_WORK, Math.max(LEAST_WORK, Math.floor(work * factor)));
}

/** What is to be cut. */
export interface TileQuestion {
  readonly rows: number;
  readonly columns: number;
  /** Words (four samples of one digit) of a row over all cohorts. */
  readonly rowWords: number;
  /** Words of a column over all cohorts, all digits. */
  readonly columnWords: number;
  readonly cohorts: number;
  /** Work that a submit may be: see `nextWork`. */
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
  const { rows, columns, rowWords, columnWords, cohorts, work, halvings, capacity } = question;
  const bytes = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  const halved = 1 / (1 << Math.min(halvings, 20));
  const perPair = Math.max(1, columnWords);
  const rowsByWork = work / (perPair * Math.min(Math.max(1, columns), WIDE));
  const rowBytes = 4 * Math.max(rowWords, 2 * cohorts + 1, 1);
  const tileRows = blocks(Math.min(rows, MOST_ROWS * halved, rowsByWork, bytes / rowBytes), bytes / rowBytes);
  const columnBytes = 4 * Math.max(columnWords, 2 * cohorts, 3);
  const most = Math.min(LINES_LIMIT, capacity, bytes / columnBytes);
  const tileColumns = blocks(
    Math.min(columns, most, (LINES_LIMIT * halved) / 2, work / (perPair * tileRows)),
    most,
  );
  return {
    rows: Math.min(tileRows, Math.max(1, rows)),
    columns: Math.min(tileColumns, Math.max(1, columns)),
  };
}

/** `lines` in whole blocks, at least one block, and never more than `most` (nor less than one line). */
function blocks(lines: number, most: number): number {
  const whole = Math.max(BLOCK, Math.floor(lines / BLOCK) * BLOCK);
  return Math.max(1, Math.min(whole, Math.floor(most)));
}
