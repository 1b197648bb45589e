/** Eigenvalues of a dense symmetric matrix in f64. */

import { UsageError } from "../errors.ts";

/** Sweeps that any eigenvalue has needed are fewer than 10; this many mean a value that is not finite. */
const MAXIMUM_SWEEPS = 60;

/**
 * The eigenvalues of the symmetric matrix `values[row * n + column]`, largest first, errors below a few
 * times n 1e-16 of the largest. OVERWRITES `values`. Householder's tridiagonal form, then QL with implicit
 * shifts (Martin, Reinsch, Wilkinson 1968; Dubrulle 1970): 4/3 n^3 multiply-adds.
 * @throws UsageError when the size is wrong or a value is not finite.
 */
export function symmetricEigenvalues(values: Float64Array, n: number): Float64Array {
  if (values.length !== n * n) throw new UsageError(`${values.length} values are no ${n} x ${n} matrix`);
  const diagonal = new Float64Array(n);
  const beside = new Float64Array(n);
  tridiagonalise(values, n, diagonal, beside);
  diagonalise(diagonal, beside, n);
  return diagonal.sort().reverse();
}

/** Reduces the lower triangle of `a`: `diagonal[i]`, and `beside[i]` between i - 1 and i (`beside[0]` is 0). */
function tridiagonalise(a: Float64Array, n: number, diagonal: Float64Array, beside: Float64Array): void {
  const product = new Float64Array(n);
  for (let i = n - 1; i >= 1; i--) {
    const row = i * n;
    let scale = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(a[row + k]!);
    if (i === 1 || scale === 0) {
      beside[i] = a[row + i - 1]!;
      diagonal[i] = a[row + i]!;
      continue;
    }
    let square = 0;
    for (let k = 0; k < i; k++) {
      const value = a[row + k]! / scale;
      a[row + k] = value;
      square += value * value;
    }
    const last = a[row + i - 1]!;
    const g = last >= 0 ? -Math.sqrt(square) : Math.sqrt(square);
    beside[i] = scale * g;
    const h = square - last * g;
    a[row + i - 1] = last - g;
    reflect(a, n, i, h, product);
    diagonal[i] = a[row + i]!;
  }
  diagonal[0] = a[0]!;
  beside[0] = 0;
}

/** A := H A H of the leading i x i block, H = 1 - u u' / h with u in row i: only the lower triangle. */
function reflect(a: Float64Array, n: number, i: number, h: number, product: Float64Array): void {
  const row = i * n;
  product.fill(0, 0, i);
  // p = A u, reading the lower triangle row by row: each row serves its own element and those above it.
  for (let j = 0; j < i; j++) {
    const from = j * n;
    const u = a[row + j]!;
    let sum = a[from + j]! * u;
    for (let k = 0; k < j; k++) {
      const value = a[from + k]!;
      sum += value * a[row + k]!;
      product[k]! += value * u;
    }
    product[j]! += sum;
  }
  let along = 0;
  for (let j = 0; j < i; j++) {
    product[j]! /= h;
    along += product[j]! * a[row + j]!;
  }
  const half = along / (h + h);
  for (let j = 0; j < i; j++) {
    const u = a[row + j]!;
    const q = product[j]! - half * u;
    product[j] = q;
    const from = j * n;
    for (let k = 0; k <= j; k++) a[from + k]! -= u * product[k]! + q * a[row + k]!;
  }
}

/** QL with implicit shifts on a tridiagonal matrix; leaves the eigenvalues in `d`. */
function diagonalise(d: Float64Array, e: Float64Array, n: number): void {
  for (let i = 1; i < n; i++) e[i - 1] = e[i]!;
  if (n > 0) e[n - 1] = 0;
  for (let l = 0; l < n; l++) {
    for (let sweep = 0; ; sweep++) {
      let m = l;
      for (; m < n - 1; m++) {
        if (Math.abs(e[m]!) <= Number.EPSILON * (Math.abs(d[m]!) + Math.abs(d[m + 1]!))) break;
      }
      if (m === l) break;
      if (sweep === MAXIMUM_SWEEPS) throw new UsageError("a matrix with a value that is not finite");
      shiftedSweep(d, e, l, m);
    }
  }
}

function shiftedSweep(d: Float64Array, e: Float64Array, l: number, m: number): void {
  const half = (d[l + 1]! - d[l]!) / (2 * e[l]!);
  const root = Math.sqrt(half * half + 1);
  let g = d[m]! - d[l]! + e[l]! / (half + (half >= 0 ? root : -root));
  let sine = 1;
  let cosine = 1;
  let p = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = sine * e[i]!;
    const b = cosine * e[i]!;
    const r = Math.sqrt(f * f + g * g);
    e[i + 1] = r;
    if (r === 0) {
      // The matrix splits here: start again below.
      d[i + 1]! -= p;
      e[m] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = d[i + 1]! - p;
    const step = (d[i]! - g) * sine + 2 * cosine * b;
    p = sine * step;
    d[i + 1] = g + p;
    g = cosine * step - b;
  }
  d[l]! -= p;
  e[l] = g;
  e[m] = 0;
}
