import type { ExpressionSet } from "../cohort/expressionSet.ts";
import { baseName, count, counted } from "./numbers.ts";
import { idCell, statuses } from "./pageParts.ts";
import type { ReportTable } from "./report.ts";

/** What was given to a command on expression, and what of it is used. */
export function expressionInputs(sets: readonly ExpressionSet[]): ReportTable {
  return {
    title: "What was given and what is used",
    place: "inputs",
    columns: [
      "Expression",
      "Samples",
      "Genes used",
      "Genes not used, and why",
      "Covariates taken out",
      "Dropped",
    ],
    rows: sets.map(({ name, samples, id, status, covariatesUsed, covariatesDropped }) => {
      const counts: Record<string, number> = {};
      for (const one of status) counts[one] = (counts[one] ?? 0) + 1;
      return [
        idCell(baseName(name), 40),
        count(samples.length),
        `${count(counts["ok"] ?? 0)} of ${count(id.length)}`,
        statuses(counts),
        count(covariatesUsed.length),
        covariatesDropped.map(({ name: covariate, why }) => `${covariate}: ${why}`).join("; ") || "–",
      ];
    }),
  };
}

/** The covariates and ranks of expression, to follow `Expression of 12 genes in 60 samples`. */
export function preparedText(sets: readonly ExpressionSet[], transform: string): string {
  const covariates = sets.reduce((sum, set) => sum + set.covariatesUsed.length, 0);
  const ranks = transform === "none" ? "" : ", turned into normal quantiles of its ranks gene by gene";
  return covariates === 0
    ? ranks
    : `${ranks}, after ${counted(covariates, "covariate")} had been taken out by least squares`;
}
