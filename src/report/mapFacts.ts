import type { Anchor } from "../association/geometry.ts";
import type { GeneTable, MapResult } from "../association/tables.ts";
import type { Permuting } from "../association/trans/permutationFdr.ts";
import { DENSE_FROM } from "../association/transScreen.ts";
import type { MatchReport, Model, VariantFilters } from "../cohort/cohort.ts";
import type { CovarianceKind } from "../cohort/covariance.ts";
import type { Transform } from "../cohort/expression.ts";
import type { Hub } from "./transHubs.ts";

/** What a report says of a run; a `Cohort` has all that `cohort` asks for. */
export interface MapFacts {
  readonly map: CisMap | TransMap;
  /** Of Qortex. */
  readonly version: string;
  /** As it was typed. */
  readonly command?: string | undefined;
  readonly seed: number;
  readonly cohort: CohortFacts;
  readonly result: MapResult;
  /** Genes at or below this q are called significant. */
  readonly significantQ: number;
  /** What the run warned of. */
  readonly messages?: readonly string[] | undefined;
  /** What it said of its files besides: rows that were passed over, ids that were not met. */
  readonly notes?: readonly string[] | undefined;
  readonly files?: readonly OutputFile[] | undefined;
  /** Of a trans map: variants with several genes, those with most first. */
  readonly hubs?: readonly Hub[] | undefined;
}

export interface CisMap {
  readonly kind: "cis";
  /** Base pairs. */
  readonly window: number;
  readonly anchor: Anchor;
  /** The file whose pairs were tested, in place of all within the window. */
  readonly pairs?: string | undefined;
}

export interface TransMap {
  readonly kind: "trans";
  readonly pValue: number;
  /** Base pairs. */
  readonly distance: number;
  readonly allPairs: boolean;
  /** The file whose pairs were left out. */
  readonly crossMapping?: string | undefined;
  readonly crossMappingDistance?: number | undefined;
  /** Where the map was permuted. */
  readonly permuting?: Permuting | undefined;
  /** Where the cis signals come from that were projected out. */
  readonly regressCis?: string | undefined;
}

/** Whether the pairs of a trans map are screened before those that may pass are refined. */
export function isScreened(pValue: number): boolean {
  return pValue < DENSE_FROM;
}

export interface CohortFacts {
  readonly tables: {
    readonly genotypes: { readonly name: string };
    readonly expression: { readonly name: string };
    readonly covariates?: { readonly name: string } | undefined;
    readonly permutationIndices?: { readonly name: string } | undefined;
    readonly contextIsSex?: boolean | undefined;
  };
  readonly filters: VariantFilters;
  readonly transform: Transform;
  readonly model: Model;
  readonly degreesOfFreedom: number;
  readonly report: Omit<
    MatchReport,
    "samples" | "genotypeIndex" | "expressionIndex" | "covariateIndex" | "contextIndex"
  >;
  readonly genes: GeneTable;
  /** Where samples are not independent. */
  readonly covariance?: { readonly kind: CovarianceKind; readonly name: string } | undefined;
}

export interface OutputFile {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
}
