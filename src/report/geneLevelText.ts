import type { GeneLevel } from "../association/permutation/geneLevel.ts";
import { genesTested } from "../association/tables.ts";
import type { MapFacts } from "./mapFacts.ts";
import { count, counted } from "./numbers.ts";

/** What a run's tests of genes are called, for terminal, report and methods alike. */

type Facts = Pick<MapFacts, "result">;

/** What was tested: `608 genes`, `120 groups of phenotypes`. */
export function unitsText({ result }: Facts): string {
  const level = result.geneLevel;
  if (level?.grouping) return counted(level.units, "group of phenotypes", "groups of phenotypes");
  return counted(level?.units ?? genesTested(result.counts), "gene");
}

/** What is adjusted over the genes. */
export function correctedText({ result }: Facts): string {
  switch (result.geneLevel?.within) {
    case "permutations":
      return "each best p by permutations (beta fit)";
    case "acat":
      return "the Cauchy combination (ACAT) of each gene's p-values";
    case "eigenmt":
      return "each best p times its effective number of tests (eigenMT)";
    default:
      return "each best p times its variants";
  }
}

/** How q was made: `Benjamini-Hochberg`, or `Storey, pi0 0.62 (SE 0.03, lambda 0.85)`. */
export function discoveryText({ result }: Facts): string {
  const pi0 = result.geneLevel?.pi0;
  if (pi0 === undefined || pi0.rule === "bh") return "Benjamini-Hochberg";
  if (pi0.fallback !== undefined) return `Benjamini-Hochberg (pi0 taken as 1: ${pi0.fallback})`;
  const error = `SE ${pi0.standardError.toFixed(3)}`;
  const how = {
    fixed: `lambda ${pi0.lambda}, ${error} binomial`,
    smoother: `smoother, ${error} over resampled genes`,
    bootstrap: `bootstrap, lambda ${pi0.lambda}, ${error} over resampled genes`,
  }[pi0.rule];
  return `Storey, pi0 ${pi0.pi0.toFixed(3)} (${how})`;
}

/** `1,000 of each gene`, or how many adaptive ones came to; undefined without permutations. */
export function permutationsText({ result }: Facts): string | undefined {
  const level = result.geneLevel;
  if (level === undefined || level.within !== "permutations") return undefined;
  const { least, most } = level.permutations;
  const failed = level.tests.fitStatus.filter((status) => status !== "ok").length;
  const unfit = failed === 0 ? "" : `; no beta distribution fits those of ${counted(failed, "phenotype")}`;
  if (least === most) return `${count(most)} of each gene${unfit}`;
  return `${count(least)} to ${count(most)} of each gene, ${count(permutationsMade(level))} in all${unfit}`;
}

function permutationsMade({ tests }: GeneLevel): number {
  return tests.numPerm.reduce((sum, number) => sum + number, 0);
}
