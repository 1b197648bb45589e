import { MARGIN } from "../screen/bound.ts";
import type { Activity } from "./activity.ts";
import type { ColumnTile } from "./columnTile.ts";
import type { Take } from "./lease.ts";
import type { Pace } from "./pace.ts";
import type { GpuJob, RowTile } from "./rowTile.ts";
import type { Dispatch, Session } from "./session.ts";
import { STORAGE } from "./usage.ts";
import { type Block, sidesOf } from "./variants.ts";

/** Entries that come back with their number, in one go. */
const FIRST_ENTRIES = 4095;

/** What the screen found where rows from `rowFrom` on met some columns. */
export interface Found {
  readonly rowFrom: number;
  readonly columns: Uint32Array<ArrayBuffer>;
  /** `row << 16 | column` (positions in the tile), in order. */
  readonly entries: Uint32Array<ArrayBuffer>;
  /** The thresholds, raised; empty where that was not asked for. */
  readonly thresholds: Float32Array<ArrayBuffer>;
}

/** A tile on a device, and what its dispatches have in common. */
export interface TileRun {
  readonly job: GpuJob;
  readonly block: Block;
  readonly raise: boolean;
  readonly pace: Pace;
  readonly activity: Activity;
  readonly session: Session;
  readonly take: Take;
  readonly rows: RowTile;
  readonly tile: ColumnTile;
  /** Products of four samples that the whole tile takes. */
  readonly work: number;
  /** Entries that `found` has room for: not less than the tile's columns. */
  readonly capacity: number;
}

interface Here extends TileRun {
  readonly found: GPUBuffer;
}

/** Rows of a tile that one dispatch looks at. */
interface Span {
  readonly first: number;
  readonly end: number;
}

/** Screens a tile in one submit, or where its candidates find no room in several. */
export async function screenTile(run: TileRun): Promise<Found> {
  const { rows, tile, raise, pace, capacity } = run;
  const found = await run.take("candidates", 4 * (1 + capacity), STORAGE);
  const here: Here = { ...run, found };
  const whole: Span = { first: 0, end: rows.to - rows.from };
  // The floors are final once raised: selecting reads them.
  const before = raise ? [await dispatchOf(here, "screen_raise", whole)] : [];
  const first = await selectSpan(here, whole, before, raise ? tile.thresholds : undefined);
  pace.measured(run.work, first.milliseconds);
  const lists: Uint32Array<ArrayBuffer>[] = [];
  if (first.entries === undefined) await splitSpan(here, whole, lists);
  else lists.push(first.entries);
  const { floors } = first;
  return {
    rowFrom: rows.from,
    columns: Uint32Array.from({ length: tile.to - tile.from }, (_, j) => tile.from + j),
    entries: joined(lists),
    thresholds: new Float32Array(floors.buffer, floors.byteOffset, floors.length),
  };
}

/** Too many for the buffer: half the rows, then the other half. One row always has room. */
async function splitSpan(here: Here, { first, end }: Span, lists: Uint32Array<ArrayBuffer>[]): Promise<void> {
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
  here: Here,
  span: Span,
  before: readonly Dispatch[],
  also?: GPUBuffer,
): Promise<{
  readonly entries: Uint32Array<ArrayBuffer> | undefined;
  readonly floors: Uint32Array<ArrayBuffer>;
  readonly milliseconds: number;
}> {
  const { session, rows, tile, found, capacity } = here;
  const place = `rows ${rows.from + span.first} to ${rows.from + span.end}, columns ${tile.from} to ${tile.to}`;
  const dispatches = [...before, await dispatchOf(here, "screen_select", span)];
  const first = Math.min(capacity, FIRST_ENTRIES);
  const wanted = [{ buffer: found, from: 0, bytes: 4 * (1 + first) }];
  if (also !== undefined) wanted.push({ buffer: also, from: 0, bytes: 4 * (tile.to - tile.from) });
  const what = `screening ${place}`;
  const { results, milliseconds } = await session.run({ what, clear: found, dispatches, wanted });
  const [head, floors = new Uint32Array(0)] = results;
  const count = head![0]!;
  if (count > capacity) return { entries: undefined, floors, milliseconds };
  const entries = new Uint32Array(count);
  entries.set(head!.subarray(1, 1 + Math.min(count, first)));
  if (count > first) {
    const rest = { buffer: found, from: 4 * (1 + first), bytes: 4 * (count - first) };
    const reading = { what: `reading candidates of ${place}`, dispatches: [], wanted: [rest] };
    entries.set((await session.run(reading)).results[0]!, first);
  }
  // Workgroups append in no order; as numbers, entries sort by row, then column.
  return { entries: entries.sort(), floors, milliseconds };
}

async function dispatchOf(
  { job, block, session, take, rows, tile, found, capacity }: Here,
  name: "screen_raise" | "screen_select",
  { first, end }: Span,
): Promise<Dispatch> {
  const columns = tile.to - tile.from;
  const numbers = [rows.to - rows.from, columns, job.cohorts.length, capacity, first, end, 0, 0];
  const params = await session.params(take, name, numbers);
  const raises = name === "screen_raise";
  const constants = { DIGITS: job.digits, ...sidesOf(block), ...(raises ? { MARGIN } : {}) };
  const kernel = await session.guard(session.pipelines.get(name, constants));
  const buffers = [params, ...tile.buffers, ...(raises ? [] : [found])];
  const grid = [Math.ceil(columns / block.columns), Math.ceil((end - first) / block.rows)] as const;
  return { kernel, buffers, grid };
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
