import {
  loadRobustVariants,
  type RobustShape,
  type RobustVariants,
} from "../../compute/wasm/robustVariants.ts";
import type { InteractionModel } from "./model.ts";
import { PlainVariants } from "./plainVariants.ts";
import {
  type RobustReference,
  RobustReferences,
  referenceOf,
  unequalReferenceOf,
} from "./robustReference.ts";
import type { InteractionTest } from "./test.ts";
import { UnequalReferences } from "./unequalReference.ts";
import { WorkingVariances } from "./workingVariance.ts";

/** A sample whose leverage is closer to 1 than this decides its own fit: HC3 divides by what is left. */
const SMALLEST_REST = 1e-8;

/** Variants in places, read together. */
type Variants = Pick<RobustVariants, "lot" | "genotypes" | "read" | "moments" | "column" | "squaredError">;

/** What the errors are made with. */
interface RobustParts {
  readonly variants: Variants;
  readonly references: RobustReferences;
  readonly shape: RobustShape;
}

/**
 * Heteroscedasticity-robust standard errors HC3 (MacKinnon and White, J. Econometrics 29, 1985) of the products with the contexts:
 * the square root of the sum over samples of (w e / (1 - h))^2, with w the weights that make the effect of the expression (b = w.y), e the
 * residual and h the leverage in the whole model. O(n) a pair, after O(n k) a variant.
 *
 * Their t is not compared with n - k degrees of freedom, which makes the far tail too lenient and many covariates too strict: the square of
 * the error is a quadratic form of the residuals, and what it is on the mean, and how much it varies, follow from the
 * variant's weights and the variances of the samples (Satterthwaite; Bell and McCaffrey, Survey Methodology 28, 2002). These are equal, see
 * {@link RobustReference}, or follow the context where the gene's residuals say so: see {@link WorkingVariances}, {@link UnequalReferences}.
 */
export class RobustErrors {
  /** How many variants may be read together, which is cheaper. */
  readonly lot: number;
  readonly #model: InteractionModel;
  readonly #variants: Variants;
  readonly #contexts: number;
  readonly #references: RobustReference[] = [];
  readonly #working: WorkingVariances;
  readonly #unequal: UnequalReferences;
  /** Those of unequal variance that were asked for, by place, context and step of the working variance. */
  readonly #unequalReferences = new Map<string, RobustReference>();

  constructor(model: InteractionModel, made: RobustParts = plainParts(model)) {
    const { variants, references, shape } = made;
    this.lot = variants.lot;
    this.#model = model;
    this.#variants = variants;
    this.#contexts = model.contexts.length;
    this.#working = new WorkingVariances({
      references,
      leverage: shape.leverage,
      leastRest: shape.leastRest,
      contexts: shape.modifiers.slice(shape.modifiers.length - this.#contexts),
      residuals: model.cohort.residuals,
    });
    this.#unequal = new UnequalReferences(references, shape.leverage, shape.modifiers.length + 1);
  }

  /** By kernels where the engine has WebAssembly SIMD; the same to the bit. */
  static async load(model: InteractionModel): Promise<RobustErrors> {
    const references = referencesOf(model);
    const shape = shapeOf(model, references);
    const variants = (await loadRobustVariants(shape)) ?? new PlainVariants(model, shape, references);
    return new RobustErrors(model, { variants, references, shape });
  }

  /** Where the dosages (missing calls as the mean) of the variant in `place` go before {@link read}. */
  genotypes(place: number): Float64Array {
    return this.#variants.genotypes(place);
  }

  /** Goes to the variants in the first `count` places. */
  read(count: number): void {
    this.#variants.read(count);
    this.#unequalReferences.clear();
    for (let at = 0; at < count * this.#contexts; at++) {
      const place = Math.floor(at / this.#contexts);
      this.#references[at] = referenceOf(this.#variants.moments(place, at % this.#contexts));
    }
  }

  /** log10 p of an effect of context `c` by its robust standard error, of the pair of the variant in `place` and `gene`. */
  log10P(place: number, c: number, gene: number, effect: number, error: number): number {
    const { scale, tails } = this.#reference(place, c, gene);
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

  #reference(place: number, c: number, gene: number): RobustReference {
    const at = place * this.#contexts + c;
    const equal = this.#references[at]!;
    const variance = this.#working.of(gene, c);
    if (equal.tails === undefined || variance === undefined) return equal;
    const key = `${at} ${variance.step}`;
    const known = this.#unequalReferences.get(key);
    if (known !== undefined) return known;
    const [column, moments] = [this.#variants.column(place, c), this.#variants.moments(place, c)];
    const made = unequalReferenceOf(this.#unequal.moments(column, variance, moments), equal);
    this.#unequalReferences.set(key, made);
    return made;
  }
}

function referencesOf({ cohort }: InteractionModel): RobustReferences {
  return new RobustReferences(cohort.samples.length, cohort.genotypeBasis);
}

function plainParts(model: InteractionModel): RobustParts {
  const references = referencesOf(model);
  const shape = shapeOf(model, references);
  return { variants: new PlainVariants(model, shape, references), references, shape };
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
