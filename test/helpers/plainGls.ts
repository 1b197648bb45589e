/** Textbook generalised least squares and residual likelihood, by inverses and determinants of whole matrices: shares nothing with src. */
import { centre, invert, type PlainFit, sumOf } from "./plainOls.ts";

type Matrix = readonly (readonly number[])[];

/** Fits y ~ 1 + covariates + g with errors of covariance `sigma`, and reports g. */
export function plainGls(
  y: readonly number[],
  g: readonly number[],
  covariates: Matrix,
  sigma: Matrix,
): PlainFit {
  const columns = [y.map(() => 1), ...covariates.map(centre), g];
  const weight = invert(sigma);
  const { beta, inverse, rss } = fitted(y, columns, weight);
  const degreesOfFreedom = y.length - columns.length;
  const slope = beta.at(-1)!;
  const slopeSe = Math.sqrt((rss / degreesOfFreedom) * inverse.at(-1)!.at(-1)!);
  return { slope, slopeSe, t: slope / slopeSe, degreesOfFreedom };
}

/** Twice the residual log likelihood of y ~ 1 + covariates with errors of covariance c `sigma`, at the best c, up to a constant. */
export function plainReml(y: readonly number[], covariates: Matrix, sigma: Matrix): number {
  const columns = [y.map(() => 1), ...covariates.map(centre)];
  const weight = invert(sigma);
  const { gram, rss } = fitted(y, columns, weight);
  return -(y.length - columns.length) * Math.log(rss) - logDeterminant(sigma) - logDeterminant(gram);
}

function fitted(y: readonly number[], columns: Matrix, weight: Matrix) {
  const weighted = columns.map((column) => weight.map((row) => sumOf(row, column)));
  const gram = columns.map((a) => weighted.map((b) => sumOf(a, b)));
  const inverse = invert(gram);
  const right = weighted.map((column) => sumOf(column, y));
  const beta = inverse.map((row) => sumOf(row, right));
  const rest = y.map(
    (value, s) => value - columns.reduce((sum, column, c) => sum + column[s]! * beta[c]!, 0),
  );
  const rss = sumOf(
    rest,
    weight.map((row) => sumOf(row, rest)),
  );
  return { beta, inverse, gram, rss };
}

/** Of a positive definite matrix, by Cholesky's triangle. */
function logDeterminant(matrix: Matrix): number {
  const n = matrix.length;
  const lower = matrix.map((row) => [...row]);
  let sum = 0;
  for (let j = 0; j < n; j++) {
    for (let k = 0; k < j; k++) for (let i = j; i < n; i++) lower[i]![j]! -= lower[i]![k]! * lower[j]![k]!;
    const root = Math.sqrt(lower[j]![j]!);
    sum += 2 * Math.log(root);
    for (let i = j; i < n; i++) lower[i]![j]! /= root;
  }
  return sum;
}
