import type { Cohort } from "../../cohort/cohort.ts";
import type { CohortCovariance } from "../../cohort/covariance.ts";
import { canonicalDot } from "../../compute/exact.ts";
import { changedWeights, Projector, type Weights } from "../../statistics/mixedModel.ts";

/**
 * An interaction where samples are not independent: y ~ C + X, C the constant, covariates and contexts i, X = [g, g x modifier], errors of
 * covariance S (of each group of genes, cohort/covariance.ts). With P = S^-1 - S^-1 C (C'S^-1 C)^-1 C'S^-1 the effects of X are
 * Gamma^-1 X'Py, Gamma = X'PX, which are ordinary least squares of S^-1/2 y on S^-1/2 [C X]: METHODS 13 holds once
 *
 *   x'Py / sqrt(y'Py) = x.w / stretch   (x.w: the products with the column w = Py / |Py| and with modifier x w)
 *
 * takes the place of x.e, Gamma that of the residual columns' Gram matrix, and sqrt(y'Py) that of the norm of the residual expression.
 *
 * The effect of a context beside X is L'(y - X b), with variance L'SL + L'X Gamma^-1 X'L: L, the weights that make its effect without
 * X, is column i of S^-1 C (C'S^-1 C)^-1. From weights a that do the same by ordinary least squares (a'C = L'C, a within the span
 * of C) it is L = a - PSa: then L'C is as it must be and PSL = PSa - PSPSa = 0, since PSP = P. So L'SL = a'Sa - (Sa)'P(Sa), and neither S nor
 * its inverse is formed: of the matrix, its products with the contexts' vectors of the basis are enough.
 *
 * P is taken over its mean eigenvalue, so that numbers are of the size that independent samples have, whatever the matrix's unit.
 */
export interface SharedErrors {
  readonly groups: readonly GroupErrors[];
  /** Group of each gene. */
  readonly group: Uint8Array;
  /** Of each gene, what divides products with its column: see above. */
  readonly stretch: Float64Array;
  /** sqrt(y'Py) of each gene. */
  readonly norm: Float64Array;
}

/** What the genes of a group share. */
export interface GroupErrors {
  /** Of P. */
  readonly weights: Weights;
  /** L of each context, `[context * n + sample]`, and L'SL. */
  readonly effects: Float64Array;
  readonly variances: Float64Array;
}

/** Those of a cohort with contexts; undefined where samples are independent. `own[context * n + sample]`: a of each context. */
export function sharedErrors(cohort: Cohort, own: Float64Array, contexts: number): SharedErrors | undefined {
  const { covariance } = cohort;
  if (covariance === undefined) return undefined;
  const means = covariance.weights.map((weights) => meanWeight(covariance, weights));
  const groups = covariance.weights.map((given, j): GroupErrors => {
    const weights = changedWeights(given, (weight) => weight / means[j]!);
    return { weights, ...contextErrors(cohort, covariance, j, { weights, own, contexts, mean: means[j]! }) };
  });
  const { group } = covariance;
  const stretch = covariance.stretch.map((value, gene) => value * Math.sqrt(means[group[gene]!]!));
  return { groups, group, stretch, norm: cohort.residualNorm.map((norm, gene) => norm / stretch[gene]!) };
}

function meanWeight({ projected }: CohortCovariance, { common, others }: Weights): number {
  return others.reduce((sum, weight) => sum + common + weight, common * projected.repeated) / projected.rank;
}

/** L and L'SL of each context in group `j`. */
function contextErrors(
  { genotypeBasis: basis, samples }: Cohort,
  { projected, share, kind, contextProducts }: CohortCovariance,
  j: number,
  group: { weights: Weights; own: Float64Array; contexts: number; mean: number },
): { effects: Float64Array; variances: Float64Array } {
  const n = samples.length;
  const { own, contexts, mean } = group;
  const h = share[j]!;
  const projector = new Projector(projected, group.weights, basis);
  const effects = own.slice();
  const variances = new Float64Array(contexts);
  for (let c = 0; c < contexts; c++) {
    const a = effects.subarray(c * n, (c + 1) * n);
    const sa = timesOwn(contextProducts, basis, a, contexts);
    // S over the mean of P's eigenvalues, as P is multiplied.
    for (let s = 0; s < n; s++) sa[s] = mean * (kind === "given" ? sa[s]! : h * sa[s]! + (1 - h) * a[s]!);
    variances[c] = canonicalDot(a, 0, sa, 0, n);
    variances[c]! -= projector.apply(sa);
    for (let s = 0; s < n; s++) a[s]! -= sa[s]!;
  }
  return { effects, variances };
}

/** The matrix times `a`, which lies in the span of the contexts' vectors, whose products with it are given. */
function timesOwn(
  products: Float64Array,
  { n, count, values }: Cohort["genotypeBasis"],
  a: Float64Array,
  contexts: number,
): Float64Array {
  const out = new Float64Array(n);
  for (let c = 0; c < contexts; c++) {
    const along = canonicalDot(values, (count - contexts + c) * n, a, 0, n);
    for (let s = 0; s < n; s++) out[s]! += along * products[c * n + s]!;
  }
  return out;
}
