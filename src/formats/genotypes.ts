/**
 * Genotypes of one cohort, as every format reader hands them over and every backend takes them.
 * The value of a variant in a sample is the number (or expected number) of copies of its effect allele.
 */

/** Codes of the two bits of a call: 0, 1 or 2 copies of the effect allele, or 3 = missing. */
export const MISSING_CALL = 3;

/**
 * What dosages have beside their calls, in compressed rows: entries `offset[v]` to `offset[v + 1]` are variant
 * v's, and say that the dosage of `sample` is its call plus `value`. The call is the whole number nearest to the
 * dosage, so the difference is exact in f64 and the sum is the file's number to the bit. No sample without
 * a call, and none twice, has an entry; samples without one have their call.
 */
export interface Remainders {
  /** One more than there are variants; `offset[0]` is 0. */
  readonly offset: Uint32Array;
  readonly sample: Uint32Array;
  readonly value: Float64Array;
}

/**
 * A run of variants, samples fastest. Sample s of variant v is the two bits
 * `(packed[v * stride + (s >> 2)] >> (2 * (s & 3))) & 3`; bits past the last sample are 0.
 */
export interface GenotypeBlock {
  /** Index of the first variant in the source. */
  readonly start: number;
  readonly count: number;
  readonly samples: number;
  /** Bytes a variant: ceil(samples / 4). */
  readonly stride: number;
  readonly packed: Uint8Array;
  /** Absent where all dosages are whole numbers. */
  readonly remainder?: Remainders | undefined;
}

/** What names a variant. `position` is 1-based. */
export interface VariantLabels {
  readonly id: readonly string[];
  readonly chromosome: readonly string[];
  readonly position: Int32Array;
  readonly effectAllele: readonly string[];
  readonly otherAllele: readonly string[];
}

/** A number a variant, by its index: a typed array, or what holds the same in less memory (variantPlaces.ts). */
export interface NumberByVariant extends Iterable<number> {
  readonly length: number;
  at(variant: number): number | undefined;
}

export interface Positions extends NumberByVariant {
  /** Those of variants `start` to `end` (exclusive), as an array of their own. */
  slice(start: number, end: number): Int32Array;
}

/**
 * Variants in file order, readable in any order by index. What it holds in memory is a few bytes a
 * variant (chromosome code, position), never the calls.
 */
export interface GenotypeSource {
  /** What messages call it. */
  readonly name: string;
  /** What the user should know about the file (variants renamed, unplaced, ...), one line each. */
  readonly messages?: readonly string[];
  /** Sample ids in file order. */
  readonly samples: readonly string[];
  readonly variantCount: number;
  /** Chromosome names as the file writes them; the code of a variant indexes this list. */
  readonly chromosomes: readonly string[];
  readonly chromosomeCode: NumberByVariant;
  /** 1-based. */
  readonly position: Positions;
  /**
   * What the file says of the samples' sex, in PLINK's codes (1 male, 2 female, 0 unknown): the fifth column of a .fam; or who has
   * haploid calls on X. Absent where it says nothing of anybody.
   */
  readonly sex?: { readonly of: Uint8Array; readonly from: string } | undefined;
  /** Bytes of memory that the reader takes for each variant, where they are more than places, and ids while they are checked. */
  readonly variantBytes?: number | undefined;
  /** How many dosages of the file are not whole numbers; absent: none. */
  readonly remainders?: number | undefined;
  /** 1 for variants of X that the file has under a name of pseudo-autosomal regions. */
  readonly pseudoAutosomal?: Uint8Array | undefined;
  /** Where `read` gives other calls than the file has (males' on X): the file's own. */
  readonly asWritten?: GenotypeSource | undefined;
  /**
   * Variants `start` to `end` (exclusive) for the file's samples `sampleIndex`, in that order. Calls may lie in memory that `take` gives,
   * whatever is in it.
   */
  read(
    start: number,
    end: number,
    sampleIndex: Uint32Array,
    take?: (bytes: number) => ArrayBuffer,
  ): Promise<GenotypeBlock>;
  /**
   * Names and alleles of variants `start` to `end` (exclusive). Where only some are `wanted` (their indices, ascending), ids and
   * alleles of the others may be "".
   */
  labels(start: number, end: number, wanted?: Uint32Array): Promise<VariantLabels>;
  /** Gives back what the reader stored for the time of the run, where it did. */
  close?(): Promise<void>;
}
