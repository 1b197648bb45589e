import type { NumberByVariant, Positions } from "./genotypes.ts";

/** Variants a block, of which one position is kept whole: of 8 million on a human genome a block spans some 6,000 base pairs. */
const BLOCK = 16;
const SHIFT = 4;
/** The farthest that a position may lie behind its block's first. */
const FARTHEST = 65_535;

/**
 * Positions in some 2.25 bytes each, entered in order: what each lies behind the first of its block, in 16 bits. A block that
 * this does not suffice for (a gap, another chromosome, variants far between) has its positions whole beside, in 4 bytes more each.
 */
export class PackedPositions implements Positions {
  length = 0;
  #offset: Uint16Array;
  /** The first position of each block, or the complement of its number among the `wide` ones. */
  #base: Int32Array;
  #wide = new Int32Array(0);
  #wideBlocks = 0;
  /** The block that is not full yet. */
  readonly #last = new Int32Array(BLOCK);

  /** `capacity`: how many to expect; it grows. */
  constructor(capacity: number) {
    this.#offset = new Uint16Array(capacity);
    this.#base = new Int32Array(Math.ceil(capacity / BLOCK));
  }

  push(position: number): void {
    const within = this.length++ & (BLOCK - 1);
    this.#last[within] = position;
    if (within === BLOCK - 1) this.#seal((this.length >>> SHIFT) - 1);
  }

  at(variant: number): number {
    const block = variant >>> SHIFT;
    if (block === this.length >>> SHIFT) return this.#last[variant & (BLOCK - 1)]!;
    const base = this.#base[block]!;
    return base >= 0 ? base + this.#offset[variant]! : this.#wide[~base * BLOCK + (variant & (BLOCK - 1))]!;
  }

  [Symbol.iterator](): IterableIterator<number> {
    return inOrder(this);
  }

  slice(start: number, end: number): Int32Array {
    const out = new Int32Array(Math.max(0, Math.min(end, this.length) - start));
    for (let i = 0; i < out.length; i++) out[i] = this.at(start + i);
    return out;
  }

  /** Bytes that are held, room for more included. */
  get bytes(): number {
    return this.#offset.byteLength + this.#base.byteLength + this.#wide.byteLength + this.#last.byteLength;
  }

  #seal(block: number): void {
    const first = this.#last[0]!;
    const start = block * BLOCK;
    if (start + BLOCK > this.#offset.length) this.#grow();
    this.#base[block] = first;
    for (let i = 0; i < BLOCK; i++) {
      const behind = this.#last[i]! - first;
      if (behind < 0 || behind > FARTHEST) {
        this.#sealWide(block);
        return;
      }
      this.#offset[start + i] = behind;
    }
  }

  #sealWide(block: number): void {
    const at = this.#wideBlocks * BLOCK;
    if (at === this.#wide.length) this.#wide = enlarged(this.#wide, new Int32Array(Math.max(BLOCK, 2 * at)));
    this.#wide.set(this.#last, at);
    this.#base[block] = ~this.#wideBlocks++;
  }

  #grow(): void {
    const blocks = Math.max(BLOCK, 2 * this.#base.length);
    this.#offset = enlarged(this.#offset, new Uint16Array(blocks * BLOCK));
    this.#base = enlarged(this.#base, new Int32Array(blocks));
  }
}

/** The chromosome of each variant where chromosomes are in one piece: where each begins, whatever the number of variants. */
export class ChromosomeStarts implements NumberByVariant {
  length = 0;
  readonly #start: number[] = [];
  /** The run asked for last: the next variant mostly lies in it too. */
  #code = 0;

  /** Enters the next variant; `fresh`: it is the first of the next chromosome. */
  push(fresh: boolean): void {
    if (fresh) this.#start.push(this.length);
    this.length++;
  }

  at(variant: number): number {
    if (!(variant >= this.#start[this.#code]! && variant < this.#end(this.#code))) {
      this.#code = this.#find(variant);
    }
    return this.#code;
  }

  [Symbol.iterator](): IterableIterator<number> {
    return inOrder(this);
  }

  #end(code: number): number {
    return this.#start[code + 1] ?? this.length;
  }

  /** The last chromosome that begins at or before the variant. */
  #find(variant: number): number {
    let low = 0;
    let high = this.#start.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#start[middle]! <= variant) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function* inOrder(numbers: {
  readonly length: number;
  at(variant: number): number;
}): Generator<number, undefined> {
  for (let variant = 0; variant < numbers.length; variant++) yield numbers.at(variant);
}

function enlarged<A extends Uint16Array | Int32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
