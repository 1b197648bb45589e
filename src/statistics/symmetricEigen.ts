/**
 * Eigenvalues and eigenvectors of a symmetric matrix in f64: Householder's reduction to a tridiagonal
 * matrix, then the implicit QL algorithm (Martin, Reinsch, Wilkinson, Numer. Math. 11 (1968) 181;
 * Dubrulle, Martin, Wilkinson, ibid. 12 (1968) 377). Only + - * / and square roots in a fixed order, so the
 * bits are the same on every engine. Rows of the work matrix are run through, never columns.
 */

import { UsageError } from "../errors.ts";
import { dot } from "./linalg.ts";

export interface SymmetricEigen {
  /** All n eigenvalues, descending. */
  readonly values: Float64Array;
  /** Row k, `[k * n + i]`, is the eigenvector of value k, of norm 1; empty where none were asked for. */
  readonly vectors: Float64Array;
}

/** Twice the unit roundoff: an off-diagonal element below this share of its neighbours is 0. */
const EPSILON = 2 ** -52;
/** QL needs two turns an eigenvalue as a rule; more than this has never been seen. */
const MOST_TURNS = 60;

/** A tridiagonal matrix: `below[i]` stands left of diagonal element i; `below[0]` is 0. */
export interface Tridiagonal {
  readonly diagonal: Float64Array;
  readonly below: Float64Array;
}

/** Reduces the lower triangle of a matrix of order n, row by row, which it may overwrite: see {@link tridiagonal}. */
export type Tridiagonaliser = (matrix: Float64Array, n: number) => Tridiagonal;

/**
 * The eigenvalues of the symmetric `matrix` of order `n` (row by row, of which the lower triangle is read),
 * and with `vectors` their vectors. |A v - l v| is a few n EPSILON |A|. Of the two signs of a vector the one is
 * taken that makes its largest element (the first of those equally large) positive.
 * Takes about 4/3 n^3 multiplications without vectors, 6 n^3 with, and 8 n^2 bytes.
 * @throws UsageError when the sizes disagree or a value is not finite.
 */
export function symmetricEigen(matrix: Float64Array, n: number, vectors: boolean): SymmetricEigen {
  if (!vectors) return { values: symmetricEigenvalues(matrix, n), vectors: new Float64Array(0) };
  const { work, scale } = scaled(matrix, n);
  const { diagonal, below, reflected } = tridiagonal(work, n);
  const rows = turnedBack(work, reflected, n);
  implicitQl(diagonal, below, rows, n);
  const order = descending(diagonal);
  const sorted = new Float64Array(n * n);
  order.forEach((from, k) => {
    sorted.set(rows.subarray(from * n, (from + 1) * n), k * n);
    orient(sorted.subarray(k * n, (k + 1) * n));
  });
  return { values: Float64Array.from(order, (k) => diagonal[k]! * scale), vectors: sorted };
}

/** The eigenvalues alone, descending: those of {@link symmetricEigen} to the bit, whoever reduces the matrix. */
export function symmetricEigenvalues(
  matrix: Float64Array,
  n: number,
  reduce: Tridiagonaliser = tridiagonal,
): Float64Array {
  const { work, scale } = scaled(matrix, n);
  const { diagonal, below } = reduce(work, n);
  implicitQl(diagonal, below, undefined, n);
  return Float64Array.from(descending(diagonal), (k) => diagonal[k]! * scale);
}

/** The lower triangle over a power of two that brings its largest element to 1/2 or above. */
function scaled(matrix: Float64Array, n: number): { readonly work: Float64Array; readonly scale: number } {
  if (matrix.length !== n * n) {
    throw new UsageError(`a symmetric matrix of order ${n} has ${n * n} values, not ${matrix.length}`);
  }
  const scale = scaleOf(matrix, n);
  const work = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) work[i * n + j] = matrix[i * n + j]! / scale;
  }
  return { work, scale };
}

function descending(values: Float64Array): number[] {
  return Array.from(values.keys()).sort((a, b) => values[b]! - values[a]! || a - b);
}

/** Makes the largest element of `vector` (the first of those equally large) positive. */
export function orient(vector: Float64Array): void {
  let largest = 0;
  for (const value of vector) if (Math.abs(value) > Math.abs(largest)) largest = value;
  if (largest >= 0) return;
  for (let i = 0; i < vector.length; i++) vector[i] = -vector[i]!;
}

/** The power of two above all elements of the lower triangle (1 where all are 0): dividing by it is exact. */
function scaleOf(matrix: Float64Array, n: number): number {
  let largest = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const value = matrix[i * n + j]!;
      if (!Number.isFinite(value)) {
        throw new UsageError(
          `a symmetric matrix: row ${i + 1}, column ${j + 1} is ${value}, not a finite number`,
        );
      }
      largest = Math.max(largest, Math.abs(value));
    }
  }
  let scale = 1;
  if (largest === 0) return scale;
  while (scale < largest && scale < 2 ** 1023) scale *= 2;
  while (scale / 2 > largest) scale /= 2;
  return scale;
}

interface Reflected extends Tridiagonal {
  /** |v|^2 / 2 of the reflection that row i of the work matrix holds, or 0 where none was needed. */
  readonly reflected: Float64Array;
}

/**
 * Reduces the lower triangle in `a` from the last row up: reflection i acts on the first i coordinates and
 * leaves row i with its last element alone. The reflection's vector stays in the row. The kernel of
 * compute/wasm/assembly/tridiagonal.ts does the same in the same order.
 */
function tridiagonal(a: Float64Array, n: number): Reflected {
  const diagonal = new Float64Array(n);
  const below = new Float64Array(n);
  const reflected = new Float64Array(n);
  const p = new Float64Array(n);
  for (let i = n - 1; i > 0; i--) {
    const row = i * n;
    diagonal[i] = a[row + i]!;
    const last = a[row + i - 1]!;
    let largest = 0;
    for (let j = 0; j < i - 1; j++) largest = Math.max(largest, Math.abs(a[row + j]!));
    if (largest === 0) {
      below[i] = last;
      continue;
    }
    // Scaled, so that no square underflows.
    largest = Math.max(largest, Math.abs(last));
    for (let j = 0; j < i; j++) a[row + j]! /= largest;
    const square = dot(a, row, a, row, i);
    const norm = a[row + i - 1]! > 0 ? -Math.sqrt(square) : Math.sqrt(square);
    below[i] = norm * largest;
    const h = square - norm * a[row + i - 1]!;
    a[row + i - 1]! -= norm;
    reflected[i] = h;
    reflect(a, row, h, i, n, p);
  }
  if (n > 0) diagonal[0] = a[0]!;
  return { diagonal, below, reflected };
}

/** H A H of the leading i x i block, H = I - v v' / h with v in `a` from `row` on; p is room for i numbers. */
function reflect(a: Float64Array, row: number, h: number, i: number, n: number, p: Float64Array): void {
  for (let j = 0; j < i; j++) {
    const v = a[row + j]!;
    const sum = a[j * n + j]! * v + dot(a, j * n, a, row, j);
    p[j] = sum;
    for (let k = 0; k < j; k++) p[k]! += a[j * n + k]! * v;
  }
  for (let j = 0; j < i; j++) p[j]! /= h;
  const half = dot(p, 0, a, row, i) / (2 * h);
  for (let j = 0; j < i; j++) p[j]! -= half * a[row + j]!;
  for (let j = 0; j < i; j++) {
    const v = a[row + j]!;
    const w = p[j]!;
    for (let k = 0; k <= j; k++) a[j * n + k]! -= v * p[k]! + w * a[row + k]!;
  }
}

/** The transpose of the product of all reflections, row by row: what the tridiagonal matrix's vectors are turned by. */
function turnedBack(a: Float64Array, reflected: Float64Array, n: number): Float64Array {
  const rows = new Float64Array(n * n);
  for (let i = 0; i < n; i++) rows[i * n + i] = 1;
  for (let i = 1; i < n; i++) {
    const h = reflected[i]!;
    if (h === 0) continue;
    for (let r = 0; r < i; r++) {
      const factor = dot(rows, r * n, a, i * n, i) / h;
      for (let j = 0; j < i; j++) rows[r * n + j]! -= factor * a[i * n + j]!;
    }
  }
  return rows;
}

/** Brings `diagonal` and `below` to diagonal form by rotations, which rows i and i + 1 of `rows` take part in. */
function implicitQl(
  diagonal: Float64Array,
  below: Float64Array,
  rows: Float64Array | undefined,
  n: number,
): void {
  let norm = 0;
  for (let i = 0; i < n; i++) norm = Math.max(norm, Math.abs(diagonal[i]!) + Math.abs(below[i]!));
  // From here on `below[i]` stands right of diagonal element i.
  below.copyWithin(0, 1);
  if (n > 0) below[n - 1] = 0;
  const endOfBlock = (from: number): number => {
    let m = from;
    while (m < n - 1) {
      const near = Math.abs(diagonal[m]!) + Math.abs(diagonal[m + 1]!);
      if (Math.abs(below[m]!) <= EPSILON * Math.max(near, EPSILON * norm)) break;
      m++;
    }
    return m;
  };
  for (let l = 0; l < n; l++) {
    let end = endOfBlock(l);
    for (let turn = 0; end > l; turn++, end = endOfBlock(l)) {
      // Not reached: every step with this shift brings the element nearer to 0.
      if (turn === MOST_TURNS) throw new Error(`QL has not settled eigenvalue ${l + 1} of ${n}`);
      qlStep(diagonal, below, rows, n, l, end);
    }
  }
}

/** One implicit QL step with Wilkinson's shift on the block from `l` to `m`. */
function qlStep(
  d: Float64Array,
  e: Float64Array,
  rows: Float64Array | undefined,
  n: number,
  l: number,
  m: number,
): void {
  const q = (d[l + 1]! - d[l]!) / (2 * e[l]!);
  const root = hypotenuse(q, 1);
  let g = d[m]! - d[l]! + e[l]! / (q + (q < 0 ? -root : root));
  let s = 1;
  let c = 1;
  let p = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i]!;
    const b = c * e[i]!;
    const r = hypotenuse(f, g);
    e[i + 1] = r;
    if (r === 0) {
      // The block falls apart here by itself.
      d[i + 1]! -= p;
      e[m] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1]! - p;
    const t = (d[i]! - g) * s + 2 * c * b;
    p = s * t;
    d[i + 1] = g + p;
    g = c * t - b;
    if (rows !== undefined) rotate(rows, i * n, n, s, c);
  }
  d[l]! -= p;
  e[l] = g;
  e[m] = 0;
}

/** Turns the two neighbouring rows from `start` on. */
function rotate(rows: Float64Array, start: number, n: number, s: number, c: number): void {
  for (let k = start; k < start + n; k++) {
    const f = rows[k + n]!;
    const own = rows[k]!;
    rows[k + n] = s * own + c * f;
    rows[k] = c * own - s * f;
  }
}

/** sqrt(a^2 + b^2) without overflow; Math.hypot's last digit is the engine's choice. */
function hypotenuse(a: number, b: number): number {
  const large = Math.max(Math.abs(a), Math.abs(b));
  if (large === 0) return 0;
  const ratio = Math.min(Math.abs(a), Math.abs(b)) / large;
  return large * Math.sqrt(1 + ratio * ratio);
}
