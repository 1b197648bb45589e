import { type CisSignals, projectCisSignals } from "../association/trans/cisSignals.ts";
import type { Cohort } from "../cohort/cohort.ts";
import { InputError } from "../errors.ts";
import { isSignificant, readTable } from "./resultTable.ts";

/** Tables of a cis result that list signals: all conditional ones, else the lead of each significant gene. */
export const SIGNAL_TABLES = ["cis_independent", "cis_genes"];
const LARGEST_Q = 0.05;

/** Reads phenotype_id and variant_id of `file`, of rows with q <= 0.05 where the table has q, and projects them out. */
export async function openCisSignals(file: string, cohort: Cohort, signal: AbortSignal): Promise<CisSignals> {
  const table = await readTable(file);
  const gene = table.column(["phenotype_id", "gene", "gene_id"]);
  const variant = table.column(["variant_id", "variant", "snp"]);
  if (gene === undefined || variant === undefined) {
    throw new InputError(file, "has no columns phenotype_id and variant_id", "one signal a row");
  }
  const q = table.column(["qval", "qval_bonferroni"]);
  const rows = Array.from(gene.keys()).filter((row) => {
    const known = variant[row] !== "" && variant[row] !== "NA";
    return known && (q === undefined || isSignificant(q[row], LARGEST_Q));
  });
  const list = {
    name: file,
    variant: rows.map((row) => variant[row]!),
    gene: rows.map((row) => gene[row]!),
  };
  return projectCisSignals(cohort, list, signal);
}
