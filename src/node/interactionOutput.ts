import { InteractionTables } from "../association/interaction/finish.ts";
import type { InteractionResult, InteractionRun } from "../association/interaction/tables.ts";
import type { MapKind } from "../association/output.ts";
import { encodePart, partName } from "../association/parts.ts";
import { throwIfAborted } from "../errors.ts";
import type { OutputFile, OutputFolder, WriteMapOptions } from "./output.ts";

/** A run of one context, or of several in one model, and what its rows call it. */
export interface NamedRun {
  readonly context: string;
  readonly run: InteractionRun;
}

/** What {@link writeInteractions} is told. */
export interface WriteInteractionOptions extends WriteMapOptions {
  /** Write the table of pairs. */
  readonly pairs: boolean;
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
): Promise<{ results: InteractionResult[]; files: OutputFile[] }> {
  const before = folder.files().length;
  const { anchor = "tss", metadata = {}, format, memory, signal, onBatch, onProgress } = options;
  const [first] = runs;
  if (first === undefined) throw new TypeError("no map to write");
  const tables = await InteractionTables.open({
    ...{ kind, anchor, metadata, pairs: options.pairs },
    genes: first.run.genes,
    contexts: first.run.contexts.length,
    table: (name, schema) => folder.table(name, schema, format),
  });
  const results: InteractionResult[] = [];
  for (const { context, run } of runs) {
    const parts = kind === "trans" ? folder.parts() : undefined;
    for await (const part of run.parts()) {
      throwIfAborted(signal);
      onBatch?.(part.batch);
      if (parts === undefined) await tables.write(part.batch, context);
      else await parts.put(partName(part.number, part.piece), encodePart(part));
    }
    const result = run.result();
    const { tests, hits } = result.counts;
    if (parts !== undefined) await tables.merge(parts, context, tests, memory, signal);
    onProgress?.({ done: hits, total: hits, phase: "writing" });
    await tables.endContext(result, context);
    results.push(result);
  }
  await tables.close();
  return { results, files: folder.files().slice(before) };
}
