import type { Cohort } from "../cohort/cohort.ts";
import { decodeDosages } from "../cohort/dosages.ts";
import { analysedExpression } from "../cohort/expression.ts";
import { residualise } from "../statistics/linalg.ts";

/** One variant and one gene in every sample analysed: what a plot of expression by genotype shows. */
export interface PairValues {
  /** Copies of the effect allele, or their expected number (dosage); NaN = no call. */
  readonly genotype: Float64Array;
  /** Expression as analysed (transformed), before covariates. */
  readonly expression: Float64Array;
  /** Expression with the covariates projected out, in the same units, mean 0. */
  readonly residual: Float64Array;
}

/** `variant` is an index in the genotype source, `gene` one in `cohort.genes`. */
export async function pairValues(cohort: Cohort, variant: number, gene: number): Promise<PairValues> {
  const n = cohort.samples.length;
  const block = await cohort.tables.genotypes.read(variant, variant + 1, cohort.report.genotypeIndex);
  const genotype = new Float64Array(n);
  decodeDosages(block, 0, Number.NaN, genotype);
  const expression = new Float64Array(n);
  const row = cohort.geneRow[gene]!;
  analysedExpression(
    cohort.tables.expression,
    row,
    cohort.report.expressionIndex,
    cohort.transform,
    expression,
  );
  const scale = cohort.residualNorm[gene]!;
  if (cohort.covariance !== undefined) {
    // Columns are weighted by the covariance then: what the covariates leave, each sample alike, is what can be looked at.
    const left = expression.slice();
    residualise(left, 0, n, cohort.expressionBasis);
    return { genotype, expression, residual: left };
  }
  const residual = cohort.residuals.slice(gene * n, (gene + 1) * n).map((value) => value * scale);
  return { genotype, expression, residual };
}
