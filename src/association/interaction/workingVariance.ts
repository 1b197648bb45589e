import { exp, log } from "../../statistics/elementary.ts";
import type { RobustReferences } from "./robustReference.ts";

/** Steps of gamma, and how many of them either way. */
const STEP = 0.25;
const STEPS = 6;
/** Of the likelihoods with and without gamma, twice the logarithm of their ratio: chi-square with one degree of freedom is above it once in a thousand genes. */
const EVIDENCE = 10.83;

/** How a gene's variance is taken to follow a context z (mean 0, variance 1): exp(gamma z) of each sample, up to a factor. */
export interface WorkingVariance {
  /** 4 gamma, not 0. */
  readonly step: number;
  readonly values: Float64Array;
  /** (H ∘ H) values, H the hat matrix of the constant and the covariates. */
  readonly spread: Float64Array;
}

interface Candidate extends WorkingVariance {
  /** 1 over the expected squares of the residuals; 0 where a sample has none. */
  readonly inverse: Float64Array;
  /** Sum of the logarithms of those squares. */
  readonly logs: number;
}

export interface WorkingVarianceInput {
  readonly references: RobustReferences;
  /** Of the constant and the covariates. */
  readonly leverage: Float64Array;
  /** A sample with less than this of its own square left is not asked. */
  readonly leastRest: number;
  /** Contexts with mean 0 and variance 1. */
  readonly contexts: readonly Float64Array[];
  /** Expression beside the covariates, `[gene * n + sample]`. */
  readonly residuals: Float64Array;
}

/**
 * The working variance of each gene and context: equal, unless the squares of the gene's residuals say otherwise. With variances v the square of a
 * residual is u = (M ∘ M) v on the mean, M = I - H; gamma is the value of a grid that makes sum log u + n log(sum e^2 / u) smallest, the likelihood
 * of squares independent and as of a normal, found downhill from 0. Equal variance stays unless n - k of these n squares, as many as residuals are
 * independent, speak for gamma.
 */
export class WorkingVariances {
  readonly #input: WorkingVarianceInput;
  /** Of each context, by step. */
  readonly #candidates: readonly Map<number, Candidate>[];
  /** `[gene * contexts + context]`: the step plus {@link STEPS}, plus 1; 0 where it has not been looked for. */
  readonly #chosen: Uint8Array;

  constructor(input: WorkingVarianceInput) {
    this.#input = input;
    this.#candidates = input.contexts.map(() => new Map());
    this.#chosen = new Uint8Array((input.residuals.length / input.references.n) * input.contexts.length);
  }

  /** Undefined: equal variance. */
  of(gene: number, context: number): WorkingVariance | undefined {
    const at = gene * this.#input.contexts.length + context;
    if (this.#chosen[at] === 0) this.#chosen[at] = 1 + STEPS + this.#choose(gene, context);
    const step = this.#chosen[at]! - 1 - STEPS;
    return step === 0 ? undefined : this.#candidate(context, step);
  }

  #choose(gene: number, context: number): number {
    const { n, fixed } = this.#input.references;
    const equal = this.#deviance(gene, context, 0);
    let [best, least] = [0, equal];
    for (const way of [1, -1]) {
      for (let step = way; Math.abs(step) <= STEPS; step += way) {
        const deviance = this.#deviance(gene, context, step);
        if (!(deviance < least)) break;
        [best, least] = [step, deviance];
      }
      if (best !== 0) break;
    }
    return ((equal - least) * (n - fixed.count)) / n > EVIDENCE ? best : 0;
  }

  #deviance(gene: number, context: number, step: number): number {
    const { references, residuals } = this.#input;
    const { n } = references;
    const { inverse, logs } = this.#candidate(context, step);
    const start = gene * n;
    let sum = 0;
    for (let s = 0; s < n; s++) {
      const e = residuals[start + s]!;
      sum += e * e * inverse[s]!;
    }
    return logs + n * log(sum);
  }

  #candidate(context: number, step: number): Candidate {
    const known = this.#candidates[context]!.get(step);
    if (known !== undefined) return known;
    const { references, leverage, leastRest, contexts } = this.#input;
    const values = contexts[context]!.map((z) => exp(STEP * step * z));
    const spread = references.spread(values);
    let logs = 0;
    const inverse = values.map((v, s) => {
      if (1 - leverage[s]! < leastRest) return 0;
      const square = v * (1 - 2 * leverage[s]!) + spread[s]!;
      logs += log(square);
      return 1 / square;
    });
    const made = { step, values, spread, inverse, logs };
    this.#candidates[context]!.set(step, made);
    return made;
  }
}
