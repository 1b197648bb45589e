import { InputError } from "../errors.ts";
import { counted, listed } from "../formats/wording.ts";
import { orthonormalBasis } from "../statistics/linalg.ts";
import { type Cohort, residualExpression } from "./cohort.ts";

/**
 * The cohort with the covariates `more` and the contexts `which` (indices) among its covariates: contexts are the last vectors of its
 * bases. One of `more` that the others explain is left out, with a message.
 * Throws {@link InputError} for a context that the covariates explain, or too few samples.
 */
export function withContexts(
  cohort: Cohort,
  which: readonly number[],
  more: readonly { readonly name: string; readonly values: Float64Array }[] = [],
): Cohort {
  const { contexts, expressionBasis: covariates } = cohort;
  if (contexts === undefined) throw new TypeError("the cohort was opened without contexts");
  const n = cohort.samples.length;
  const names = which.map((c) => contexts.names[c]!);
  const columns = [
    ...more.map(({ values }) => values),
    ...which.map((c) => contexts.values.subarray(c * n, (c + 1) * n)),
  ];
  const values = new Float64Array((covariates.count + columns.length) * n);
  values.set(covariates.values);
  columns.forEach((column, i) => {
    values.set(column, (covariates.count + i) * n);
  });
  const known = covariates.used.slice(0, covariates.count);
  const basis = orthonormalBasis(values, [...known, ...more.map(({ name }) => name), ...names], n);
  const lost = basis.dropped.find(({ name }) => names.includes(name));
  if (lost !== undefined) {
    throw new InputError(
      `${contexts.file}, context ${lost.name}`,
      `is explained by ${covariates.count === 0 ? "the other contexts" : "the covariates"}`,
      `take it out, or take ${listed(known)} out of the covariates`,
    );
  }
  for (const { name, why } of basis.dropped) {
    cohort.onMessage({ level: "warning", text: `${name} dropped: ${why}` });
  }
  // y ~ 1 + covariates + contexts + g + g * contexts: at least one degree of freedom must be left.
  const parameters = 2 + basis.count + which.length;
  if (n <= parameters) {
    throw new InputError(
      contexts.file,
      `${n} samples are too few for ${counted(basis.count - which.length, "covariate")} and ${counted(which.length, "context")}: at least ${parameters + 1} are needed`,
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
