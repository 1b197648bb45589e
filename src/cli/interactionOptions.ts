import type { Command } from "commander";
import type { WritePairs } from "../association/finish.ts";
import { UsageError } from "../errors.ts";
import { group, type MapOptions } from "./options.ts";
import { numberIn, oneOf } from "./values.ts";

/** What `--interaction` and its companions ask of `cis` and `trans`. */
export interface InteractionOptions {
  readonly interaction?: string;
  readonly interactionSex?: boolean;
  readonly contexts?: readonly string[];
  readonly joint?: boolean;
  readonly mafInteraction: number;
  readonly covariateByGenotype?: readonly string[];
  readonly covariateByContext?: readonly string[];
  readonly hc3Below: number;
  readonly leadsOnly?: boolean;
  /** Of cis. */
  readonly effectiveTests?: "eigenmt" | "all";
}

/** The default of `--hc3-below`. */
export const HC3_BELOW = 0.01;

/** Options that mean nothing without `--interaction`. */
const NEEDS_INTERACTION = [
  ["contexts", "--contexts"],
  ["joint", "--joint"],
  ["covariateByGenotype", "--covariate-by-genotype"],
  ["covariateByContext", "--covariate-by-context"],
] as const;

/** Options of other maps, which an interaction map has no use for. */
const NOT_BESIDE = [
  ["pairs", "--pairs"],
  ["permutations", "--permutations"],
  ["permutationIndices", "--permutation-indices"],
  ["withinGene", "--within-gene"],
  ["groups", "--groups"],
  ["leafcutterGroups", "--leafcutter-groups"],
  ["crossMapping", "--cross-mapping"],
  ["regressCis", "--regress-cis"],
  ["sexStratified", "--sex-stratified"],
] as const;

/** Options of tests of genes that an interaction has nothing for, and their defaults: another value would go unheeded. */
const FIXED_BESIDE = [
  ["fdr", "--fdr", 0.05],
  ["qvalue", "--qvalue", "auto"],
  ["qvalueLambda", "--qvalue-lambda", 0.85],
  ["beta", "--beta", "tensorqtl"],
] as const;

type OtherMaps = { readonly [Name in (typeof NOT_BESIDE | typeof FIXED_BESIDE)[number][0]]?: unknown } & {
  readonly writePairs?: WritePairs;
};

function names(option: string, text: string): string[] {
  const list = text.split(",").map((name) => name.trim());
  if (list.includes("")) throw new UsageError(`${option} takes names separated by commas; got "${text}"`);
  return list;
}

/** The options of an interaction map, under a heading of their own. */
export function addInteractionOptions(command: Command, kind: "cis" | "trans"): void {
  const add = group(command, "Interaction with a context (docs/interaction.md):");
  add(
    "--interaction <path>",
    "test genotype x context, y ~ covariates + g + i + g x i: sample and number without a header (tensorQTL's), or a table as --covariates takes it, one context or several",
  );
  add(
    "--interaction-sex",
    "the same with sex as the context (male 1, female 0; docs/chrx.md); --maf-interaction is then of either sex",
  );
  add("--contexts <names>", "of that table, only these, separated by commas", { parse: names });
  add("--joint", "all contexts in one model, instead of one after the other each in its own");
  add("--maf-interaction <share>", "least minor allele frequency in each half of the samples by context", {
    parse: numberIn({ min: 0, max: 0.5 }),
    initial: 0.05,
  });
  add("--covariate-by-genotype <names>", "covariates whose product with the genotype is in the model too", {
    parse: names,
  });
  add("--covariate-by-context <names>", "covariates whose product with the context is in the model too", {
    parse: names,
  });
  add(
    "--hc3-below <p>",
    "compute the robust standard error HC3 for pairs up to this p (and for leads and a part of the null sample); not of relatives or repeated donors",
    { parse: numberIn({ min: 0, max: 1 }), initial: HC3_BELOW },
  );
  add("--leads-only", "of an interaction, write no table of pairs");
  if (kind === "trans") return;
  add(
    "--effective-tests <name>",
    "what a gene's best p of an interaction is multiplied by: eigenmt (effective number of tests, as tensorQTL) or all (of its tests)",
    { parse: oneOf(["eigenmt", "all"]), initial: "eigenmt", initialText: "eigenmt" },
  );
}

/** Whether an interaction map is asked for. */
export function interacts(options: Pick<InteractionOptions, "interaction" | "interactionSex">): boolean {
  return options.interaction !== undefined || options.interactionSex === true;
}

/** Throws UsageError for options that do not go together. */
export function checkInteraction(options: MapOptions & InteractionOptions & OtherMaps): void {
  const { interaction, interactionSex } = options;
  if (interaction !== undefined && interactionSex === true) {
    throw new UsageError("--interaction and --interaction-sex do not go together: leave one out");
  }
  const ofFile = ["contexts", "joint"];
  const idle = NEEDS_INTERACTION.find(
    ([name]) =>
      options[name] !== undefined && !(interactionSex === true ? !ofFile.includes(name) : interaction),
  );
  if (idle !== undefined) {
    throw new UsageError(`${idle[1]} is for --interaction; give it, or leave ${idle[1]} out`);
  }
  if (!interacts(options)) return;
  const other = NOT_BESIDE.find(([name]) => options[name]);
  if (other !== undefined) {
    throw new UsageError(`${other[1]} and --interaction do not go together: leave one out`);
  }
  if (options.writePairs !== undefined && options.writePairs !== "all") {
    throw new UsageError(
      "--write-pairs and --interaction do not go together: --leads-only writes no table of pairs",
    );
  }
  const unheeded = FIXED_BESIDE.find(([name, , fixed]) => (options[name] ?? fixed) !== fixed);
  if (unheeded !== undefined) {
    throw new UsageError(`${unheeded[1]} and --interaction do not go together: leave one out`);
  }
  if (options.model !== "ols") {
    throw new UsageError(
      "--interaction is tested under --model ols, which takes covariates out of genotypes too",
    );
  }
}
