import { InputError } from "../errors.ts";
import type { SamplePairs } from "./tables.ts";

/** Entries of a symmetric matrix as a file lists them; a pair may come both ways, with one value. */
export class GrowingPairs {
  readonly #name: string;
  readonly #named: (sample: number) => string;
  readonly #values = new Map<number, Map<number, number>>();

  /** `named`: the id of a sample, for messages. */
  constructor(name: string, named: (sample: number) => string) {
    this.#name = name;
    this.#named = named;
  }

  /** Throws {@link InputError} for a pair that was given another value before. */
  add(a: number, b: number, value: number, where: string): void {
    const [low, high] = a < b ? [a, b] : [b, a];
    let row = this.#values.get(high);
    if (row === undefined) {
      row = new Map();
      this.#values.set(high, row);
    }
    const before = row.get(low);
    if (before !== undefined && before !== value) {
      throw new InputError(
        where,
        `${this.#named(a)} with ${this.#named(b)} is ${value}, and was ${before} before`,
        `give each pair of ${this.#name} one value`,
      );
    }
    row.set(low, value);
  }

  take(): SamplePairs {
    const first: number[] = [];
    const second: number[] = [];
    const value: number[] = [];
    for (const [high, row] of this.#values) {
      for (const [low, related] of row) {
        if (related === 0 && low !== high) continue;
        first.push(low);
        second.push(high);
        value.push(related);
      }
    }
    return {
      first: Uint32Array.from(first),
      second: Uint32Array.from(second),
      value: Float64Array.from(value),
    };
  }
}
