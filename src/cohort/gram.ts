import type { Backend } from "../compute/backend.ts";
import { throwIfAborted } from "../errors.ts";

/**
 * Features (variants, genes) multiplied at once. Fixed, whatever the memory: it sets the order of the sum, and so its last bits.
 */
export const GRAM_TILE = 1024;

/**
 * The sum of x x' over features x of one number a sample, `values[i * n + j]`: taken in by {@link add}, multiplied by the
 * backend in f64 a tile at a time, in the order given.
 */
export class GramSum {
  readonly #samples: number;
  readonly #backend: Backend;
  readonly #signal: AbortSignal | undefined;
  /** Sample after sample, as a product wants its rows. */
  readonly #tile: Float64Array;
  readonly #total: Float64Array;
  #held = 0;

  constructor(samples: number, backend: Backend, signal?: AbortSignal) {
    this.#samples = samples;
    this.#backend = backend;
    this.#signal = signal;
    this.#tile = new Float64Array(samples * GRAM_TILE);
    this.#total = new Float64Array(samples * samples);
  }

  /** Takes over the feature `x[start]`, `x[start + 1]`, ...; it may be changed afterwards. */
  async add(x: Float64Array, start = 0): Promise<void> {
    for (let s = 0; s < this.#samples; s++) this.#tile[s * GRAM_TILE + this.#held] = x[start + s]!;
    if (++this.#held === GRAM_TILE) await this.#multiply();
  }

  /** The sum of all features; call it once. */
  async result(): Promise<Float64Array> {
    if (this.#held > 0) {
      for (let s = 0; s < this.#samples; s++)
        this.#tile.fill(0, s * GRAM_TILE + this.#held, (s + 1) * GRAM_TILE);
      await this.#multiply();
    }
    return this.#total;
  }

  async #multiply(): Promise<void> {
    throwIfAborted(this.#signal);
    const shape = { count: this.#samples, samples: GRAM_TILE, values: this.#tile };
    const columns = await this.#backend.load({ ...shape, standardised: false });
    try {
      const rows = { ...shape, kind: "real" } as const;
      const factor = { rows, columns, norm: new Float64Array(0), weight: 1 };
      const { values } = await this.#backend.product([factor], { kind: "dense" }, this.#signal);
      values[0]!.forEach((value, i) => {
        this.#total[i]! += value;
      });
    } finally {
      await columns.dispose();
    }
    this.#held = 0;
  }
}
