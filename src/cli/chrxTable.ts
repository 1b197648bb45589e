import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { chrXSchema, chrXVariants } from "../association/sexes/chrxVariants.ts";
import type { Cohort } from "../cohort/cohort.ts";
import { InputError } from "../errors.ts";
import { readManifest } from "../node/manifest.ts";
import type { OutputFolder, TableFormat } from "../node/output.ts";
import { tableMetadata } from "./cohortJob.ts";

const NAME = "chrx_variants";

/** Writes `chrx_variants`, where the file has variants of X that are treated by sex. */
export async function writeChrX(
  folder: OutputFolder,
  cohort: Cohort,
  format: TableFormat,
  signal: AbortSignal,
): Promise<void> {
  const treatment = cohort.report.chrX?.treatment;
  if (treatment !== "0/2" && treatment !== "0/1") return;
  const table = await folder.table(NAME, chrXSchema(tableMetadata(cohort)), format);
  for await (const columns of chrXVariants(cohort, signal)) await table.write(columns);
  await table.close();
}

/** Copies the table from the shard that has it (the first) to the merged result. Throws InputError for one that is damaged. */
export async function copyChrX(folder: OutputFolder, shard: string): Promise<void> {
  const file = (await readManifest(shard))?.files.find(({ name }) => name.startsWith(`${NAME}.`));
  if (file === undefined) return;
  const path = join(shard, file.name);
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined || createHash("sha256").update(bytes).digest("hex") !== file.sha256) {
    throw new InputError(path, "is damaged or gone", "run this shard again with --overwrite");
  }
  await folder.bytes(file.name, bytes);
}
