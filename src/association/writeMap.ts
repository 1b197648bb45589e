import { throwIfAborted } from "../errors.ts";
import { finishMap, MapTables, type OpenTable, type WritePairs } from "./finish.ts";
import type { Anchor } from "./geometry.ts";
import type { MapPart } from "./mapPart.ts";
import type { MapKind } from "./output.ts";
import { type PartStore, storedParts } from "./parts.ts";
import { storeParts } from "./resume.ts";
import type { MapSummary } from "./summary.ts";
import type { CohortMarks, GeneTable, MapResult, MapRun, PairBatch, Progress } from "./tables.ts";

/** Where the tables of a result go, and parts wait: a folder of Node's, or the browser's. */
export interface ResultFolder<File> {
  /** A new table in the folder's format. */
  readonly table: OpenTable;
  /** Where parts and scratch data wait. */
  parts(): PartStore;
  /** The files closed so far, in the order of closing. */
  files(): readonly File[];
}

export interface WriteMapOptions {
  /** Of the distances in cis tables. Default `tss`. */
  readonly anchor?: Anchor | undefined;
  /** Bytes the process may use. */
  readonly memory: number;
  readonly writePairs?: WritePairs | undefined;
  /** Write the significant pairs of a cis map whose genes are tested further: they are known at its end only. */
  readonly significant?: boolean | undefined;
  /** Write `cis_sex`, of a map whose pairs were tested in each sex. */
  readonly sexStratified?: boolean | undefined;
  /** Key-value metadata of the tables (Parquet), such as the version. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onBatch?: ((batch: PairBatch) => void) | undefined;
  /** Called when the last part is there: the run asks nothing of its backend any more. */
  readonly onMapped?: (() => Promise<void>) | undefined;
  /** Called in the `writing` phase; the run itself reports the phases before. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/**
 * Runs a map to its end and writes its tables into `folder`. The parts of a cis map are
 * written as they come; those of a trans map, whose q-values need all of them, and of a cis map whose
 * significant pairs are asked for, wait in the folder and are then merged. Memory is that of the run, one part, and what the tables hold.
 */
export async function writeMap<File>(
  kind: MapKind,
  run: MapRun,
  folder: ResultFolder<File>,
  options: WriteMapOptions,
): Promise<{ result: MapResult; files: File[] }> {
  const before = folder.files().length;
  const { anchor, writePairs, significant, sexStratified } = options;
  const metadata = { ...options.metadata, ...run.marks };
  const { table } = folder;
  const common = { kind, genes: run.genes, anchor, metadata, table, writePairs, sexStratified };
  if (kind === "cis" && !significant) {
    const tables = await MapTables.open(common);
    for await (const part of eachPart(run, options)) {
      await tables.write(part.batch);
      part.release?.();
    }
    await options.onMapped?.();
    const { hits } = run.result().counts;
    options.onProgress?.({ done: hits, total: hits, phase: "writing" });
    await tables.finish(run.result());
  } else {
    const parts = folder.parts();
    await storeParts(eachPart(run, options), parts);
    await options.onMapped?.();
    const { memory, signal, onProgress } = options;
    await finishMap({ ...common, result: run.result(), parts, memory, significant, signal, onProgress });
  }
  return { result: run.result(), files: folder.files().slice(before) };
}

/** Parts of a map that are all in a store. */
export interface StoredMap {
  readonly genes: GeneTable;
  readonly marks: CohortMarks;
  /** Empty, to be filled from the parts. */
  readonly summary: MapSummary;
  readonly parts: PartStore;
}

/**
 * Writes the tables of a map whose parts are all done into `folder`: the bytes of {@link writeMap}.
 * Parts are read once, for trans once more for q and once for the table.
 */
export async function writeStoredMap<File>(
  kind: MapKind,
  { genes, marks, summary, parts }: StoredMap,
  folder: ResultFolder<File>,
  options: WriteMapOptions,
): Promise<{ result: MapResult; files: File[] }> {
  const before = folder.files().length;
  const { anchor, memory, writePairs, significant, sexStratified, signal, onProgress } = options;
  const metadata = { ...options.metadata, ...marks };
  const { table } = folder;
  const common = { kind, genes, anchor, metadata, table, writePairs, sexStratified };
  const tables = kind === "cis" && !significant ? await MapTables.open(common) : undefined;
  for await (const part of storedParts(parts)) {
    throwIfAborted(signal);
    summary.add(part);
    options.onBatch?.(part.batch);
    await tables?.write(part.batch);
  }
  const result = summary.result();
  const { hits } = result.counts;
  if (tables === undefined) {
    const scratch = folder.parts();
    await finishMap({ ...common, result, parts, scratch, memory, significant, signal, onProgress });
  } else {
    onProgress?.({ done: hits, total: hits, phase: "writing" });
    await tables.finish(result);
  }
  return { result, files: folder.files().slice(before) };
}

async function* eachPart(run: MapRun, options: WriteMapOptions): AsyncGenerator<MapPart> {
  for await (const part of run.parts()) {
    throwIfAborted(options.signal);
    options.onBatch?.(part.batch);
    yield part;
  }
}
