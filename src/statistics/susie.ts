/**
 * SuSiE, the sum of single effects (Wang, Sarkar, Carbonetto, Stephens, J R Stat Soc B 82, 1273, 2020; with
 * summary data Zou et al., PLoS Genet 18, e1010299, 2022), as susieR fits it: y = sum over l of X b_l + e,
 * where each b_l has one variant with an effect. Genotypes and y are standardised, so that all that is
 * needed is the correlation of each variant with y, and that of the variants with each other.
 */

import { UsageError } from "../errors.ts";
import { exp, log } from "./elementary.ts";
import { minimise } from "./minimise.ts";

/** The variants' correlations with each other, R (p x p): from genotypes, or from a matrix. */
export interface Ld {
  readonly variants: number;
  /** R b, into `out`. */
  times(b: Float64Array, out: Float64Array): void;
  correlation(i: number, j: number): number;
}

export interface SusieOptions {
  /** At most this many effects, L. Default 10. */
  readonly effects?: number | undefined;
  /** Prior variance of an effect to begin with, as a share of the variance of y. Default 0.2. */
  readonly scaledPriorVariance?: number | undefined;
  /** Whether the residual variance is estimated, or stays the variance of y. Default true. */
  readonly estimateResidualVariance?: boolean | undefined;
  /** The fit ends when the lower bound of the evidence rises by less. Default 1e-3. */
  readonly tolerance?: number | undefined;
  /** Default 100. */
  readonly maxIterations?: number | undefined;
}

/** Arrays over effects and variants are `[effect * p + variant]`; everything in units of standardised X and y. */
export interface SusieFit {
  readonly effects: number;
  readonly variants: number;
  /** Probability that the variant is the effect's. Each effect's sum to 1. */
  readonly alpha: Float64Array;
  /** Mean of the effect, given that the variant is the effect's. */
  readonly mu: Float64Array;
  /** Natural log of the variant's Bayes factor in the effect. */
  readonly lbfVariable: Float64Array;
  /** Of each effect. */
  readonly lbf: Float64Array;
  /** Estimated prior variance of each effect: 0 where there is none. */
  readonly priorVariance: Float64Array;
  /** As a share of the variance of y. */
  readonly residualVariance: number;
  /** Lower bound of the evidence (ELBO). */
  readonly elbo: number;
  readonly iterations: number;
  readonly converged: boolean;
  /** Posterior inclusion probability of each variant. */
  readonly pip: Float64Array;
}

/** An effect whose prior variance is below this is none. */
export const NO_EFFECT = 1e-9;
/** Between these the log prior variance is sought. */
const LEAST_LOG_VARIANCE = -30;
const MOST_LOG_VARIANCE = 15;
/** The residual variance stays above this share of the variance of y. */
const LEAST_RESIDUAL = 1e-4;
const LOG_2_PI = log(2 * Math.PI);

/** What the effects are fitted to; all effects share the buffers. */
interface Work {
  readonly n: number;
  readonly p: number;
  readonly ld: Ld;
  readonly r: Float64Array;
  /** Sum over effects of X'X b. */
  readonly fitted: Float64Array;
  /** X'X b of each effect. */
  readonly parts: Float64Array;
  /** X' (y - the other effects). */
  readonly residual: Float64Array;
  /** Squares of the variants' estimates. */
  readonly square: Float64Array;
  readonly b: Float64Array;
  readonly alpha: Float64Array;
  readonly mu: Float64Array;
  /** E(b^2) of each effect and variant. */
  readonly second: Float64Array;
  readonly lbfVariable: Float64Array;
  readonly lbf: Float64Array;
  readonly priorVariance: Float64Array;
  /** Kullback-Leibler divergence of each effect. */
  readonly kl: Float64Array;
  sigma2: number;
}

/**
 * Fits SuSiE to `r`, the correlation of each variant with y (from summary data z / sqrt(z^2 + n - 2)), with `ld`
 * of the same samples. `n` is the number of independent observations: samples, less one for each covariate
 * that was projected out of genotypes and y. Throws {@link UsageError} for arguments that fit no data.
 */
export function susie(r: Float64Array, ld: Ld, n: number, options: SusieOptions = {}): SusieFit {
  const p = r.length;
  if (p !== ld.variants)
    throw new UsageError(`${p} correlations do not fit an LD of ${ld.variants} variants`);
  if (!(n > 2)) throw new UsageError(`fine-mapping ${n} observations: at least 3 are needed`);
  const bad = r.findIndex((value) => !(Math.abs(value) <= 1));
  if (bad >= 0)
    throw new UsageError(`the correlation of variant ${bad} is ${r[bad]}; it must be from -1 to 1`);
  const effects = Math.min(options.effects ?? 10, p);
  const estimate = options.estimateResidualVariance ?? true;
  const tolerance = options.tolerance ?? 1e-3;
  const most = options.maxIterations ?? 100;
  const work = emptyWork(r, ld, n, effects, options.scaledPriorVariance ?? 0.2);
  let elbo = Number.NEGATIVE_INFINITY;
  let iterations = 0;
  let converged = p === 0;
  while (!converged && iterations < most) {
    iterations++;
    for (let l = 0; l < effects; l++) updateEffect(work, l);
    const errors = expectedErrors(work, effects);
    const next = evidence(work, errors, effects);
    converged = next - elbo < tolerance;
    elbo = next;
    if (!converged && estimate) work.sigma2 = Math.max(LEAST_RESIDUAL, errors / n);
  }
  const { alpha, mu, lbfVariable, lbf, priorVariance, sigma2: residualVariance } = work;
  return {
    ...{ effects, variants: p, alpha, mu, lbfVariable, lbf, priorVariance, residualVariance },
    ...{ elbo, iterations, converged, pip: inclusion(alpha, priorVariance, p) },
  };
}

function emptyWork(r: Float64Array, ld: Ld, n: number, effects: number, prior: number): Work {
  const p = r.length;
  const vector = (): Float64Array => new Float64Array(p);
  const matrix = (): Float64Array => new Float64Array(effects * p);
  return {
    ...{ n, p, ld, r, fitted: vector(), parts: matrix(), residual: vector(), square: vector(), b: vector() },
    ...{ alpha: matrix().fill(1 / p), mu: matrix(), second: matrix(), lbfVariable: matrix() },
    ...{ lbf: new Float64Array(effects), kl: new Float64Array(effects) },
    ...{ priorVariance: new Float64Array(effects).fill(prior), sigma2: 1 },
  };
}

/** Fits effect `l` to what the others leave: a single-effect regression, its prior variance by maximum likelihood. */
function updateEffect(work: Work, l: number): void {
  const { n, p, r, fitted, parts, residual, square, b, alpha, mu, second, lbfVariable, priorVariance } = work;
  const first = l * p;
  // X'X has n - 1 on its diagonal: the variance of every estimate is the same.
  const d = n - 1;
  const s2 = work.sigma2 / d;
  let largest = 0;
  for (let j = 0; j < p; j++) {
    fitted[j]! -= parts[first + j]!;
    residual[j] = d * r[j]! - fitted[j]!;
    const estimate = residual[j]! / d;
    square[j] = estimate * estimate;
    if (square[j]! > largest) largest = square[j]!;
  }
  const variance = bestVariance(square, largest, s2, priorVariance[l]!);
  priorVariance[l] = variance;
  const shrink = variance / (variance + s2);
  const constant = 0.5 * log(s2 / (s2 + variance));
  const factor = (0.5 * shrink) / s2;
  let sum = 0;
  for (let j = 0; j < p; j++) {
    lbfVariable[first + j] = constant + factor * square[j]!;
    const weight = exp(factor * (square[j]! - largest));
    alpha[first + j] = weight;
    sum += weight;
  }
  const lbf = constant + factor * largest + log(sum / p);
  let fit = 0;
  let spread = 0;
  let silent = true;
  for (let j = 0; j < p; j++) {
    const share = alpha[first + j]! / sum;
    const mean = (shrink * residual[j]!) / d;
    alpha[first + j] = share;
    mu[first + j] = mean;
    second[first + j] = share * (shrink * s2 + mean * mean);
    b[j] = share * mean;
    if (b[j] !== 0) silent = false;
    fit += b[j]! * residual[j]!;
    spread += second[first + j]!;
  }
  work.lbf[l] = lbf;
  work.kl[l] = -lbf + (2 * fit - d * spread) / (2 * work.sigma2);
  const own = parts.subarray(first, first + p);
  if (silent) own.fill(0);
  else work.ld.times(b, own);
  for (let j = 0; j < p; j++) {
    own[j]! *= d;
    fitted[j]! += own[j]!;
  }
}

/** The prior variance of largest likelihood; `current` where nothing better is found, 0 where that is as good. */
function bestVariance(square: Float64Array, largest: number, s2: number, current: number): number {
  const negative = (variance: number): number => {
    const factor = (0.5 * variance) / (variance + s2) / s2;
    let sum = 0;
    for (let j = 0; j < square.length; j++) sum += exp(factor * (square[j]! - largest));
    return -(0.5 * log(s2 / (s2 + variance)) + factor * largest + log(sum / square.length));
  };
  const found = exp(minimise((x) => negative(exp(x)), LEAST_LOG_VARIANCE, MOST_LOG_VARIANCE));
  const variance = negative(found) > negative(current) ? current : found;
  // Without an effect the likelihood is 1.
  return negative(variance) >= 0 ? 0 : variance;
}

/** E |y - X b|^2 over the posterior. */
function expectedErrors(work: Work, effects: number): number {
  const { n, p, r, fitted, parts, alpha, mu, second } = work;
  const d = n - 1;
  let total = d;
  for (let l = 0; l < effects; l++) {
    for (let j = 0; j < p; j++) {
      const at = l * p + j;
      const b = alpha[at]! * mu[at]!;
      total += b * (fitted[j]! - 2 * d * r[j]! - parts[at]!) + d * second[at]!;
    }
  }
  return total;
}

function evidence({ n, sigma2, kl }: Work, errors: number, effects: number): number {
  let total = (-n / 2) * (LOG_2_PI + log(sigma2)) - errors / (2 * sigma2);
  for (let l = 0; l < effects; l++) total -= kl[l]!;
  return total;
}

/** 1 - product over effects of (1 - alpha), effects without a prior variance left out. */
function inclusion(alpha: Float64Array, priorVariance: Float64Array, p: number): Float64Array {
  const none = new Float64Array(p).fill(1);
  priorVariance.forEach((variance, l) => {
    if (variance <= NO_EFFECT) return;
    for (let j = 0; j < p; j++) none[j]! *= 1 - alpha[l * p + j]!;
  });
  return none.map((value) => 1 - value);
}
