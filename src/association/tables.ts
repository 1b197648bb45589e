import type { GeneStatus, GeneTable } from "../cohort/cohort.ts";
import type { CohortMarks } from "../cohort/marks.ts";
import type { VariantStatus } from "../cohort/variants.ts";
import type { VariantLabels } from "../formats/genotypes.ts";
import type { ChooseParts, MapPart, PartTable } from "./mapPart.ts";
import type { GeneLevelPlan } from "./permutation/discovery.ts";
import type { GeneLevel } from "./permutation/geneLevel.ts";
import type { MapSummary } from "./summary.ts";
import type { CrossMappedPairs } from "./trans/crossMapping.ts";
import type { TransPermutations } from "./trans/permutationFdr.ts";

export type { CohortMarks, GeneStatus, GeneTable, VariantStatus };

/** Numbers that some maps have beside the usual ones, by the name of their column. */
export type ExtraColumns = Readonly<Record<string, Float64Array>>;

/** Variants with their names and allele statistics, as tensorQTL defines them. */
export interface VariantTable extends VariantLabels {
  /** Frequency of the effect allele. */
  readonly af: Float64Array;
  /** Samples that carry the minor allele. */
  readonly maSamples: Int32Array;
  /** Copies of the minor allele. */
  readonly maCount: Int32Array;
  readonly extra?: ExtraColumns | undefined;
}

/** Variants that were not tested, and why. */
export interface DroppedVariants extends VariantTable {
  readonly status: readonly VariantStatus[];
}

/**
 * One part of a map: self-contained, so that parts can be stored, sharded and merged.
 * Row i is the pair (variants[variant[i]], genes[gene[i]]). Rows are in output order, and so are parts.
 */
export interface PairBatch {
  /** The number of the part in the plan. A part with very many pairs comes as several batches. */
  readonly part: number;
  readonly variants: VariantTable;
  readonly dropped: DroppedVariants;
  readonly variant: Uint32Array;
  readonly gene: Uint32Array;
  /** Change of expression per copy of the effect allele, in units of the expression analysed. */
  readonly slope: Float64Array;
  readonly slopeSe: Float64Array;
  /** log10 of the two-sided p-value; at most 0, exact where p itself underflows. */
  readonly log10P: Float64Array;
  readonly extra?: ExtraColumns | undefined;
}

/** One row a gene: the lead variant of the gene, or why there is none (lead index -1, numbers NaN). */
export interface LeadTable {
  readonly status: readonly GeneStatus[];
  /** Variants tested with the gene. */
  readonly numVariants: Float64Array;
  /** Index of the lead variant in the genotype source, or -1. */
  readonly leadVariant: Int32Array;
  /** One row a gene; ids are empty and numbers 0 where there is no lead. */
  readonly lead: VariantTable;
  readonly slope: Float64Array;
  readonly slopeSe: Float64Array;
  readonly log10P: Float64Array;
  /** log10 of min(1, p * numVariants). */
  readonly log10Bonferroni: Float64Array;
  /** Benjamini-Hochberg over the genes tested, of the Bonferroni p. */
  readonly qBonferroni: Float64Array;
}

/**
 * A seeded sample of the tested pairs, whatever their p: the null distribution of the run. Pair i is
 * (variantId[variant[i]], genes[gene[i]]); a pair may be drawn twice.
 */
export interface NullSample {
  readonly variantId: readonly string[];
  readonly variant: Uint32Array;
  readonly gene: Uint32Array;
  readonly slope: Float64Array;
  readonly slopeSe: Float64Array;
  readonly log10P: Float64Array;
  /** Median of t^2-equivalent chi-square over its expectation. */
  readonly lambda: number;
}

/** What a run counted. `dropped` and `genes` are keyed by status. */
export interface MapCounts {
  readonly tests: number;
  readonly hits: number;
  readonly candidates: number;
  readonly pairsScreened: number;
  /** The same by the backend that did the work: one that fell back on another shows here. */
  readonly pairsBy: Readonly<Record<string, number>>;
  readonly backend: string;
  readonly variantsRead: number;
  readonly variantsTested: number;
  readonly dropped: Readonly<Partial<Record<VariantStatus, number>>>;
  readonly genes: Readonly<Partial<Record<GeneStatus, number>>>;
}

/** Genes that met a variant, whether or not a pair of theirs was written. */
export function genesTested(counts: MapCounts): number {
  return (counts.genes.ok ?? 0) + (counts.genes["no-hit"] ?? 0) + (counts.genes["not-converged"] ?? 0);
}

export interface MapResult {
  readonly leads: LeadTable;
  /** Tests of genes beyond Bonferroni's, where they were asked for. */
  readonly geneLevel?: GeneLevel | undefined;
  readonly null: NullSample;
  /** Tables that a job adds to its parts, by name. */
  readonly tables: Readonly<Record<string, PartTable>>;
  readonly counts: MapCounts;
  /** Of a trans map with permutations. */
  readonly permutations?: TransPermutations;
  /** Of a trans map that cis signals were projected out of: how many, and of how many genes. */
  readonly cisSignals?: { readonly signals: number; readonly genes: number };
  /** Of a trans map that left out pairs that cross-map. */
  readonly crossMapped?: CrossMappedPairs;
}

/** A map in the making: iterate to get its pairs; `result()` afterwards. */
export interface MapRun extends AsyncIterable<PairBatch> {
  readonly genes: GeneTable;
  /** Of its cohort: in the metadata of every table. */
  readonly marks: CohortMarks;
  /**
   * The same part by part, with all that the finished map needs of each; those that `choose` names, all by default.
   * A run is iterated once, this way or that.
   */
  parts(choose?: ChooseParts): AsyncIterable<MapPart>;
  /** An empty summary, to gather parts (from `first` on) that come from elsewhere than this iteration. */
  summary(first?: number): MapSummary;
  /** Throws before all parts of the map have come. */
  result(): MapResult;
  /** Of a cis map whose genes are tested further: what {@link withGeneLevel} takes beside the parts. */
  readonly geneLevelPlan?: GeneLevelPlan | undefined;
}

export interface Progress {
  /** Pairs done and in all. */
  readonly done: number;
  readonly total: number;
  readonly phase: "reading" | "testing" | "writing";
}
