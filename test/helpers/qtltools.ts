import { readTextTable, type Table } from "./table.ts";

/** Columns of `QTLtools cis --nominal`, which writes no header; `--std-err` adds `se` before `best`. */
const LOCATION = ["gene", "chromosome", "start", "end", "strand", "tested", "distance", "variant"];
const VARIANT = ["variantChromosome", "variantStart", "variantEnd"];
const PAIR = [...LOCATION, ...VARIANT, "p", "r2", "slope"];

/** What `QTLtools cis --nominal` wrote; `standardErrors` says whether `--std-err` was on. */
export async function readQtltoolsNominal(path: string, standardErrors = true): Promise<Table> {
  return await readTextTable(path, [...PAIR, ...(standardErrors ? ["se"] : []), "best"]);
}
