import { windowOf } from "../product.ts";
import type { Chunk } from "./columns.ts";
import type { ScreenJob } from "./job.ts";
import type { RowTile, Take } from "./rowTile.ts";
import type { Session } from "./session.ts";
import { STORAGE } from "./usage.ts";
import { BLOCK } from "./work.ts";

/** A threshold that nothing reaches: kernels may take it that there is no infinity. */
const NEVER = 2 ** 120;

/** Columns `from` to `to` on a device with what a kernel needs to meet a row tile with them. */
export interface ColumnTile {
  readonly from: number;
  readonly to: number;
  /** Bindings 1 to 7 of the screen's kernels. */
  readonly buffers: readonly GPUBuffer[];
  readonly thresholds: GPUBuffer;
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
  job: ScreenJob,
  rows: RowTile,
  chunks: readonly (readonly Chunk[])[],
  from: number,
  to: number,
  threshold: Float32Array,
): Promise<ColumnTile | undefined> {
  const met = windowsOf(job, rows, from, to, threshold);
  if (met === undefined) return undefined;
  const name = `columns ${from} to ${to}`;
  const put = async (label: string, values: Uint32Array | Float32Array) => {
    const buffer = await take(`${name}: ${label}`, values.byteLength, STORAGE);
    session.write(buffer, values);
    return buffer;
  };
  const staged = await stageColumns(session, take, job, chunks, from, to);
  const table = job.cohorts.flatMap(({ words }, c) => [rows.offsets[c]!, staged.offsets[c]!, words, 0]);
  const cohorts = await put("cohorts", Uint32Array.from(table));
  const factors = await put("factors", factorsOf(job, from, to));
  const windows = await put("windows", met);
  const lowered = Float32Array.from(threshold.subarray(from, to), (value) => Math.min(value, NEVER));
  const thresholds = await put("thresholds", lowered);
  const buffers = [cohorts, rows.integers, staged.buffer, rows.factors, factors, windows, thresholds];
  return { from, to, buffers, thresholds };
}

/** The columns' integers in one buffer: as they were uploaded, or for several cohorts a copy. */
async function stageColumns(
  session: Session,
  take: Take,
  { cohorts, digits }: ScreenJob,
  chunks: readonly (readonly Chunk[])[],
  from: number,
  to: number,
): Promise<{ readonly buffer: GPUBuffer; readonly offsets: readonly number[] }> {
  const parts = cohorts.map(({ words }, c) => {
    const chunk = chunks[c]!.find((one) => from >= one.from && to <= one.to);
    if (chunk === undefined) throw new Error(`columns ${from} to ${to} are in no chunk of cohort ${c + 1}`);
    const perColumn = words * digits;
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
function factorsOf({ cohorts }: ScreenJob, from: number, to: number): Float32Array<ArrayBuffer> {
  const count = to - from;
  const all = new Float32Array(2 * cohorts.length * count);
  cohorts.forEach(({ columns }, c) => {
    all.set(columns.scale.subarray(from, to), 2 * c * count);
    all.set(columns.remainder.subarray(from, to), (2 * c + 1) * count);
  });
  return all;
}

/** Each column's rows within the tile, then those of each block of columns; undefined when there are none. */
function windowsOf(
  { windows, rows: all }: ScreenJob,
  rows: RowTile,
  from: number,
  to: number,
  threshold: Float32Array,
): Uint32Array<ArrayBuffer> | undefined {
  const count = to - from;
  const out = new Uint32Array(2 * (count + Math.ceil(count / BLOCK)));
  let any = false;
  for (let j = 0; j < count; j += 1) {
    const [start, end] = windowOf(windows, from + j, all);
    const first = Math.max(start, rows.from) - rows.from;
    const last = Math.min(end, rows.to) - rows.from;
    if (first >= last || threshold[from + j] === Number.POSITIVE_INFINITY) continue;
    any = true;
    out[2 * j] = first;
    out[2 * j + 1] = last;
    const block = 2 * (count + Math.floor(j / BLOCK));
    out[block] = out[block + 1] === 0 ? first : Math.min(out[block]!, first);
    out[block + 1] = Math.max(out[block + 1]!, last);
  }
  return any ? out : undefined;
}
