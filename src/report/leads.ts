import { escape as closure, table } from "arquero";
import type { GeneTable, LeadTable } from "../association/tables.ts";
import { canonicalChromosome } from "../cohort/chromosomes.ts";

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
  /** From the TSS, see {@link tssDistance}. */
  readonly distance: number;
  readonly slope: number;
  readonly slopeSe: number;
  readonly log10P: number;
  readonly log10Bonferroni: number;
  readonly q: number;
}

/** The genes that have a lead variant, strongest first; ties in gene order. */
export function strongestLeads(genes: GeneTable, leads: LeadTable, limit = genes.id.length): Lead[] {
  const { lead } = leads;
  const rows = table({
    index: Int32Array.from(genes.id.keys()),
    gene: genes.id,
    geneChromosome: genes.chromosome,
    geneStart: genes.start,
    variant: lead.id,
    chromosome: lead.chromosome,
    position: lead.position,
    effectAllele: lead.effectAllele,
    otherAllele: lead.otherAllele,
    af: lead.af,
    distance: tssDistances(genes, leads),
    slope: leads.slope,
    slopeSe: leads.slopeSe,
    log10P: leads.log10P,
    log10Bonferroni: leads.log10Bonferroni,
    q: leads.qBonferroni,
    leadVariant: leads.leadVariant,
  });
  return rows
    .filter(closure((row: { leadVariant: number }) => row.leadVariant >= 0))
    .orderby("log10P", "index")
    .objects({ limit }) as Lead[];
}

/** How many genes have q <= `q`. */
export function significantGenes(leads: LeadTable, q: number): number {
  let number = 0;
  for (const value of leads.qBonferroni) if (value <= q) number++;
  return number;
}

/**
 * Distance of each gene's lead variant from its TSS in base pairs: along the direction of transcription,
 * so negative is upstream. The TSS is the first base on the strand: the start, or the end of a gene on
 * `-`. Genes without strand count as on `+`. NaN without a lead, or with one on another chromosome.
 */
export function tssDistances(genes: GeneTable, leads: LeadTable): Float64Array {
  const { chromosome, position } = leads.lead;
  return Float64Array.from(genes.id, (_, g) => {
    const here = canonicalChromosome(genes.chromosome[g]!) === canonicalChromosome(chromosome[g]!);
    if (leads.leadVariant[g]! < 0 || !here) return Number.NaN;
    return genes.strand[g] === "-" ? genes.end[g]! - position[g]! : position[g]! - genes.start[g]!;
  });
}

/** The distances of the genes with q <= `q`. */
export function significantDistances(genes: GeneTable, leads: LeadTable, q: number): Float64Array {
  return tssDistances(genes, leads).filter(
    (distance, g) => leads.qBonferroni[g]! <= q && !Number.isNaN(distance),
  );
}

/** Whether every gene has a strand, so that upstream and downstream mean something. */
export function isStranded(genes: GeneTable): boolean {
  return genes.strand.every((strand) => strand === "+" || strand === "-");
}
