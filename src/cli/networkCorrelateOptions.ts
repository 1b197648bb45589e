import type { Command } from "commander";
import { UsageError } from "../errors.ts";
import type { NetworkOptions } from "./networkOptions.ts";
import { group } from "./options.ts";
import { numberIn, oneOf } from "./values.ts";

/** What methods are called in sentences. */
export const METHODS = {
  pearson: "Pearson",
  spearman: "Spearman",
  bicor: "biweight midcorrelation",
} as const;

/** How genes are correlated, which more than one command asks. */
export interface MeasureOptions {
  readonly method: "pearson" | "spearman" | "bicor";
  readonly maxPOutliers: number;
}

export interface CorrelateOptions extends NetworkOptions, MeasureOptions {
  readonly minR?: number;
  readonly pValue?: number;
  readonly top?: number;
  readonly dense?: "npy" | "parquet";
}

export const CORRELATE_DESCRIPTION = `Correlations between all pairs of genes, over the samples of one cohort or combined over several
(Fisher's z, weighted; with heterogeneity). Writes the pairs that pass a limit, or each gene's
strongest partners, with n, r, p and q.`;

export function addMeasureOptions(command: Command): void {
  const add = group(command, "Correlation:");
  add(
    "--method <name>",
    "pearson; spearman (ties averaged); bicor, the biweight midcorrelation, which outliers move little",
    { parse: oneOf(["pearson", "spearman", "bicor"]), initial: "pearson", initialText: "pearson" },
  );
  add("--max-p-outliers <share>", "bicor: at most this share of samples is an outlier on either side", {
    parse: numberIn({ min: 0, max: 1, aboveMin: true }),
    initial: 1,
    initialText: "1, no limit",
  });
}

/** Where none of --min-r, --p-value and --top says which pairs to write. */
export const DEFAULT_MIN_R = 0.5;

export function addCorrelateOptions(command: Command): void {
  addMeasureOptions(command);
  const add = group(command, "Pairs to write:");
  add(
    "--min-r <r>",
    `those with |r| of at least this; 0: all pairs (default: ${DEFAULT_MIN_R}, where no other limit is given)`,
    {
      parse: numberIn({ min: 0, max: 1 }),
    },
  );
  add("--p-value <p>", "those with p of at most this", {
    parse: numberIn({ min: 0, max: 1, aboveMin: true }),
  });
  add("--top <k>", "each gene with the k others of largest |r|, of those that pass the other limits", {
    parse: numberIn({ min: 1, max: 100_000, integer: true }),
  });
  add(
    "--dense [format]",
    "also all correlations, genes x genes: npy (default), correlation.npy in NumPy's format; or parquet, correlation.parquet, a row a gene with the list r of its correlations. 32-bit floats: the one output that is not f64",
    { parse: oneOf(["npy", "parquet"]), preset: "npy" },
  );
}

/** Throws {@link UsageError} for options that do not go together. */
export function checkMeasure(options: MeasureOptions): void {
  if (options.maxPOutliers < 1 && options.method !== "bicor") {
    throw new UsageError("--max-p-outliers is of --method bicor; leave it out");
  }
}
