import type { InteractionResult } from "../association/interaction/tables.ts";
import type { CohortFacts, MapFacts, OutputFile } from "./mapFacts.ts";

/** How interactions were asked for. */
export interface InteractionAsked {
  readonly mafInteraction: number;
  /** HC3 is there for pairs up to this p. */
  readonly hc3Below: number;
  readonly covariateByContext: readonly string[];
  /** Whether p is corrected within a gene by effective tests. */
  readonly eigenMT: boolean;
}

/** What is said of one or several interaction maps of a cohort. */
export interface InteractionFacts extends InteractionAsked {
  readonly map: MapFacts["map"];
  /** Of Qortex. */
  readonly version: string;
  readonly seed: number;
  readonly cohort: CohortFacts;
  readonly significantQ: number;
  readonly maps: readonly ContextMap[];
  readonly files: readonly OutputFile[];
}

/** The model of one context, or of several. */
export interface ContextModel {
  readonly context: string;
  readonly contexts: readonly string[];
  readonly byGenotype: readonly string[];
  readonly degreesOfFreedom: number;
  readonly covariates: number;
}

/** Its map. */
export interface ContextMap extends ContextModel {
  readonly result: InteractionResult;
}

/** A gene's lead, as terminal and report show it. */
export interface InteractionLead {
  readonly gene: number;
  readonly log10Corrected: number;
  readonly q: number;
}

/** Genes with a lead, the strongest first: by corrected p, then p, then gene order; at most `limit`. */
export function strongestInteractions(
  { result }: ContextMap,
  limit = Number.POSITIVE_INFINITY,
): InteractionLead[] {
  const { leads, log10Corrected, qCorrected } = result;
  return [...leads.leadVariant.keys()]
    .filter((gene) => leads.leadVariant[gene]! >= 0)
    .sort((a, b) => log10Corrected[a]! - log10Corrected[b]! || leads.log10P[a]! - leads.log10P[b]! || a - b)
    .slice(0, limit)
    .map((gene) => ({ gene, log10Corrected: log10Corrected[gene]!, q: qCorrected[gene]! }));
}

/** How many genes have a lead at or below the run's q. */
export function significantInteractions({ result }: ContextMap, significantQ: number): number {
  return result.qCorrected.reduce((count, q) => count + (q <= significantQ ? 1 : 0), 0);
}
