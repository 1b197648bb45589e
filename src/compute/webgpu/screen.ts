import { MARGIN } from "../screen/bound.ts";
import type { Activity } from "./activity.ts";
import type { Chunk } from "./columns.ts";
import { type ColumnTile, loadColumns, tileEnd } from "./columnTile.ts";
import type { ScreenJob } from "./job.ts";
import type { DeviceKeeper } from "./keeper.ts";
import { loadRows, type RowTile, type Take } from "./rowTile.ts";
import type { Dispatch, Session } from "./session.ts";
import { STORAGE } from "./usage.ts";
import { BLOCK, type TileShape, tileShape } from "./work.ts";

/** Entries of candidates that there is room for: 4 MiB. */
const CAPACITY = 2 ** 20;
/** Entries that come back with their number, in one go. */
const FIRST_ENTRIES = 4095;
/** Bytes of columns that a buffer holds at most. */
const CHUNK = 2 ** 28;

/** What the screen found where a row tile met columns `from` to `to`. */
export interface Found {
  readonly columns: Uint32Array<ArrayBuffer>;
  /** `row << 16 | column` (positions in the tile), in order. */
  readonly entries: Uint32Array<ArrayBuffer>;
  /** The thresholds, raised where that was asked for; f32. */
  readonly thresholds: Float32Array<ArrayBuffer>;
}

/** What a screen of tiles runs with. */
export interface ScreenRun {
  readonly job: ScreenJob;
  readonly keeper: DeviceKeeper;
  readonly activity: Activity;
}

/**
 * Screens one row tile from row `from` on against all columns, a submit for some columns, and hands
 * what was found to `use` in order of the columns. `threshold` is read before each submit. With `raise`
 * thresholds are first raised to what some row is certain to reach. Returns the row after the tile.
 */
export async function screenRows(
  run: ScreenRun,
  session: Session,
  from: number,
  threshold: Float32Array,
  raise: boolean,
  use: (found: Found) => void,
): Promise<number> {
  const { job } = run;
  const binding = bindingOf(job, session);
  const chunks: (readonly Chunk[])[] = [];
  for (const { factor } of job.cohorts) {
    chunks.push(await factor.columns.uploaded(session, job.digits, Math.min(binding, CHUNK)));
  }
  const to = Math.min(job.rows, from + shapeOf(run, session, from).rows);
  return session.borrowing(async (take) => {
    const rows = await loadRows(session, take, job, from, to);
    for (let column = 0; column < job.columns; ) {
      const most = Math.min(job.columns, column + shapeOf(run, session, from, to - from).columns);
      const end = tileEnd(column, most, chunks);
      const found = await session.borrowing(async (borrow) => {
        const tile = await loadColumns(session, borrow, job, rows, chunks, column, end, threshold);
        return tile && screenTile(run, session, borrow, rows, tile, raise);
      });
      if (found !== undefined) use(found);
      column = end;
    }
    return to;
  });
}

function bindingOf({ settings }: ScreenJob, { device: { limits } }: Session): number {
  return Math.min(
    limits.maxStorageBufferBindingSize,
    limits.maxBufferSize,
    settings.binding ?? Number.MAX_VALUE,
  );
}

/** The tile from row `from` on; with `rows` the columns that go with so many rows. */
function shapeOf(
  { job, keeper }: ScreenRun,
  session: Session,
  from: number,
  rows = job.rows - from,
): TileShape {
  const rowWords = job.cohorts.reduce((sum, { words }) => sum + words, 0);
  const binding = bindingOf(job, session);
  return tileShape(
    {
      rows,
      columns: job.columns,
      rowWords,
      columnWords: rowWords * job.digits,
      cohorts: job.cohorts.length,
      work: keeper.work,
      halvings: keeper.halvings,
      capacity: capacityOf(job),
    },
    { maxStorageBufferBindingSize: binding, maxBufferSize: binding },
  );
}

function capacityOf({ settings }: ScreenJob): number {
  return Math.max(BLOCK, settings.capacity ?? CAPACITY);
}

/** Rows of a tile that one dispatch looks at. */
interface Span {
  readonly first: number;
  readonly end: number;
}

async function screenTile(
  run: ScreenRun,
  session: Session,
  take: Take,
  rows: RowTile,
  tile: ColumnTile,
  raise: boolean,
): Promise<Found> {
  const found = await take("candidates", 4 * (1 + capacityOf(run.job)), STORAGE);
  const here = { ...run, session, take, rows, tile, found };
  const count = tile.to - tile.from;
  const whole: Span = { first: 0, end: rows.to - rows.from };
  // The floors are final once raised: selecting reads them.
  const first = raise
    ? await selectSpan(here, whole, [await dispatchOf(here, "screen_raise", whole)], tile.thresholds)
    : await selectSpan(here, whole, []);
  const lists: Uint32Array<ArrayBuffer>[] = [];
  if (first.entries === undefined) await splitSpan(here, whole, lists);
  else lists.push(first.entries);
  const { floors } = first;
  return {
    columns: Uint32Array.from({ length: count }, (_, j) => tile.from + j),
    entries: joined(lists),
    thresholds: new Float32Array(floors.buffer, floors.byteOffset, floors.length),
  };
}

/** What the dispatches on a tile have in common. */
interface TileRun extends ScreenRun {
  readonly session: Session;
  readonly take: Take;
  readonly rows: RowTile;
  readonly tile: ColumnTile;
  readonly found: GPUBuffer;
}

/** Too many for the buffer: half the rows, then the other half. One row always has room. */
async function splitSpan(
  here: TileRun,
  { first, end }: Span,
  lists: Uint32Array<ArrayBuffer>[],
): Promise<void> {
  here.activity.splits += 1;
  const middle = first + ((end - first) >> 1);
  for (const half of [
    { first, end: middle },
    { first: middle, end },
  ]) {
    const { entries } = await selectSpan(here, half, []);
    if (entries === undefined) await splitSpan(here, half, lists);
    else lists.push(entries);
  }
}

/**
 * The candidates of some rows of a tile, in order, or undefined where they did not find room. `before` runs first;
 * `also` (one number a column) is read back with them.
 */
async function selectSpan(
  here: TileRun,
  span: Span,
  before: readonly Dispatch[],
  also?: GPUBuffer,
): Promise<{
  readonly entries: Uint32Array<ArrayBuffer> | undefined;
  readonly floors: Uint32Array<ArrayBuffer>;
}> {
  const { job, keeper, session, rows, tile, found } = here;
  const capacity = capacityOf(job);
  const columns = tile.to - tile.from;
  session.write(found, new Uint32Array(1));
  const dispatches = [...before, await dispatchOf(here, "screen_select", span)];
  const place = `rows ${rows.from + span.first} to ${rows.from + span.end}, columns ${tile.from} to ${tile.to}`;
  const first = Math.min(capacity, FIRST_ENTRIES);
  const { results, milliseconds } = await session.run(
    `screening ${place}`,
    (encoder) => session.record(encoder, dispatches),
    [wanted(found, 0, 4 * (1 + first)), ...(also === undefined ? [] : [wanted(also, 0, 4 * columns)])],
  );
  const words = job.cohorts.reduce((sum, cohort) => sum + cohort.words, 0) * job.digits;
  keeper.measured((span.end - span.first) * columns * words * dispatches.length, milliseconds);
  const [head, floors = new Uint32Array(0)] = results;
  const count = head![0]!;
  if (count > capacity) return { entries: undefined, floors };
  const entries = new Uint32Array(count);
  entries.set(head!.subarray(1, 1 + Math.min(count, first)));
  if (count > first) {
    const rest = wanted(found, 4 * (1 + first), 4 * (count - first));
    const { results: more } = await session.run(`reading candidates of ${place}`, () => {}, [rest]);
    entries.set(more[0]!, first);
  }
  // Invocations append in no order; as numbers, entries sort by row, then column.
  return { entries: entries.sort(), floors };
}

function wanted(buffer: GPUBuffer, from: number, bytes: number) {
  return { buffer, from, bytes };
}

async function dispatchOf(
  { job, session, take, rows, tile, found }: TileRun,
  name: "screen_raise" | "screen_select",
  { first, end }: Span,
): Promise<Dispatch> {
  const columns = tile.to - tile.from;
  const numbers = [rows.to - rows.from, columns, job.cohorts.length, capacityOf(job), first, end, 0, 0];
  const params = await session.params(take, name, numbers);
  const raises = name === "screen_raise";
  const constants = { DIGITS: job.digits, ...(raises ? { MARGIN } : {}) };
  const kernel = await session.guard(session.pipelines.get(name, constants));
  const buffers = [params, ...tile.buffers, ...(raises ? [] : [found])];
  return { kernel, buffers, grid: [Math.ceil(columns / BLOCK), Math.ceil((end - first) / BLOCK)] };
}

function joined(lists: readonly Uint32Array<ArrayBuffer>[]): Uint32Array<ArrayBuffer> {
  const [only] = lists;
  if (lists.length === 1 && only !== undefined) return only;
  const all = new Uint32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all;
}
