import type { Anchor } from "../association/geometry.ts";
import { distanceTo } from "../association/output.ts";
import { canonicalChromosome } from "../cohort/chromosomes.ts";
import type { MapFacts } from "./mapFacts.ts";
import { bases } from "./numbers.ts";

/** The lead variants of a map, for terminal and report alike. */

/** A gene and its lead variant. */
export interface Lead {
  /** Index in the gene table. */
  readonly index: number;
  readonly gene: string;
  readonly geneChromosome: string;
  readonly geneStart: number;
  readonly variant: string;
  readonly chromosome: string;
  readonly position: number;
  readonly effectAllele: string;
  readonly otherAllele: string;
  readonly af: number;
  /** As the table of genes has it, see {@link leadDistances}. */
  readonly distance: number;
  readonly slope: number;
  readonly slopeSe: number;
  readonly log10P: number;
  /** log10 of p corrected for the gene's variants, and q of that over genes. */
  readonly log10Corrected: number;
  readonly q: number;
}

/** What the functions below need to know of a run. */
export type LeadFacts = Pick<MapFacts, "map" | "result" | "significantQ"> & {
  readonly cohort: Pick<MapFacts["cohort"], "genes">;
};

/**
 * The genes that have a lead variant and a corrected p (of a group of phenotypes, the one that stands for it), in gene order.
 */
function allLeads(facts: LeadFacts): Lead[] {
  const { genes } = facts.cohort;
  const { lead, ...leads } = facts.result.leads;
  const level = facts.result.geneLevel;
  const log10Corrected = level?.log10P ?? leads.log10Bonferroni;
  const q = level?.q ?? leads.qBonferroni;
  const distance = leadDistances(facts);
  const found: Lead[] = [];
  for (let g = 0; g < genes.id.length; g++) {
    if (!(leads.leadVariant[g]! >= 0) || Number.isNaN(log10Corrected[g])) continue;
    found.push({
      index: g,
      gene: genes.id[g]!,
      geneChromosome: genes.chromosome[g]!,
      geneStart: genes.start[g]!,
      variant: lead.id[g]!,
      chromosome: lead.chromosome[g]!,
      position: lead.position[g]!,
      effectAllele: lead.effectAllele[g]!,
      otherAllele: lead.otherAllele[g]!,
      af: lead.af[g]!,
      distance: distance[g]!,
      slope: leads.slope[g]!,
      slopeSe: leads.slopeSe[g]!,
      log10P: leads.log10P[g]!,
      log10Corrected: log10Corrected[g]!,
      q: q[g]!,
    });
  }
  return found;
}

/**
 * The strongest genes, at most `limit`; ties in gene order. In a cis map by corrected p, the order of q, then by p;
 * in a trans map, where nearly all variants are tested with every gene, by p, so that it can be told before all are.
 */
export function strongestLeads(facts: LeadFacts, limit = Number.POSITIVE_INFINITY): Lead[] {
  const corrected = facts.map.kind === "cis";
  const before = (a: Lead, b: Lead): number =>
    (corrected ? ascending(a.log10Corrected, b.log10Corrected) : 0) ||
    ascending(a.log10P, b.log10P) ||
    a.index - b.index;
  return allLeads(facts).sort(before).slice(0, limit);
}

/** Not a difference: that of two infinities is no number. */
function ascending(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The leads at or below the run's q, in gene order. */
export function significantLeads(facts: LeadFacts): Lead[] {
  return allLeads(facts).filter(({ q }) => q <= facts.significantQ);
}

/** Distances of the significant leads that lie on their gene's chromosome. */
export function significantDistances(facts: LeadFacts): Float64Array {
  return Float64Array.from(significantLeads(facts), (lead) => lead.distance).filter(
    (distance) => !Number.isNaN(distance),
  );
}

/** Where distances are measured from: what the `distance` column of the run's tables follows. */
export function anchorOf(map: MapFacts["map"]): Anchor {
  return map.kind === "cis" ? map.anchor : "tss";
}

/** The same in words, to follow `from the gene's`. */
export function anchorText(map: MapFacts["map"]): string {
  return anchorOf(map) === "body" ? "nearest end" : "first base";
}

/** `-89 kb from the gene's first base`. */
export function leadPlace(lead: Lead, map: MapFacts["map"]): string {
  return Number.isNaN(lead.distance)
    ? "on another chromosome"
    : `${bases(lead.distance)} from the gene's ${anchorText(map)}`;
}

/**
 * Signed distance of each gene's lead variant in base pairs, as `start_distance` or `body_distance` of the
 * gene table; NaN without a lead, or with one on another chromosome.
 */
export function leadDistances({ map, cohort, result }: LeadFacts): Float64Array {
  const { lead, leadVariant } = result.leads;
  const { genes } = cohort;
  return Float64Array.from(leadVariant, (variant, g) => {
    const near =
      canonicalChromosome(lead.chromosome[g] ?? "") === canonicalChromosome(genes.chromosome[g] ?? "");
    return variant >= 0 && near
      ? distanceTo(genes, g, lead.position[g] ?? Number.NaN, anchorOf(map))
      : Number.NaN;
  });
}
