import type { GenotypeBlock, Remainders } from "./genotypes.ts";
import { callGatherer, recodeCalls } from "./plinkCalls.ts";

/** Bytes of calls in one piece of the store, and gathered at once. */
const PIECE = 1 << 20;
/** Remainders in one piece. */
const ENTRIES = 1 << 16;
/** PLINK's two bits for 0, 1 and 2 copies, and for a missing call: what `callGatherer` takes. */
const CODES = [3, 2, 0] as const;
const NO_CALL = 1;

interface Entries {
  readonly sample: Uint32Array;
  readonly value: Float64Array;
}

/**
 * Dosages of variants in memory, as they come: two bits a call and, for a dosage that is no whole number, 12
 * bytes for what it has beside its call. In pieces, so that nothing large is ever copied.
 */
export class CallStore {
  readonly samples: number;
  readonly #stride: number;
  readonly #perPiece: number;
  readonly #calls: Uint8Array[] = [];
  readonly #entries: Entries[] = [];
  /** Where each variant's entries begin. */
  readonly #first: number[] = [];
  #entryCount = 0;
  #row: Uint8Array = new Uint8Array(0);

  constructor(samples: number) {
    this.samples = samples;
    this.#stride = Math.ceil(samples / 4);
    this.#perPiece = Math.max(1, Math.floor(PIECE / Math.max(1, this.#stride)));
  }

  /** How many dosages are not whole numbers. */
  get remainders(): number {
    return this.#entryCount;
  }

  /** Begins the next variant. Each of its samples is then `set` once, in any order. */
  begin(): void {
    const at = this.#first.length % this.#perPiece;
    if (at === 0) this.#calls.push(new Uint8Array(this.#perPiece * this.#stride));
    this.#row = this.#calls.at(-1)!.subarray(at * this.#stride, (at + 1) * this.#stride);
    this.#first.push(this.#entryCount);
  }

  /** `dosage` from 0 to 2, or NaN for a missing one. */
  set(sample: number, dosage: number): void {
    // The nearest whole number: what is left is exact in f64.
    const call = Math.floor(dosage + 0.5);
    const code = Number.isNaN(dosage) ? NO_CALL : CODES[call as 0 | 1 | 2];
    this.#row[sample >> 2]! |= code << (2 * (sample & 3));
    if (dosage === call || Number.isNaN(dosage)) return;
    const at = this.#entryCount++ % ENTRIES;
    if (at === 0) this.#entries.push({ sample: new Uint32Array(ENTRIES), value: new Float64Array(ENTRIES) });
    const { sample: samples, value } = this.#entries.at(-1)!;
    samples[at] = sample;
    value[at] = dosage - call;
  }

  /** The variants `index`, which are `start` and on of their source, for the samples `sampleIndex`. */
  read(start: number, index: Uint32Array, sampleIndex: Uint32Array): GenotypeBlock {
    const count = index.length;
    const gatherer = callGatherer(this.samples, sampleIndex);
    const packed = new Uint8Array(count * gatherer.stride);
    const most = Math.max(1, Math.floor(PIECE / this.#stride));
    const piece = new Uint8Array(Math.min(most, count) * this.#stride);
    for (let from = 0; from < count; from += most) {
      const to = Math.min(from + most, count);
      for (let v = from; v < to; v++) piece.set(this.#callsOf(index[v]!), (v - from) * this.#stride);
      gatherer.gather(piece, to - from, packed, from);
    }
    recodeCalls(packed);
    const block = { start, count, samples: sampleIndex.length, stride: gatherer.stride, packed };
    return this.#entryCount === 0 ? block : { ...block, remainder: this.#remainder(index, sampleIndex) };
  }

  #callsOf(variant: number): Uint8Array {
    const at = (variant % this.#perPiece) * this.#stride;
    return this.#calls[Math.floor(variant / this.#perPiece)]!.subarray(at, at + this.#stride);
  }

  #remainder(index: Uint32Array, sampleIndex: Uint32Array): Remainders {
    const place = new Int32Array(this.samples).fill(-1);
    sampleIndex.forEach((sample, at) => {
      place[sample] = at;
    });
    const row = new Float64Array(sampleIndex.length);
    const offset = new Uint32Array(index.length + 1);
    const sample: number[] = [];
    const value: number[] = [];
    index.forEach((variant, v) => {
      const end = this.#first[variant + 1] ?? this.#entryCount;
      row.fill(0);
      for (let i = this.#first[variant]!; i < end; i++) {
        const entries = this.#entries[Math.floor(i / ENTRIES)]!;
        const at = place[entries.sample[i % ENTRIES]!]!;
        if (at >= 0) row[at] = entries.value[i % ENTRIES]!;
      }
      for (let at = 0; at < row.length; at++) {
        if (row[at] === 0) continue;
        sample.push(at);
        value.push(row[at]!);
      }
      offset[v + 1] = sample.length;
    });
    return { offset, sample: Uint32Array.from(sample), value: Float64Array.from(value) };
  }
}
