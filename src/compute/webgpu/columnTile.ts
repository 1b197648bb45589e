import { windowOf } from "../product.ts";
import type { Chunk } from "./columns.ts";
import { wordsOf } from "./columns.ts";
import type { Take } from "./lease.ts";
import type { GpuJob, RowTile } from "./rowTile.ts";
import type { Session } from "./session.ts";
import { STORAGE } from "./usage.ts";
import { type Block, blocksBetween } from "./variants.ts";

/** A threshold that nothing reaches: kernels may take it that there is no infinity. */
const NEVER = 2 ** 120;

/** Columns `from` to `to` on a device with what a kernel needs to meet a row tile with them. */
export interface ColumnTile {
  readonly from: number;
  readonly to: number;
  /** Bindings 1 to 7 of the screen's kernels. */
  readonly buffers: readonly GPUBuffer[];
  readonly thresholds: GPUBuffer;
  /** Pairs of the blocks in which some column meets some row. */
  readonly pairs: number;
}

/** Last column of a tile that starts at `from`: at most `most`, and within one chunk of every cohort. */
export function tileEnd(from: number, most: number, chunks: readonly (readonly Chunk[])[]): number {
  let to = most;
  for (const all of chunks) {
    const chunk = all.find((one) => from >= one.from && from < one.to);
    to = Math.min(to, chunk?.to ?? most);
  }
  return to;
}

/**
 * Columns `from` to `to` (within one chunk of each cohort) for `rows`, or undefined when they do not meet.
 * A column whose threshold is not below infinity meets nothing.
 */
export async function loadColumns(
  session: Session,
  take: Take,
  job: GpuJob,
  block: Block,
  rows: RowTile,
  chunks: readonly (readonly Chunk[])[],
  from: number,
  to: number,
  threshold: Float32Array,
): Promise<ColumnTile | undefined> {
  const met = windowsOf(job, rows, block, from, to, threshold);
  if (met.blocks === 0) return undefined;
  const name = `columns ${from} to ${to}`;
  const put = async (label: string, values: Uint32Array | Float32Array) => {
    const buffer = await take(`${name}: ${label}`, values.byteLength, STORAGE);
    session.write(buffer, values);
    return buffer;
  };
  const staged = await stageColumns(session, take, job, chunks, from, to);
  const table = job.cohorts.flatMap(({ integers }, c) => {
    const place = rows.places[c]!;
    return [place.rows, staged.offsets[c]!, wordsOf(integers), place.terms];
  });
  const cohorts = await put("cohorts", Uint32Array.from(table));
  const factors = await put("factors", factorsOf(job, from, to));
  const windows = await put("windows", met.windows);
  const lowered = Float32Array.from(threshold.subarray(from, to), (value) => Math.min(value, NEVER));
  const thresholds = await put("thresholds", lowered);
  const buffers = [cohorts, rows.integers, staged.buffer, rows.factors, factors, windows, thresholds];
  return { from, to, buffers, thresholds, pairs: met.blocks * block.rows * block.columns };
}

/** The columns' integers in one buffer: as they were uploaded, or for several cohorts a copy. */
async function stageColumns(
  session: Session,
  take: Take,
  { cohorts, digits }: GpuJob,
  chunks: readonly (readonly Chunk[])[],
  from: number,
  to: number,
): Promise<{ readonly buffer: GPUBuffer; readonly offsets: readonly number[] }> {
  const parts = cohorts.map(({ integers }, c) => {
    const chunk = chunks[c]!.find((one) => from >= one.from && to <= one.to);
    if (chunk === undefined) throw new Error(`columns ${from} to ${to} are in no chunk of cohort ${c + 1}`);
    const perColumn = wordsOf(integers) * digits;
    return { buffer: chunk.buffer, start: (from - chunk.from) * perColumn, words: (to - from) * perColumn };
  });
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return { buffer: only.buffer, offsets: [only.start] };
  const total = parts.reduce((sum, { words }) => sum + words, 0);
  const buffer = await take(`columns ${from} to ${to} of ${parts.length} cohorts`, 4 * total, STORAGE);
  const offsets: number[] = [];
  await session.submit(`gathering columns ${from} to ${to}`, (encoder) => {
    let at = 0;
    for (const part of parts) {
      encoder.copyBufferToBuffer(part.buffer, 4 * part.start, buffer, 4 * at, 4 * part.words);
      offsets.push(at);
      at += part.words;
    }
  });
  return { buffer, offsets };
}

/** Per cohort scale [column] and remainder [column]. */
function factorsOf({ cohorts }: GpuJob, from: number, to: number): Float32Array<ArrayBuffer> {
  const count = to - from;
  const all = new Float32Array(2 * cohorts.length * count);
  cohorts.forEach(({ columns }, c) => {
    all.set(columns.scale.subarray(from, to), 2 * c * count);
    all.set(columns.remainder.subarray(from, to), (2 * c + 1) * count);
  });
  return all;
}

/** Each column's rows within the tile, then those of each block of columns; and how many blocks meet. */
function windowsOf(
  { windows: all, rows: rowsInAll }: GpuJob,
  rows: RowTile,
  block: Block,
  from: number,
  to: number,
  threshold: Float32Array,
): { readonly windows: Uint32Array<ArrayBuffer>; readonly blocks: number } {
  const count = to - from;
  const ofBlocks = 2 * count;
  const windows = new Uint32Array(ofBlocks + 2 * Math.ceil(count / block.columns));
  for (let j = 0; j < count; j += 1) {
    const [start, end] = windowOf(all, from + j, rowsInAll);
    const first = Math.max(start, rows.from) - rows.from;
    const last = Math.min(end, rows.to) - rows.from;
    if (first >= last || threshold[from + j] === Number.POSITIVE_INFINITY) continue;
    windows[2 * j] = first;
    windows[2 * j + 1] = last;
    const at = ofBlocks + 2 * Math.floor(j / block.columns);
    windows[at] = windows[at + 1] === 0 ? first : Math.min(windows[at]!, first);
    windows[at + 1] = Math.max(windows[at + 1]!, last);
  }
  let blocks = 0;
  for (let at = ofBlocks; at < windows.length; at += 2) {
    blocks += blocksBetween(windows[at]!, windows[at + 1]!, block.rows);
  }
  return { windows, blocks };
}
