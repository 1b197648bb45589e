import { throwIfAborted, UsageError } from "../../errors.ts";
import { checkRun, type Gram, type WholeRows } from "../gram.ts";
import { Breather } from "../pause.ts";
import { resultArray } from "../product.ts";
import { type GramShape, gramShape, gramWork, PAIR_BYTES } from "./gramTile.ts";
import type { DeviceKeeper } from "./keeper.ts";
import type { Lease } from "./lease.ts";
import type { Pace } from "./pace.ts";
import type { Session } from "./session.ts";
import { STORAGE } from "./usage.ts";
import { BLOCKS, sidesOf } from "./variants.ts";
import { dispatchGrid } from "./work.ts";

/** Bytes of rows that a buffer holds at most. */
const CHUNK = 2 ** 28;
const ROWS_A_WRITE = 64;
const BLOCK = BLOCKS.wide;

/** Rows on a device, from row `start` on. */
interface Chunk {
  readonly start: number;
  readonly end: number;
  readonly buffer: GPUBuffer;
}

/** Rows `from` to `to`, all of one chunk. */
interface Span {
  readonly chunk: Chunk;
  readonly from: number;
  readonly to: number;
}

/** All rows on a device, and what holds them there. */
interface Upload {
  readonly session: Session;
  readonly lease: Lease;
  readonly chunks: Promise<readonly Chunk[]>;
}

export interface GramParts {
  readonly keeper: DeviceKeeper;
  readonly pace: Pace;
  /** Bytes of the largest buffer, where that is less than the device's own limit. */
  readonly binding?: number | undefined;
}

/** Whole-number rows on a GPU (shaders/gram.wgsl). They are uploaded when first needed, and again to another device. */
export class WebGpuGram implements Gram {
  private readonly rows: WholeRows;
  private readonly parts: GramParts;
  private upload: Upload | undefined;
  private disposed = false;

  constructor(rows: WholeRows, parts: GramParts) {
    this.rows = rows;
    this.parts = parts;
  }

  async products(from: number, to: number, signal?: AbortSignal): Promise<Float64Array> {
    checkRun(this.rows, from, to);
    return this.parts.keeper.attempt(signal, async (session) => {
      const chunks = await this.uploaded(session);
      const out = resultArray((to - from) * to);
      for (const own of spansOf(chunks, from, to)) {
        for (const other of spansOf(chunks, 0, to)) {
          await this.meet(session, own, other, signal, (row, column, product) => {
            out[column * (to - from) + row - from] = product;
          });
        }
      }
      return out;
    });
  }

  /** The products of some rows with some others, some columns a submit. */
  private async meet(
    session: Session,
    own: Span,
    other: Span,
    signal: AbortSignal | undefined,
    put: (row: number, column: number, product: number) => void,
  ): Promise<void> {
    const rows = own.to - own.from;
    for (let from = other.from; from < other.to; ) {
      const { columns } = this.shapeOf(session, rows, other.to - from);
      const sums = await this.sums(session, own, { ...other, from, to: from + columns }, signal);
      const pairs = rows * columns;
      for (let pair = 0; pair < pairs; pair++) {
        const product = 16384 * sums[pair]! + 128 * sums[pairs + pair]! + sums[2 * pairs + pair]!;
        put(own.from + (pair % rows), from + Math.floor(pair / rows), product);
      }
      this.parts.keeper.progressed();
      from += columns;
    }
  }

  private shapeOf({ device: { limits } }: Session, rows: number, columns: number): GramShape {
    const { pace, binding = Number.MAX_VALUE } = this.parts;
    const most = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize, binding);
    return gramShape(rows, columns, wordsOf(this.rows), { block: BLOCK, work: pace.work, binding: most });
  }

  /** The three sums of each pair, of as many words a submit as its time allows. */
  private async sums(
    session: Session,
    own: Span,
    other: Span,
    signal: AbortSignal | undefined,
  ): Promise<Int32Array> {
    const words = wordsOf(this.rows);
    const [rows, columns] = [own.to - own.from, other.to - other.from];
    const kernel = await session.guard(session.pipelines.get("gram", sidesOf(BLOCK)));
    const blocks = Math.ceil(rows / BLOCK.rows) * Math.ceil(columns / BLOCK.columns);
    const grid = dispatchGrid(blocks, session.device.limits.maxComputeWorkgroupsPerDimension);
    return session.borrowing(async (take) => {
      const bytes = PAIR_BYTES * rows * columns;
      const out = await take("gram: sums", bytes, STORAGE);
      for (let word = 0; ; ) {
        throwIfAborted(signal);
        const end = Math.min(words, word + this.shapeOf(session, rows, columns).words);
        const places = [own, other].flatMap(({ chunk, from, to }) => [from - chunk.start, to - chunk.start]);
        const params = await session.params(take, "gram", [...places, words, word, end, 0]);
        const { results, milliseconds } = await session.run({
          what: `products of rows ${own.from} to ${own.to} with rows ${other.from} to ${other.to}`,
          dispatches: [{ kernel, buffers: [params, own.chunk.buffer, other.chunk.buffer, out], grid }],
          wanted: [{ buffer: out, from: 0, bytes: end === words ? bytes : 4 }],
        });
        this.parts.pace.measured(gramWork(rows, { columns, words: end - word }, BLOCK), milliseconds);
        word = end;
        const [sums] = results;
        if (end === words) return new Int32Array(sums!.buffer, sums!.byteOffset, 3 * rows * columns);
      }
    });
  }

  private uploaded(session: Session): Promise<readonly Chunk[]> {
    if (this.disposed) throw new UsageError("gram: its rows were disposed of");
    if (this.upload?.session !== session) {
      const lease = session.lease();
      const most = Math.min(
        CHUNK,
        this.parts.binding ?? CHUNK,
        session.device.limits.maxStorageBufferBindingSize,
      );
      this.upload = { session, lease, chunks: uploadRows(session, lease, this.rows, most) };
    }
    return this.upload.chunks;
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    await this.upload?.chunks.catch(() => {});
    this.upload?.lease.release();
    this.upload = undefined;
  }
}

/** Words of four numbers that a row takes. */
function wordsOf({ length }: WholeRows): number {
  return Math.ceil(length / 4);
}

function spansOf(chunks: readonly Chunk[], from: number, to: number): Span[] {
  return chunks
    .map((chunk) => ({ chunk, from: Math.max(from, chunk.start), to: Math.min(to, chunk.end) }))
    .filter((span) => span.from < span.to);
}

async function uploadRows(
  session: Session,
  { take }: Lease,
  rows: WholeRows,
  most: number,
): Promise<Chunk[]> {
  const perRow = 8 * wordsOf(rows);
  const step = Math.max(1, Math.floor(most / perRow));
  const chunks: Chunk[] = [];
  const numbers = new Int16Array(rows.length);
  // A page gets its turn; who stops is heeded once the rows, which others may be waiting for, are there.
  const breather = new Breather(undefined);
  for (let start = 0; start < rows.count; start += step) {
    const end = Math.min(rows.count, start + step);
    const buffer = await take(`gram: rows ${start} to ${end}`, (end - start) * perRow, STORAGE);
    for (let at = start; at < end; at += ROWS_A_WRITE) {
      const until = Math.min(end, at + ROWS_A_WRITE);
      const bytes = new Int8Array((until - at) * perRow);
      for (let row = at; row < until; row++) {
        rows.row(row, numbers);
        digits(numbers, bytes, (row - at) * perRow);
      }
      session.write(buffer, bytes, (at - start) * perRow);
      await breather.pause();
    }
    chunks.push({ start, end, buffer });
  }
  return chunks;
}

/** Words of four high digits and four low ones by turns: a number is 128 high + low, low from -64 to 63. */
function digits(numbers: Int16Array, bytes: Int8Array, from: number): void {
  for (let u = 0; u < numbers.length; u++) {
    const number = numbers[u]!;
    const high = (number + 64) >> 7;
    const at = from + 8 * (u >> 2) + (u & 3);
    bytes[at] = high;
    bytes[at + 4] = number - 128 * high;
  }
}
