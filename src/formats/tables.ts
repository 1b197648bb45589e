/** Tables of a cohort as the format readers return them, before samples are matched. */

/** Genes x samples. */
export interface ExpressionTable {
  readonly name: string;
  /** What the user should know about the file, one line each. */
  readonly messages?: readonly string[];
  readonly samples: readonly string[];
  readonly id: readonly string[];
  readonly chromosome: readonly string[];
  /** BED start, 0-based. */
  readonly start: Int32Array;
  /** BED end, exclusive 0-based (so also the 1-based last base). */
  readonly end: Int32Array;
  /** `+`, `-` or `.`. */
  readonly strand: readonly string[];
  /** Of an annotation; empty where it says nothing. */
  readonly symbol?: readonly string[] | undefined;
  readonly biotype?: readonly string[] | undefined;
  /** `values[gene * samples + sample]`. */
  readonly values: Float64Array;
}

/** Covariates as text cells: `cells[covariate][sample]`; a category is turned into dummies later. */
export interface CovariateTable {
  readonly name: string;
  readonly samples: readonly string[];
  readonly covariates: readonly string[];
  readonly cells: readonly (readonly string[])[];
}

/** Genotype sample -> expression sample (and donor, where the file has a third column). */
export interface Coupling {
  readonly name: string;
  readonly genotypeSample: readonly string[];
  readonly expressionSample: readonly string[];
  readonly donor: readonly string[];
}

/** Pairs of a variant and a gene, each once, in the order of the file. */
export interface PairList {
  readonly name: string;
  readonly variant: readonly string[];
  readonly gene: readonly string[];
  /** Lines that repeat a pair. */
  readonly repeated: number;
}

/** A symmetric matrix of samples: a covariance, or how related they are. */
export interface SampleMatrix {
  readonly name: string;
  /** Undefined where the file has none: then its rows are the expression's samples in their order. */
  readonly samples: readonly string[] | undefined;
  /** Rows, and columns. */
  readonly size: number;
  /** The whole matrix, or the pairs that are not 0; of either, a pair is there once, or both ways with one value. */
  readonly values: Float64Array | SamplePairs;
  /** Samples that it lacks: an error, or unrelated to all others (1 on the diagonal). */
  readonly absent: "error" | "unrelated";
  /** What was made of the file, one line each. */
  readonly messages?: readonly string[] | undefined;
}

/** Entries of a symmetric matrix that are not 0; those of the diagonal that are not there are 1. */
export interface SamplePairs {
  readonly first: Uint32Array;
  readonly second: Uint32Array;
  readonly value: Float64Array;
}

/** A covariance of samples: their errors' own, or a relationship whose share is fitted gene by gene. */
export interface CovarianceTable {
  readonly kind: "given" | "relatedness";
  readonly matrix: SampleMatrix;
}

/** Whose sample each is: several samples of one donor share the donor's genotypes. */
export interface DonorList {
  readonly name: string;
  readonly sample: readonly string[];
  /** By the id that the genotypes have. */
  readonly donor: readonly string[];
}
