/**
 * The leading eigenvectors of A'A by a randomised block Krylov iteration (Musco and Musco 2015, NeurIPS 28; Halko, Martinsson and Tropp 2011,
 * SIAM Review 53, 217): random vectors, and A'A applied to them again and again, span a space in which the eigenvectors are sought. A block has more
 * vectors than are wanted, so that no multiplicity of an eigenvalue is missed. f64 throughout, sums in a fixed order, random numbers by seed and index.
 */
import { RANK } from "../cohort/components.ts";
import { canonicalDot } from "../compute/exact.ts";
import { Breather } from "../compute/pause.ts";
import { log } from "../statistics/elementary.ts";
import { randomNormal } from "../statistics/randomNormal.ts";
import { orient, symmetricEigen } from "../statistics/symmetricEigen.ts";
import { type GramOperator, type Matrix, products, transposed } from "./gramOperator.ts";

/** Leading eigenvectors, and how far they are from being such. */
export interface LeadingEigen {
  /** Descending. */
  readonly values: Float64Array;
  /** `vectors[k * order + i]`, orthonormal, the largest element positive. */
  readonly vectors: Float64Array;
  /**
   * The largest |A'A v - l v| of them, by applying the operator once more. An eigenvalue of A'A lies within this of each of `values`, and the sine of a
   * vector's angle with that eigenvalue's space is at most this over the distance to the other eigenvalues.
   */
  readonly residual: number;
}

/** A vector is an eigenvector when its residual is this share of the smallest eigenvalue wanted. */
const CONVERGED = 1e-8;
const ROUNDING = 2 ** -48;
/** A vector of which the basis leaves less than this share of the largest is rounding. */
const DEPENDENT = 1e-12;

/** Vectors a block where `wanted` are wanted: convergence lives on the gap to the first eigenvalue beyond the block. */
export function blockSize(wanted: number): number {
  return wanted + Math.max(8, Math.ceil(wanted / 5));
}

/**
 * Multiplications of `blocks` blocks of the iteration: applying the operator, orthogonalising, eigenvectors of the small matrix each time. Counts and nothing
 * else, so that the choice between this and the whole decomposition is the same on every machine.
 */
export function iterationCost(features: number, order: number, wanted: number, blocks: number): number {
  const block = blockSize(wanted);
  let small = 0;
  for (let q = 2; q <= blocks; q = nextLook(q)) small += 6 * cube(q * block);
  const all = blocks * block;
  return 2 * features * order * block * (blocks + 1) + 4 * order * all * all + small;
}

/** After how many blocks the eigenvectors are looked at again: seldom, once there are many, as that is what costs then. */
function nextLook(blocks: number): number {
  return Math.max(blocks + 1, Math.ceil(1.2 * blocks));
}

/** Multiplications of the whole decomposition: the Gram matrix, and its eigenvectors. */
export function wholeCost(features: number, order: number): number {
  return features * order * order + 6 * cube(order);
}

const cube = (x: number): number => x * x * x;

/**
 * The `wanted` leading eigenvectors; fewer where the rank is less. Undefined where eigenvalues lie too near to each other for it to end within the number of
 * blocks that `isAffordable`. Memory: 24 bytes times the order times the vectors of all blocks.
 */
export async function leadingEigen(
  operator: GramOperator,
  wanted: number,
  seed: number,
  isAffordable: (blocks: number) => boolean,
): Promise<LeadingEigen | undefined> {
  const { order, signal } = operator;
  const breather = new Breather(signal);
  const count = Math.min(order, blockSize(wanted));
  let next = await orthonormal(randomRows(count, order, seed), 0, breather);
  let basis: Matrix = { rows: 0, length: order, values: new Float64Array(0) };
  /** Row j: v_i' A'A v_j, i up to the end of j's block. */
  const projections: Float64Array[] = [];
  let least = 0;
  // One block alone is seldom enough, and says nothing of how fast the iteration converges.
  let look = 2;
  let before = { blocks: 0, residual: Number.POSITIVE_INFINITY };
  for (let blocks = 1; ; blocks++) {
    const from = basis.rows;
    basis = stacked(basis, next);
    const rest = { ...next, values: await operator.apply(next) };
    least = Math.max(least, DEPENDENT * longest(rest));
    projections.push(...(await projectedOut(rest, basis, operator)));
    const left = { ...rest, values: rest.values.slice() };
    next = await orthonormal(rest, least, breather);
    // Of what was small before it was scaled up, rounding has left some of the basis.
    await projectedOut(next, basis, operator);
    next = await orthonormal(next, 0.5, breather);
    const spent = next.rows === 0;
    if (blocks < look && !spent) continue;
    look = nextLook(blocks);
    const small = smallEigen(projections);
    const found = rankWithin(small.values, wanted);
    const limit = residualLimit(small.values, found);
    const residual = largestResidual(small.vectors, left, from, basis.rows, found);
    if (spent || residual <= limit) {
      const pairs = await combined(operator, basis, small, found);
      return pairs.residual <= limit ? pairs : undefined;
    }
    // Convergence gains speed: what it is at first says little.
    const more = blocks < LEAST_BLOCKS ? 1 : blocksLeft(blocks, residual, before, limit);
    if (!isAffordable(blocks + more)) return undefined;
    before = { blocks, residual };
  }
}

/** So many blocks are made before their convergence is judged. */
export const LEAST_BLOCKS = 8;

/** The residual at which the first `count` are eigenvectors: nearer than rounding of the largest eigenvalue no method comes. */
export function residualLimit(values: Float64Array, count: number): number {
  return count === 0 ? 0 : Math.max(CONVERGED * values[count - 1]!, ROUNDING * values[0]!);
}

function randomRows(rows: number, length: number, seed: number): Matrix {
  const values = Float64Array.from({ length: rows * length }, (_, i) => randomNormal(seed, 0, i));
  return { rows, length, values };
}

function stacked(a: Matrix, b: Matrix): Matrix {
  const values = new Float64Array(a.values.length + b.values.length);
  values.set(a.values);
  values.set(b.values, a.values.length);
  return { rows: a.rows + b.rows, length: b.length, values };
}

function longest({ rows, length, values }: Matrix): number {
  let most = 0;
  for (let k = 0; k < rows; k++) most = Math.max(most, norm(values, k, length));
  return most;
}

function norm(values: Float64Array, row: number, length: number): number {
  return Math.sqrt(canonicalDot(values, row * length, values, row * length, length));
}

/** Takes the basis out of each row of `x`, twice; returns each row's coefficients on it. */
async function projectedOut(
  x: Matrix,
  basis: Matrix,
  { backend, signal }: GramOperator,
): Promise<Float64Array[]> {
  const across = transposed(basis);
  const coefficients = new Float64Array(x.rows * basis.rows);
  for (let turn = 0; turn < 2; turn++) {
    const part = await products(basis, x, backend, signal);
    const inside = await products(
      across,
      { rows: x.rows, length: basis.rows, values: part },
      backend,
      signal,
    );
    for (let i = 0; i < x.values.length; i++) x.values[i]! -= inside[i]!;
    for (let i = 0; i < part.length; i++) coefficients[i]! += part[i]!;
  }
  return Array.from({ length: x.rows }, (_, k) =>
    coefficients.subarray(k * basis.rows, (k + 1) * basis.rows),
  );
}

/** The rows made orthonormal, each against those before it; one of which at most `least` is left goes. OVERWRITES `x`. */
async function orthonormal(
  { rows, length, values }: Matrix,
  least: number,
  breather: Breather,
): Promise<Matrix> {
  let kept = 0;
  for (let k = 0; k < rows; k++) {
    await breather.pause();
    const row = values.subarray(k * length, (k + 1) * length);
    for (let turn = 0; turn < 2; turn++) {
      for (let j = 0; j < kept; j++) {
        const c = canonicalDot(values, j * length, row, 0, length);
        for (let i = 0; i < length; i++) row[i]! -= c * values[j * length + i]!;
      }
    }
    const size = norm(values, k, length);
    if (!(size > least)) continue;
    for (let i = 0; i < length; i++) values[kept * length + i] = row[i]! / size;
    kept++;
  }
  return { rows: kept, length, values: values.slice(0, kept * length) };
}

/** How many of the first `wanted` eigenvalues are not rounding. */
function rankWithin(values: Float64Array, wanted: number): number {
  const most = Math.min(wanted, values.length);
  const rank = values.findIndex((value) => !(value > RANK * values[0]!));
  return rank < 0 ? most : Math.min(most, rank);
}

/** Of the operator within the basis. */
function smallEigen(projections: readonly Float64Array[]): { values: Float64Array; vectors: Float64Array } {
  const m = projections.length;
  const matrix = new Float64Array(m * m);
  projections.forEach((row, j) => {
    matrix.set(row.subarray(0, j + 1), j * m);
  });
  return symmetricEigen(matrix, m, true);
}

/** The largest |A'A v - l v| of the first `count` eigenvectors: what the last block, from `from` on, leads to outside of the basis. */
function largestResidual(
  vectors: Float64Array,
  { rows, length, values }: Matrix,
  from: number,
  m: number,
  count: number,
): number {
  let most = 0;
  const sum = new Float64Array(length);
  for (let k = 0; k < count; k++) {
    sum.fill(0);
    for (let j = 0; j < rows; j++) {
      const weight = vectors[k * m + from + j]!;
      for (let i = 0; i < length; i++) sum[i]! += weight * values[j * length + i]!;
    }
    most = Math.max(most, Math.sqrt(canonicalDot(sum, 0, sum, 0, length)));
  }
  return most;
}

/** Blocks more until the residual, which falls as it fell since `before`, is below `limit`; infinite where it does not fall. */
function blocksLeft(
  blocks: number,
  residual: number,
  before: { readonly blocks: number; readonly residual: number },
  limit: number,
): number {
  const fall = log(before.residual / residual) / (blocks - before.blocks);
  return fall > 0 ? Math.max(1, Math.ceil(log(residual / limit) / fall)) : Number.POSITIVE_INFINITY;
}

/** Combinations of the basis by eigenvectors of the small matrix, and their residual. */
async function combined(
  operator: GramOperator,
  basis: Matrix,
  small: { readonly values: Float64Array; readonly vectors: Float64Array },
  count: number,
): Promise<LeadingEigen> {
  const { order, backend, signal } = operator;
  const m = basis.rows;
  const weights = { rows: count, length: m, values: small.vectors.slice(0, count * m) };
  const vectors = await products(transposed(basis), weights, backend, signal);
  const values = small.values.slice(0, count);
  const images = await operator.apply({ rows: count, length: order, values: vectors });
  let residual = 0;
  for (let k = 0; k < count; k++) {
    for (let i = k * order; i < (k + 1) * order; i++) images[i]! -= values[k]! * vectors[i]!;
    residual = Math.max(residual, norm(images, k, order));
    orient(vectors.subarray(k * order, (k + 1) * order));
  }
  return { values, vectors, residual };
}
