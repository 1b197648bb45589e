/** Textbook generalised least squares and residual likelihood, by inverses and determinants of whole matrices: shares nothing with src. */
import { jacobiEigen } from "./jacobi.ts";
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

/** {@link plainGls} of a whole model: y on the constant (first in what is returned) and `columns`. */
export interface PlainGlsModel {
  readonly beta: readonly number[];
  readonly se: readonly number[];
  readonly rss: number;
  readonly degreesOfFreedom: number;
}

/** Ordinary least squares of S^-1/2 y on S^-1/2 [1 columns], by the whole symmetric root of `sigma`. */
export function plainGlsModel(
  y: readonly number[],
  columns: readonly (readonly number[])[],
  sigma: readonly (readonly number[])[],
): PlainGlsModel {
  const root = inverseRoot(sigma);
  const whiten = (values: readonly number[]): number[] => root.map((row) => sumOf(row, values));
  const design = [y.map(() => 1), ...columns].map(whiten);
  const right = whiten(y);
  const inverse = invert(design.map((a) => design.map((b) => sumOf(a, b))));
  const beta = inverse.map((row) =>
    sumOf(
      row,
      design.map((a) => sumOf(a, right)),
    ),
  );
  const rest = right.map((value, s) => value - design.reduce((sum, x, c) => sum + x[s]! * beta[c]!, 0));
  const degreesOfFreedom = y.length - design.length;
  const rss = sumOf(rest, rest);
  const se = inverse.map((row, c) => Math.sqrt((rss / degreesOfFreedom) * row[c]!));
  return { beta, se, rss, degreesOfFreedom };
}

/** S^-1/2, by Jacobi's rotations, once a matrix. */
function inverseRoot(sigma: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const key = JSON.stringify(sigma);
  const known = roots.get(key);
  if (known !== undefined) return known;
  const n = sigma.length;
  const { values, vectors } = jacobiEigen(Float64Array.from(sigma.flat()), n);
  const root = sigma.map((_, i) =>
    sigma.map((__, j) =>
      values.reduce((sum, value, c) => sum + (vectors[c]![i]! * vectors[c]![j]!) / Math.sqrt(value), 0),
    ),
  );
  roots.set(key, root);
  return root;
}

const roots = new Map<string, readonly (readonly number[])[]>();
