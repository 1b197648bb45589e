import type { Command } from "commander";
import { UsageError } from "../errors.ts";
import type { Decomposition } from "../network/components.ts";
import type { EndOptions, NetworkOptions } from "./networkOptions.ts";
import { group } from "./options.ts";
import { numberIn, oneOf } from "./values.ts";

/** Named here, so that a list of options does not load what computes with them. */
const DECOMPOSITIONS: readonly Decomposition[] = ["auto", "whole", "randomised"];

/** Which pairs of genes are written where nothing is said. */
export const DEFAULT_PAIR_P = 1e-6;

export interface CoregulationOptions extends NetworkOptions {
  /** `auc`: chosen by how well `geneSets` are predicted. */
  readonly components?: number | "auc";
  readonly geneSets?: string;
  readonly decomposition: Decomposition;
  readonly alpha: number;
  readonly pValue?: number;
  readonly top?: number;
}

export const COREGULATION_DESCRIPTION = `The co-regulation network of MetaBrain and Downstreamer: principal components of the genes, all
made to weigh the same, and for each pair of genes the correlation of their coefficients as z.
What 'network predict' and 'network key-genes' go on from.`;

export function addCoregulationOptions(command: Command): void {
  const add = group(command, "Components:");
  add(
    "--components <n>",
    "keep this many (default: those reliable by --alpha); or auc: of 10, 15, 20, 30, 50, 70, 100, ... and all, the number from which --gene-sets are predicted best (mean AUC, members left out)",
    { parse: componentCount },
  );
  add("--gene-sets <path>", "GMT: the sets of --components auc");
  add(
    "--decomposition <name>",
    "whole; randomised: the --components wanted alone, by products (Krylov); or auto: randomised where --components is small enough beside samples and genes to cost less, and it converges",
    { parse: oneOf(DECOMPOSITIONS), initial: "auto", initialText: "auto" },
  );
  add("--seed <n>", "of the randomised decomposition", {
    parse: numberIn({ min: 0, max: 2 ** 32 - 1, integer: true }),
    initial: 1,
  });
  add("--alpha <a>", "keep components whose Cronbach's alpha is at least this", {
    parse: numberIn({ min: 0, max: 1 }),
    initial: 0.7,
  });
  const pairs = group(command, "Pairs to write:");
  pairs(
    "--p-value <p>",
    `those with p of at most this (default: ${DEFAULT_PAIR_P}, where --top is not given)`,
    { parse: numberIn({ min: 0, max: 1, aboveMin: true }) },
  );
  pairs("--top <k>", "or each gene with the k others of largest |z|", {
    parse: numberIn({ min: 1, max: 100_000, integer: true }),
  });
}

/** A number of components, or `auc`. */
function componentCount(option: string, text: string): number | "auc" {
  return text === "auc" ? text : numberIn({ min: 4, max: 100_000, integer: true })(option, text);
}

/** Throws {@link UsageError} for options that do not go together. */
export function checkCoregulationOptions(options: CoregulationOptions): void {
  const { pValue, top, components, geneSets, decomposition } = options;
  if (decomposition === "randomised" && typeof components !== "number") {
    throw new UsageError("--decomposition randomised needs --components: how many to look for");
  }
  if (components === "auc" && geneSets === undefined) {
    throw new UsageError("--components auc needs --gene-sets: what the components are to predict");
  }
  if (components !== "auc" && geneSets !== undefined) {
    throw new UsageError(
      "--gene-sets is of --components auc; to predict functions run 'qortex network predict'",
    );
  }
  if (pValue !== undefined && top !== undefined) {
    throw new UsageError("--p-value and --top both say which pairs to write; give one of them");
  }
}

export interface PredictOptions extends EndOptions {
  readonly coregulation: string;
  readonly geneSets: string;
  readonly minGenes: number;
  readonly fdr: number;
  readonly scores: number;
}

export const PREDICT_DESCRIPTION = `Which genes have a function, predicted from co-regulation: for each gene set (GMT), each gene's
score, members left out of what they are scored by, and how well members are told from others
(AUC).`;

export function addPredictOptions(command: Command): void {
  const inputs = group(command, "Inputs:");
  inputs("--coregulation <dir>", "a result of 'qortex network coregulation' (required)");
  inputs("--gene-sets <path>", "GMT: name, description, genes, tabs between; plain or gzip (required)");
  inputs("--annotation <path>", "GTF, BED or table: symbols, where the sets name genes by symbol");
  const add = group(command, "Prediction:");
  add("--min-genes <n>", "predict sets with at least this many genes in the network", {
    parse: numberIn({ min: 3, max: 1_000_000, integer: true }),
    initial: 10,
  });
  add("--fdr <q>", "scores are written of sets predicted at this q or below", {
    parse: numberIn({ min: 0, max: 1 }),
    initial: 0.05,
  });
  add("--scores <n>", "the members of such a set, and this many genes of highest score", {
    parse: numberIn({ min: 0, max: 1_000_000, integer: true }),
    initial: 100,
  });
}

export interface EnrichOptions extends EndOptions {
  readonly geneSets: string;
  readonly modules?: string;
  readonly lists?: string;
  readonly ranking?: string;
  readonly background?: string;
  readonly minGenes: number;
  readonly maxGenes: number;
  readonly permutations: number;
}

export const ENRICH_DESCRIPTION = `Which gene sets (GMT) are over-represented in modules or lists of genes (hypergeometric test), or
gather at either end of a ranking (rank-sum test, and gene set enrichment with permutations).
Benjamini-Hochberg q.`;

export function addEnrichOptions(command: Command): void {
  const inputs = group(command, "Inputs (one of --modules, --lists and --ranking):");
  inputs("--gene-sets <path>", "GMT: name, description, genes, tabs between; plain or gzip (required)");
  inputs(
    "--modules <path>",
    "a table with columns gene and module (or community), or the folder of a result that has one",
  );
  inputs("--lists <path>", "lists of genes as GMT; needs --background");
  inputs("--ranking <path>", "a table with columns gene and score (or z): high first");
  inputs(
    "--background <path>",
    "the genes that were tested, one id a line (default with --modules: all genes of the table)",
  );
  inputs("--annotation <path>", "GTF, BED or table: symbols, where the sets name genes by symbol");
  const add = group(command, "Test:");
  add("--min-genes <n>", "test sets with at least this many genes in the background", {
    parse: numberIn({ min: 1, max: 1_000_000, integer: true }),
    initial: 5,
  });
  add("--max-genes <n>", "and at most this many", {
    parse: numberIn({ min: 1, max: 1_000_000, integer: true }),
    initial: 2000,
  });
  add("--permutations <n>", "of a ranking: random sets of each size", {
    parse: numberIn({ min: 1, max: 1_000_000, integer: true }),
    initial: 1000,
  });
  add("--seed <n>", "of the random sets", {
    parse: numberIn({ min: 0, max: 2 ** 32 - 1, integer: true }),
    initial: 1,
  });
}

/** Throws {@link UsageError} for options that do not go together. */
export function checkEnrichOptions(options: EnrichOptions): void {
  const { modules, lists, ranking, background, minGenes, maxGenes } = options;
  const given = [modules, lists, ranking].filter((path) => path !== undefined).length;
  if (given !== 1) {
    const which = given === 0 ? "none" : "several";
    throw new UsageError(`network enrich takes one of --modules, --lists and --ranking; ${which} given`);
  }
  if (lists !== undefined && background === undefined) {
    throw new UsageError("--lists needs --background: which genes could have been in a list");
  }
  if (ranking !== undefined && background !== undefined) {
    throw new UsageError("--background is of --modules and --lists: a ranking is its own background");
  }
  if (minGenes > maxGenes) throw new UsageError(`--min-genes ${minGenes} is above --max-genes ${maxGenes}`);
}
