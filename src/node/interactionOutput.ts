import { InteractionTables } from "../association/interaction/finish.ts";
import { partsOfMap, storedPartsOfMap } from "../association/interaction/joined.ts";
import type { InteractionResult, InteractionRun } from "../association/interaction/tables.ts";
import type { MapKind } from "../association/output.ts";
import { encodePart, type PartStore, partName, partNames } from "../association/parts.ts";
import type { MapSummary } from "../association/summary.ts";
import type { GeneTable, PairBatch } from "../association/tables.ts";
import { throwIfAborted } from "../errors.ts";
import type { OutputFile, OutputFolder, WriteMapOptions } from "./output.ts";

/** A run of one context, or of several in one model, and what its rows call it. */
export interface NamedRun {
  readonly context: string;
  readonly run: InteractionRun;
}

/** The same of a map whose parts are kept; its summary's result is an {@link InteractionResult}. */
export interface NamedSummary {
  readonly context: string;
  readonly summary: MapSummary;
}

/** Maps whose parts are those of a `joinedRun`, all of them in `parts`. */
export interface StoredInteractions {
  readonly maps: readonly NamedSummary[];
  /** Contexts in a model. */
  readonly contexts: number;
  readonly genes: GeneTable;
  readonly parts: PartStore;
}

/** What {@link writeInteractions} is told. */
export interface WriteInteractionOptions extends Omit<WriteMapOptions, "onBatch"> {
  /** Write the table of pairs. */
  readonly pairs: boolean;
  /** Called with each part's pairs and the number of their map. */
  readonly onPairs?: ((batch: PairBatch, map: number) => void) | undefined;
}

interface Written {
  readonly results: InteractionResult[];
  readonly files: OutputFile[];
}

/**
 * Runs interaction maps one after the other and writes their tables into `folder` (not committed): see {@link InteractionTables}.
 * All have as many contexts in a model. Memory is that of a run, one part, and what the tables hold.
 */
export async function writeInteractions(
  kind: MapKind,
  runs: readonly NamedRun[],
  folder: OutputFolder,
  options: WriteInteractionOptions,
): Promise<Written> {
  const before = folder.files().length;
  const [first] = runs;
  if (first === undefined) throw new TypeError("no map to write");
  const layout = { genes: first.run.genes, contexts: first.run.contexts.length };
  const tables = await openTables(kind, layout, folder, options);
  const results: InteractionResult[] = [];
  for (const [m, { context, run }] of runs.entries()) {
    const parts = kind === "trans" ? folder.parts() : undefined;
    for await (const part of run.parts()) {
      throwIfAborted(options.signal);
      options.onPairs?.(part.batch, m);
      if (parts === undefined) await tables.write(part.batch, context);
      else await parts.put(partName(part.number, part.piece), encodePart(part));
    }
    if (m === runs.length - 1) await options.onMapped?.();
    const result = run.result();
    await endMap(tables, context, result, parts, folder, options);
    for (const name of parts === undefined ? [] : await partNames(parts)) await parts!.delete(name);
    results.push(result);
  }
  await tables.close();
  return { results, files: folder.files().slice(before) };
}

/** The same tables from parts that are there. */
export async function writeStoredInteractions(
  kind: MapKind,
  { maps, contexts, genes, parts }: StoredInteractions,
  folder: OutputFolder,
  options: WriteInteractionOptions,
): Promise<Written> {
  const before = folder.files().length;
  const tables = await openTables(kind, { genes, contexts }, folder, options);
  const results: InteractionResult[] = [];
  for (const [m, { context, summary }] of maps.entries()) {
    for await (const part of storedPartsOfMap(parts, m, maps.length)) {
      throwIfAborted(options.signal);
      summary.add(part);
      options.onPairs?.(part.batch, m);
      if (kind === "cis") await tables.write(part.batch, context);
    }
    const result = summary.result() as InteractionResult;
    const own = kind === "trans" ? partsOfMap(parts, m, maps.length) : undefined;
    await endMap(tables, context, result, own, folder, options);
    results.push(result);
  }
  await tables.close();
  return { results, files: folder.files().slice(before) };
}

function openTables(
  kind: MapKind,
  layout: { readonly genes: GeneTable; readonly contexts: number },
  folder: OutputFolder,
  { anchor = "tss", metadata = {}, format, pairs }: WriteInteractionOptions,
): Promise<InteractionTables> {
  return InteractionTables.open({
    ...{ kind, anchor, metadata, pairs, ...layout },
    table: (name, schema) => folder.table(name, schema, format),
  });
}

/** Writes what waited for the end of a map: the pairs in `parts` (of trans), the leads. */
async function endMap(
  tables: InteractionTables,
  context: string,
  result: InteractionResult,
  parts: PartStore | undefined,
  folder: OutputFolder,
  { memory, signal, onProgress }: WriteInteractionOptions,
): Promise<void> {
  const { tests, hits } = result.counts;
  if (parts !== undefined) {
    await tables.merge(parts, context, tests, { memory, signal, scratch: folder.parts() });
  }
  onProgress?.({ done: hits, total: hits, phase: "writing" });
  await tables.endContext(result, context);
}
