/** Small dense linear algebra in f64: the basis that covariates span, and what is left of a vector beside it. */

import { UsageError } from "../errors.ts";

/** A covariate that adds nothing to the earlier ones. */
export interface DroppedColumn {
  readonly name: string;
  /** `constant`, or `collinear with age, sex`. */
  readonly why: string;
}

/**
 * An orthonormal basis of centred columns: `count` vectors of length n, each of norm 1 and sum 0,
 * `values[vector * n + row]`. The columns `used` span what all of them span.
 */
export interface OrthonormalBasis {
  readonly n: number;
  readonly count: number;
  readonly values: Float64Array;
  readonly used: readonly string[];
  readonly dropped: readonly DroppedColumn[];
}

/** Less of a column's variance than this beside the earlier columns is collinear. */
const COLLINEAR = 1e-8;
/** Less spread than this, squared and relative to the values, is rounding: constant. */
const CONSTANT = 1e-24;
/** A column takes part in a collinearity when its share of the combination is above this. */
const SHARE = 1e-3;
/** At most as many columns are named in a message. */
const NAMED = 4;

/**
 * a[aStart..] . b[bStart..] in four interleaved sums: as fast as four adders, the same on every engine. A ragged end goes to the first sum, other than in
 * `canonicalDot` of compute/exact.ts, which defines the numbers that are written.
 */
export function dot(
  a: Float64Array,
  aStart: number,
  b: Float64Array,
  bStart: number,
  length: number,
): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    s0 += a[aStart + i]! * b[bStart + i]!;
    s1 += a[aStart + i + 1]! * b[bStart + i + 1]!;
    s2 += a[aStart + i + 2]! * b[bStart + i + 2]!;
    s3 += a[aStart + i + 3]! * b[bStart + i + 3]!;
  }
  for (; i < length; i++) s0 += a[aStart + i]! * b[bStart + i]!;
  return s0 + s2 + (s1 + s3);
}

function subtractMean(values: Float64Array, offset: number, n: number): void {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[offset + i]!;
  const mean = sum / n;
  for (let i = 0; i < n; i++) values[offset + i]! -= mean;
}

function subtractMultiple(
  values: Float64Array,
  offset: number,
  factor: number,
  vectors: Float64Array,
  start: number,
  n: number,
): void {
  for (let i = 0; i < n; i++) values[offset + i]! -= factor * vectors[start + i]!;
}

/** {@link subtractMultiple}, then {@link dot} with the vector after, in one pass over the values. */
function subtractThenDot(
  values: Float64Array,
  offset: number,
  factor: number,
  vectors: Float64Array,
  start: number,
  n: number,
): number {
  const next = start + n;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 3 < n; i += 4) {
    const v0 = values[offset + i]! - factor * vectors[start + i]!;
    const v1 = values[offset + i + 1]! - factor * vectors[start + i + 1]!;
    const v2 = values[offset + i + 2]! - factor * vectors[start + i + 2]!;
    const v3 = values[offset + i + 3]! - factor * vectors[start + i + 3]!;
    values[offset + i] = v0;
    values[offset + i + 1] = v1;
    values[offset + i + 2] = v2;
    values[offset + i + 3] = v3;
    s0 += v0 * vectors[next + i]!;
    s1 += v1 * vectors[next + i + 1]!;
    s2 += v2 * vectors[next + i + 2]!;
    s3 += v3 * vectors[next + i + 3]!;
  }
  for (; i < n; i++) {
    const value = values[offset + i]! - factor * vectors[start + i]!;
    values[offset + i] = value;
    s0 += value * vectors[next + i]!;
  }
  return s0 + s2 + (s1 + s3);
}

/** y - mean - QQ'y once, by modified Gram-Schmidt; the coefficients Q'y are added to `coefficients`. */
function project(
  values: Float64Array,
  offset: number,
  n: number,
  vectors: Float64Array,
  count: number,
  coefficients?: Float64Array,
): void {
  subtractMean(values, offset, n);
  if (count === 0) return;
  let coefficient = dot(values, offset, vectors, 0, n);
  for (let j = 0; j < count; j++) {
    if (coefficients !== undefined) coefficients[j]! += coefficient;
    if (j + 1 < count) coefficient = subtractThenDot(values, offset, coefficient, vectors, j * n, n);
    else subtractMultiple(values, offset, coefficient, vectors, j * n, n);
  }
}

/**
 * Replaces `values[offset .. offset + n]` by its residual on the constant and `basis`: y - mean - QQ'y,
 * done twice, so that what is left is orthogonal to the last digit of y ("twice is enough", Parlett).
 */
export function residualise(
  values: Float64Array,
  offset: number,
  n: number,
  basis: Pick<OrthonormalBasis, "n" | "count" | "values">,
): void {
  residualiseOnce(values, offset, n, basis);
  residualiseOnce(values, offset, n, basis);
}

/** The same, done once: enough where much of the vector is left, since what rounding leaves of the basis is relative to the whole. */
export function residualiseOnce(
  values: Float64Array,
  offset: number,
  n: number,
  basis: Pick<OrthonormalBasis, "n" | "count" | "values">,
): void {
  if (basis.count > 0 && basis.n !== n) {
    throw new UsageError(`a vector of ${n} values does not fit a basis of vectors of ${basis.n}`);
  }
  project(values, offset, n, basis.values, basis.count);
}

/**
 * The same, done once where that is enough: where at least `share` of the vector's square is left, what is left is orthogonal to 1e-15 / share.
 */
export function residualiseQuickly(
  values: Float64Array,
  offset: number,
  n: number,
  basis: Pick<OrthonormalBasis, "n" | "count" | "values">,
  share = 1e-2,
): void {
  const before = dot(values, offset, values, offset, n);
  project(values, offset, n, basis.values, basis.count);
  if (dot(values, offset, values, offset, n) >= share * before) return;
  project(values, offset, n, basis.values, basis.count);
}

/** Centres `column` and scales it to norm 1; false where it is constant but for rounding. */
export function standardise(column: Float64Array): boolean {
  const n = column.length;
  let largest = 0;
  for (const value of column) largest = Math.max(largest, Math.abs(value));
  if (!(largest > 0)) return false;
  // Scaled by the largest, so that no square under- or overflows.
  for (let i = 0; i < n; i++) column[i]! /= largest;
  const total = dot(column, 0, column, 0, n);
  subtractMean(column, 0, n);
  subtractMean(column, 0, n);
  const square = dot(column, 0, column, 0, n);
  if (square <= CONSTANT * total) return false;
  const norm = Math.sqrt(square);
  for (let i = 0; i < n; i++) column[i]! /= norm;
  return true;
}

/**
 * The used columns that a combination of basis vectors is made of, largest share first: solves
 * R w = coefficients, where column i of R (`triangle[i]`) holds the used column i in the basis.
 */
function partners(
  coefficients: Float64Array,
  triangle: readonly Float64Array[],
  used: readonly string[],
): string {
  const rest = Array.from(coefficients);
  const weights = new Float64Array(used.length);
  for (let i = used.length - 1; i >= 0; i--) {
    const column = triangle[i]!;
    const weight = rest[i]! / column[i]!;
    weights[i] = weight;
    for (let j = 0; j < i; j++) rest[j]! -= weight * column[j]!;
  }
  const named = Array.from(weights.keys())
    .filter((i) => Math.abs(weights[i]!) > SHARE)
    .sort((i, j) => Math.abs(weights[j]!) - Math.abs(weights[i]!))
    .map((i) => used[i]!);
  const more = named.length - NAMED;
  return named.slice(0, NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/**
 * An orthonormal basis of k columns of length n, centred (the intercept is not among them):
 * `columns[column * n + row]`. Modified Gram-Schmidt done twice, so that vectors are orthogonal to each
 * other and to the constant to 1e-15. In the given order, a column is dropped that is constant, or of
 * which less than 1e-8 of the variance is left beside the earlier ones.
 * @throws UsageError when the sizes disagree or a value is not finite.
 */
export function orthonormalBasis(
  columns: Float64Array,
  names: readonly string[],
  n: number,
): OrthonormalBasis {
  if (columns.length !== names.length * n) {
    throw new UsageError(
      `${names.length} columns of ${n} values are ${names.length * n}, not ${columns.length}`,
    );
  }
  const values = new Float64Array(Math.min(names.length, Math.max(0, n - 1)) * n);
  const used: string[] = [];
  const dropped: DroppedColumn[] = [];
  const triangle: Float64Array[] = [];
  names.forEach((name, k) => {
    const column = columns.slice(k * n, (k + 1) * n);
    const bad = column.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0)
      throw new UsageError(`column ${name}, row ${bad + 1}: ${column[bad]} is not a finite number`);
    if (!standardise(column)) {
      dropped.push({ name, why: "constant" });
      return;
    }
    const coefficients = new Float64Array(used.length + 1);
    project(column, 0, n, values, used.length, coefficients);
    const square = dot(column, 0, column, 0, n);
    if (square < COLLINEAR) {
      const others = partners(coefficients, triangle, used);
      dropped.push({ name, why: `collinear with ${others}` });
      return;
    }
    project(column, 0, n, values, used.length, coefficients);
    const norm = Math.sqrt(dot(column, 0, column, 0, n));
    coefficients[used.length] = norm;
    for (let i = 0; i < n; i++) values[used.length * n + i] = column[i]! / norm;
    triangle.push(coefficients);
    used.push(name);
  });
  return { n, count: used.length, values: values.slice(0, used.length * n), used, dropped };
}

/**
 * Whether the symmetric `matrix` of order `n` (row by row, of which the lower triangle is read) is positive definite: whether
 * Cholesky's triangle exists, with more than `share` of each diagonal element left beside the ones before it. Takes n^3 / 6 multiplications.
 */
export function isPositiveDefinite(matrix: Float64Array, n: number, share: number): boolean {
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const rest = matrix[i * n + j]! - dot(lower, i * n, lower, j * n, j);
      lower[i * n + j] = rest / lower[j * n + j]!;
    }
    const left = matrix[i * n + i]! - dot(lower, i * n, lower, i * n, i);
    if (!(left > share * matrix[i * n + i]!)) return false;
    lower[i * n + i] = Math.sqrt(left);
  }
  return true;
}
