import type { Command } from "commander";
import { UsageError } from "../errors.ts";
import { group, type MapOptions } from "./options.ts";
import { addGroupOptions, type PermutationCount, permutationCount } from "./permutationOptions.ts";
import { basePairs, numberIn, oneOf } from "./values.ts";

export interface IndependentOptions extends MapOptions {
  readonly cis?: string;
  readonly fdr: number;
  readonly window: number;
  readonly permutations?: PermutationCount;
  readonly permutationIndices?: string;
  readonly groups?: string;
  readonly leafcutterGroups: boolean;
  readonly beta: "tensorqtl" | "mbqtl";
}

export const INDEPENDENT_DESCRIPTION = `Conditionally independent signals of the genes that a cis map with permutations found significant: forward
selection of variants, each given those before, then a backward pass, as tensorQTL's cis_independent.
Writes the signals, and of each the statistics of every variant of the window given the other signals.`;

export function addIndependentOptions(command: Command): void {
  const add = group(command, "Signals:");
  add("--cis <dir>", "a result of 'qortex cis --permutations' (or its cis_genes): the genes and their leads");
  add("--fdr <q>", "genes with a q up to this are searched; the largest beta p among them makes a signal", {
    parse: numberIn({ min: 0, max: 1, aboveMin: true }),
    initial: 0.05,
  });
  add(
    "--window <bp>",
    "variants from this far before the gene's first base to this far after its last, both included; as the cis map had it",
    { parse: basePairs, initial: 1_000_000, initialText: "1Mb" },
  );
  add(
    "--permutations <n>",
    "permutations of each test: 1000, or 1000:10000, at least and at most (default: 1000)",
    { parse: permutationCount },
  );
  addGroupOptions(add);
  add(
    "--beta <name>",
    "as the cis map had it: tensorqtl fits p at degrees of freedom learnt from the permutations; mbqtl at the model's own",
    { parse: oneOf(["tensorqtl", "mbqtl"]), initial: "tensorqtl", initialText: "tensorqtl" },
  );
  add(
    "--permutation-indices <path>",
    "permute by this file in place of --seed: a permutation a line, indices from 0 of the samples used, in the genotype file's order; or a permutation a column",
  );
}

/** The folder of the cis map, which is needed. */
export function checkIndependentOptions(options: IndependentOptions): string {
  if (options.cis === undefined)
    throw new UsageError("independent needs --cis, a result of 'qortex cis --permutations'");
  if (options.permutations !== undefined && options.permutationIndices !== undefined)
    throw new UsageError("--permutation-indices says how many there are; leave --permutations out");
  return options.cis;
}
