import { canonicalDot } from "../../compute/exact.ts";
import { Design } from "./design.ts";
import type { InteractionModel } from "./model.ts";
import type { Residualiser } from "./residualiser.ts";
import { type RobustReference, RobustReferences } from "./robustReference.ts";
import type { InteractionTest } from "./test.ts";

/** A sample whose leverage is closer to 1 than this decides its own fit: HC3 divides by what is left. */
const SMALLEST_REST = 1e-8;

/**
 * Heteroscedasticity-robust standard errors HC3 (MacKinnon and White, J. Econometrics 29, 1985) of the products with the contexts:
 * the square root of the sum over samples of (w e / (1 - h))^2, with w the weights that make the effect of the expression (b = w.y), e the
 * residual and h the leverage in the whole model. O(n) a pair, after O(n k) a variant.
 *
 * Their t is not compared with n - k degrees of freedom, which makes the far tail too lenient and many covariates too strict: the square of
 * the error is a quadratic form of the residuals, and what it is on the mean under equal variance, and how much it varies, follow from the
 * variant's weights alone (Satterthwaite; Bell and McCaffrey, Survey Methodology 28, 2002). See {@link RobustReference}.
 */
export class RobustErrors {
  readonly #model: InteractionModel;
  readonly #design: Design;
  readonly #terms: number;
  /** Leverage of the constant, covariates and contexts. */
  readonly #leverage: Float64Array;
  /** w / (1 - h), `[context * n + sample]`; NaN where some 1 - h is 0. */
  readonly #weights: Float64Array;
  readonly #residual: Float64Array;
  readonly #weighted: Float64Array;
  readonly #moments: RobustReferences;
  readonly #references: RobustReference[];

  constructor(
    model: InteractionModel,
    residualiser?: Residualiser,
    moments = new RobustReferences(model.cohort.samples.length, model.cohort.genotypeBasis),
  ) {
    const n = model.cohort.samples.length;
    const { genotypeBasis: basis } = model.cohort;
    this.#model = model;
    this.#design = new Design(model, residualiser);
    this.#terms = model.modifiers.length + 1;
    this.#weights = new Float64Array(model.contexts.length * n);
    this.#residual = new Float64Array(n);
    this.#weighted = new Float64Array(n);
    this.#references = [];
    this.#moments = moments;
    this.#leverage = new Float64Array(n).fill(1 / n);
    for (let j = 0; j < basis.count; j++) {
      for (let s = 0; s < n; s++) this.#leverage[s]! += basis.values[j * n + s]! * basis.values[j * n + s]!;
    }
  }

  /** Goes to the variant of dosages `g` (missing calls as the mean). */
  read(g: Float64Array): void {
    this.#design.read(g);
    const { vectors, triangle } = this.#design;
    const { contexts, modifiers } = this.#model;
    const n = g.length;
    const terms = this.#terms;
    const plain = terms - contexts.length;
    const rest = this.#residual;
    for (let s = 0; s < n; s++) {
      let h = this.#leverage[s]!;
      for (let m = 0; m < terms; m++) h += vectors[m * n + s]! * vectors[m * n + s]!;
      rest[s] = 1 - h < SMALLEST_REST ? Number.NaN : 1 - h;
    }
    const share = new Float64Array(terms);
    contexts.forEach((_, c) => {
      inverseColumn(triangle, terms, plain + c, share);
      const { deviation } = modifiers[plain - 1 + c]!;
      for (let s = 0; s < n; s++) {
        let w = 0;
        for (let m = plain + c; m < terms; m++) w += vectors[m * n + s]! * share[m]!;
        this.#weights[c * n + s] = w / deviation / rest[s]!;
      }
      const weights = this.#weights.subarray(c * n, (c + 1) * n);
      this.#references[c] = this.#moments.of(weights, rest, { count: terms, values: vectors });
    });
  }

  /** log10 p of an effect of context `c` by its robust standard error. */
  log10P(c: number, effect: number, error: number): number {
    const { scale, tails } = this.#references[c]!;
    return tails === undefined ? Number.NaN : tails.log10P((effect / error) * scale);
  }

  /** Standard errors of the pair of that variant and `gene`, whose `test` is at hand, one a context; NaN where HC3 is not defined. */
  errors(gene: number, test: InteractionTest, out: Float64Array): void {
    const { cohort, contexts } = this.#model;
    const { vectors } = this.#design;
    const n = this.#residual.length;
    const { residuals } = cohort;
    const e = this.#residual;
    for (let s = 0; s < n; s++) e[s] = residuals[gene * n + s]!;
    for (let m = 0; m < this.#terms; m++) {
      const along = test.along[m]!;
      for (let s = 0; s < n; s++) e[s]! -= along * vectors[m * n + s]!;
    }
    for (let c = 0; c < contexts.length; c++) {
      const start = c * n;
      const weighted = this.#weighted;
      for (let s = 0; s < n; s++) weighted[s] = this.#weights[start + s]! * e[s]!;
      out[c] = cohort.residualNorm[gene]! * Math.sqrt(canonicalDot(weighted, 0, weighted, 0, n));
    }
  }
}

/** Column `c` of L^-1, L a lower triangle by rows. */
function inverseColumn(l: Float64Array, size: number, c: number, out: Float64Array): void {
  for (let m = c; m < size; m++) {
    let value = m === c ? 1 : 0;
    for (let k = c; k < m; k++) value -= l[(m * (m + 1)) / 2 + k]! * out[k]!;
    out[m] = value / l[(m * (m + 1)) / 2 + m]!;
  }
}
