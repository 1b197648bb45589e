import type { Column, SchemaColumn, TableSchema } from "../../formats/table.ts";
import { pow10 } from "../../statistics/elementary.ts";
import type { GeneTable } from "../tables.ts";
import type { CrossMappedPairs } from "./crossMapping.ts";
import type { Locus } from "./loci.ts";
import type { TransPermutations } from "./permutationFdr.ts";

/** The columns that permutations add to the tables of a trans map, and the table of loci. */

const text = (name: string): SchemaColumn => ({ name, type: "string" });
const double = (name: string): SchemaColumn => ({ name, type: "double" });
const int32 = (name: string): SchemaColumn => ({ name, type: "int32" });

/** What the tables say of their false discovery rates. */
export function fdrMetadata({ permutations, locusDistance }: TransPermutations): Record<string, string> {
  return {
    fdr: `permuted hits with as small a p, over ${permutations} permutations of the donors, divided by real hits with as small a p; 0 means none in any permutation: fewer than 1/${permutations} expected by chance`,
    locus: `a gene's hits on one chromosome, each within ${locusDistance} base pairs of the one before`,
  };
}

/** Layout of `trans_loci`. */
export function lociSchema(metadata: Readonly<Record<string, string>>): TableSchema {
  const place = [text("chromosome"), int32("locus_start"), int32("locus_end"), int32("num_hits")];
  const lead = [text("variant_id"), int32("position"), text("effect_allele"), text("other_allele")];
  const tests = ["pval_nominal", "slope", "slope_se", "log10_p", "fdr_locus"].map(double);
  const gene = [text("phenotype_chromosome"), int32("phenotype_start"), text("gene_symbol")];
  return { columns: [text("phenotype_id"), ...place, ...lead, ...tests, ...gene], metadata };
}

/** The loci as {@link lociSchema} lays them out: genes in their order, loci of a gene by place. */
export function lociColumns({ loci, lead, fdrLocus }: TransPermutations, genes: GeneTable): Column[] {
  const gene = Uint32Array.from(loci, (locus) => locus.gene);
  const strings = (name: string, values: readonly string[]): Column => ({ name, type: "string", values });
  const byGene = (name: string, values: readonly string[]): Column => ({
    ...{ name, type: "dictionary", values },
    index: gene,
  });
  const doubles = (name: string, value: (locus: Locus) => number): Column => ({
    ...{ name, type: "double" },
    values: Float64Array.from(loci, value),
  });
  const integers = (name: string, value: (locus: Locus) => number): Column => ({
    ...{ name, type: "int32" },
    values: Int32Array.from(loci, value),
  });
  return [
    byGene("phenotype_id", genes.id),
    strings("chromosome", lead.chromosome),
    integers("locus_start", ({ start }) => start),
    integers("locus_end", ({ end }) => end),
    integers("num_hits", ({ hits }) => hits),
    strings("variant_id", lead.id),
    { name: "position", type: "int32", values: lead.position },
    strings("effect_allele", lead.effectAllele),
    strings("other_allele", lead.otherAllele),
    doubles("pval_nominal", ({ log10P }) => pow10(log10P)),
    doubles("slope", ({ slope }) => slope),
    doubles("slope_se", ({ slopeSe }) => slopeSe),
    doubles("log10_p", ({ log10P }) => log10P),
    { name: "fdr_locus", type: "double", values: fdrLocus },
    byGene("phenotype_chromosome", genes.chromosome),
    integers("phenotype_start", (locus) => genes.start[locus.gene]!),
    byGene("gene_symbol", genes.symbol ?? genes.id.map(() => "")),
  ];
}

/** Layout of `trans_cross_mapped`. */
export function crossMappedSchema(metadata: Readonly<Record<string, string>>): TableSchema {
  const variant = [text("chromosome"), int32("position"), text("effect_allele"), text("other_allele")];
  const tests = ["pval_nominal", "slope", "slope_se", "log10_p"].map(double);
  return { columns: [text("variant_id"), text("phenotype_id"), ...variant, ...tests], metadata };
}

/** The pairs that cross-mapping kept from the tests though their p would have passed, as {@link crossMappedSchema} lays them out. */
export function crossMappedColumns(pairs: CrossMappedPairs, genes: GeneTable): Column[] {
  return [
    { name: "variant_id", type: "string", values: pairs.id },
    { name: "phenotype_id", type: "dictionary", values: genes.id, index: pairs.gene },
    { name: "chromosome", type: "string", values: pairs.chromosome },
    { name: "position", type: "int32", values: pairs.position },
    { name: "effect_allele", type: "string", values: pairs.effectAllele },
    { name: "other_allele", type: "string", values: pairs.otherAllele },
    { name: "pval_nominal", type: "double", values: pairs.log10P.map(pow10) },
    { name: "slope", type: "double", values: pairs.slope },
    { name: "slope_se", type: "double", values: pairs.slopeSe },
    { name: "log10_p", type: "double", values: pairs.log10P },
  ];
}
