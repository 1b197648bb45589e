import { finishMap } from "../association/finish.ts";
import type { Anchor } from "../association/geometry.ts";
import type { MapKind } from "../association/output.ts";
import { encodePart, partName } from "../association/parts.ts";
import type { MapResult, MapRun, PairBatch, Progress } from "../association/tables.ts";
import { throwIfAborted } from "../errors.ts";
import type { OutputFile, OutputFolder, TableFormat } from "./folder.ts";

export { type OutputFile, OutputFolder, type OutputOptions, type TableFormat } from "./folder.ts";

export interface WriteMapOptions {
  readonly format: TableFormat;
  /** Of the distances in cis tables. Default `tss`. */
  readonly anchor?: Anchor | undefined;
  /** Bytes the process may use. */
  readonly memory: number;
  /** Key-value metadata of the tables (Parquet), such as the version. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onBatch?: ((batch: PairBatch) => void) | undefined;
  /** Called in the `writing` phase; the run itself reports the phases before. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/**
 * Runs a map to its end and writes its tables into `folder` (not committed): each part is stored as it
 * comes, then the parts are merged. Memory is that of the run, one part, and what `finishMap` holds.
 */
export async function writeMap(
  kind: MapKind,
  run: MapRun,
  folder: OutputFolder,
  options: WriteMapOptions,
): Promise<{ result: MapResult; files: OutputFile[] }> {
  const parts = folder.parts();
  const before = folder.files().length;
  let buffer: Uint8Array | undefined;
  for await (const batch of run) {
    throwIfAborted(options.signal);
    options.onBatch?.(batch);
    const bytes = encodePart(batch, buffer);
    if (buffer === undefined || bytes.length > buffer.length) buffer = bytes;
    await parts.put(partName(batch.part), bytes);
  }
  buffer = undefined;
  const result = run.result();
  await finishMap({
    kind,
    genes: run.genes,
    result,
    parts,
    table: (name, schema) => folder.table(name, schema, options.format),
    memory: options.memory,
    anchor: options.anchor,
    metadata: options.metadata,
    signal: options.signal,
    onProgress: options.onProgress,
  });
  return { result, files: folder.files().slice(before) };
}
