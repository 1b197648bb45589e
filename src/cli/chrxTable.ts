import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { OpenTable } from "../association/finish.ts";
import * as shared from "../association/sexes/writeChrX.ts";
import type { Cohort } from "../cohort/cohort.ts";
import { InputError } from "../errors.ts";
import { readManifest } from "../node/manifest.ts";
import type { OutputFolder, TableFormat } from "../node/output.ts";
import { tableMetadata } from "./cohortJob.ts";

/** Writes `chrx_variants`, where the file has variants of X that are treated by sex. */
export function writeChrX(
  folder: OutputFolder,
  cohort: Cohort,
  format: TableFormat,
  signal: AbortSignal,
): Promise<void> {
  const open: OpenTable = (name, schema) => folder.table(name, schema, format);
  return shared.writeChrX(cohort, open, tableMetadata(cohort), signal);
}

/** Copies the table from the shard that has it (the first) to the merged result. Throws InputError for one that is damaged. */
export async function copyChrX(folder: OutputFolder, shard: string): Promise<void> {
  const file = (await readManifest(shard))?.files.find(({ name }) =>
    name.startsWith(`${shared.CHRX_TABLE}.`),
  );
  if (file === undefined) return;
  const path = join(shard, file.name);
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined || createHash("sha256").update(bytes).digest("hex") !== file.sha256) {
    throw new InputError(path, "is damaged or gone", "run this shard again with --overwrite");
  }
  await folder.bytes(file.name, bytes);
}
