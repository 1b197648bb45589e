import type { DegreesOfFreedomRule } from "../../statistics/betaFit.ts";
import type { Pi0Rule } from "../../statistics/storey.ts";
import type { Grouping } from "./groups.ts";

/** How the p of a gene's lead is corrected for the variants tested with the gene. */
export type WithinGene = "bonferroni" | "permutations" | "acat" | "eigenmt";

/** `auto`: `fixed` (Storey) from {@link STOREY_FROM} genes on where p-values are uniform under the null, else `bh`. */
export type QValueRule = "auto" | Pi0Rule;

/** With fewer genes than this, pi0 is too uncertain. */
export const STOREY_FROM = 1000;

export interface DiscoveryOptions {
  readonly qvalue: QValueRule;
  /** Of `fixed`. */
  readonly lambda: number;
  /** Genes at or below this q are eGenes. */
  readonly fdr: number;
  readonly seed: number;
}

/** What makes the gene level of tests that are done: all of a plan but its permutations themselves, so that shards can keep it. */
export interface GeneLevelPlan {
  readonly within: WithinGene;
  /** How q over genes is made of their p. */
  readonly discovery: DiscoveryOptions;
  readonly degreesOfFreedom: number;
  /** Of `permutations`: least and most of a gene, and where p is taken. */
  readonly rule?:
    | { readonly least: number; readonly most: number; readonly degreesOfFreedom: DegreesOfFreedomRule }
    | undefined;
  /** Of `permutations`: phenotypes that are tested together. */
  readonly grouping?: Grouping | undefined;
}

/** The rule that `auto` stands for with these p-values. */
export function ruleOf(asked: QValueRule, within: WithinGene, log10P: Float64Array): Pi0Rule {
  if (asked !== "auto") return asked;
  const units = log10P.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0);
  return isUniform(within) && units >= STOREY_FROM ? "fixed" : "bh";
}

/**
 * Whether p of this kind is uniform under the null from 0 to 1, as pi0 asks. Products with a number of tests, cut at 1, are not. Nor
 * is ACAT's: a Cauchy tail holds for small p whatever the linkage, but linked variants leave 26% of null genes above 0.85.
 */
export function isUniform(within: WithinGene): boolean {
  return within === "permutations";
}

/** Whether a gene that is significant so has a nominal threshold, beyond which its pairs are: ACAT's p is of all pairs at once. */
export function hasSignificantPairs(within: WithinGene): boolean {
  return within !== "acat";
}
