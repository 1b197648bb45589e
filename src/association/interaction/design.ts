import { canonicalDot } from "../../compute/exact.ts";
import { type InteractionModel, meanOf } from "./model.ts";
import { Residualiser } from "./residualiser.ts";

/**
 * What one variant adds to the model, as vectors: g and g x modifier, beside everything that does not depend on the variant,
 * made orthonormal one after the other (modified Gram-Schmidt, twice).
 */
export class Design {
  /** `[vector * n + sample]`, of norm 1 each (or 0 where nothing is left). */
  readonly vectors: Float64Array;
  /** Lower triangle L of the Gram matrix L L' of the residual columns, `[m (m + 1) / 2 + j]`. */
  readonly triangle: Float64Array;
  readonly #model: InteractionModel;
  readonly #n: number;
  readonly #residualiser: Residualiser;

  constructor(
    model: InteractionModel,
    residualiser: Residualiser = new Residualiser(model.cohort.genotypeBasis),
  ) {
    const m = model.modifiers.length + 1;
    this.#model = model;
    this.#n = model.cohort.samples.length;
    this.#residualiser = residualiser;
    this.vectors = new Float64Array(m * this.#n);
    this.triangle = new Float64Array((m * (m + 1)) / 2);
  }

  /** Takes over the dosages `g`. */
  read(g: Float64Array): void {
    const { modifiers } = this.#model;
    const { vectors, triangle } = this;
    const n = this.#n;
    const mean = meanOf(g);
    for (let s = 0; s < n; s++) vectors[s] = g[s]! - mean;
    modifiers.forEach(({ values }, k) => {
      const start = (k + 1) * n;
      for (let s = 0; s < n; s++) vectors[start + s] = (g[s]! - mean) * values[s]!;
    });
    this.#residualiser.run(vectors, modifiers.length + 1, n);
    orthonormalise(vectors, n, triangle, modifiers.length + 1);
  }
}

/**
 * Replaces `count` vectors of `n` values, one after the other, by orthonormal ones (modified Gram-Schmidt, twice); `triangle` becomes L of
 * their Gram matrix L L', by rows. Where nothing is left of a vector it becomes 0.
 */
export function orthonormalise(
  vectors: Float64Array,
  n: number,
  triangle: Float64Array,
  count: number,
): void {
  triangle.fill(0);
  for (let m = 0; m < count; m++) {
    const row = (m * (m + 1)) / 2;
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < m; j++) {
        const share = canonicalDot(vectors, m * n, vectors, j * n, n);
        triangle[row + j]! += share;
        for (let s = 0; s < n; s++) vectors[m * n + s]! -= share * vectors[j * n + s]!;
      }
    }
    const norm = Math.sqrt(canonicalDot(vectors, m * n, vectors, m * n, n));
    triangle[row + m] = norm;
    if (!(norm > 0)) continue;
    for (let s = 0; s < n; s++) vectors[m * n + s] = vectors[m * n + s]! / norm;
  }
}
