import type { MapKind } from "../association/output.ts";
import type { MapResult, MapRun } from "../association/tables.ts";
import * as shared from "../association/writeMap.ts";
import type { OutputFile, OutputFolder, TableFormat } from "./folder.ts";

export type { StoredMap } from "../association/writeMap.ts";
export { type OutputFile, OutputFolder, type OutputOptions, type TableFormat } from "./folder.ts";

export interface WriteMapOptions extends shared.WriteMapOptions {
  readonly format: TableFormat;
}

/** `writeMap` of src/association into a folder (not committed). */
export function writeMap(
  kind: MapKind,
  run: MapRun,
  folder: OutputFolder,
  options: WriteMapOptions,
): Promise<{ result: MapResult; files: OutputFile[] }> {
  return shared.writeMap(kind, run, resultFolder(folder, options), options);
}

/** `writeStoredMap` of src/association into a folder (not committed). */
export function writeStoredMap(
  kind: MapKind,
  map: shared.StoredMap,
  folder: OutputFolder,
  options: WriteMapOptions,
): Promise<{ result: MapResult; files: OutputFile[] }> {
  return shared.writeStoredMap(kind, map, resultFolder(folder, options), options);
}

function resultFolder(folder: OutputFolder, { format }: WriteMapOptions): shared.ResultFolder<OutputFile> {
  return {
    table: (name, schema, rows) => folder.table(name, schema, format, rows),
    parts: () => folder.parts(),
    files: () => folder.files(),
  };
}
