/** What the browser entry and the Node entry have in common. */
export { type CisOptions, mapCis } from "./association/cis.ts";
export type { Anchor } from "./association/geometry.ts";
export { type CisInteractionOptions, mapCisInteraction } from "./association/interaction/cis.ts";
export type { InteractionOptions } from "./association/interaction/session.ts";
export type { InteractionResult, InteractionRun } from "./association/interaction/tables.ts";
export { mapTransInteraction, type TransInteractionOptions } from "./association/interaction/trans.ts";
export { mapPairs, type PairsOptions, type PairsRun, type UntestedPair } from "./association/pairs.ts";
export { type PairValues, pairValues } from "./association/pairValues.ts";
export type { RunOptions } from "./association/run.ts";
export type {
  DroppedVariants,
  LeadTable,
  MapCounts,
  MapResult,
  MapRun,
  NullSample,
  PairBatch,
  Progress,
  VariantTable,
} from "./association/tables.ts";
export { mapTrans, type TransOptions } from "./association/trans.ts";
export {
  buildCohort,
  type Cohort,
  type CohortOptions,
  type CohortTables,
  type GeneStatus,
  type GeneTable,
  type MatchReport,
  type Message,
  type Model,
  type VariantFilters,
} from "./cohort/cohort.ts";
export type { Transform } from "./cohort/expression.ts";
export type { CohortSources, OpenOptions } from "./cohort/open.ts";
export type { VariantStatus } from "./cohort/variants.ts";
export type { Backend } from "./compute/backend.ts";
export {
  BackendError,
  CancelledError,
  InputError,
  LimitError,
  QortexError,
  UsageError,
} from "./errors.ts";
export type { GenotypeBlock, GenotypeSource, Remainders, VariantLabels } from "./formats/genotypes.ts";
export { parseRegions, type Region } from "./formats/regions.ts";
export { type ByteSource, blobSource, bytesSource } from "./formats/source.ts";
export type { OpenSpool, Spool } from "./formats/spool.ts";
export type { Coupling, CovariateTable, ExpressionTable, PairList } from "./formats/tables.ts";
export type { VcfOptions } from "./formats/vcfOptions.ts";
