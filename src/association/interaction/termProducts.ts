import { decodeDosages } from "../../cohort/dosages.ts";
import { canonicalDot } from "../../compute/exact.ts";
import { loadTermDots, type TermDots } from "../../compute/wasm/termDots.ts";
import type { DosageRows } from "../dosageRows.ts";
import type { InteractionModel } from "./model.ts";

/** g.e and g.(modifier x e) of one pair after the other, in the order of summation of a backend's `dense`. */
export class TermProducts {
  readonly #g: Float64Array;
  readonly #model: InteractionModel;
  readonly #dots: TermDots | undefined;
  readonly #scratch: Float64Array;

  constructor(model: InteractionModel, dots?: TermDots) {
    const n = model.cohort.samples.length;
    this.#model = model;
    this.#dots = dots;
    this.#g = dots?.g ?? new Float64Array(n);
    this.#scratch = new Float64Array(dots === undefined ? n : 0);
  }

  /** By a kernel where the engine has WebAssembly SIMD; the same to the bit. */
  static async load(model: InteractionModel): Promise<TermProducts> {
    const modifiers = model.modifiers.map(({ values }) => values);
    return new TermProducts(model, await loadTermDots(model.cohort.samples.length, modifiers));
  }

  /** Goes to row `row`. */
  read(rows: DosageRows, row: number): void {
    decodeDosages(rows, row, rows.fill[row]!, this.#g);
  }

  /** Those of a gene, into `out` from `at` on. */
  of(gene: number, out: Float64Array, at = 0): void {
    const { cohort, modifiers } = this.#model;
    const { residuals } = cohort;
    const n = this.#g.length;
    const start = gene * n;
    if (this.#dots !== undefined) {
      this.#dots.run(residuals, start, out, at);
      return;
    }
    const scratch = this.#scratch;
    out[at] = canonicalDot(this.#g, 0, residuals, start, n);
    for (let k = 0; k < modifiers.length; k++) {
      const { values } = modifiers[k]!;
      for (let s = 0; s < n; s++) scratch[s] = residuals[start + s]! * values[s]!;
      out[at + k + 1] = canonicalDot(this.#g, 0, scratch, 0, n);
    }
  }
}
