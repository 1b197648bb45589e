/** What the browser entry and the Node entry have in common. */
export { type CisOptions, mapCis } from "./association/cis.ts";
export {
  type Covariates,
  type CovariatesOptions,
  covariatesOf,
  type GenotypeStage,
} from "./association/covariates.ts";
export type { Driver } from "./association/drivenComponents.ts";
export type { Anchor } from "./association/geometry.ts";
export { type CisInteractionOptions, mapCisInteraction } from "./association/interaction/cis.ts";
export type { InteractionOptions } from "./association/interaction/session.ts";
export type { InteractionResult, InteractionRun } from "./association/interaction/tables.ts";
export { mapTransInteraction, type TransInteractionOptions } from "./association/interaction/trans.ts";
export type { ChooseParts, MapPart, PartPlan, PartTable } from "./association/mapPart.ts";
export { mapPairs, type PairsOptions, type PairsRun, type UntestedPair } from "./association/pairs.ts";
export { type PairValues, pairValues } from "./association/pairValues.ts";
export { memoryParts, type PartStore, storedParts } from "./association/parts.ts";
export { checkParts, completeParts, type Shard, type StoredParts } from "./association/resume.ts";
export type { RunOptions } from "./association/run.ts";
export { MapSummary } from "./association/summary.ts";
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
export type { ComponentChoice, Titration, TitrationPoint } from "./association/titration.ts";
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
export {
  type Components,
  expressionComponents,
  genotypeComponents,
  principalComponents,
  residualComponents,
} from "./cohort/components.ts";
export type { CohortCovariance } from "./cohort/covariance.ts";
export type { Transform } from "./cohort/expression.ts";
export {
  type ExpressionSet,
  type ExpressionSetOptions,
  type ExpressionStatus,
  type ExpressionValues,
  expressionSet,
} from "./cohort/expressionSet.ts";
export type { Build } from "./cohort/longRangeLd.ts";
export type { CohortSources, OpenOptions } from "./cohort/open.ts";
export type { SexOptions } from "./cohort/openSexes.ts";
export { type PrunedVariants, type PruneOptions, pruneVariants } from "./cohort/pruning.ts";
export type { ChrX, ChrXReport, MaleCoding, SexChromosomes } from "./cohort/sexChromosomes.ts";
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
export type {
  Coupling,
  CovarianceTable,
  CovariateTable,
  DonorList,
  ExpressionTable,
  PairList,
  SampleMatrix,
} from "./formats/tables.ts";
export type { VcfOptions } from "./formats/vcfOptions.ts";
export { Adjacency, type NetworkType } from "./network/adjacency.ts";
export { betweenness, type Centralities, centralities } from "./network/centrality.ts";
export {
  type ComponentFit,
  type ComponentScoreOptions,
  type ComponentScores,
  componentScores,
} from "./network/componentScores.ts";
export {
  type Decomposition,
  type GeneComponents,
  type GeneComponentsOptions,
  geneComponents,
} from "./network/components.ts";
export { bestTrial, type ComponentTrial, componentTrials } from "./network/componentTrials.ts";
export {
  CorrelationScale,
  type GenePairs,
  type GeneProfiles,
  geneProfiles,
  nearestPairs,
  profilesOf,
  strongPairs,
} from "./network/coregulation.ts";
export { type CorrelatedPairs, type CorrelateOptions, correlate } from "./network/correlate.ts";
export { Correlator, type PairLimits, type PairStatistic } from "./network/correlator.ts";
export { cronbachAlpha, reliableComponents } from "./network/cronbach.ts";
export { correlationMatrix, correlationRows } from "./network/denseMatrix.ts";
export { type Eigengenes, eigengenes, type ScaledGenes, scaledGenes } from "./network/eigengenes.ts";
export {
  type Overlap,
  overlapEnrichment,
  type RankedEnrichment,
  rankedEnrichment,
} from "./network/enrichment.ts";
export { type FunctionPrediction, predictFunctions } from "./network/functionPrediction.ts";
export {
  type CorrelationBlock,
  type GeneCorrelationOptions,
  geneCorrelations,
} from "./network/geneCorrelation.ts";
export type { GlsFit } from "./network/generalisedLeastSquares.ts";
export {
  type GeneTestOptions,
  type GeneTestStatus,
  type GeneTests,
  type PlacedGenes,
  testGenes,
} from "./network/geneTests.ts";
export { type Graph, graphOf } from "./network/graph.ts";
export {
  type KeyGeneOptions,
  keyGenes,
  type NetworkPlaces,
  type TraitGenes,
  TraitModel,
  type TraitModelOptions,
} from "./network/keyGenes.ts";
export { LdReference, type LdReferenceCounts, type LdReferenceOptions } from "./network/ldReference.ts";
export { type Communities, leiden, modularity } from "./network/leiden.ts";
export { averageLinkage, type Dendrogram } from "./network/linkage.ts";
export type { Measure } from "./network/measure.ts";
export { type Memberships, memberships } from "./network/membership.ts";
export { mergeModules } from "./network/merging.ts";
export { type ModulesOptions, type ModulesResult, modulesOf } from "./network/modules.ts";
export { type NullGwas, type NullGwasOptions, nullGwas } from "./network/nullGwas.ts";
export { MomentSums, type NullLaw, type NullMoments, nullLaw, nullLog10P } from "./network/nullMoments.ts";
export { topologicalOverlap } from "./network/overlap.ts";
export { type OverlapCells, overlapCells } from "./network/overlapCells.ts";
export {
  type ModulePreservation,
  modulePreservation,
  type PreservationOptions,
} from "./network/preservation.ts";
export { PowerScan, type ScaleFreeFit, scaleFreeFit } from "./network/scaleFree.ts";
export { traitGenes } from "./network/traitGenes.ts";
export { cutTree, type TreeCutOptions } from "./network/treeCut.ts";
export { type ModulePictureData, modulePicture } from "./report/modulePicture.ts";
export { type OverlapMapData, overlapMap } from "./report/overlapMap.ts";
export { type ChiSquareSumTails, chiSquareSumTails, log10ChiSquareSum } from "./statistics/chiSquareSum.ts";
export { type CredibleSet, credibleSets } from "./statistics/credibleSets.ts";
export { genotypeLd, matrixLd } from "./statistics/ld.ts";
export { type Ld, type SusieFit, type SusieOptions, susie } from "./statistics/susie.ts";
export { type FinemapOptions, finemap, type GeneFinemap } from "./targets/finemap.ts";
