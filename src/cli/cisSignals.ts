import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type CisSignals, projectCisSignals } from "../association/trans/cisSignals.ts";
import type { Cohort } from "../cohort/cohort.ts";
import { InputError } from "../errors.ts";
import { readNamedColumns } from "../formats/namedColumns.ts";
import { fileSource } from "../node/files.ts";
import { inflateGzip } from "../node/inflate.ts";

/** Tables of a cis result that list signals: all conditional ones, else the lead of each significant gene. */
const TABLES = ["cis_independent", "cis_genes"];
const LARGEST_Q = 0.05;

/** The table that `--regress-cis` names: a file, or the best one in the folder of a cis result. */
async function signalTable(path: string): Promise<string> {
  const kind = await stat(path).catch(() => undefined);
  if (kind === undefined)
    throw new InputError(path, "is not there", "give a table, or the folder of a cis result");
  if (!kind.isDirectory()) return path;
  for (const name of TABLES.flatMap((table) => [`${table}.parquet`, `${table}.tsv.gz`])) {
    const file = join(path, name);
    if ((await stat(file).catch(() => undefined)) !== undefined) return file;
  }
  throw new InputError(
    path,
    `has none of ${TABLES.join(", ")}`,
    "give the folder of a cis result, or a table",
  );
}

/** Reads phenotype_id and variant_id, of rows with q <= 0.05 where the table has q, and projects them out. */
export async function openCisSignals(path: string, cohort: Cohort, signal: AbortSignal): Promise<CisSignals> {
  const file = await signalTable(path);
  const source = await fileSource(file);
  try {
    const table = await readNamedColumns(source, inflateGzip);
    const gene = table.column(["phenotype_id", "gene", "gene_id"]);
    const variant = table.column(["variant_id", "variant", "snp"]);
    if (gene === undefined || variant === undefined) {
      throw new InputError(file, "has no columns phenotype_id and variant_id", "one signal a row");
    }
    const q = table.column(["qval", "qval_bonferroni"]);
    const rows = Array.from(gene.keys()).filter((row) => {
      const known = variant[row] !== "" && variant[row] !== "NA";
      return known && (q === undefined || (q[row] !== "" && q[row] !== "NA" && Number(q[row]) <= LARGEST_Q));
    });
    const list = {
      name: file,
      variant: rows.map((row) => variant[row]!),
      gene: rows.map((row) => gene[row]!),
    };
    return await projectCisSignals(cohort, list, signal);
  } finally {
    await source.close();
  }
}
