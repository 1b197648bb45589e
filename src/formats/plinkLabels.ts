import { InputError } from "../errors.ts";
import type { RepeatedIds } from "./repeatedIds.ts";
import type { ByteSource } from "./source.ts";
import { decode, eachLineOf, findCells } from "./text.ts";

/** Variants a block: what one look at labels reads again. */
export const BLOCK = 1024;
const BLOCKS_KEPT = 8;
/** `.bim` columns: chromosome, id, centimorgan, position, A1, A2. */
export const BIM_COLUMNS = 6;

export interface BlockLabels {
  readonly id: string[];
  readonly effectAllele: string[];
  readonly otherAllele: string[];
}

/** The name of a variant whose own id will not do. */
export type Rename = (variant: number, alleles: { effectAllele: string; otherAllele: string }) => string;

/** Reads the lines of a block of variants again when they are asked for, and keeps the last few blocks. */
export class LabelBlocks {
  readonly #bim: ByteSource;
  readonly #count: number;
  readonly #offset: Float64Array;
  readonly #ids: RepeatedIds;
  readonly #kept = new Map<number, Promise<BlockLabels>>();

  constructor(bim: ByteSource, count: number, offset: Float64Array, ids: RepeatedIds) {
    this.#bim = bim;
    this.#count = count;
    this.#offset = offset;
    this.#ids = ids;
  }

  async range(start: number, end: number, rename: Rename): Promise<BlockLabels> {
    const all: BlockLabels = { id: [], effectAllele: [], otherAllele: [] };
    for (let variant = start; variant < end; ) {
      const block = Math.floor(variant / BLOCK);
      const labels = await this.#block(block, rename);
      const from = variant - block * BLOCK;
      const to = Math.min(end - block * BLOCK, BLOCK);
      for (let i = from; i < to; i++) {
        all.id.push(labels.id[i]!);
        all.effectAllele.push(labels.effectAllele[i]!);
        all.otherAllele.push(labels.otherAllele[i]!);
      }
      variant = block * BLOCK + to;
    }
    return all;
  }

  #block(block: number, rename: Rename): Promise<BlockLabels> {
    const labels = this.#kept.get(block) ?? this.#read(block, rename);
    this.#kept.delete(block);
    this.#kept.set(block, labels);
    // A read that failed must not be remembered; the caller gets the error.
    labels.catch(() => this.#kept.delete(block));
    const oldest = this.#kept.keys().next();
    if (this.#kept.size > BLOCKS_KEPT && oldest.done !== true) this.#kept.delete(oldest.value);
    return labels;
  }

  async #read(block: number, rename: Rename): Promise<BlockLabels> {
    const first = block * BLOCK;
    const count = Math.min(BLOCK, this.#count - first);
    const start = this.#offset[block]!;
    const end = first + BLOCK < this.#count ? this.#offset[block + 1]! : this.#bim.size;
    const bytes = await this.#bim.read(start, end);
    const labels: BlockLabels = { id: [], effectAllele: [], otherAllele: [] };
    const bounds = new Int32Array(2 * BIM_COLUMNS);
    eachLineOf(bytes, start, (_, from, to, line) => {
      const text = (cell: number): string =>
        decode(bytes, bounds[2 * cell]!, bounds[2 * cell + 1]!, this.#bim.name, first + line);
      if (findCells(bytes, from, to, "white", bounds) !== BIM_COLUMNS) return;
      const effectAllele = text(4);
      const otherAllele = text(5);
      const variant = first + labels.id.length;
      labels.id.push(
        this.#ids.isRepeated(bytes, bounds[2]!, bounds[3]!)
          ? rename(variant, { effectAllele, otherAllele })
          : text(1),
      );
      labels.effectAllele.push(effectAllele);
      labels.otherAllele.push(otherAllele);
    });
    if (labels.id.length !== count) {
      throw new InputError(this.#bim.name, "changed while it was being read", "leave it alone and run again");
    }
    return labels;
  }
}
