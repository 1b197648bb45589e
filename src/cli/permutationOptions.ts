import type { WritePairs } from "../association/finish.ts";
import type { QValueRule, WithinGene } from "../association/permutation/discovery.ts";
import type { GeneTestRequest } from "../association/permutation/request.ts";
import { UsageError } from "../errors.ts";
import { numberIn, oneOf } from "./values.ts";

/** How many permutations at least and at most. */
export interface PermutationCount {
  readonly least: number;
  readonly most: number;
}

export interface PermutationOptions {
  readonly permutations?: PermutationCount;
  readonly permutationIndices?: string;
  readonly beta: "tensorqtl" | "mbqtl";
  readonly groups?: string;
  readonly leafcutterGroups: boolean;
  readonly withinGene?: WithinGene;
  readonly qvalue: "auto" | "storey" | "smoother" | "bootstrap" | "bh";
  readonly qvalueLambda: number;
  readonly fdr: number;
  readonly writePairs: WritePairs;
}

/** `1000`, or `1000:10000`: at least and at most. */
export function permutationCount(option: string, text: string): PermutationCount {
  const [least, most = least, ...rest] = text
    .split(":")
    .map((part) => (/^\d{1,9}$/.test(part) ? Number(part) : 0));
  if (least === undefined || most === undefined || rest.length > 0 || least < 10 || most < least) {
    throw new UsageError(
      `${option} takes a whole number of 10 or more, or the least and the most (1000:10000); got "${text}"`,
    );
  }
  return { least, most };
}

type Add = (
  flags: string,
  text: string,
  extra?: {
    readonly parse?: (option: string, text: string) => unknown;
    readonly initial?: unknown;
    readonly initialText?: string;
  },
) => void;

/** `add` of the group of options, with which `cis` is given its tests of genes. */
export function addPermutationOptions(add: Add): void {
  add(
    "--permutations <n>",
    "correct each gene's lead by permutations of the samples: 1000, or 1000:10000, at least and at most (a gene gets 1000 more until 100 of them reach its lead). Fits a beta distribution as FastQTL and tensorQTL do",
    { parse: permutationCount },
  );
  add(
    "--permutation-indices <path>",
    "permute by this file in place of --seed: a permutation a line, indices from 0 of the samples used, in the genotype file's order; or a permutation a column",
  );
  add(
    "--beta <name>",
    "tensorqtl: fit p at degrees of freedom learnt from the permutations (FastQTL, QTLtools too); mbqtl: at the model's own",
    { parse: oneOf(["tensorqtl", "mbqtl"]), initial: "tensorqtl", initialText: "tensorqtl" },
  );
  addGroupOptions(add);
  add(
    "--within-gene <name>",
    "how the p of a gene's lead is corrected for the gene's variants: permutations, acat (Cauchy combination of all its p), eigenmt (times the effective number of tests) or bonferroni (default: permutations with --permutations, else bonferroni)",
    { parse: oneOf(["permutations", "acat", "eigenmt", "bonferroni"]) },
  );
  add(
    "--qvalue <name>",
    "false discovery over genes: storey (pi0 at one lambda), smoother, bootstrap, bh, or auto: storey for 1,000 genes and more with permutations, else bh",
    { parse: oneOf(["auto", "storey", "smoother", "bootstrap", "bh"]), initial: "auto", initialText: "auto" },
  );
  add("--qvalue-lambda <share>", "lambda of --qvalue storey", {
    parse: numberIn({ min: 0.01, max: 0.99 }),
    initial: 0.85,
  });
  add("--fdr <share>", "genes with a q up to this are significant (eGenes)", {
    parse: numberIn({ min: 0, max: 1, aboveMin: true }),
    initial: 0.05,
  });
  add(
    "--write-pairs <name>",
    "all: every pair, in cis_pairs; significant: only those of eGenes that reach their gene's threshold, in cis_significant (which is written beside cis_pairs too); none",
    { parse: oneOf(["all", "significant", "none"]), initial: "all", initialText: "all" },
  );
}

/** Options that name groups of phenotypes; `add` is that of their heading. */
export function addGroupOptions(add: Add): void {
  add(
    "--groups <path>",
    "test phenotypes in groups, by permutations: a file of phenotype id and group id, as tensorQTL and GTEx have it",
  );
  add(
    "--leafcutter-groups",
    "the same by the cluster that leafcutter's ids name (chr1:14829:14970:clu_1_+), or the gene where it stands behind",
  );
}

/** What the options ask of the genes of a cis map; undefined: Bonferroni's correction alone. */
export function geneTestRequest(options: PermutationOptions): GeneTestRequest | undefined {
  const { permutations, permutationIndices, qvalue, qvalueLambda, fdr, writePairs } = options;
  const groups = groupsOf(options);
  const permuting = permutations !== undefined || permutationIndices !== undefined;
  const within = options.withinGene ?? (permuting ? "permutations" : "bonferroni");
  if (permuting && within !== "permutations") {
    throw new UsageError(`--within-gene ${within} needs no permutations; leave one of the two out`);
  }
  if (permutations !== undefined && permutationIndices !== undefined) {
    throw new UsageError("--permutation-indices says how many there are; leave --permutations out");
  }
  if (groups !== undefined && within !== "permutations") {
    throw new UsageError("groups need --permutations: how good the best of a group is, permutations tell");
  }
  if (writePairs === "significant" && within === "acat") {
    throw new UsageError(
      "--within-gene acat gives a p to genes and not to pairs; use --write-pairs all or none",
    );
  }
  const plain = within === "bonferroni" && qvalue === "auto" && writePairs !== "significant";
  if (plain && options.withinGene === undefined) return undefined;
  return {
    within,
    permutations:
      within === "permutations" && !permutationIndices ? (permutations ?? DEFAULT_COUNT) : undefined,
    degreesOfFreedom: options.beta === "mbqtl" ? "full" : "learnt",
    groups,
    discovery: { qvalue: Q_RULES[qvalue], lambda: qvalueLambda, fdr },
  };
}

export function groupsOf({
  groups,
  leafcutterGroups,
}: Pick<PermutationOptions, "groups" | "leafcutterGroups">): "table" | "leafcutter" | undefined {
  if (groups !== undefined && leafcutterGroups) {
    throw new UsageError("--groups and --leafcutter-groups say two things of the groups; leave one out");
  }
  return leafcutterGroups ? "leafcutter" : groups === undefined ? undefined : "table";
}

const DEFAULT_COUNT: PermutationCount = { least: 1000, most: 1000 };

const Q_RULES: Readonly<Record<PermutationOptions["qvalue"], QValueRule>> = {
  auto: "auto",
  storey: "fixed",
  smoother: "smoother",
  bootstrap: "bootstrap",
  bh: "bh",
};
