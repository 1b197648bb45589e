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

/**
 * A symmetric matrix of samples seen beside covariates. An eigenvalue that very many coordinates have (1 where most samples are unrelated, 0 where
 * donors have many samples) is kept once, as `common`, and without its vectors: with w(d) the weight of an eigenvalue,
 * g'Pg = w(common) |Mg|^2 + sum over the others of (w(d) - w(common)) (u'g)^2.
 */
export interface ProjectedCovariance {
  readonly samples: number;
  /** n - 1 - k. */
  readonly rank: number;
  /** `vectors[c * samples + s]`: orthonormal, and orthogonal to the constant and the covariates. */
  readonly vectors: Float64Array;
  /** Their eigenvalues, descending. */
  readonly values: Float64Array;
  /** The eigenvalue of all other coordinates, and how many they are; where they are none, all vectors are there. */
  readonly common: number;
  readonly repeated: number;
  readonly least: number;
}

/** Eigenvalues this near, as a share of the largest, are one: twice what rounding makes of equal ones of thousands of samples. */
const EQUAL = 2e-12;

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
  const all = eigen.values.subarray(0, rank);
  const [from, to] = longestRun(all);
  // The covariates' products are then needed too: a short run is not worth them.
  const repeated = to - from > 2 * basis.count ? to - from : 0;
  const kept = Array.from(all.keys()).filter((c) => repeated === 0 || c < from || c >= to);
  const vectors = new Float64Array(kept.length * n);
  kept.forEach((c, i) => {
    vectors.set(eigen.vectors.subarray(c * n, (c + 1) * n), i * n);
    residualise(vectors, i * n, n, basis);
  });
  return {
    ...{ samples: n, rank, vectors, repeated },
    values: Float64Array.from(kept, (c) => all[c]! - shift),
    common: repeated === 0 ? 0 : all[(from + to) >> 1]! - shift,
    least: all[rank - 1]! - shift,
  };
}

/** The longest run (end exclusive) of equal ones among descending values, the first of those equally long. */
function longestRun(values: Float64Array): [number, number] {
  const near = EQUAL * Math.abs(values[0] ?? 0);
  let best: [number, number] = [0, 0];
  for (let from = 0, to = 0; from < values.length; from++) {
    while (to < values.length && values[from]! - values[to]! <= near) to++;
    if (to - from > best[1] - best[0]) best = [from, to];
  }
  return best;
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

/** A vector seen beside the covariates. */
export interface Coordinates {
  /** u'y of each vector. */
  readonly given: Float64Array;
  /** M y, and its square. */
  readonly residual: Float64Array;
  square: number;
}

/** Room for {@link project}. */
export function emptyCoordinates({ samples, values }: ProjectedCovariance): Coordinates {
  return { given: new Float64Array(values.length), residual: new Float64Array(samples), square: 0 };
}

/** The coordinates of `y`. */
export function project(
  { samples, vectors }: ProjectedCovariance,
  basis: OrthonormalBasis,
  y: Float64Array,
  out: Coordinates,
): void {
  const { given, residual } = out;
  residual.set(y);
  residualise(residual, 0, samples, basis);
  out.square = dot(residual, 0, residual, 0, samples);
  for (let c = 0; c < given.length; c++) given[c] = dot(residual, 0, vectors, c * samples, samples);
}

/** What one covariance makes of the eigenvalues: y'Py = common |My|^2 + sum of others (u'y)^2. */
export interface Weights {
  readonly common: number;
  /** Of each vector kept, beyond `common`. */
  readonly others: Float64Array;
}

/** The shares h of the random effect that are tried: 0, 0.05, ... 0.95. */
export const SHARES: readonly number[] = Array.from({ length: 20 }, (_, i) => i / 20);

/** Eigenvalues as a share h of the random effect makes them, or as they are (undefined). */
function scaled(value: number, share: number | undefined): number {
  return share === undefined ? value : share * Math.max(0, value) + 1 - share;
}

/** The weights of a covariance that has the share `share`, or is the matrix itself. */
export function weightsOf(projected: ProjectedCovariance, share: number | undefined): Weights {
  const common = projected.repeated === 0 ? 0 : 1 / scaled(projected.common, share);
  return { common, others: projected.values.map((value) => 1 / scaled(value, share) - common) };
}

/** The weights of a function of the matrix. */
export function changedWeights({ common, others }: Weights, change: (weight: number) => number): Weights {
  const own = common === 0 ? 0 : change(common);
  return { common: own, others: others.map((weight) => change(common + weight) - own) };
}

/** A matrix of the weights' eigenvalues: P itself, or with {@link rootWeights} R = P^(1/2), |Rg|^2 = g'Pg, so that least squares of whitened vectors are generalised ones. */
export class Projector {
  readonly #projected: ProjectedCovariance;
  readonly #weights: Weights;
  readonly #basis: OrthonormalBasis;
  readonly #work: Coordinates;

  constructor(projected: ProjectedCovariance, weights: Weights, basis: OrthonormalBasis) {
    this.#projected = projected;
    this.#weights = weights;
    this.#basis = basis;
    this.#work = emptyCoordinates(projected);
  }

  /** Replaces `values` by the matrix times them, and returns their quadratic form with it. */
  apply(values: Float64Array): number {
    project(this.#projected, this.#basis, values, this.#work);
    weightedSum(this.#projected, this.#weights, this.#work, this.#basis, values);
    return weightedSquare(this.#weights, this.#work);
  }
}

/** The weights of the square root. */
export function rootWeights(weights: Weights): Weights {
  return changedWeights(weights, Math.sqrt);
}

/** The log determinant of U'SU, S of the share `share`. */
export function logDeterminant({ values, common, repeated }: ProjectedCovariance, share: number): number {
  let sum = repeated === 0 ? 0 : repeated * log(scaled(common, share));
  for (const value of values) sum += log(scaled(value, share));
  return sum;
}

/** y'Py. */
export function weightedSquare({ common, others }: Weights, { given, square }: Coordinates): number {
  let sum = common * square;
  for (let c = 0; c < given.length; c++) sum += others[c]! * given[c]! * given[c]!;
  return sum;
}

/** Py, written to `out` (length samples), and made orthogonal to constant and covariates to the last digit. */
export function weightedSum(
  { samples, vectors }: ProjectedCovariance,
  { common, others }: Weights,
  { given, residual }: Coordinates,
  basis: OrthonormalBasis,
  out: Float64Array,
): void {
  for (let s = 0; s < samples; s++) out[s] = common * residual[s]!;
  for (let c = 0; c < given.length; c++) {
    const factor = others[c]! * given[c]!;
    const start = c * samples;
    for (let s = 0; s < samples; s++) out[s]! += factor * vectors[start + s]!;
  }
  residualise(out, 0, samples, basis);
}

/** The covariance of each of {@link SHARES}. */
export interface ShareGrid {
  readonly weights: readonly Weights[];
  readonly logDeterminant: readonly number[];
}

/** The grid over a matrix without eigenvalues below 0. */
export function shareGrid(projected: ProjectedCovariance): ShareGrid {
  return {
    weights: SHARES.map((share) => weightsOf(projected, share)),
    logDeterminant: SHARES.map((share) => logDeterminant(projected, share)),
  };
}

/** Index of the share of the largest residual likelihood; the smallest of those equally likely. `rank` as in {@link ProjectedCovariance}. */
export function likeliestShare(grid: ShareGrid, rank: number, y: Coordinates): number {
  let best = 0;
  let most = Number.NEGATIVE_INFINITY;
  grid.weights.forEach((weights, share) => {
    const likelihood = -(rank * log(weightedSquare(weights, y)) + grid.logDeterminant[share]!) / 2;
    if (likelihood > most) {
      most = likelihood;
      best = share;
    }
  });
  return best;
}
