import type { Message } from "../cohort/cohort.ts";
import { InputError, LimitError } from "../errors.ts";
import { readAnnotation } from "../formats/annotation.ts";
import { matchGenes } from "../formats/genePlaces.ts";
import { type GeneSets, readGmt } from "../formats/gmt.ts";
import type { NamedColumns } from "../formats/namedColumns.ts";
import type { ByteSource } from "../formats/source.ts";
import { type GeneProfiles, profilesOf } from "../network/coregulation.ts";
import { fileSource } from "../node/files.ts";
import { inflateGzip } from "../node/inflate.ts";
import { openExpression } from "../node/open.ts";
import { count } from "../report/numbers.ts";
import { tablePath } from "./resultTable.ts";

/** What network commands read of files and of earlier results. */

/** A file for as long as it is read. */
export async function reading<Result>(
  path: string,
  read: (source: ByteSource) => Promise<Result>,
): Promise<Result> {
  const source = await fileSource(path);
  try {
    return await read(source);
  } finally {
    await source.close();
  }
}

/** Gene sets; what is doubtful of them is said. */
export async function readGeneSets(path: string, onMessage: (message: Message) => void): Promise<GeneSets> {
  const sets = await reading(path, (source) => readGmt(source, inflateGzip));
  for (const text of sets.messages) onMessage({ level: "info", text });
  return sets;
}

/** The genes of a result of `qortex network coregulation`. */
export interface Coregulation {
  /** The table read. */
  readonly path: string;
  readonly ids: readonly string[];
  readonly symbols: readonly string[] | undefined;
  readonly profiles: GeneProfiles;
}

/** `annotation`: symbols for the genes. Throws InputError for a folder without coefficients, and a value that is missing. */
export async function readCoregulation(
  folder: string,
  annotation: string | undefined,
  onMessage: (message: Message) => void,
): Promise<Coregulation> {
  const path = await tablePath(folder, ["coefficients"]);
  const { id, symbol, samples, values } = await openExpression(
    { expression: path, annotation },
    { onMessage },
  );
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const gene = id[Math.floor(bad / samples.length)];
    throw new InputError(
      `${path}, gene ${gene}`,
      "a coefficient is missing",
      "give a whole result of 'qortex network coregulation'",
    );
  }
  return { path, ids: id, symbols: symbol, profiles: profilesOf(values, id.length, samples.length) };
}

/** The column under one of `names`. Throws InputError that lists them. */
export function neededColumn(table: NamedColumns, names: readonly string[]): readonly string[] {
  const found = table.column(names);
  if (found !== undefined) return found;
  throw new InputError(table.name, `has no column ${names.join(" or ")}`, "name the columns in a header");
}

/** Symbols of an annotation for genes; empty where it has none. */
export async function symbolsOf(path: string, ids: readonly string[]): Promise<string[]> {
  const annotation = await reading(path, (source) => readAnnotation(source, inflateGzip));
  const { row } = matchGenes(ids, annotation, path);
  return ids.map((_, gene) => annotation.genes[row[gene]!]?.symbol ?? "");
}

const MIB = 2 ** 20;

/** Throws LimitError where `numbers` of 8 bytes do not fit in `memory` bytes. */
export function checkMemory(what: string, numbers: number, memory: number): void {
  const bytes = 8 * numbers;
  if (bytes <= memory) return;
  const mib = (value: number): string => `${count(Math.ceil(value / MIB))} MiB`;
  throw new LimitError(`${what} needs ${mib(bytes)}, --memory is ${mib(memory)}; raise it`);
}
