import type { Digits, ScreenColumns } from "../screen/columns.ts";
import { HeldColumns } from "../screen/heldColumns.ts";
import type { Session } from "./session.ts";
import { STORAGE } from "./usage.ts";

/** Columns `from` to `to` on a device, words of four samples `[column][digit][word]`. */
export interface Chunk {
  readonly from: number;
  readonly to: number;
  readonly buffer: GPUBuffer;
}

/** Columns that the webgpu backend has taken over; they are uploaded when first needed. */
export class WebGpuColumns extends HeldColumns {
  private readonly uploads = new Map<Session, Map<Digits, Promise<readonly Chunk[]>>>();

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

  override async dispose(): Promise<void> {
    await super.dispose();
    for (const [session, uploads] of this.uploads) {
      for (const chunks of uploads.values()) {
        const held = await chunks.catch(() => []);
        for (const { buffer } of held) session.pool.release(buffer);
      }
    }
    this.uploads.clear();
  }
}

/** Words of four samples that one digit of a column, or a row of bytes, takes; bytes that a row of calls takes. */
export function wordsOf({ samples }: { readonly samples: number }): number {
  return Math.ceil(samples / 4);
}

async function upload(session: Session, columns: ScreenColumns, bytes: number): Promise<readonly Chunk[]> {
  const perColumn = 4 * wordsOf(columns) * columns.digits;
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
  const width = 4 * wordsOf(columns);
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
