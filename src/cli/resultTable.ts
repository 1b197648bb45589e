import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { InputError } from "../errors.ts";
import { type NamedColumns, readNamedColumns } from "../formats/namedColumns.ts";
import { fileSource } from "../node/files.ts";
import { inflateGzip } from "../node/inflate.ts";
import { readManifest } from "../node/manifest.ts";

/** The table that an option names: a file, or in the folder of a result the first of `tables` that is there. */
export async function tablePath(path: string, tables: readonly string[]): Promise<string> {
  const kind = await stat(path).catch(() => undefined);
  if (kind === undefined)
    throw new InputError(path, "is not there", "give a table, or the folder of a result");
  if (!kind.isDirectory()) return path;
  for (const name of tables.flatMap((table) => [`${table}.parquet`, `${table}.tsv.gz`])) {
    const file = join(path, name);
    if ((await stat(file).catch(() => undefined)) !== undefined) return file;
  }
  throw new InputError(path, `holds no ${tables.join(" or ")}`, "give the folder of a result, or a table");
}

/** Reads a table with named columns, text or Parquet. */
export async function readTable(path: string): Promise<NamedColumns> {
  const source = await fileSource(path);
  try {
    return await readNamedColumns(source, inflateGzip);
  } finally {
    await source.close();
  }
}

/**
 * A table of a result of ours. Where the file itself does not say what it was made of (text), the manifest beside it does, if the table
 * is one of its files.
 */
export async function readResult(path: string): Promise<NamedColumns> {
  const table = await readTable(path);
  if (table.metadata !== undefined) return table;
  const manifest = await readManifest(dirname(path));
  const listed = manifest?.files.some(({ name }) => name === basename(path)) === true;
  return listed ? { ...table, metadata: manifest?.cohort } : table;
}

/** Whether a cell is a q of at most `most`; empty and NA are not. */
export function isSignificant(cell: string | undefined, most: number): boolean {
  return cell !== undefined && cell !== "" && cell !== "NA" && Number(cell) <= most;
}
