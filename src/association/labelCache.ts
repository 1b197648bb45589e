import type { VariantLabels } from "../formats/genotypes.ts";
import type { LabelSource } from "./batch.ts";

/** Variants whose labels are read at once. */
const BLOCK = 2048;

/**
 * Labels by block of the source, kept until the parts have passed them: neighbouring parts of a cis map share
 * most of their variants, and a file's labels are read and decoded anew each time they are asked for.
 */
export class LabelCache implements LabelSource {
  readonly #source: LabelSource;
  readonly #count: number;
  readonly #blocks = new Map<number, Promise<VariantLabels>>();

  /** `count` variants are in the source. */
  constructor(source: LabelSource, count: number) {
    this.#source = source;
    this.#count = count;
  }

  async labels(start: number, end: number): Promise<VariantLabels> {
    const joined = {
      id: [] as string[],
      chromosome: [] as string[],
      position: new Int32Array(end - start),
      effectAllele: [] as string[],
      otherAllele: [] as string[],
    };
    for (let variant = start; variant < end; ) {
      const first = Math.floor(variant / BLOCK) * BLOCK;
      const block = await this.#block(first);
      const from = variant - first;
      const to = Math.min(end - first, BLOCK);
      for (const name of ["id", "chromosome", "effectAllele", "otherAllele"] as const) {
        for (let i = from; i < to; i++) joined[name].push(block[name][i]!);
      }
      joined.position.set(block.position.subarray(from, to), variant - start);
      variant = first + to;
    }
    return joined;
  }

  /** Forgets the blocks without a variant from `start` to `end` (exclusive). */
  keep(start: number, end: number): void {
    for (const first of this.#blocks.keys()) {
      if (first + BLOCK <= start || first >= end) this.#blocks.delete(first);
    }
  }

  #block(first: number): Promise<VariantLabels> {
    const known = this.#blocks.get(first);
    if (known !== undefined) return known;
    const read = this.#source.labels(first, Math.min(this.#count, first + BLOCK));
    // A read that failed must not be remembered; the caller gets the error.
    read.catch(() => this.#blocks.delete(first));
    this.#blocks.set(first, read);
    return read;
  }
}
