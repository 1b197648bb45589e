import type { VariantLabels } from "../formats/genotypes.ts";
import { LABEL_RUN, type LabelSource } from "./batch.ts";

/** Variants whose labels are read at once. */
const BLOCK = LABEL_RUN;

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
    const first = Math.floor(start / BLOCK) * BLOCK;
    const labels = cut(await this.#block(first), start - first, Math.min(end - first, BLOCK));
    if (end <= first + BLOCK) return labels;
    const rest = await this.labels(first + BLOCK, end);
    const position = new Int32Array(end - start);
    position.set(labels.position);
    position.set(rest.position, labels.position.length);
    return {
      id: labels.id.concat(rest.id),
      chromosome: labels.chromosome.concat(rest.chromosome),
      position,
      effectAllele: labels.effectAllele.concat(rest.effectAllele),
      otherAllele: labels.otherAllele.concat(rest.otherAllele),
    };
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

function cut(
  { id, chromosome, position, effectAllele, otherAllele }: VariantLabels,
  from: number,
  to: number,
): VariantLabels {
  return {
    id: id.slice(from, to),
    chromosome: chromosome.slice(from, to),
    position: position.subarray(from, to),
    effectAllele: effectAllele.slice(from, to),
    otherAllele: otherAllele.slice(from, to),
  };
}
