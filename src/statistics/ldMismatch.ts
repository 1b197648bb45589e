/**
 * Whether z scores and an LD can be of the same people: susieR's estimate_s_rss ("null-mle") and kriging_rss (Zou et al.,
 * PLoS Genet 18, e1010299, 2022). Without effects z ~ N(0, (1 - s) R + s I); s is 0 where R is the LD of the statistics. Given s
 * each z has an expected value given all others, and one whose sign is against that is likely of the other allele.
 */

import { exp, log } from "./elementary.ts";
import { dot } from "./linalg.ts";
import { minimise } from "./minimise.ts";
import { symmetricEigen } from "./symmetricEigen.ts";

export interface LdMismatch {
  /** s, from 0 (R fits) to 1 (z scores independent of each other). */
  readonly lambda: number;
  /** Of each variant, its z given those of all others. */
  readonly expected: Float64Array;
  /** (z - expected) in standard deviations. */
  readonly deviation: Float64Array;
  /** Natural log of the likelihood of z with its sign changed over that of z. */
  readonly logLr: Float64Array;
}

/** A variant whose {@link LdMismatch.logLr} and |z| are above these is likely of the other allele (susieR). */
export const SWITCHED_LOG_LR = 2;
export const SWITCHED_Z = 2;

/** Eigenvalues of R below this are 0 (susieR). */
const NO_EIGENVALUE = 1e-8;

/** R = U diag(d) U': U as rows of p numbers, those of d = 0 left out. */
interface Spectrum {
  readonly p: number;
  readonly values: Float64Array;
  readonly vectors: readonly Float64Array[];
}

/**
 * `z`: scores, shrunk as fine-mapping takes them, z sqrt((n - 1) / (z^2 + n - 2)); `unit`: each variant's residual genotypes of norm
 * 1, whose products are R. Takes 6 m^3 + 2 p m^2 multiplications with m the smaller of variants p and samples.
 */
export function ldMismatch(z: Float64Array, unit: readonly Float64Array[]): LdMismatch {
  const spectrum = spectrumOf(unit);
  const { p, values, vectors } = spectrum;
  const projected = Float64Array.from(vectors, (u) => dot(u, 0, z, 0, p));
  const lambda = mixing(spectrum, projected, dot(z, 0, z, 0, p));
  // The inverse of (1 - s) R + s I, of which R's null space has 1 / s.
  const beside = lambda > 0 ? 1 / lambda : 0;
  const own = new Float64Array(p).fill(beside);
  const product = z.map((value) => beside * value);
  vectors.forEach((u, k) => {
    const more = 1 / ((1 - lambda) * values[k]! + lambda) - beside;
    for (let i = 0; i < p; i++) {
      own[i]! += more * u[i]! * u[i]!;
      product[i]! += more * u[i]! * projected[k]!;
    }
  });
  // A variant that lies wholly outside the null space has lost 1 / s but for rounding.
  const least = 1 / ((1 - lambda) * (values[0] ?? 0) + lambda);
  for (let i = 0; i < p; i++) own[i] = Math.max(own[i]!, least);
  const expected = z.map((value, i) => value - product[i]! / own[i]!);
  const deviation = z.map((_, i) => product[i]! / Math.sqrt(own[i]!));
  return { lambda, expected, deviation, logLr: switchedLogLr(z, expected, own, deviation) };
}

/** From the matrix of variants or that of samples, whichever is smaller. */
function spectrumOf(unit: readonly Float64Array[]): Spectrum {
  const p = unit.length;
  const n = unit[0]?.length ?? 0;
  const byVariant = p <= n;
  const order = byVariant ? p : n;
  const columns = byVariant
    ? unit
    : Array.from({ length: n }, (_, s) => Float64Array.from(unit, (g) => g[s]!));
  const matrix = new Float64Array(order * order);
  for (let i = 0; i < order; i++) {
    for (let j = 0; j <= i; j++)
      matrix[i * order + j] = dot(columns[i]!, 0, columns[j]!, 0, byVariant ? n : p);
  }
  const eigen = symmetricEigen(matrix, order, true);
  const rank = eigen.values.findIndex((value) => !(value >= NO_EIGENVALUE));
  const values = rank < 0 ? eigen.values : eigen.values.slice(0, rank);
  const vectors = Array.from(values, (value, k) => {
    const vector = eigen.vectors.slice(k * order, (k + 1) * order);
    if (byVariant) return vector;
    const norm = Math.sqrt(value);
    return Float64Array.from(unit, (g) => dot(g, 0, vector, 0, n) / norm);
  });
  return { p, values, vectors };
}

/** The s with the largest likelihood of z, whose products with the eigenvectors are `projected` and whose square is `square`. */
function mixing({ p, values }: Spectrum, projected: Float64Array, square: number): number {
  const inside = dot(projected, 0, projected, 0, projected.length);
  const outside = Math.max(0, square - inside);
  const null_ = p - values.length;
  return minimise(
    (s) => {
      let sum = null_ === 0 ? 0 : null_ * log(s) + outside / s;
      values.forEach((value, k) => {
        const variance = (1 - s) * value + s;
        sum += log(variance) + (projected[k]! * projected[k]!) / variance;
      });
      return sum / 2;
    },
    0,
    1,
  );
}

/** Ratio of two neighbouring standard deviations of the mixture, and the least of them (susieR). */
const GRID_STEP = 1.05;
const LEAST_SPREAD = 0.8;
const EM_STEPS = 500;
const NO_WEIGHT = 1e-15;

/**
 * z less its expectation is a mixture of normals of a grid of spreads, whose weights are those of the largest likelihood (found by
 * expectation and maximisation); under it z and -z are compared. `precision`: of each variant, given the others.
 */
function switchedLogLr(
  z: Float64Array,
  expected: Float64Array,
  precision: Float64Array,
  deviation: Float64Array,
): Float64Array {
  const largest = deviation.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const grid: number[] = [];
  for (let a = largest < 1 ? 2 : 2 * largest; a > LEAST_SPREAD / GRID_STEP; a /= GRID_STEP) grid.push(a);
  const weights = mixtureWeights(deviation, grid);
  return z.map((value, i) => {
    const other = (value + expected[i]!) * Math.sqrt(precision[i]!);
    return logMixture(other, grid, weights) - logMixture(deviation[i]!, grid, weights);
  });
}

/** Log density of a deviation of spread a, but for a constant. */
function logDensity(deviation: number, a: number): number {
  const ratio = deviation / a;
  return -log(a) - (ratio * ratio) / 2;
}

function logMixture(deviation: number, grid: readonly number[], weights: Float64Array): number {
  const each = grid.map((a) => logDensity(deviation, a));
  const most = each.reduce((a, b) => Math.max(a, b));
  const sum = each.reduce((total, value, k) => total + exp(value - most) * (weights[k]! + NO_WEIGHT), 0);
  return most + log(sum);
}

/** Weights of the grid's normals with the largest likelihood of the deviations: concave, so that any start leads there. */
export function mixtureWeights(deviation: Float64Array, grid: readonly number[]): Float64Array {
  const size = grid.length;
  const density = new Float64Array(deviation.length * size);
  deviation.forEach((value, i) => {
    const each = grid.map((a) => logDensity(value, a));
    const most = each.reduce((a, b) => Math.max(a, b));
    for (let k = 0; k < size; k++) density[i * size + k] = exp(each[k]! - most);
  });
  let weights = new Float64Array(size).fill(1 / size);
  for (let step = 0; step < EM_STEPS; step++) {
    const next = new Float64Array(size);
    for (let i = 0; i < deviation.length; i++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += weights[k]! * density[i * size + k]!;
      for (let k = 0; k < size; k++) next[k]! += (weights[k]! * density[i * size + k]!) / sum;
    }
    for (let k = 0; k < size; k++) next[k]! /= deviation.length;
    weights = next;
  }
  return weights;
}
