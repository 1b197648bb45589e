import type { GenotypeBlock, Remainders } from "./genotypes.ts";
import { GrowingBytes } from "./growingBytes.ts";
import { callGatherer, recodeCalls } from "./plinkCalls.ts";
import type { Spool } from "./spool.ts";

/** Bytes of calls gathered at once. */
const PIECE = 1 << 20;
/** PLINK's two bits for 0, 1 and 2 copies, and for a missing call: what `callGatherer` takes. */
const CODES = [3, 2, 0] as const;
const NO_CALL = 1;
/** Bytes of an entry: uint32 sample, float64 value. Little-endian. */
const ENTRY = 12;

/**
 * Dosages of variants in temporary stores, as they come: two bits a call, and an entry for each dosage that is no
 * whole number, of what it has beside its call. 8 bytes a variant stay in memory. Readable in any order, best
 * in runs.
 */
export class CallStore {
  readonly samples: number;
  readonly #stride: number;
  readonly #calls: Spool;
  readonly #entries: Spool;
  /** What is still to be stored: whole variants. */
  readonly #newCalls = new GrowingBytes(1 << 16);
  readonly #newEntries = new GrowingBytes(1 << 12);
  /** Where each variant's entries begin. */
  readonly #first: number[] = [];
  #entryCount = 0;
  #row = 0;

  constructor(samples: number, calls: Spool, entries: Spool) {
    this.samples = samples;
    this.#stride = Math.ceil(samples / 4);
    this.#calls = calls;
    this.#entries = entries;
  }

  /** How many dosages are not whole numbers. */
  get remainders(): number {
    return this.#entryCount;
  }

  /** Begins the next variant. Each of its samples is then `set` once, in any order. */
  begin(): void {
    const calls = this.#newCalls;
    calls.ensure(this.#stride);
    this.#row = calls.length;
    calls.length += this.#stride;
    calls.bytes.fill(0, this.#row, calls.length);
    this.#first.push(this.#entryCount);
  }

  /** `dosage` from 0 to 2, or NaN for a missing one. */
  set(sample: number, dosage: number): void {
    // The nearest whole number: what is left is exact in f64.
    const call = Math.floor(dosage + 0.5);
    const code = Number.isNaN(dosage) ? NO_CALL : CODES[call as 0 | 1 | 2];
    this.#newCalls.bytes[this.#row + (sample >> 2)]! |= code << (2 * (sample & 3));
    if (dosage === call || Number.isNaN(dosage)) return;
    this.#entryCount++;
    SCRATCH.setFloat64(0, dosage - call, true);
    this.#newEntries.uint32(sample);
    this.#newEntries.append(SCRATCH_BYTES);
  }

  /** Stores what has come so far: between variants, and once at the end. */
  async flush(): Promise<void> {
    await this.#calls.append(this.#newCalls.content());
    this.#newCalls.clear();
    await this.#entries.append(this.#newEntries.content());
    this.#newEntries.clear();
  }

  /** The variants `index`, which are `start` and on of their source, for the samples `sampleIndex`. */
  async read(start: number, index: Uint32Array, sampleIndex: Uint32Array): Promise<GenotypeBlock> {
    const count = index.length;
    const stride = this.#stride;
    const gatherer = callGatherer(this.samples, sampleIndex);
    const packed = new Uint8Array(count * gatherer.stride);
    for (const [from, to] of runsOf(index, Math.max(1, Math.floor(PIECE / stride)))) {
      const first = index[from]!;
      const bytes = await this.#calls.read(first * stride, (first + to - from) * stride);
      gatherer.gather(bytes, to - from, packed, from);
    }
    recodeCalls(packed);
    const block = { start, count, samples: sampleIndex.length, stride: gatherer.stride, packed };
    if (this.#entryCount === 0) return block;
    return { ...block, remainder: await this.#remainder(index, sampleIndex) };
  }

  async #remainder(index: Uint32Array, sampleIndex: Uint32Array): Promise<Remainders> {
    const place = new Int32Array(this.samples).fill(-1);
    sampleIndex.forEach((sample, at) => {
      place[sample] = at;
    });
    const row = new Float64Array(sampleIndex.length);
    const offset = new Uint32Array(index.length + 1);
    const sample: number[] = [];
    const value: number[] = [];
    for (const [from, to] of runsOf(index, Number.POSITIVE_INFINITY)) {
      const start = this.#end(index[from]! - 1);
      const bytes = await this.#entries.read(start * ENTRY, this.#end(index[to - 1]!) * ENTRY);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let v = from; v < to; v++) {
        row.fill(0);
        for (let i = this.#end(index[v]! - 1); i < this.#end(index[v]!); i++) {
          const at = place[view.getUint32((i - start) * ENTRY, true)]!;
          if (at >= 0) row[at] = view.getFloat64((i - start) * ENTRY + 4, true);
        }
        for (let at = 0; at < row.length; at++) {
          if (row[at] === 0) continue;
          sample.push(at);
          value.push(row[at]!);
        }
        offset[v + 1] = sample.length;
      }
    }
    return { offset, sample: Uint32Array.from(sample), value: Float64Array.from(value) };
  }

  /** Where the entries of a variant end. */
  #end(variant: number): number {
    return this.#first[variant + 1] ?? this.#entryCount;
  }
}

const SCRATCH = new DataView(new ArrayBuffer(8));
const SCRATCH_BYTES = new Uint8Array(SCRATCH.buffer);

/** The runs of consecutive values, each at most `most` long: places `from` to `to` (exclusive). */
function* runsOf(index: Uint32Array, most: number): Generator<[number, number]> {
  for (let from = 0; from < index.length; ) {
    let to = from + 1;
    while (to < index.length && to - from < most && index[to] === index[to - 1]! + 1) to++;
    yield [from, to];
    from = to;
  }
}
