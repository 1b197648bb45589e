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
    readonly log10P: number;
  }[];
  readonly credibleSets: readonly {
    readonly set: number;
    readonly coverage: number;
    readonly variants: readonly string[];
    readonly pip: Float64Array;
  }[];
  /** Posterior inclusion probability by row of `pairs(gene)`; NaN where it was not fine-mapped. */
  readonly pip: Float64Array;
}

export interface ComparedResult {
  readonly name: string;
  readonly samples: number;
  readonly genes: number;
}

export interface CohortEffect {
  readonly cohort: string;
  readonly samples: number;
  /** Per copy of the effect allele of the open result: turned where the other result counts the other allele. */
  readonly slope: number;
  readonly slopeSe: number;
  readonly log10P: number;
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
  /** NaN where the file has none. */
  readonly z: Float64Array;
  readonly log10P: Float64Array;
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
  /** What the weight is: `topological overlap`, `correlation`. */
  readonly measure: string;
}
