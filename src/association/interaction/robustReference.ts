import { canonicalDot } from "../../compute/exact.ts";
import type { RobustMoments } from "../../compute/wasm/robustVariants.ts";
import { type StudentT, studentT } from "../../statistics/studentT.ts";
import type { UnequalMoments } from "./unequalReference.ts";

/** What the t of an effect with its robust error is compared with. */
export interface RobustReference {
  /** The t is multiplied by it: the root of how much larger the error's square is on the mean than it should be. */
  readonly scale: number;
  /** Student's t with the degrees of freedom of the error's square; undefined where it is not defined. */
  readonly tails: StudentT | undefined;
}

/** Orthonormal vectors, `values[vector * n + sample]`. */
export interface Vectors {
  readonly count: number;
  readonly values: Float64Array;
}

/** Up to so many samples the covariates' part is a quadratic form with a matrix made once. */
const MOST_SAMPLES = 2048;

/**
 * With residuals M e of equal variance, M = I - H, the error's square is e' M D M e, D = diag(d), d the squares of its weights: on the mean
 * sum d (1 - h), with (sum d (1 - h))^2 / tr(M D M D) degrees of freedom (Satterthwaite), while the effect's variance is sum d (1 - h)^2.
 * tr(M D M D) = sum d^2 (1 - 2 h) + |Q' D Q|^2 over the model's orthonormal vectors Q: the constant and the covariates, the same for all variants, and
 * those that have the variant or the context in them.
 */
export class RobustReferences {
  readonly n: number;
  /** The constant and the covariates. */
  readonly fixed: Vectors;
  /** The square of each number of their hat matrix, so that |C' D C|^2 = d' A d. */
  readonly squares: Float64Array | undefined;

  /** `covariates` sum to 0. */
  constructor(n: number, covariates: Vectors) {
    this.n = n;
    const values = new Float64Array((covariates.count + 1) * n).fill(1 / Math.sqrt(n));
    values.set(covariates.values.subarray(0, covariates.count * n), n);
    this.fixed = { count: covariates.count + 1, values };
    if (n <= MOST_SAMPLES) this.squares = hatSquares(this.fixed, n);
  }

  /**
   * (H ∘ H) v, H the hat matrix of the constant and the covariates: what the residuals' squares have of the variances v of all samples.
   * O(n^2), or O(n k^2).
   */
  spread(v: Float64Array): Float64Array {
    const { n, fixed, squares } = this;
    if (squares !== undefined) return v.map((_, s) => canonicalDot(squares, s * n, v, 0, n));
    const out = new Float64Array(n);
    const weighted = new Float64Array(n);
    for (let i = 0; i < fixed.count; i++) {
      for (let s = 0; s < n; s++) weighted[s] = v[s]! * fixed.values[i * n + s]!;
      for (let j = 0; j < fixed.count; j++) {
        const product = canonicalDot(weighted, 0, fixed.values, j * n, n);
        for (let s = 0; s < n; s++) out[s]! += product * fixed.values[i * n + s]! * fixed.values[j * n + s]!;
      }
    }
    return out;
  }

  /** Those of a variant: `weights` are w / (1 - h), `rest` is 1 - h of the whole model, `terms` its vectors beside the covariates. O(n^2), or O(n k^2). */
  moments(weights: Float64Array, rest: Float64Array, terms: Vectors): RobustMoments {
    const { n, fixed, squares } = this;
    const d = weights.map((weight) => weight * weight);
    let [mean, variance, trace] = [0, 0, 0];
    for (let s = 0; s < n; s++) {
      const r = rest[s]!;
      mean += d[s]! * r;
      variance += d[s]! * r * r;
      trace += d[s]! * d[s]! * (2 * r - 1);
    }
    trace += norms(d, terms, terms, n) + 2 * norms(d, terms, fixed, n);
    trace += squares === undefined ? norms(d, fixed, fixed, n) : form(squares, d);
    return { mean, variance, trace, most: rest.reduce((all, r) => all + r, 0) };
  }
}

export function referenceOf({ mean, variance, trace, most }: RobustMoments): RobustReference {
  // NaN where a sample decides its own fit; 0 where the variant has no part of its own.
  if (!(mean > 0)) return { scale: Number.NaN, tails: undefined };
  // Never more than the residuals have, nor less than one.
  const df = Math.min(most, Math.max(1, (mean * mean) / trace));
  return { scale: Math.sqrt(mean / variance), tails: studentT(df) };
}

/**
 * The same where variance is unequal, `equal` being that of equal variance. An effect that brings a share of its error's square with it has a t of
 * lighter tails. To first order in the share and in 1 / degrees of freedom, t^2 / (1 + 2 share) has the moments of a t with 1 / (1 / df - 2 share)
 * degrees of freedom. Never more than twice those of equal variance: the first order is not enough where few samples make the effect.
 */
export function unequalReferenceOf(
  { mean, variance, trace, most, shared }: UnequalMoments,
  equal: RobustReference,
): RobustReference {
  if (equal.tails === undefined) return equal;
  const least = 1 / Math.min(most, 2 * equal.tails.df);
  const inverse = Math.min(1, Math.max(least, trace / (mean * mean) - 2 * shared));
  return { scale: Math.sqrt(mean / variance / (1 + 2 * shared)), tails: studentT(1 / inverse) };
}

/** |A' D B|^2, the sum of squares of its numbers. */
function norms(d: Float64Array, a: Vectors, b: Vectors, n: number): number {
  const weighted = new Float64Array(n);
  let sum = 0;
  for (let i = 0; i < a.count; i++) {
    for (let s = 0; s < n; s++) weighted[s] = d[s]! * a.values[i * n + s]!;
    for (let j = 0; j < b.count; j++) {
      const product = canonicalDot(weighted, 0, b.values, j * n, n);
      sum += product * product;
    }
  }
  return sum;
}

/** d' A d. */
function form(matrix: Float64Array, d: Float64Array): number {
  const n = d.length;
  let sum = 0;
  for (let s = 0; s < n; s++) sum += d[s]! * canonicalDot(matrix, s * n, d, 0, n);
  return sum;
}

function hatSquares({ count, values }: Vectors, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let j = 0; j < count; j++) {
    for (let a = 0; a < n; a++) {
      const value = values[j * n + a]!;
      for (let b = 0; b < n; b++) out[a * n + b]! += value * values[j * n + b]!;
    }
  }
  for (let at = 0; at < out.length; at++) out[at] = out[at]! * out[at]!;
  return out;
}
