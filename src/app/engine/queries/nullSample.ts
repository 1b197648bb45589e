import { lambdaGC } from "../../../statistics/quantile.ts";
import { log10POf, type ResultTables, textsOf } from "./tables.ts";

/** The seeded sample of pairs and its lambda (NaN without any); pairs without p are left out; of several contexts those of `wanted`, else of the first. */
export async function nullSampleOf(
  tables: ResultTables,
  wanted?: string,
): Promise<{ readonly log10P: Float64Array; readonly lambda: number }> {
  const table = await tables.open("null_sample");
  const all = table === undefined ? new Float64Array(0) : await log10POf(table);
  const contexts = table?.columns.includes("context") ? await textsOf(table, ["context"]) : undefined;
  const context = contexts?.find((name) => name === wanted) ?? contexts?.[0];
  const own = (row: number): boolean => contexts === undefined || contexts[row] === context;
  const log10P = all.filter((value, row) => !Number.isNaN(value) && own(row));
  return { log10P, lambda: lambdaGC(log10P) };
}
