import type { MatchReport } from "./cohort.ts";

/** For manifests, on the command line and in the page: how samples were matched, how many are used, and what became of covariates and of X. */
export function samplesRecord(
  report: Omit<
    MatchReport,
    "samples" | "genotypeIndex" | "expressionIndex" | "covariateIndex" | "contextIndex"
  >,
) {
  const { used, genotypesOnly, expressionOnly, covariatesOnly, withoutCovariates, withoutContexts } = report;
  const { removed, unknown, chrX } = report;
  return {
    used,
    genotypesOnly,
    expressionOnly,
    covariatesOnly,
    withoutCovariates,
    withoutContexts,
    removed,
    unknown,
    ...(chrX === undefined ? {} : { chrX: { ...chrX } }),
    covariatesUsed: report.covariatesUsed,
    covariatesDropped: report.covariatesDropped.map(({ name, why }) => ({ name, why })),
  };
}
