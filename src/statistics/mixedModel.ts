/**
 * One random effect beside the covariates: errors of covariance S = h K + (1 - h) I, or of a given S.
 *
 * With M the projection on what is orthogonal to the constant and the covariates (rank m = n - 1 - k), U (n x m) the
 * eigenvectors of M K M in its range and d their eigenvalues: U'U = I, UU' = M, U'KU = diag(d), so that
 *
 *   P = S^-1 - S^-1 C (C' S^-1 C)^-1 C' S^-1 = U diag(1 / (h d + 1 - h)) U'
 *
 * (Kang et al., Genetics 178 (2008) 1709, EMMA's appendix). Generalised least squares of y on a variant g beside C is then
 * g'Py / g'Pg, and no inverse is ever formed. The residual (restricted) log likelihood of h, the effect's variance and
 * the constants profiled out, is -1/2 [m log(y'P_h y) + sum log(h d + 1 - h)]: P_h, so defined, is of rank m, and C'C drops out.
 */

import { log } from "./elementary.ts";
import { dot, type OrthonormalBasis, residualise } from "./linalg.ts";
import { symmetricEigen } from "./symmetricEigen.ts";

/** A symmetric matrix of samples seen beside covariates. */
export interface ProjectedCovariance {
  readonly samples: number;
  /** n - 1 - k. */
  readonly rank: number;
  /** `vectors[c * samples + s]`: orthonormal, and orthogonal to the constant and the covariates. */
  readonly vectors: Float64Array;
  /** Eigenvalues, descending; some may be 0, or negative where the matrix is no covariance. */
  readonly values: Float64Array;
}

/**
 * The eigenvectors and eigenvalues of M K M in the range of M. `matrix` (symmetric, `[i * n + j]`) is worked in and lost.
 * Takes 6 n^3 multiplications and 24 n^2 bytes.
 */
export function projectedCovariance(matrix: Float64Array, basis: OrthonormalBasis): ProjectedCovariance {
  const { n } = basis;
  let trace = 0;
  for (let i = 0; i < n; i++) trace += matrix[i * n + i]!;
  // The range of M is told from its complement by a shift: its eigenvalues become `shift` more, those of the complement stay 0.
  const shift = powerOfTwoNear(trace / n);
  for (let i = 0; i < n; i++) matrix[i * n + i]! += shift;
  for (let i = 0; i < n; i++) residualise(matrix, i * n, n, basis);
  transpose(matrix, n);
  for (let i = 0; i < n; i++) residualise(matrix, i * n, n, basis);
  const eigen = symmetricEigen(matrix, n, true);
  const rank = n - 1 - basis.count;
  const vectors = eigen.vectors.slice(0, rank * n);
  for (let c = 0; c < rank; c++) residualise(vectors, c * n, n, basis);
  return { samples: n, rank, vectors, values: eigen.values.subarray(0, rank).map((value) => value - shift) };
}

/** The power of two at or above `value`, which must be positive: sums with it and products by it lose next to nothing. */
function powerOfTwoNear(value: number): number {
  let power = 1;
  while (power < value && power < 2 ** 1000) power *= 2;
  while (power / 2 >= value && power > 2 ** -1000) power /= 2;
  return power;
}

function transpose(matrix: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const held = matrix[i * n + j]!;
      matrix[i * n + j] = matrix[j * n + i]!;
      matrix[j * n + i] = held;
    }
  }
}

/** U'x: the coordinates of `values` beside the covariates. Written to `out` (length rank). */
export function coordinates(
  { samples, rank, vectors }: ProjectedCovariance,
  values: Float64Array,
  out: Float64Array,
): void {
  for (let c = 0; c < rank; c++) out[c] = dot(values, 0, vectors, c * samples, samples);
}

/** U (weights o coordinates), written to `out` (length samples), and made orthogonal to constant and covariates to the last digit. */
export function weightedSum(
  { samples, rank, vectors }: ProjectedCovariance,
  weights: Float64Array,
  given: Float64Array,
  basis: OrthonormalBasis,
  out: Float64Array,
): void {
  out.fill(0);
  for (let c = 0; c < rank; c++) {
    const factor = weights[c]! * given[c]!;
    const start = c * samples;
    for (let s = 0; s < samples; s++) out[s]! += factor * vectors[start + s]!;
  }
  residualise(out, 0, samples, basis);
}

/** The shares h of the random effect that are tried: 0, 0.05, ... 0.95. */
export const SHARES: readonly number[] = Array.from({ length: 20 }, (_, i) => i / 20);

/** What each share makes of the eigenvalues. */
export interface ShareGrid {
  /** 1 / (h d + 1 - h), `[share][coordinate]`. */
  readonly weights: readonly Float64Array[];
  /** sum log(h d + 1 - h). */
  readonly logDeterminant: Float64Array;
}

/** The grid of {@link SHARES} over eigenvalues none of which is below 0. */
export function shareGrid(values: Float64Array): ShareGrid {
  const weights = SHARES.map((h) => values.map((value) => 1 / (h * Math.max(0, value) + 1 - h)));
  const logDeterminant = Float64Array.from(
    weights,
    (all) => -all.reduce((sum, weight) => sum + log(weight), 0),
  );
  return { weights, logDeterminant };
}

/** Index of the share of the largest residual likelihood, from the coordinates of y; the smallest of those equally likely. */
export function likeliestShare({ weights, logDeterminant }: ShareGrid, given: Float64Array): number {
  let best = 0;
  let most = Number.NEGATIVE_INFINITY;
  weights.forEach((own, share) => {
    const likelihood = -(given.length * log(weightedSquare(own, given)) + logDeterminant[share]!) / 2;
    if (likelihood > most) {
      most = likelihood;
      best = share;
    }
  });
  return best;
}

/** sum of weight x^2. */
export function weightedSquare(weights: Float64Array, given: Float64Array): number {
  let sum = 0;
  for (let c = 0; c < given.length; c++) sum += weights[c]! * given[c]! * given[c]!;
  return sum;
}
