import type { ColumnTable, RowRange } from "../../../formats/parquetColumns.ts";
import { log10 } from "../../../statistics/elementary.ts";
import type { GeneColumns } from "../answers.ts";
import type { ResultKind } from "../result.ts";
import {
  allRows,
  columnOf,
  integersOf,
  log10POf,
  numbersOf,
  type ResultTables,
  SLOPE,
  SLOPE_SE,
  textsOf,
} from "./tables.ts";

/** Where a gene's q is, best first: over genes by permutations, by permuted maps, by Bonferroni within genes; of an interaction. */
const Q = ["qval", "fdr_gene", "qval_bonferroni", "pval_adj_bh"] as const;

/** The table with a row a gene. */
const TABLES: Readonly<Record<ResultKind, readonly string[]>> = {
  cis: ["cis_genes", "cis_interaction_genes"],
  trans: ["trans_genes", "trans_interaction_genes"],
  network: ["genes"],
};

/**
 * One row a gene, in the table's order; a result without such a table has none. Columns that are not there are NaN, 0 or empty. Of a map of
 * interactions with several contexts, one after the other, the genes of `wanted`; of the first where there is no such context.
 */
export async function genesOf(tables: ResultTables, kind: ResultKind, wanted?: string): Promise<GeneColumns> {
  const table = await tables.first(TABLES[kind]);
  if (table === undefined) return NO_GENES;
  const { rows, context, contexts } = await oneContext(table, wanted);
  return {
    id: await textsOf(table, ["phenotype_id", "gene_id", "gene"], rows),
    symbol: await textsOf(table, ["gene_symbol", "symbol"], rows),
    chromosome: await textsOf(table, ["chromosome", "chr"], rows),
    start: await integersOf(table, ["start"], rows),
    end: await integersOf(table, ["end"], rows),
    strand: await textsOf(table, ["strand"], rows),
    status: await textsOf(table, ["status"], rows),
    numVariants: await integersOf(table, ["num_var"], rows),
    variant: await textsOf(table, ["variant_id"], rows),
    position: await integersOf(table, ["position"], rows),
    effectAllele: await textsOf(table, ["effect_allele"], rows),
    otherAllele: await textsOf(table, ["other_allele"], rows),
    af: await numbersOf(table, ["af"], rows),
    slope: await numbersOf(table, SLOPE, rows),
    slopeSe: await numbersOf(table, SLOPE_SE, rows),
    log10P: await log10POf(table, rows),
    q: await numbersOf(table, Q, rows),
    pPerm: await numbersOf(table, ["pval_perm"], rows),
    log10PBeta: await loggedOf(table, ["log10_p_beta"], ["pval_beta"], rows),
    log10Threshold: await loggedOf(table, ["log10_p_threshold_corrected"], THRESHOLDS, rows),
    log2Afc: await numbersOf(table, ["log2_afc"], rows),
    log2AfcSe: await numbersOf(table, ["log2_afc_se"], rows),
    afcStatus: await textsOf(table, ["afc_status"], rows),
    context,
    contexts,
  };
}

/** At the model's degrees of freedom; else tensorQTL's. */
const THRESHOLDS = ["pval_nominal_threshold_corrected", "pval_nominal_threshold"] as const;

/** A logarithm that the table has, else that of its p. */
async function loggedOf(
  table: ColumnTable,
  logged: readonly string[],
  plain: readonly string[],
  rows: RowRange,
): Promise<Float64Array> {
  if (columnOf(table, logged) !== undefined) return numbersOf(table, logged, rows);
  return (await numbersOf(table, plain, rows)).map((p) => log10(p));
}

interface ContextRows {
  readonly rows: RowRange;
  readonly context?: string | undefined;
  readonly contexts?: readonly string[] | undefined;
}

/** The rows of a context of a map of interactions, and the names of all; all rows of other tables. */
async function oneContext(table: ColumnTable, wanted: string | undefined): Promise<ContextRows> {
  if (columnOf(table, ["context"]) === undefined) return { rows: allRows(table) };
  const names = await textsOf(table, ["context"]);
  const contexts = [...new Set(names)];
  const context = contexts.find((name) => name === wanted) ?? contexts[0];
  return {
    rows: { start: Math.max(0, names.indexOf(context!)), end: names.lastIndexOf(context!) + 1 },
    ...{ context, contexts },
  };
}

const NO_GENES: GeneColumns = {
  ...{ id: [], symbol: [], chromosome: [], start: new Int32Array(0), end: new Int32Array(0), strand: [] },
  ...{ status: [], numVariants: new Int32Array(0), variant: [], position: new Int32Array(0) },
  ...{ effectAllele: [], otherAllele: [], af: new Float64Array(0), slope: new Float64Array(0) },
  ...{ slopeSe: new Float64Array(0), log10P: new Float64Array(0), q: new Float64Array(0) },
  ...{ pPerm: new Float64Array(0), log10PBeta: new Float64Array(0), log10Threshold: new Float64Array(0) },
  ...{ log2Afc: new Float64Array(0), log2AfcSe: new Float64Array(0), afcStatus: [] },
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
