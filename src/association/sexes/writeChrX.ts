import type { Cohort } from "../../cohort/cohort.ts";
import type { OpenTable } from "../finish.ts";
import { chrXSchema, chrXVariants } from "./chrxVariants.ts";

/** What the table is called in every result that has one. */
export const CHRX_TABLE = "chrx_variants";

/** Writes {@link CHRX_TABLE}, where the cohort has variants of X that are treated by sex. */
export async function writeChrX(
  cohort: Cohort,
  table: OpenTable,
  metadata: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<void> {
  const treatment = cohort.report.chrX?.treatment;
  if (treatment !== "0/2" && treatment !== "0/1") return;
  const writer = await table(CHRX_TABLE, chrXSchema(metadata));
  for await (const columns of chrXVariants(cohort, signal)) await writer.write(columns);
  await writer.close();
}
