import { canonicalDot } from "../../compute/exact.ts";
import { inverseColumn, type RobustMoments, type RobustShape } from "../../compute/wasm/robustVariants.ts";
import { Design } from "./design.ts";
import type { InteractionModel } from "./model.ts";
import type { RobustReferences } from "./robustReference.ts";
import type { RobustColumn } from "./unequalReference.ts";

/** What HC3 takes of a variant, for an engine without WebAssembly SIMD: one place. */
export class PlainVariants {
  readonly lot: number = 1;
  readonly #shape: RobustShape;
  readonly #references: RobustReferences;
  readonly #design: Design;
  readonly #terms: number;
  readonly #g: Float64Array;
  /** w / (1 - h), `[context * n + sample]`; NaN where some 1 - h is 0. */
  readonly #weights: Float64Array;
  readonly #residual: Float64Array;
  readonly #moments: RobustMoments[] = [];

  constructor(model: InteractionModel, shape: RobustShape, references: RobustReferences) {
    this.#shape = shape;
    this.#references = references;
    this.#design = new Design(model);
    this.#terms = shape.modifiers.length + 1;
    this.#g = new Float64Array(shape.n);
    this.#weights = new Float64Array(shape.deviations.length * shape.n);
    this.#residual = new Float64Array(shape.n);
  }

  genotypes(_place: number): Float64Array {
    return this.#g;
  }

  read(_count: number): void {
    this.#design.read(this.#g);
    const { n, deviations, leverage, leastRest } = this.#shape;
    const { vectors, triangle } = this.#design;
    const terms = this.#terms;
    const rest = this.#residual;
    for (let s = 0; s < n; s++) {
      let h = leverage[s]!;
      for (let m = 0; m < terms; m++) h += vectors[m * n + s]! * vectors[m * n + s]!;
      rest[s] = 1 - h < leastRest ? Number.NaN : 1 - h;
    }
    const share = new Float64Array(terms);
    deviations.forEach((deviation, c) => {
      const first = terms - deviations.length + c;
      inverseColumn(triangle, terms, first, share);
      const weights = this.#weights.subarray(c * n, (c + 1) * n);
      for (let s = 0; s < n; s++) {
        let w = 0;
        for (let m = first; m < terms; m++) w += vectors[m * n + s]! * share[m]!;
        weights[s] = w / deviation / rest[s]!;
      }
      this.#moments[c] = this.#references.moments(weights, rest, { count: terms, values: vectors });
    });
  }

  moments(_place: number, context: number): RobustMoments {
    return this.#moments[context]!;
  }

  column(_place: number, context: number): RobustColumn {
    const { n } = this.#shape;
    const weights = this.#weights.subarray(context * n, (context + 1) * n);
    return { weights, vectors: this.#design.vectors, stride: n };
  }

  squaredError(
    _place: number,
    context: number,
    residuals: Float64Array,
    start: number,
    along: Float64Array,
  ): number {
    const { n } = this.#shape;
    const { vectors } = this.#design;
    const e = this.#residual;
    for (let s = 0; s < n; s++) e[s] = residuals[start + s]!;
    for (let m = 0; m < this.#terms; m++) {
      for (let s = 0; s < n; s++) e[s]! -= along[m]! * vectors[m * n + s]!;
    }
    for (let s = 0; s < n; s++) e[s]! *= this.#weights[context * n + s]!;
    return canonicalDot(e, 0, e, 0, n);
  }
}
