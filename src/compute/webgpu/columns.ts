import { UsageError } from "../../errors.ts";
import type { Backend, Columns, LoadedColumns } from "../backend.ts";
import { Breather } from "../pause.ts";
import { type Digits, emptyScreenColumns, quantiseColumn, type ScreenColumns } from "../screen/columns.ts";
import type { Session } from "./session.ts";
import { STORAGE } from "./usage.ts";

/** Columns `from` to `to` on a device, words of four samples `[column][digit][word]`. */
export interface Chunk {
  readonly from: number;
  readonly to: number;
  readonly buffer: GPUBuffer;
}

/** Columns that the webgpu backend has taken over; they are quantised and uploaded when first needed. */
export class WebGpuColumns implements LoadedColumns {
  readonly count: number;
  readonly samples: number;
  private columns: Columns | undefined;
  private readonly integers = new Map<Digits, Promise<ScreenColumns>>();
  private readonly uploads = new Map<Session, Map<Digits, Promise<readonly Chunk[]>>>();
  private readonly elsewhere = new Map<boolean, Promise<LoadedColumns>>();

  constructor(columns: Columns) {
    this.count = columns.count;
    this.samples = columns.samples;
    this.columns = columns;
  }

  /** The columns as they came. Throws {@link UsageError} after `dispose`. */
  get held(): Columns {
    if (this.columns === undefined) throw new UsageError("product: its columns were disposed of");
    return this.columns;
  }

  /** Throws {@link UsageError} when the columns are not standardised. */
  quantised(digits: Digits): Promise<ScreenColumns> {
    const columns = this.held;
    if (!columns.standardised) throw new UsageError("product: this needs standardised columns");
    const known = this.integers.get(digits);
    if (known !== undefined) return known;
    const made = quantiseAll(columns, digits);
    this.integers.set(digits, made);
    return made;
  }

  /** The integers on a device, in chunks of at most `bytes` bytes. */
  uploaded(session: Session, digits: Digits, bytes: number): Promise<readonly Chunk[]> {
    // What was on a device that is gone is gone.
    for (const old of this.uploads.keys()) if (old !== session) this.uploads.delete(old);
    const here = this.uploads.get(session) ?? new Map<Digits, Promise<readonly Chunk[]>>();
    this.uploads.set(session, here);
    const known = here.get(digits);
    if (known !== undefined) return known;
    const made = this.quantised(digits).then((integers) => upload(session, integers, bytes));
    here.set(digits, made);
    return made;
  }

  /** The same columns on another backend: for `dense`, or (standardised) for whatever a device cannot do. */
  on(backend: Backend, standardised: boolean): Promise<LoadedColumns> {
    const columns = this.held;
    const known = this.elsewhere.get(standardised);
    if (known !== undefined) return known;
    const made = backend.load({ ...columns, standardised });
    this.elsewhere.set(standardised, made);
    return made;
  }

  async dispose(): Promise<void> {
    if (this.columns === undefined) return;
    this.columns = undefined;
    const settled = <T>(promise: Promise<T>) => promise.catch(() => undefined);
    for (const loaded of this.elsewhere.values()) await (await settled(loaded))?.dispose();
    for (const [session, uploads] of this.uploads) {
      for (const chunks of uploads.values()) {
        for (const { buffer } of (await settled(chunks)) ?? []) session.pool.release(buffer);
      }
    }
    this.uploads.clear();
    this.integers.clear();
  }
}

async function quantiseAll(columns: Columns, digits: Digits): Promise<ScreenColumns> {
  const breather = new Breather(undefined);
  const integers = emptyScreenColumns(columns, digits);
  for (let j = 0; j < columns.count; j += 1) {
    quantiseColumn(columns, j, integers);
    await breather.pause();
  }
  return integers;
}

/** Words of four samples that one digit of a column, or a row, takes. */
export function wordsOf(samples: number): number {
  return Math.ceil(samples / 4);
}

async function upload(session: Session, columns: ScreenColumns, bytes: number): Promise<readonly Chunk[]> {
  const perColumn = 4 * wordsOf(columns.samples) * columns.digits;
  const step = Math.max(1, Math.floor(bytes / perColumn));
  const chunks: Chunk[] = [];
  try {
    for (let from = 0; from < columns.count; from += step) {
      const to = Math.min(columns.count, from + step);
      const label = `columns ${from} to ${to}`;
      const buffer = await session.guard(session.pool.acquire(label, (to - from) * perColumn, STORAGE));
      chunks.push({ from, to, buffer });
      session.write(buffer, digitBytes(columns, from, to));
    }
  } catch (error) {
    for (const { buffer } of chunks) session.pool.release(buffer);
    throw error;
  }
  return chunks;
}

/** Columns `from` to `to` as signed bytes `[column][digit][sample]`, samples padded with 0 to whole words. */
export function digitBytes(columns: ScreenColumns, from: number, to: number): Int8Array<ArrayBuffer> {
  const { integers, samples, stride, digits } = columns;
  const width = 4 * wordsOf(samples);
  const bytes = new Int8Array((to - from) * digits * width);
  let at = 0;
  for (let j = from; j < to; j += 1) {
    for (let s = 0; s < samples; s += 1) {
      const q = integers[j * stride + s]!;
      if (digits === 1) {
        bytes[at + s] = q;
        continue;
      }
      // q = 256 high + low, low from -128 to 127, and |high| <= 127 since |q| <= 32,639.
      const high = (q + 128) >> 8;
      bytes[at + s] = high;
      bytes[at + width + s] = q - 256 * high;
    }
    at += digits * width;
  }
  return bytes;
}
