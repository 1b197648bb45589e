import { LABEL_RUN } from "../../../association/batch.ts";
import type { GenotypeSource } from "../../../formats/genotypes.ts";

/** A run of variants of a source, `start` to `end` (exclusive). */
export interface VariantRun {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds variants of a cohort by id. Those that lie where they are looked for first cost a look at the labels there; for others an index is made
 * once, of 8 to 16 bytes a variant. Of variants that share an id the first is found.
 */
export class VariantFinder {
  readonly #source: GenotypeSource;
  /** Open addressing: index + 1 of a variant at its hash, 0 where there is none. */
  #table: Promise<Int32Array> | undefined;

  constructor(source: GenotypeSource) {
    this.#source = source;
  }

  /** The index of each id, or -1; looked for in `near` first. */
  async find(ids: readonly string[], near: VariantRun = { start: 0, end: 0 }): Promise<Int32Array> {
    const wanted = new Map<string, number>(ids.map((id) => [id, -1]));
    let left = wanted.size;
    await this.#each(near, (id, index) => {
      if (wanted.get(id) !== -1) return;
      wanted.set(id, index);
      left--;
    });
    if (left > 0) {
      for (const [id, index] of wanted) if (index < 0) wanted.set(id, await this.#indexed(id));
    }
    return Int32Array.from(ids, (id) => wanted.get(id)!);
  }

  async #each({ start, end }: VariantRun, visit: (id: string, index: number) => void): Promise<void> {
    for (let from = start; from < end; ) {
      const to = Math.min(end, (Math.floor(from / LABEL_RUN) + 1) * LABEL_RUN);
      const { id } = await this.#source.labels(from, to);
      for (let i = 0; i < id.length; i++) visit(id[i]!, from + i);
      from = to;
    }
  }

  async #indexed(id: string): Promise<number> {
    this.#table ??= this.#index();
    const table = await this.#table;
    const mask = table.length - 1;
    for (let at = hashOf(id) & mask; table[at] !== 0; at = (at + 1) & mask) {
      const index = table[at]! - 1;
      const labels = await this.#source.labels(index, index + 1);
      if (labels.id[0] === id) return index;
    }
    return -1;
  }

  async #index(): Promise<Int32Array> {
    const { variantCount } = this.#source;
    let size = 2;
    while (size < 2 * variantCount) size *= 2;
    const table = new Int32Array(size);
    const mask = size - 1;
    await this.#each({ start: 0, end: variantCount }, (id, index) => {
      let at = hashOf(id) & mask;
      while (table[at] !== 0) at = (at + 1) & mask;
      table[at] = index + 1;
    });
    return table;
  }
}

/** FNV-1a over UTF-16 units, with its bits mixed again since low bits alone are used. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
