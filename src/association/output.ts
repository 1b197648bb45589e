import { canonicalChromosome } from "../cohort/chromosomes.ts";
import type { Column, SchemaColumn, TableSchema } from "../formats/table.ts";
import { pow10 } from "../statistics/elementary.ts";
import type { Anchor } from "./geometry.ts";
import type { DroppedVariants, GeneTable, LeadTable, NullSample, VariantTable } from "./tables.ts";
import type { TransPermutations } from "./trans/permutationFdr.ts";

export type MapKind = "cis" | "trans";

/** Null of the int32 columns below: no position, count or distance takes this value. */
export const NO_INTEGER = -2_147_483_648;

const text = (name: string): SchemaColumn => ({ name, type: "string" });
const double = (name: string): SchemaColumn => ({ name, type: "double" });
const int32 = (name: string): SchemaColumn => ({ name, type: "int32" });

const ALLELE_STATISTICS = [double("af"), int32("ma_samples"), int32("ma_count")];
/** Hardly two pairs have the same: a dictionary is not even tried. */
const TEST = ["pval_nominal", "slope", "slope_se", "log10_p"].map(
  (name): SchemaColumn => ({ ...double(name), encoding: "plain" }),
);
const ALLELES = [text("effect_allele"), text("other_allele")];
const VARIANT = [text("chromosome"), int32("position"), ...ALLELES];
/** A gene's variants come in order, so that their distances are small steps. */
const steps = (name: string): SchemaColumn => ({ ...int32(name), encoding: "delta" });

/** Of the annotation file; null without one. */
const ANNOTATION = [text("gene_symbol"), text("gene_biotype")];

const CONVENTIONS = {
  effect_allele: "slope is the change of expression per copy of effect_allele; af is its frequency",
  log10_p: "log10 of the two-sided p-value (negative); exact where pval_nominal underflows",
};

/** `start_distance` is position - start; `body_distance` the signed distance to the gene's nearest end. */
export function distanceName(anchor: Anchor): string {
  return anchor === "body" ? "body_distance" : "start_distance";
}

/** Layout of `cis_pairs` and `trans_pairs`; `metadata` is added to the conventions. `permuted` ones have `fdr_pair`. */
export function pairSchema(
  kind: MapKind,
  anchor: Anchor = "tss",
  metadata: Readonly<Record<string, string>> = {},
  permuted = false,
): TableSchema {
  const columns =
    kind === "cis"
      ? [
          ...[text("phenotype_id"), text("variant_id"), steps(distanceName(anchor)), ...ALLELE_STATISTICS],
          ...[...TEST, ...VARIANT],
        ]
      : [
          ...[text("variant_id"), text("phenotype_id"), int32(distanceName("tss")), ...ALLELE_STATISTICS],
          ...TEST,
          ...[
            double("qval"),
            ...(permuted ? [double("fdr_pair")] : []),
            ...VARIANT,
            text("phenotype_chromosome"),
            int32("phenotype_start"),
          ],
          ...ANNOTATION,
        ];
  return { columns, metadata: { ...CONVENTIONS, ...metadata } };
}

/** Layout of `cis_genes` and `trans_genes`, with columns `added` behind. `permuted` ones have `fdr_gene`; `shared` names the column of `sharedVariance`. */
export function geneSchema(
  anchor: Anchor = "tss",
  metadata: Readonly<Record<string, string>> = {},
  added: readonly SchemaColumn[] = [],
  permuted = false,
  shared?: string,
): TableSchema {
  const columns = [
    ...[text("phenotype_id"), text("chromosome"), int32("start"), int32("end"), text("strand")],
    ...[text("status"), int32("num_var"), text("variant_id"), int32(distanceName(anchor)), int32("position")],
    ...[text("effect_allele"), text("other_allele"), ...ALLELE_STATISTICS, ...TEST],
    ...[double("pval_bonferroni"), double("log10_p_bonferroni"), double("qval_bonferroni")],
    ...[...(permuted ? [double("fdr_gene")] : []), ...ANNOTATION, text("dominant_sample")],
    ...(shared === undefined ? [] : [double(shared)]),
    ...added,
  ];
  return { columns, metadata: { ...CONVENTIONS, ...metadata } };
}

/** Layout of `null_sample`. */
export function nullSchema(metadata: Readonly<Record<string, string>> = {}): TableSchema {
  const columns = [text("variant_id"), text("phenotype_id"), ...TEST];
  return { columns, metadata: { ...CONVENTIONS, ...metadata } };
}

/** Layout of `variants_dropped`. */
export function droppedSchema(metadata: Readonly<Record<string, string>> = {}): TableSchema {
  const columns = [text("variant_id"), ...VARIANT, ...ALLELE_STATISTICS, text("status")];
  return { columns, metadata: { ...CONVENTIONS, ...metadata } };
}

/**
 * Signed distance of `position` (1-based) from gene `g`. `tss`: position - first base, no strand, as
 * tensorQTL. `body`: 0 within the gene, else from its nearest end, positive downstream: the sign of a
 * gene on `-` is turned, as QTLtools does.
 */
export function distanceTo(genes: GeneTable, g: number, position: number, anchor: Anchor): number {
  const start = genes.start[g]!;
  if (anchor === "tss") return position - start;
  const end = genes.end[g]!;
  const along = position < start ? position - start : position > end ? position - end : 0;
  // 0 - along, not -along: the latter is -0 within the gene.
  return genes.strand[g] === "-" ? 0 - along : along;
}

/**
 * The lead table as {@link geneSchema} lays it out: one row a gene. Statistics are null where there is
 * no lead; the distance also where the lead lies on another chromosome.
 */
export function geneColumns(
  leads: LeadTable,
  genes: GeneTable,
  anchor: Anchor,
  permutations?: TransPermutations,
): Column[] {
  const { lead } = leads;
  const shared = genes.sharedVariance;
  const count = genes.id.length;
  const unknown = genes.id.map(() => "");
  const led = (g: number): boolean => leads.leadVariant[g]! >= 0;
  const integers = (name: string, value: (g: number) => number): Column => {
    const values = new Int32Array(count);
    for (let g = 0; g < count; g++) values[g] = value(g);
    return { name, type: "int32", values, missing: NO_INTEGER };
  };
  const doubles = (name: string, value: (g: number) => number): Column => {
    const values = new Float64Array(count);
    for (let g = 0; g < count; g++) values[g] = value(g);
    return { name, type: "double", values };
  };
  const ofLead = (name: string, values: Float64Array, change = (x: number): number => x): Column =>
    doubles(name, (g) => (led(g) ? change(values[g]!) : Number.NaN));
  const countOfLead = (name: string, values: Int32Array): Column =>
    integers(name, (g) => (led(g) ? values[g]! : NO_INTEGER));
  const strings = (name: string, values: readonly string[]): Column => ({ name, type: "string", values });
  const nameOfLead = (name: string, values: readonly string[]): Column =>
    strings(
      name,
      Array.from({ length: count }, (_, g) => (led(g) ? values[g]! : "")),
    );
  const near = (g: number): boolean =>
    led(g) && canonicalChromosome(lead.chromosome[g]!) === canonicalChromosome(genes.chromosome[g]!);
  return [
    strings("phenotype_id", genes.id),
    strings("chromosome", genes.chromosome),
    integers("start", (g) => genes.start[g]!),
    integers("end", (g) => genes.end[g]!),
    strings("strand", genes.strand),
    strings("status", leads.status),
    integers("num_var", (g) => leads.numVariants[g]!),
    nameOfLead("variant_id", lead.id),
    integers(distanceName(anchor), (g) =>
      near(g) ? distanceTo(genes, g, lead.position[g]!, anchor) : NO_INTEGER,
    ),
    countOfLead("position", lead.position),
    nameOfLead("effect_allele", lead.effectAllele),
    nameOfLead("other_allele", lead.otherAllele),
    ofLead("af", lead.af),
    countOfLead("ma_samples", lead.maSamples),
    countOfLead("ma_count", lead.maCount),
    ofLead("pval_nominal", leads.log10P, pow10),
    ofLead("slope", leads.slope),
    ofLead("slope_se", leads.slopeSe),
    ofLead("log10_p", leads.log10P),
    ofLead("pval_bonferroni", leads.log10Bonferroni, pow10),
    ofLead("log10_p_bonferroni", leads.log10Bonferroni),
    ofLead("qval_bonferroni", leads.qBonferroni),
    ...(permutations === undefined ? [] : [doubles("fdr_gene", (g) => permutations.fdrGene[g]!)]),
    strings("gene_symbol", genes.symbol ?? unknown),
    strings("gene_biotype", genes.biotype ?? unknown),
    strings("dominant_sample", genes.dominantSample ?? unknown),
    ...(shared === undefined ? [] : [doubles(shared.name, (g) => shared.share[g]!)]),
  ];
}

/** The null sample as {@link nullSchema} lays it out: one row a sampled pair. */
export function nullColumns(sample: NullSample, genes: GeneTable): Column[] {
  return [
    { name: "variant_id", type: "dictionary", values: sample.variantId, index: sample.variant },
    { name: "phenotype_id", type: "dictionary", values: genes.id, index: sample.gene },
    { name: "pval_nominal", type: "double", values: sample.log10P.map((value) => pow10(value)) },
    { name: "slope", type: "double", values: sample.slope },
    { name: "slope_se", type: "double", values: sample.slopeSe },
    { name: "log10_p", type: "double", values: sample.log10P },
  ];
}

/** The variants of a part that were not tested, as {@link droppedSchema} lays them out. */
export function droppedColumns(dropped: DroppedVariants): Column[] {
  const table: VariantTable = dropped;
  return [
    { name: "variant_id", type: "string", values: table.id },
    { name: "chromosome", type: "string", values: table.chromosome },
    { name: "position", type: "int32", values: table.position },
    { name: "effect_allele", type: "string", values: table.effectAllele },
    { name: "other_allele", type: "string", values: table.otherAllele },
    { name: "af", type: "double", values: table.af },
    { name: "ma_samples", type: "int32", values: table.maSamples },
    { name: "ma_count", type: "int32", values: table.maCount },
    { name: "status", type: "string", values: dropped.status },
  ];
}
