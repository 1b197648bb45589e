import { canonicalDot } from "../../compute/exact.ts";
import type { RobustMoments } from "../../compute/wasm/robustVariants.ts";
import type { RobustReferences } from "./robustReference.ts";
import type { WorkingVariance } from "./workingVariance.ts";

/** What HC3 has made of a variant and one context. */
export interface RobustColumn {
  /** `[sample]`: w / (1 - h), w the weights that make the effect of the expression. */
  readonly weights: Float64Array;
  /** The model's orthonormal vectors that have the variant in them, `[vector * stride + sample]`. */
  readonly vectors: Float64Array;
  readonly stride: number;
}

/** {@link RobustMoments} where variance is unequal. */
export interface UnequalMoments extends RobustMoments {
  /** Share of the error's square that comes with the effect itself, on the mean: 0 under equal variance. */
  readonly shared: number;
}

/**
 * With variances v the residuals M y, M = I - H of the whole model, have the covariances S = M diag(v) M. Then the error's square is sum d S_ii on the
 * mean, the effect's variance sum w^2 v, and c = M (v w) its covariances with the residuals, not 0 as under equal variance: it brings sum d c^2 / (sum w^2 v)
 * of the square with it. The trace tr(S D S D) would take O(n^2): its part of samples with themselves is sum (d S_ii)^2, and that of samples with others, small, is
 * taken to be that of equal variance times (sum d' h / sum d h)^2, d' = d S_ii / (1 - h). With equal v all of it is as before. O(n k).
 */
export class UnequalReferences {
  readonly #references: RobustReferences;
  readonly #leverage: Float64Array;
  readonly #terms: number;
  /** Of each of the variant's vectors, times v: what the constant and the covariates explain, and what the whole model does. */
  readonly #byFixed: Float64Array;
  readonly #byAll: Float64Array;
  readonly #rest: Float64Array;
  readonly #effect: Float64Array;
  readonly #product: Float64Array;

  /** `leverage` is that of the constant and the covariates; a variant adds `terms` vectors. */
  constructor(references: RobustReferences, leverage: Float64Array, terms: number) {
    const { n } = references;
    this.#references = references;
    this.#leverage = leverage;
    this.#terms = terms;
    this.#byFixed = new Float64Array(terms * n);
    this.#byAll = new Float64Array(terms * n);
    this.#rest = new Float64Array(n);
    this.#effect = new Float64Array(n);
    this.#product = new Float64Array(n);
  }

  /** `equal`: those of equal variance. */
  moments(column: RobustColumn, variance: WorkingVariance, equal: RobustMoments): UnequalMoments {
    const { values: v } = variance;
    const { n } = this.#references;
    const { weights } = column;
    const [rest, effect] = [this.#rest, this.#effect];
    this.#readEffect(column);
    this.#explain(column, v);
    const covariance = this.#covariances(column, v);
    let [mean, ofEffect, shared] = [0, 0, 0];
    let [own, between, ownBefore, betweenBefore] = [0, 0, 0, 0];
    for (let s = 0; s < n; s++) {
      const r = rest[s]!;
      const d = weights[s]! * weights[s]!;
      const square = this.#square(column, variance, s);
      const instead = (d * square) / r;
      mean += d * square;
      ofEffect += effect[s]! * effect[s]! * v[s]!;
      shared += d * covariance[s]! * covariance[s]!;
      own += d * square * d * square;
      between += instead * (1 - r);
      ownBefore += d * r * d * r;
      betweenBefore += d * (1 - r);
    }
    const ratio = between / betweenBefore;
    const trace = own + (equal.trace - ownBefore) * ratio * ratio;
    return { mean, variance: ofEffect, trace, most: equal.most, shared: shared / ofEffect / mean };
  }

  /** 1 - h of the whole model, and w. */
  #readEffect({ weights, vectors, stride }: RobustColumn): void {
    for (let s = 0; s < this.#references.n; s++) {
      let h = this.#leverage[s]!;
      for (let m = 0; m < this.#terms; m++) h += vectors[m * stride + s]! * vectors[m * stride + s]!;
      this.#rest[s] = 1 - h;
      this.#effect[s] = weights[s]! * (1 - h);
    }
  }

  #explain({ vectors, stride }: RobustColumn, v: Float64Array): void {
    const { n, fixed } = this.#references;
    const [product, byFixed, byAll] = [this.#product, this.#byFixed, this.#byAll];
    byFixed.fill(0);
    for (let m = 0; m < this.#terms; m++) {
      const at = m * n;
      for (let s = 0; s < n; s++) product[s] = v[s]! * vectors[m * stride + s]!;
      for (let j = 0; j < fixed.count; j++) addPart(product, fixed.values, j * n, byFixed, at, n);
      for (let s = 0; s < n; s++) byAll[at + s] = byFixed[at + s]!;
      for (let j = 0; j < this.#terms; j++) addPart(product, vectors, j * stride, byAll, at, n);
    }
  }

  /** M (v w): w lies along the variant's vectors. */
  #covariances({ vectors, stride }: RobustColumn, v: Float64Array): Float64Array {
    const { n } = this.#references;
    const out = this.#product;
    for (let s = 0; s < n; s++) out[s] = v[s]! * this.#effect[s]!;
    for (let m = 0; m < this.#terms; m++) {
      const along = canonicalDot(this.#effect, 0, vectors, m * stride, n);
      for (let s = 0; s < n; s++) out[s]! -= along * this.#byAll[m * n + s]!;
    }
    return out;
  }

  /** S_ss. */
  #square({ vectors, stride }: RobustColumn, { values, spread }: WorkingVariance, s: number): number {
    const { n } = this.#references;
    let square = values[s]! * (2 * this.#rest[s]! - 1) + spread[s]!;
    for (let m = 0; m < this.#terms; m++) {
      square += vectors[m * stride + s]! * (this.#byFixed[m * n + s]! + this.#byAll[m * n + s]!);
    }
    return square;
  }
}

/** Adds to `out` the part of `values` along one vector of norm 1. */
function addPart(
  values: Float64Array,
  vectors: Float64Array,
  start: number,
  out: Float64Array,
  at: number,
  n: number,
): void {
  const share = canonicalDot(values, 0, vectors, start, n);
  for (let s = 0; s < n; s++) out[at + s]! += share * vectors[start + s]!;
}
