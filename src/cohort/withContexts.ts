import { InputError } from "../errors.ts";
import { numericCovariates } from "../formats/covariateNumbers.ts";
import { counted } from "../formats/wording.ts";
import { type OrthonormalBasis, orthonormalBasis } from "../statistics/linalg.ts";
import type { Cohort } from "./cohort.ts";
import { SampleWhitener, sharedVarianceOf, sharedVarianceText } from "./covariance.ts";
import { residualExpression } from "./residuals.ts";
import { sampleCovariance } from "./sampleCovariance.ts";

/**
 * The cohort with the covariates `more` and the contexts `which` (indices) among its covariates (one of these that has a context's
 * name gives way to it): contexts are the last vectors of its bases. One of `more` that the others explain is left out, with a message.
 * Throws {@link InputError} for a context that the covariates explain, or too few samples.
 */
export function withContexts(
  cohort: Cohort,
  which: readonly number[],
  more: readonly { readonly name: string; readonly values: Float64Array }[] = [],
): Cohort {
  const { contexts } = cohort;
  if (contexts === undefined) throw new TypeError("the cohort was opened without contexts");
  const n = cohort.samples.length;
  const names = which.map((c) => contexts.names[c]!);
  const columns = [
    ...covariatesBeside(cohort, names),
    ...more,
    ...which.map((c, i) => ({ name: names[i]!, values: contexts.values.subarray(c * n, (c + 1) * n) })),
  ];
  const values = new Float64Array(columns.length * n);
  columns.forEach((column, i) => {
    values.set(column.values, i * n);
  });
  const basis = orthonormalBasis(
    values,
    columns.map(({ name }) => name),
    n,
  );
  const lost = basis.dropped.find(({ name }) => names.includes(name));
  if (lost !== undefined) {
    throw new InputError(
      `${contexts.file}, context ${lost.name}`,
      `is ${lost.why}`,
      "a context must say something that covariates and other contexts do not: take one of them out",
    );
  }
  const products = new Set(more.map(({ name }) => name));
  for (const { name, why } of basis.dropped) {
    if (products.has(name)) cohort.onMessage({ level: "warning", text: `${name} dropped: ${why}` });
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
  return {
    ...cohort,
    ...expressionBeside(cohort, basis, names),
    degreesOfFreedom: n - 2 - basis.count,
    genotypeBasis: basis,
    expressionBasis: basis,
  };
}

/** Expression beside `basis`, and of samples that are not independent their covariance, whose share is fitted in that model. */
function expressionBeside(cohort: Cohort, basis: OrthonormalBasis, contexts: readonly string[]) {
  const { tables, geneRow, report, transform, genes } = cohort;
  // What there is to say of the matrix was said when the cohort was built.
  const shared = sampleCovariance(tables, report, () => {});
  const whitener = shared && new SampleWhitener(shared, basis, geneRow.length, contexts.length);
  const whitened = whitener && ((values: Float64Array, gene: number) => whitener.whiten(values, gene));
  const { expression } = tables;
  const residual = residualExpression(
    expression,
    geneRow,
    report.expressionIndex,
    transform,
    basis,
    whitened,
  );
  const covariance = whitener?.covariance((gene) => residual.geneStatus[gene] === "ok");
  const sharedVariance = covariance && sharedVarianceOf(covariance, residual.geneStatus);
  if (sharedVariance !== undefined) {
    const name = `${covariance!.name}, beside ${contexts.join(" and ")}`;
    cohort.onMessage({ level: "info", text: sharedVarianceText(name, sharedVariance) });
  }
  return { ...residual, covariance, genes: { ...genes, sharedVariance } };
}

/** The covariates but for those named as one of the contexts: these are in the model as what they are. */
function covariatesBeside({ tables, report, samples }: Cohort, contexts: readonly string[]) {
  if (tables.covariates === undefined) return [];
  const { names, values } = numericCovariates(tables.covariates, report.covariateIndex);
  const n = samples.length;
  return names
    .map((name, c) => ({ name, values: values.subarray(c * n, (c + 1) * n) }))
    .filter(({ name }) => !contexts.includes(name));
}
