import type { Command } from "commander";
import { UsageError } from "../errors.ts";
import { group, type MapOptions } from "./options.ts";
import { basePairs, numberIn, oneOf } from "./values.ts";

export interface FinemapOptions extends MapOptions {
  readonly cis?: string;
  readonly genes?: string;
  readonly fdr: number;
  readonly summary?: string;
  readonly n?: number;
  readonly window: number;
  readonly effects: number;
  readonly coverage: number;
  readonly minCorrelation: number;
  readonly maxIterations: number;
  readonly residualVariance: "auto" | "estimated" | "fixed";
}

export const FINEMAP_DESCRIPTION = `Which variants near a gene are behind its eQTL: SuSiE on each gene's window, the covariates taken out of
genotypes and expression. Writes credible sets, inclusion probabilities, and the Bayes factors of every
variant in each effect, which is all that colocalisation needs.`;

export function addFinemapOptions(command: Command): void {
  const add = group(command, "Genes:");
  add("--cis <dir>", "a result of 'qortex cis': its significant genes are fine-mapped");
  add("--fdr <q>", "with --cis, the largest q", { parse: numberIn({ min: 0, max: 1 }), initial: 0.05 });
  add("--genes <path>", "these genes: one id a line, or a header with phenotype_id");
  add(
    "--window <bp>",
    "variants from this far before the gene's first base to this far after its last, both included",
    { parse: basePairs, initial: 1_000_000, initialText: "1Mb" },
  );
  const model = group(command, "Fine-mapping:");
  model("--effects <n>", "at most this many causal variants a gene (L)", {
    parse: numberIn({ min: 1, max: 100, integer: true }),
    initial: 10,
  });
  model("--coverage <p>", "probability that a credible set holds", {
    parse: numberIn({ min: 0, max: 1, aboveMin: true }),
    initial: 0.95,
  });
  model("--min-correlation <r>", "a set that holds two variants less correlated than this is dropped", {
    parse: numberIn({ min: 0, max: 1 }),
    initial: 0.5,
  });
  model("--max-iterations <n>", "then the gene is called not-converged", {
    parse: numberIn({ min: 1, max: 1_000_000, integer: true }),
    initial: 100,
  });
  model(
    "--residual-variance <name>",
    "estimated, or fixed at the variance of expression; auto: fixed with --summary, as susie_rss, else estimated",
    { parse: oneOf(["auto", "estimated", "fixed"]), initial: "auto", initialText: "auto" },
  );
  model(
    "--summary <path>",
    "a table (text or Parquet) of phenotype_id, variant_id and z, or slope and slope_se; with effect_allele and other_allele signs are checked. It stands in for the expression; LD is that of the genotypes, projected on the covariates, which should be of the same samples",
  );
  model(
    "--n <people>",
    "with --summary: how many people are behind its statistics, less the covariates of that study (default: its column n, else the samples of the cohort less its covariates)",
    { parse: numberIn({ min: 4, max: 1e9 }) },
  );
}

/** Which genes: at most one way to say so. */
export function checkFinemapOptions(options: FinemapOptions): void {
  if (options.cis !== undefined && options.genes !== undefined) {
    throw new UsageError("--cis and --genes both say which genes to fine-map; give one of them");
  }
  if (options.n !== undefined && options.summary === undefined) {
    throw new UsageError("--n says how many people are behind --summary; give that too, or leave --n out");
  }
}
