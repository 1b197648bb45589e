import type { SharedVariance } from "../../cohort/cohort.ts";
import type { ExtraColumns, GeneStatus, MapResult, MapRun } from "../tables.ts";

/** What an interaction map has beside the leads and the null sample of any map. */
export interface InteractionResult extends MapResult {
  /** The leads' numbers, one a gene (NaN without a lead): of the pair (`pairNames`) and of its variant (`variantNames`). */
  readonly leadExtra: ExtraColumns;
  /** Cis: effective number of tests of each gene (eigenMT), or of tests where that was not asked for; NaN without a lead. */
  readonly effectiveTests: Float64Array;
  /** log10 of min(1, p x effective tests), and Benjamini-Hochberg over the genes tested. */
  readonly log10Corrected: Float64Array;
  readonly qCorrected: Float64Array;
  /** Where it was fitted, in the model with the context and without variants. */
  readonly sharedVariance: SharedVariance | undefined;
  /** Of the null sample's pairs, in its order: HC3's standard error and log10 p (of the first context). */
  readonly nullSeHc3: Float64Array;
  readonly nullLog10PHc3: Float64Array;
  /** Lambda of the same sample by HC3; NaN where samples are not independent. */
  readonly lambdaHc3: number;
}

/** A map of the interaction of genotypes with one context, or with several in one model. */
export interface InteractionRun extends MapRun {
  /** Names of the contexts. */
  readonly contexts: readonly string[];
  /** Covariates whose product with the genotype is in the model. */
  readonly byGenotype: readonly string[];
  readonly degreesOfFreedom: number;
  readonly geneStatus: readonly GeneStatus[];
  /** Covariates in the model, products of covariates with contexts among them. */
  readonly covariates: number;
  /** As of {@link InteractionResult}. */
  readonly sharedVariance: SharedVariance | undefined;
  /** Throws before the iteration has ended. */
  result(): InteractionResult;
}
