import { canonicalDot } from "../compute/exact.ts";
import { symmetricEigen } from "../statistics/symmetricEigen.ts";

/** Steps between two looks at whether the vector has settled. */
const LOOK_EVERY = 8;
/** The residual, relative to the eigenvalue, below which it has. */
const SETTLED = 1e-14;

/**
 * The leading eigenvector (norm 1) and eigenvalue of the Gram matrix X'X of `count` rows of length n, `rows[row * n + i]`, by
 * Lanczos's iteration with full reorthogonalisation from `start`: a few passes over the rows where one direction
 * stands out, n at most. An eigenvalue of 0 where all is 0.
 */
export function leadingVector(
  rows: Float64Array,
  count: number,
  n: number,
  start: Float64Array,
): { value: number; vector: Float64Array } {
  const basis: Float64Array[] = [];
  const alpha: number[] = [];
  const beta: number[] = [];
  let next = scaled(start) ?? firstDirection(rows, count, n);
  while (next !== undefined && basis.length < n) {
    const q: Float64Array = next;
    basis.push(q);
    const w = gramTimes(rows, count, n, q);
    alpha.push(canonicalDot(q, 0, w, 0, n));
    // Twice is enough (Parlett).
    for (let turn = 0; turn < 2; turn++) for (const v of basis) subtract(w, v, canonicalDot(v, 0, w, 0, n));
    const length = Math.sqrt(canonicalDot(w, 0, w, 0, n));
    const k = basis.length;
    const largest = Math.max(...alpha.map(Math.abs));
    const spent = !(length > SETTLED * largest) || k === n;
    if (spent || k % LOOK_EVERY === 0) {
      const { value, vector } = leadingOf(alpha, beta);
      if (spent || length * Math.abs(vector[k - 1]!) <= SETTLED * value)
        return { value, vector: combined(basis, vector, n) };
    }
    beta.push(length);
    for (let i = 0; i < n; i++) w[i] = w[i]! / length;
    next = w;
  }
  return { value: 0, vector: new Float64Array(n) };
}

/** X'(X q). */
function gramTimes(rows: Float64Array, count: number, n: number, q: Float64Array): Float64Array {
  const out = new Float64Array(n);
  for (let row = 0; row < count; row++) {
    const c = canonicalDot(rows, row * n, q, 0, n);
    const at = row * n;
    for (let i = 0; i < n; i++) out[i] = out[i]! + c * rows[at + i]!;
  }
  return out;
}

function subtract(from: Float64Array, vector: Float64Array, factor: number): void {
  for (let i = 0; i < from.length; i++) from[i] = from[i]! - factor * vector[i]!;
}

function scaled(vector: Float64Array): Float64Array | undefined {
  const length = Math.sqrt(canonicalDot(vector, 0, vector, 0, vector.length));
  // What rounding leaves of a vector of 0 is no direction.
  return length > 1e-12 ? vector.map((value) => value / length) : undefined;
}

/** The first row that is not all 0. */
function firstDirection(rows: Float64Array, count: number, n: number): Float64Array | undefined {
  for (let row = 0; row < count; row++) {
    const vector = scaled(rows.slice(row * n, (row + 1) * n));
    if (vector !== undefined) return vector;
  }
  return undefined;
}

/** The leading pair of the tridiagonal matrix. */
function leadingOf(
  alpha: readonly number[],
  beta: readonly number[],
): { value: number; vector: Float64Array } {
  const k = alpha.length;
  const matrix = new Float64Array(k * k);
  for (let i = 0; i < k; i++) {
    matrix[i * k + i] = alpha[i]!;
    if (i + 1 < k) matrix[(i + 1) * k + i] = matrix[i * k + i + 1] = beta[i]!;
  }
  const { values, vectors } = symmetricEigen(matrix, k, true);
  return { value: values[0]!, vector: vectors.slice(0, k) };
}

function combined(basis: readonly Float64Array[], weights: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n);
  basis.forEach((vector, k) => {
    for (let i = 0; i < n; i++) out[i] = out[i]! + weights[k]! * vector[i]!;
  });
  return scaled(out) ?? out;
}
