import { STATUS_CODE } from "../../cohort/variants.ts";

/** Variants between two places whose counts are kept: 4 bytes for as many. */
const BLOCK = 256;

/** How many variants of any run pass the filters, from their status alone: no list of them is made. */
export class PassedVariants {
  readonly #status: Uint8Array;
  /** Passed variants before each block, and in all. */
  readonly #before: Uint32Array;

  /** `status`: codes of the source's variants. */
  constructor(status: Uint8Array) {
    this.#status = status;
    this.#before = new Uint32Array(Math.ceil(status.length / BLOCK) + 1);
    let passed = 0;
    for (let block = 0; block + 1 < this.#before.length; block++) {
      const start = block * BLOCK;
      passed += this.#scan(start, Math.min(status.length, start + BLOCK));
      this.#before[block + 1] = passed;
    }
  }

  get total(): number {
    return this.#before[this.#before.length - 1]!;
  }

  /** Those from `from` to `to` (exclusive). */
  between(from: number, to: number): number {
    return to <= from ? 0 : this.#until(to) - this.#until(from);
  }

  #until(to: number): number {
    const block = Math.floor(to / BLOCK);
    return this.#before[block]! + this.#scan(block * BLOCK, to);
  }

  #scan(from: number, to: number): number {
    let passed = 0;
    for (let v = from; v < to; v++) if (this.#status[v] === STATUS_CODE.ok) passed++;
    return passed;
  }
}
