import type { Column, SchemaColumn, TableSchema } from "../../formats/table.ts";
import { pow10 } from "../../statistics/elementary.ts";
import type { GeneTable } from "../tables.ts";
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
export function lociColumns({ loci }: TransPermutations, genes: GeneTable): Column[] {
  const { variant } = loci;
  const strings = (name: string, values: readonly string[]): Column => ({ name, type: "string", values });
  const byGene = (name: string, values: readonly string[]): Column => ({
    ...{ name, type: "dictionary", values },
    index: loci.gene,
  });
  const doubles = (name: string, values: Float64Array): Column => ({ name, type: "double", values });
  const integers = (name: string, values: Int32Array): Column => ({ name, type: "int32", values });
  return [
    byGene("phenotype_id", genes.id),
    strings("chromosome", variant.chromosome),
    integers("locus_start", loci.start),
    integers("locus_end", loci.end),
    integers("num_hits", Int32Array.from(loci.hits)),
    strings("variant_id", variant.id),
    integers("position", variant.position),
    strings("effect_allele", variant.effectAllele),
    strings("other_allele", variant.otherAllele),
    doubles("pval_nominal", loci.log10P.map(pow10)),
    doubles("slope", loci.slope),
    doubles("slope_se", loci.slopeSe),
    doubles("log10_p", loci.log10P),
    doubles("fdr_locus", loci.fdr),
    byGene("phenotype_chromosome", genes.chromosome),
    integers(
      "phenotype_start",
      Int32Array.from(loci.gene, (gene) => genes.start[gene]!),
    ),
    byGene("gene_symbol", genes.symbol ?? genes.id.map(() => "")),
  ];
}
