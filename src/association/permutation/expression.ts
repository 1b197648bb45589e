import type { Cohort } from "../../cohort/cohort.ts";
import { analysedExpression } from "../../cohort/expression.ts";
import type { OrthonormalBasis } from "../../statistics/linalg.ts";

/** The expression that is permuted, and what it is residualised on afterwards. */
export interface PermutableExpression {
  /** `values[i * samples + sample]` of gene `genes[i]`. */
  readonly values: Float64Array;
  /** None where `values` are residuals of norm 1 already, and stay as they are. */
  readonly basis: OrthonormalBasis | undefined;
}

/**
 * What is permuted of some genes (all of status `ok`). `ols`: the expression itself, rebuilt from the table (no third copy of it is
 * kept), for the permuted one is residualised again, as tensorQTL does. `qtltools`: the residuals, as QTLtools does.
 */
export function permutableExpression(cohort: Cohort, genes: Uint32Array): PermutableExpression {
  const n = cohort.samples.length;
  const values = new Float64Array(genes.length * n);
  genes.forEach((gene, i) => {
    if (cohort.model === "qtltools") {
      values.set(cohort.residuals.subarray(gene * n, (gene + 1) * n), i * n);
      return;
    }
    const { tables, geneRow, report, transform } = cohort;
    analysedExpression(tables.expression, geneRow[gene]!, report.expressionIndex, transform, values, i * n);
  });
  return { values, basis: cohort.model === "ols" ? cohort.expressionBasis : undefined };
}
