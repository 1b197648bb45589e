/** Columns that the engine answers with; see ./protocol.ts for what asks for them. */

import type { GeneModel } from "../../formats/geneModels.ts";

/** A chromosome on the genome's axis: `offset` + position - `first`. */
export interface ChromosomeSpan {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  readonly offset: number;
}

export interface PairKey {
  readonly gene: string;
  readonly variant: string;
}

/** Column by column; numbers are NaN and texts empty where a gene has none. */
export interface GeneColumns {
  readonly id: readonly string[];
  readonly symbol: readonly string[];
  readonly chromosome: readonly string[];
  readonly start: Int32Array;
  readonly end: Int32Array;
  readonly strand: readonly string[];
  readonly status: readonly string[];
  readonly numVariants: Int32Array;
  readonly variant: readonly string[];
  readonly position: Int32Array;
  readonly effectAllele: readonly string[];
  readonly otherAllele: readonly string[];
  readonly af: Float64Array;
  readonly slope: Float64Array;
  readonly slopeSe: Float64Array;
  /** Negative. */
  readonly log10P: Float64Array;
  readonly q: Float64Array;
  /** Of permutations: the share of them that did as well, and log10 of the p of the beta distribution fitted to them. */
  readonly pPerm: Float64Array;
  readonly log10PBeta: Float64Array;
  /** log10 of the nominal p at and below which a variant of the gene is significant, where the gene is. */
  readonly log10Threshold: Float64Array;
  /** Allelic fold change, log2, of the effect allele; why there is none otherwise. */
  readonly log2Afc: Float64Array;
  readonly log2AfcSe: Float64Array;
  readonly afcStatus: readonly string[];
  /** Of a map of interactions: the context whose numbers these are, and all that the result has, in the table's order. */
  readonly context?: string | undefined;
  readonly contexts?: readonly string[] | undefined;
}

export interface PointColumns {
  /** On the axis of {@link ResultView.layout}, ascending. */
  readonly x: Float64Array;
  /** -log10 p. */
  readonly y: Float32Array;
  /** Row of {@link GeneColumns}. */
  readonly gene: Uint32Array;
  /** Variant of point i is `variants[variant[i]]`. */
  readonly variant: Uint32Array;
  readonly variants: readonly string[];
  /** Trans only: where the gene lies on the axis. */
  readonly geneX?: Float64Array | undefined;
}

export interface PairColumns {
  readonly variant: readonly string[];
  readonly chromosome: readonly string[];
  readonly position: Int32Array;
  readonly effectAllele: readonly string[];
  readonly otherAllele: readonly string[];
  readonly af: Float64Array;
  readonly slope: Float64Array;
  readonly slopeSe: Float64Array;
  readonly log10P: Float64Array;
}

export interface SampleValues {
  readonly samples: readonly string[];
  /** Copies of the effect allele; NaN without a call. */
  readonly genotype: Float64Array;
  readonly expression: Float64Array;
  /** Covariates taken out. */
  readonly residual: Float64Array;
  readonly effectAllele: string;
  readonly otherAllele: string;
}

export interface GeneSignals {
  readonly independent: readonly {
    readonly rank: number;
    readonly variant: string;
    /** The other signals given. */
    readonly log10P: number;
    /** The same of all variants, by row of `pairs(gene)`: NaN where it was not tested. Undefined where it is not known. */
    readonly given?: Float64Array | undefined;
  }[];
  readonly credibleSets: readonly {
    readonly set: number;
    readonly coverage: number;
    readonly variants: readonly string[];
    readonly pip: Float64Array;
  }[];
  /** Posterior inclusion probability by row of `pairs(gene)`; NaN where it was not fine-mapped. */
  readonly pip: Float64Array;
  /** Where both come from, or why the gene was not searched or not fine-mapped: a sentence each. */
  readonly says: readonly string[];
}

export interface ComparedResult {
  readonly name: string;
  readonly samples: number;
  readonly genes: number;
}

export interface CohortEffect {
  readonly cohort: string;
  readonly samples: number;
  /** Per copy of the effect allele of the open result: turned where the other result counts the other allele. NaN where left out. */
  readonly slope: number;
  readonly slopeSe: number;
  readonly log10P: number;
  /** Why there is no effect. */
  readonly leftOut?: string | undefined;
}

export interface Region {
  readonly chromosome: string;
  readonly start: number;
  readonly end: number;
}

export interface RegionTracks {
  readonly genes: readonly GeneModel[];
  /** Centimorgans a megabase between positions. */
  readonly recombination?: { readonly position: Int32Array; readonly rate: Float64Array } | undefined;
  readonly gwas?: GwasColumns | undefined;
}

export interface GwasColumns {
  readonly variant: readonly string[];
  readonly position: Int32Array;
  readonly effectAllele: readonly string[];
  readonly otherAllele: readonly string[];
  /** Of the effect allele; NaN where the file has none, as z. */
  readonly frequency: Float64Array;
  readonly z: Float64Array;
  readonly log10P: Float64Array;
}

export interface GwasLoci {
  /** Strongest first. */
  readonly loci: readonly GwasLocus[];
  /** What is to be known of the match of its variants with the result's: a sentence each. */
  readonly says: readonly string[];
}

export interface GwasLocus extends Region {
  readonly variant: string;
  readonly position: number;
  readonly log10P: number;
  /** Rows of {@link GeneColumns} whose windows hold it, strongest first. */
  readonly genes: Uint32Array;
}

export interface InteractionValues extends SampleValues {
  readonly context: Float64Array;
}

export interface ModuleColumns {
  /** Module of each gene of `gene`; 0 is none. */
  readonly gene: readonly string[];
  readonly module: Int32Array;
  /** Correlation of the gene with its module's eigengene. */
  readonly membership: Float64Array;
  readonly sizes: Int32Array;
  /** `turquoise`, as WGCNA names them; index 0 is `grey`. */
  readonly colours: readonly string[];
  /** Strongest gene of each module. */
  readonly hubs: readonly string[];
}

export interface NetworkGraph {
  readonly nodes: readonly { readonly gene: string; readonly module: number; readonly membership: number }[];
  /** Index of `nodes` of both ends, weight by weight. */
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly weight: Float64Array;
  readonly measure: GraphMeasure | "module membership";
  /** What could be asked for in its place. */
  readonly measures: readonly GraphMeasure[];
  /** How edges were computed, of what: a sentence. */
  readonly says: string;
}

/** What the weight of an edge is. */
export type GraphMeasure = "topological overlap" | "correlation";

/** A module or the neighbours of a gene; by overlap where that can be computed, unless it is asked otherwise. */
export type GraphWanted = ({ readonly module: number } | { readonly gene: string }) & {
  readonly measure?: GraphMeasure | undefined;
};
