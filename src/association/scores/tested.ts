/** Scores and expression as a map of scores meets them. */

import type { Cohort } from "../../cohort/cohort.ts";
import { analysedExpression } from "../../cohort/expression.ts";
import { standardise } from "../../cohort/residuals.ts";
import { canonicalDot } from "../../compute/exact.ts";
import { emptyCoordinates, project, weightedSquare } from "../../statistics/mixedModel.ts";
import { averageRanks } from "../../statistics/ranks.ts";
import type { DonorPermutations } from "../permutation/donors.ts";
import { WhitenedPermutations } from "../permutation/whitened.ts";

/** A score, and whether it can be tested. */
export interface TestedScore {
  readonly status: "ok" | "no-variants" | "constant" | "collinear";
  /** Less their mean. */
  readonly values: Float64Array;
  /** Standard deviation (n - 1). */
  readonly deviation: number;
  /** Of the score beside the covariates; where samples are not independent, sqrt(s'Ps) of each group of genes (cohort/covariance.ts). */
  readonly norms: readonly number[];
}

export function testedScore(
  cohort: Cohort,
  used: number,
  given: Float64Array,
  spearman: boolean,
): TestedScore {
  const values = spearman ? averageRanks(given) : given.slice();
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const centred = values.map((value) => value - mean);
  const deviation = Math.sqrt(canonicalDot(centred, 0, centred, 0, n) / (n - 1));
  const constant = values.every((value) => value === values[0]);
  const norm = constant ? 0 : standardise(values.slice(), cohort.genotypeBasis);
  const status = used === 0 ? "no-variants" : constant ? "constant" : norm > 0 ? "ok" : "collinear";
  return { status, values: centred, deviation, norms: groupNorms(cohort, centred, norm) };
}

function groupNorms({ covariance, genotypeBasis }: Cohort, values: Float64Array, plain: number): number[] {
  if (covariance === undefined) return [plain];
  const { projected, weights } = covariance;
  const coordinates = emptyCoordinates(projected);
  project(projected, genotypeBasis, values, coordinates);
  return weights.map((own) => Math.sqrt(Math.max(0, weightedSquare(own, coordinates))));
}

/** Expression of some genes as columns of norm 1 and sum 0, `values[gene * n + sample]`. */
export interface TestedExpression {
  readonly values: Float64Array;
  /** What a slope is in units of the column. */
  readonly norms: Float64Array;
  /** What a score's norm is multiplied by; 1 where samples are independent. */
  readonly stretch: Float64Array;
}

/** The expression of `genes` (all of status `ok`) as it is, and permuted: of samples that are not independent, as `WhitenedPermutations` says. */
export class ScoredExpression {
  readonly #cohort: Cohort;
  readonly #genes: Uint32Array;
  readonly #spearman: boolean;
  readonly #whitened: WhitenedPermutations | undefined;
  /** What is permuted; made when it is asked for. */
  #permutable: Float64Array | undefined;

  constructor(cohort: Cohort, genes: Uint32Array, spearman: boolean) {
    this.#cohort = cohort;
    this.#genes = genes;
    this.#spearman = spearman;
    this.#whitened = WhitenedPermutations.of(cohort);
  }

  /** Which of a score's norms is that of gene `g` of the list. */
  group(g: number): number {
    return this.#whitened?.group(this.#genes[g]!) ?? 0;
  }

  asItIs(): TestedExpression {
    const { residuals, residualNorm, samples, covariance, expressionBasis } = this.#cohort;
    const n = samples.length;
    const stretch = new Float64Array(this.#genes.length).fill(1);
    if (covariance === undefined) {
      const values = this.#raw();
      const norms = Float64Array.from(this.#genes, (_, g) =>
        standardise(values.subarray(g * n, (g + 1) * n), expressionBasis),
      );
      return { values, norms, stretch };
    }
    const values = new Float64Array(this.#genes.length * n);
    this.#genes.forEach((gene, g) => {
      values.set(residuals.subarray(gene * n, (gene + 1) * n), g * n);
      stretch[g] = covariance.stretch[gene]!;
    });
    return { values, norms: Float64Array.from(this.#genes, (gene) => residualNorm[gene]!), stretch };
  }

  /** Permutation `p` of `orders`; a stretch of 0 where next to nothing is left beside the covariates. */
  permuted(orders: DonorPermutations, p: number): TestedExpression {
    const n = this.#cohort.samples.length;
    this.#permutable ??= this.#whitened?.expression(this.#genes) ?? this.#raw();
    const given = this.#permutable;
    const order = orders.of(p);
    const values = new Float64Array(given.length);
    const stretch = new Float64Array(this.#genes.length);
    for (let g = 0; g < this.#genes.length; g++) {
      const e = values.subarray(g * n, (g + 1) * n);
      for (let s = 0; s < n; s++) e[s] = given[g * n + order[s]!]!;
      stretch[g] =
        this.#whitened?.column(e, this.group(g)) ??
        (standardise(e, this.#cohort.expressionBasis) > 0 ? 1 : 0);
    }
    return { values, norms: new Float64Array(this.#genes.length).fill(1), stretch };
  }

  /** Expression, or its ranks. */
  #raw(): Float64Array {
    const { tables, geneRow, report, transform, samples } = this.#cohort;
    const n = samples.length;
    const values = new Float64Array(this.#genes.length * n);
    this.#genes.forEach((gene, g) => {
      const e = values.subarray(g * n, (g + 1) * n);
      analysedExpression(tables.expression, geneRow[gene]!, report.expressionIndex, transform, e);
      if (this.#spearman) e.set(averageRanks(e));
    });
    return values;
  }
}
