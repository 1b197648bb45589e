import type { GramLayout } from "./gramLayout.ts";
import type { InteractionModel } from "./model.ts";

/** Writes the blocks of records from Cholesky factors of Gram matrices: see {@link GramLayout}. */
export class BlockWriter {
  readonly #model: InteractionModel;
  readonly #layout: GramLayout;
  readonly #inverse: Float64Array;
  readonly #combination: Float64Array;

  constructor(model: InteractionModel, layout: GramLayout) {
    this.#model = model;
    this.#layout = layout;
    this.#inverse = new Float64Array(layout.variance);
    this.#combination = new Float64Array(layout.terms);
  }

  /**
   * The block from `at` on. `triangle`: L of the Gram matrix L L' of g and g x modifier beside everything else, by rows; `shares`: what
   * their effects take off each context's, `[context * terms + term]`; `own`: the variance of each context's effect without them.
   */
  write(
    triangle: Float64Array,
    shares: Float64Array,
    own: Float64Array,
    out: Float64Array,
    at: number,
  ): void {
    const { terms, contexts, variance, main, context, contextVar } = this.#layout;
    const { modifiers } = this.#model;
    const combination = this.#combination;
    invertTriangle(triangle, terms, this.#inverse);
    out.set(this.#inverse, at);
    for (let m = 0; m < terms; m++) {
      combination.fill(0);
      combination[m] = 1;
      out[at + variance + m] = this.#variance(combination);
    }
    combination.fill(0);
    combination[0] = 1;
    for (let k = modifiers.length - contexts; k < modifiers.length; k++) {
      combination[k + 1] = -modifiers[k]!.mean / modifiers[k]!.deviation;
    }
    out[at + main] = this.#variance(combination);
    out.set(shares, at + context);
    for (let c = 0; c < contexts; c++) {
      out[at + contextVar + c] = own[c]! + this.#variance(shares.subarray(c * terms, (c + 1) * terms));
    }
  }

  /** x' (L L')^-1 x. */
  #variance(x: Float64Array): number {
    let variance = 0;
    for (let m = 0; m < this.#layout.terms; m++) {
      let value = 0;
      for (let j = 0; j <= m; j++) value += this.#inverse[(m * (m + 1)) / 2 + j]! * x[j]!;
      variance += value * value;
    }
    return variance;
  }
}

/** `out` = L^-1, lower triangles by rows. */
function invertTriangle(l: Float64Array, size: number, out: Float64Array): void {
  for (let m = 0; m < size; m++) {
    const row = (m * (m + 1)) / 2;
    for (let j = 0; j <= m; j++) {
      let value = j === m ? 1 : 0;
      for (let k = j; k < m; k++) value -= l[row + k]! * out[(k * (k + 1)) / 2 + j]!;
      out[row + j] = value / l[row + m]!;
    }
  }
}
