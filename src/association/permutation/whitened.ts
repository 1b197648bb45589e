/**
 * Permutations of samples that are not independent. With R = P^(1/2) (symmetric, of rank n - 1 - k), the whitened residual x = R y has
 * uncorrelated entries of one variance but for the covariates' projection, and they are permuted: P y* = R (permuted x), as
 * Abney does (Genet. Epidemiol. 39 (2015) 249), and projected again, as permuted expression of independent samples is. With w = R x* / |R x*| and M
 * the projection, the permuted gene has r = g.w / (sqrt(g'Pg) stretch), stretch = |M x*| / |R x*|. The gene's share of the variance is that of the real
 * expression. The identity gives y back but for rounding.
 */
import type { Cohort } from "../../cohort/cohort.ts";
import { COLLINEAR } from "../../cohort/residuals.ts";
import { dot } from "../../statistics/linalg.ts";
import {
  type Coordinates,
  changedWeights,
  emptyCoordinates,
  project,
  rootWeights,
  type Weights,
  weightedSum,
} from "../../statistics/mixedModel.ts";

/** Whitens genes of one cohort, and makes their permuted columns. */
export class WhitenedPermutations {
  readonly #cohort: Cohort;
  readonly #projected;
  readonly #work: Coordinates;
  readonly #roots: readonly Weights[];
  readonly #inverse: readonly Weights[];
  readonly #group: Uint8Array;

  /** Undefined for independent samples. */
  static of(cohort: Cohort): WhitenedPermutations | undefined {
    return cohort.covariance && new WhitenedPermutations(cohort, cohort.covariance);
  }

  private constructor(cohort: Cohort, { projected, weights, group }: NonNullable<Cohort["covariance"]>) {
    this.#cohort = cohort;
    this.#projected = projected;
    this.#work = emptyCoordinates(projected);
    this.#roots = weights.map(rootWeights);
    this.#inverse = weights.map((own) => changedWeights(own, (weight) => 1 / Math.sqrt(weight)));
    this.#group = group;
  }

  /** Which of the rows' norms divide the gene's columns. */
  group(gene: number): number {
    return this.#group[gene]!;
  }

  /** The whitened residuals of `genes` (all of status `ok`), of any scale, `[i * n + sample]`. */
  expression(genes: Uint32Array): Float64Array {
    const { residuals, samples, expressionBasis } = this.#cohort;
    const n = samples.length;
    const values = new Float64Array(genes.length * n);
    genes.forEach((gene, i) => {
      const w = residuals.subarray(gene * n, (gene + 1) * n);
      project(this.#projected, expressionBasis, w, this.#work);
      const x = values.subarray(i * n, (i + 1) * n);
      weightedSum(this.#projected, this.#inverse[this.#group[gene]!]!, this.#work, expressionBasis, x);
    });
    return values;
  }

  /** Replaces permuted whitened residuals of a gene of `group` by w, and returns its stretch; 0 (and all 0) where next to nothing is left. */
  column(values: Float64Array, group: number): number {
    const { expressionBasis } = this.#cohort;
    const before = dot(values, 0, values, 0, values.length);
    project(this.#projected, expressionBasis, values, this.#work);
    if (!(this.#work.square > COLLINEAR * before)) {
      values.fill(0);
      return 0;
    }
    weightedSum(this.#projected, this.#roots[group]!, this.#work, expressionBasis, values);
    const length = Math.sqrt(dot(values, 0, values, 0, values.length));
    for (let s = 0; s < values.length; s++) values[s] = values[s]! / length;
    return Math.sqrt(this.#work.square) / length;
  }
}
