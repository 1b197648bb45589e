import { InputError } from "../errors.ts";
import { counted, listed } from "../formats/wording.ts";
import { orthonormalBasis } from "../statistics/linalg.ts";
import { type Cohort, residualExpression } from "./cohort.ts";

/**
 * The cohort with the contexts `which` (indices) among its covariates: they are the last vectors of its bases.
 * Throws {@link InputError} for a context that the covariates explain, or too few samples.
 */
export function withContexts(cohort: Cohort, which: readonly number[]): Cohort {
  const { contexts, expressionBasis: covariates } = cohort;
  if (contexts === undefined) throw new TypeError("the cohort was opened without contexts");
  const n = cohort.samples.length;
  const names = which.map((c) => contexts.names[c]!);
  const values = new Float64Array((covariates.count + which.length) * n);
  values.set(covariates.values);
  which.forEach((c, i) => {
    values.set(contexts.values.subarray(c * n, (c + 1) * n), (covariates.count + i) * n);
  });
  const known = covariates.used.slice(0, covariates.count);
  const basis = orthonormalBasis(values, [...known, ...names], n);
  const [lost] = basis.dropped;
  if (lost !== undefined) {
    throw new InputError(
      `${contexts.file}, context ${lost.name}`,
      `is explained by ${covariates.count === 0 ? "the other contexts" : "the covariates"}`,
      `take it out, or take ${listed(known)} out of the covariates`,
    );
  }
  // y ~ 1 + covariates + contexts + g + g * contexts: at least one degree of freedom must be left.
  const parameters = 2 + covariates.count + 2 * which.length;
  if (n <= parameters) {
    throw new InputError(
      contexts.file,
      `${n} samples are too few for ${counted(covariates.count, "covariate")} and ${counted(which.length, "context")}: at least ${parameters + 1} are needed`,
      "use fewer covariates",
    );
  }
  const { tables, geneRow, report, transform } = cohort;
  return {
    ...cohort,
    ...residualExpression(tables.expression, geneRow, report.expressionIndex, transform, basis),
    degreesOfFreedom: n - 2 - basis.count,
    genotypeBasis: basis,
    expressionBasis: basis,
  };
}
