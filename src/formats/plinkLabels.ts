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

/** The lines of a block as they are in the file: strings are made of those that are asked for. */
interface BlockText {
  readonly bytes: Uint8Array;
  /** Start and end of id, effect allele and other allele of each line. */
  readonly bounds: Int32Array;
}

const CELLS = [1, 4, 5] as const;
const BOUNDS = 2 * CELLS.length;

/** Reads the lines of a block of variants again when they are asked for, and keeps the last few blocks. */
export class LabelBlocks {
  readonly #bim: ByteSource;
  readonly #count: number;
  readonly #offset: Float64Array;
  readonly #ids: RepeatedIds;
  readonly #kept = new Map<number, Promise<BlockText>>();

  constructor(bim: ByteSource, count: number, offset: Float64Array, ids: RepeatedIds) {
    this.#bim = bim;
    this.#count = count;
    this.#offset = offset;
    this.#ids = ids;
  }

  /** Labels of variants `start` to `end` (exclusive); where only the `wanted` (ascending) are asked for, the others' are "". */
  async range(
    start: number,
    end: number,
    rename: Rename,
    wanted: Uint32Array | undefined,
  ): Promise<BlockLabels> {
    const all: BlockLabels = { id: [], effectAllele: [], otherAllele: [] };
    let next = 0;
    for (let variant = start; variant < end; ) {
      const block = Math.floor(variant / BLOCK);
      const text = await this.#block(block);
      const to = Math.min(end, (block + 1) * BLOCK);
      for (; variant < to; variant++) {
        while (wanted !== undefined && wanted[next]! < variant) next++;
        if (wanted === undefined || wanted[next] === variant) this.#decode(text, variant, rename, all);
        else push(all, "", "", "");
      }
    }
    return all;
  }

  #decode({ bytes, bounds }: BlockText, variant: number, rename: Rename, into: BlockLabels): void {
    const at = BOUNDS * (variant % BLOCK);
    const text = (from: number): string =>
      decode(bytes, bounds[from]!, bounds[from + 1]!, this.#bim.name, variant + 1);
    const [effectAllele, otherAllele] = [text(at + 2), text(at + 4)];
    const renamed = this.#ids.isRepeated(bytes, bounds[at]!, bounds[at + 1]!);
    push(
      into,
      renamed ? rename(variant, { effectAllele, otherAllele }) : text(at),
      effectAllele,
      otherAllele,
    );
  }

  #block(block: number): Promise<BlockText> {
    const text = this.#kept.get(block) ?? this.#read(block);
    this.#kept.delete(block);
    this.#kept.set(block, text);
    // A read that failed must not be remembered; the caller gets the error.
    text.catch(() => this.#kept.delete(block));
    const oldest = this.#kept.keys().next();
    if (this.#kept.size > BLOCKS_KEPT && oldest.done !== true) this.#kept.delete(oldest.value);
    return text;
  }

  async #read(block: number): Promise<BlockText> {
    const first = block * BLOCK;
    const count = Math.min(BLOCK, this.#count - first);
    const start = this.#offset[block]!;
    const end = first + BLOCK < this.#count ? this.#offset[block + 1]! : this.#bim.size;
    const bytes = await this.#bim.read(start, end);
    const bounds = new Int32Array(BOUNDS * count);
    const cells = new Int32Array(2 * BIM_COLUMNS);
    let found = 0;
    eachLineOf(bytes, start, (_, from, to) => {
      if (findCells(bytes, from, to, "white", cells) !== BIM_COLUMNS || found++ >= count) return;
      const at = BOUNDS * (found - 1);
      for (let c = 0; c < CELLS.length; c++) {
        bounds[at + 2 * c] = cells[2 * CELLS[c]!]!;
        bounds[at + 2 * c + 1] = cells[2 * CELLS[c]! + 1]!;
      }
    });
    if (found !== count) {
      throw new InputError(this.#bim.name, "changed while it was being read", "leave it alone and run again");
    }
    return { bytes, bounds };
  }
}

function push(into: BlockLabels, id: string, effectAllele: string, otherAllele: string): void {
  into.id.push(id);
  into.effectAllele.push(effectAllele);
  into.otherAllele.push(otherAllele);
}
