import type { GeneColumns } from "../answers.ts";
import type { ResultKind } from "../result.ts";
import { integersOf, log10POf, numbersOf, type ResultTables, SLOPE, SLOPE_SE, textsOf } from "./tables.ts";

/** Where a gene's q is, best first: over genes by permutations, by permuted maps, by Bonferroni within genes. */
const Q = ["qval", "fdr_gene", "qval_bonferroni", "qval_gi"] as const;

/** The table with a row a gene. */
const TABLES: Readonly<Record<ResultKind, readonly string[]>> = {
  cis: ["cis_genes"],
  trans: ["trans_genes"],
  network: ["genes"],
};

/** One row a gene, in the table's order; a result without such a table has none. Columns that are not there are NaN, 0 or empty. */
export async function genesOf(tables: ResultTables, kind: ResultKind): Promise<GeneColumns> {
  const table = await tables.first(TABLES[kind]);
  if (table === undefined) return NO_GENES;
  return {
    id: await textsOf(table, ["phenotype_id", "gene_id", "gene"]),
    symbol: await textsOf(table, ["gene_symbol", "symbol"]),
    chromosome: await textsOf(table, ["chromosome", "chr"]),
    start: await integersOf(table, ["start"]),
    end: await integersOf(table, ["end"]),
    strand: await textsOf(table, ["strand"]),
    status: await textsOf(table, ["status"]),
    numVariants: await integersOf(table, ["num_var"]),
    variant: await textsOf(table, ["variant_id"]),
    position: await integersOf(table, ["position"]),
    effectAllele: await textsOf(table, ["effect_allele"]),
    otherAllele: await textsOf(table, ["other_allele"]),
    af: await numbersOf(table, ["af"]),
    slope: await numbersOf(table, SLOPE),
    slopeSe: await numbersOf(table, SLOPE_SE),
    log10P: await log10POf(table),
    q: await numbersOf(table, Q),
  };
}

const NO_GENES: GeneColumns = {
  ...{ id: [], symbol: [], chromosome: [], start: new Int32Array(0), end: new Int32Array(0), strand: [] },
  ...{ status: [], numVariants: new Int32Array(0), variant: [], position: new Int32Array(0) },
  ...{ effectAllele: [], otherAllele: [], af: new Float64Array(0), slope: new Float64Array(0) },
  ...{ slopeSe: new Float64Array(0), log10P: new Float64Array(0), q: new Float64Array(0) },
};

/**
 * The row of {@link genesOf} that each phenotype of the result's pairs belongs to: its own, or where phenotypes were tested in groups that
 * of its group.
 */
export async function geneRows(
  tables: ResultTables,
  genes: GeneColumns,
): Promise<ReadonlyMap<string, number>> {
  const rows = new Map(genes.id.map((id, row) => [id, row]));
  const [units, phenotypes] = [await tables.open("cis_genes"), await tables.open("cis_phenotypes")];
  if (units === undefined || phenotypes === undefined) return rows;
  const groups = new Map((await textsOf(units, ["group_id"])).map((group, row) => [group, row]));
  const group = await textsOf(phenotypes, ["group_id"]);
  for (const [i, id] of (await textsOf(phenotypes, ["phenotype_id"])).entries()) {
    const row = groups.get(group[i]!);
    if (row !== undefined && !rows.has(id)) rows.set(id, row);
  }
  return rows;
}
