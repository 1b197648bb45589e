import {
  loadRobustVariants,
  type RobustShape,
  type RobustVariants,
} from "../../compute/wasm/robustVariants.ts";
import type { InteractionModel } from "./model.ts";
import { PlainVariants } from "./plainVariants.ts";
import { type RobustReference, RobustReferences, referenceOf } from "./robustReference.ts";
import type { InteractionTest } from "./test.ts";

/** A sample whose leverage is closer to 1 than this decides its own fit: HC3 divides by what is left. */
const SMALLEST_REST = 1e-8;

/** Variants in places, read together. */
type Variants = Pick<RobustVariants, "lot" | "genotypes" | "read" | "moments" | "squaredError">;

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
  /** How many variants may be read together, which is cheaper. */
  readonly lot: number;
  readonly #model: InteractionModel;
  readonly #variants: Variants;
  readonly #contexts: number;
  readonly #references: RobustReference[] = [];

  constructor(model: InteractionModel, variants: Variants = plainVariants(model)) {
    this.lot = variants.lot;
    this.#model = model;
    this.#variants = variants;
    this.#contexts = model.contexts.length;
  }

  /** By kernels where the engine has WebAssembly SIMD; the same to the bit. */
  static async load(model: InteractionModel): Promise<RobustErrors> {
    const references = referencesOf(model);
    const shape = shapeOf(model, references);
    return new RobustErrors(
      model,
      (await loadRobustVariants(shape)) ?? new PlainVariants(model, shape, references),
    );
  }

  /** Where the dosages (missing calls as the mean) of the variant in `place` go before {@link read}. */
  genotypes(place: number): Float64Array {
    return this.#variants.genotypes(place);
  }

  /** Goes to the variants in the first `count` places. */
  read(count: number): void {
    this.#variants.read(count);
    for (let at = 0; at < count * this.#contexts; at++) {
      const place = Math.floor(at / this.#contexts);
      this.#references[at] = referenceOf(this.#variants.moments(place, at % this.#contexts));
    }
  }

  /** log10 p of an effect of context `c` by its robust standard error, of the variant in `place`. */
  log10P(place: number, c: number, effect: number, error: number): number {
    const { scale, tails } = this.#references[place * this.#contexts + c]!;
    return tails === undefined ? Number.NaN : tails.log10P((effect / error) * scale);
  }

  /** Standard errors of the pair of the variant in `place` and `gene`, whose `test` is at hand, one a context; NaN where HC3 is not defined. */
  errors(place: number, gene: number, test: InteractionTest, out: Float64Array): void {
    const { residuals, residualNorm, samples } = this.#model.cohort;
    for (let c = 0; c < this.#contexts; c++) {
      const start = gene * samples.length;
      const square = this.#variants.squaredError(place, c, residuals, start, test.along);
      out[c] = residualNorm[gene]! * Math.sqrt(square);
    }
  }
}

function referencesOf({ cohort }: InteractionModel): RobustReferences {
  return new RobustReferences(cohort.samples.length, cohort.genotypeBasis);
}

function plainVariants(model: InteractionModel): Variants {
  const references = referencesOf(model);
  return new PlainVariants(model, shapeOf(model, references), references);
}

function shapeOf(
  { cohort, contexts, modifiers }: InteractionModel,
  references: RobustReferences,
): RobustShape {
  const { genotypeBasis: basis } = cohort;
  const { n, fixed, squares } = references;
  // Of the constant, covariates and contexts.
  const leverage = new Float64Array(n).fill(1 / n);
  for (let j = 0; j < basis.count; j++) {
    for (let s = 0; s < n; s++) leverage[s]! += basis.values[j * n + s]! * basis.values[j * n + s]!;
  }
  return {
    ...{ n, basis, fixed, squares, leverage, leastRest: SMALLEST_REST },
    modifiers: modifiers.map(({ values }) => values),
    deviations: modifiers.slice(modifiers.length - contexts.length).map(({ deviation }) => deviation),
  };
}
