import type { Remainders } from "./genotypes.ts";
import { GrowingBytes } from "./growingBytes.ts";
import type { ByteSource } from "./source.ts";

/** Variants between two places that are remembered: 8 bytes each stay in memory. */
const BLOCK = 64;
/** Bytes of an entry in the store: uint32 sample, float64 value. */
const ENTRY = 12;

/** Writes the remainders of variant after variant: a uint32 count, then that many entries. Little-endian. */
export class RemainderWriter {
  /** What is still to be stored; the caller takes it away with `clear`. */
  readonly bytes = new GrowingBytes(1 << 16);
  total = 0;
  readonly #blocks: number[] = [];
  #stored = 0;
  #variants = 0;

  /** Adds the first `count` entries as the next variant's. */
  add(sample: Uint32Array, value: Float64Array, count: number): void {
    if (this.#variants++ % BLOCK === 0) this.#blocks.push(this.#stored + this.bytes.length);
    const { bytes } = this;
    bytes.uint32(count);
    bytes.ensure(ENTRY * count);
    const view = new DataView(bytes.bytes.buffer);
    let at = bytes.length;
    for (let i = 0; i < count; i++, at += ENTRY) {
      view.setUint32(at, sample[i]!, true);
      view.setFloat64(at + 4, value[i]!, true);
    }
    bytes.length = at;
    this.total += count;
  }

  /** Says that `bytes` has been stored. */
  clear(): void {
    this.#stored += this.bytes.length;
    this.bytes.clear();
  }

  /** A reader of what was stored, all of it in `source`; undefined where every dosage was a whole number. */
  finish(source: ByteSource, samples: number): RemainderReader | undefined {
    if (this.total === 0) return undefined;
    return new RemainderReader(source, samples, this.#variants, Float64Array.from(this.#blocks), this.total);
  }
}

/** Reads the remainders of any run of variants for any samples. */
export class RemainderReader {
  readonly total: number;
  readonly #source: ByteSource;
  readonly #samples: number;
  readonly #variants: number;
  readonly #blocks: Float64Array;

  constructor(source: ByteSource, samples: number, variants: number, blocks: Float64Array, total: number) {
    this.#source = source;
    this.#samples = samples;
    this.#variants = variants;
    this.#blocks = blocks;
    this.total = total;
  }

  /** Entries of variants `start` to `end` (exclusive) of the samples `sampleIndex`, numbered in that order. */
  async read(start: number, end: number, sampleIndex: Uint32Array): Promise<Remainders | undefined> {
    if (start === end) return undefined;
    const place = new Int32Array(this.#samples).fill(-1);
    sampleIndex.forEach((sample, i) => {
      place[sample] = i;
    });
    const offset = new Uint32Array(end - start + 1);
    const parts: Remainders[] = [];
    let total = 0;
    for (let block = Math.floor(start / BLOCK); block * BLOCK < end; block++) {
      const from = Math.max(start, block * BLOCK);
      const to = Math.min(end, (block + 1) * BLOCK);
      const part = await this.#block(block, from - block * BLOCK, to - block * BLOCK, place);
      for (let v = from; v < to; v++) {
        offset[v - start + 1] = total + part.offset[v - from + 1]!;
      }
      total += part.sample.length;
      parts.push(part);
    }
    if (total === 0) return undefined;
    const sample = new Uint32Array(total);
    const value = new Float64Array(total);
    let at = 0;
    for (const part of parts) {
      sample.set(part.sample, at);
      value.set(part.value, at);
      at += part.sample.length;
    }
    return { offset, sample, value };
  }

  /** Variants `from` to `to` (exclusive) of a block. */
  async #block(block: number, from: number, to: number, place: Int32Array): Promise<Remainders> {
    const end = (block + 1) * BLOCK < this.#variants ? this.#blocks[block + 1]! : this.#source.size;
    const bytes = await this.#source.read(this.#blocks[block]!, end);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const most = Math.floor(bytes.length / ENTRY);
    const sample = new Uint32Array(most);
    const value = new Float64Array(most);
    const offset = new Uint32Array(to - from + 1);
    let at = 0;
    let count = 0;
    for (let v = 0; v < to; v++) {
      const entries = view.getUint32(at, true);
      at += 4;
      if (v < from) {
        at += entries * ENTRY;
        continue;
      }
      for (let i = 0; i < entries; i++, at += ENTRY) {
        const here = place[view.getUint32(at, true)]!;
        if (here < 0) continue;
        sample[count] = here;
        value[count++] = view.getFloat64(at + 4, true);
      }
      offset[v - from + 1] = count;
    }
    return { offset, sample: sample.subarray(0, count), value: value.subarray(0, count) };
  }
}
