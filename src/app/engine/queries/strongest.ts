import { log } from "../../../statistics/elementary.ts";
import type { PointColumns } from "../answers.ts";

/** The finest grid: cells over the genome, and over -log10 p. */
const COLUMN_BITS = 15;
const ROW_BITS = 10;
/** Rows are 0.05 high up to -log10 p = 10, then 1% of the value: 1e-4000 still has a row of its own. */
const FINE_HEIGHT = 0.05;
const FINE_TOP = 10;

/**
 * The strongest point of each cell of a grid over genome and -log10 p. The grid starts at 32,768 x 1,024 cells; whenever more than `limit`
 * cells hold a point its cells are doubled, in width and height by turns, so that it is the finest whose full cells are no more than `limit`,
 * in whatever order points come. Of equal points the first is kept. Without a limit every point is kept.
 */
export class StrongestPoints {
  readonly #length: number;
  readonly #limit: number;
  /** How often cells were doubled. */
  #coarse = 0;
  /** Slot of each full cell. */
  #slots = new Map<number, number>();
  #count = 0;
  #x: Float64Array;
  #y: Float64Array;
  #gene: Uint32Array;
  #variant: string[] = [];

  constructor(length: number, limit: number) {
    this.#length = length;
    this.#limit = limit;
    const room = Math.min(limit + 1, 1 << 16);
    this.#x = new Float64Array(room);
    this.#y = new Float64Array(room);
    this.#gene = new Uint32Array(room);
  }

  /** `y` is -log10 p; a point without x or y is none. */
  offer(x: number, y: number, gene: number, variant: string): void {
    if (!(y >= 0) || !(x >= 0)) return;
    if (this.#limit === Number.POSITIVE_INFINITY) {
      this.#put(this.#count, x, y, gene, variant);
      return;
    }
    const cell = this.#cell(x, y);
    const slot = this.#slots.get(cell);
    if (slot !== undefined) {
      if (y > this.#y[slot]!) this.#put(slot, x, y, gene, variant);
      return;
    }
    this.#slots.set(cell, this.#count);
    this.#put(this.#count, x, y, gene, variant);
    while (this.#count > this.#limit) this.#coarsen();
  }

  /** Its points by x, then y, then gene. */
  result(): PointColumns {
    const order = Uint32Array.from({ length: this.#count }, (_, i) => i).sort(
      (a, b) =>
        this.#x[a]! - this.#x[b]! || compare(this.#y[a]!, this.#y[b]!) || this.#gene[a]! - this.#gene[b]!,
    );
    const number = new Map<string, number>();
    const variant = Uint32Array.from(order, (i) => {
      const id = this.#variant[i]!;
      const known = number.get(id) ?? number.size;
      number.set(id, known);
      return known;
    });
    return {
      x: Float64Array.from(order, (i) => this.#x[i]!),
      y: Float32Array.from(order, (i) => this.#y[i]!),
      gene: Uint32Array.from(order, (i) => this.#gene[i]!),
      variant,
      variants: [...number.keys()],
    };
  }

  #cell(x: number, y: number): number {
    const columns = 2 ** COLUMN_BITS;
    const column = Math.min(columns - 1, Math.floor((x / this.#length) * columns));
    const byColumn = Math.min(COLUMN_BITS, (this.#coarse + 1) >> 1);
    const byRow = Math.max(this.#coarse >> 1, this.#coarse - COLUMN_BITS);
    return ((column >> byColumn) << ROW_BITS) | (rowOf(y) >> byRow);
  }

  #put(slot: number, x: number, y: number, gene: number, variant: string): void {
    if (slot === this.#x.length) this.#grow();
    this.#x[slot] = x;
    this.#y[slot] = y;
    this.#gene[slot] = gene;
    this.#variant[slot] = variant;
    if (slot === this.#count) this.#count++;
  }

  #grow(): void {
    const room = 2 * this.#x.length;
    const larger = <Values extends Float64Array | Uint32Array>(out: Values, values: Values): Values => {
      out.set(values);
      return out;
    };
    this.#x = larger(new Float64Array(room), this.#x);
    this.#y = larger(new Float64Array(room), this.#y);
    this.#gene = larger(new Uint32Array(room), this.#gene);
  }

  /** Doubles the cells, and keeps the strongest of each; slots are filled from the first on. */
  #coarsen(): void {
    this.#coarse++;
    const slots = new Map<number, number>();
    const before = this.#count;
    this.#count = 0;
    for (let i = 0; i < before; i++) {
      const cell = this.#cell(this.#x[i]!, this.#y[i]!);
      const slot = slots.get(cell);
      if (slot !== undefined && !(this.#y[i]! > this.#y[slot]!)) continue;
      if (slot === undefined) slots.set(cell, this.#count);
      this.#put(slot ?? this.#count, this.#x[i]!, this.#y[i]!, this.#gene[i]!, this.#variant[i]!);
    }
    this.#slots = slots;
    this.#variant.length = this.#count;
  }
}

/** Infinities that are equal have no difference. */
const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);

/** The row of the finest grid. */
function rowOf(y: number): number {
  if (y < FINE_TOP) return Math.floor(y / FINE_HEIGHT);
  if (y === Number.POSITIVE_INFINITY) return 2 ** ROW_BITS - 1;
  return Math.min(2 ** ROW_BITS - 1, FINE_TOP / FINE_HEIGHT + Math.floor(100 * log(y / FINE_TOP)));
}
