import { createHash } from "node:crypto";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { MapCounts } from "../association/tables.ts";
import { InputError, throwIfAborted } from "../errors.ts";
import { errorCode } from "./fileErrors.ts";
import { MANIFEST, type OutputFile, type OutputFolder } from "./folder.ts";
import { type Usage, usage } from "./usage.ts";

/** Bytes of an input file that are read and hashed at once. */
const HASH_PIECE = 1 << 18;

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** An input file as it was read. */
export interface InputFile {
  /** What it was used as: `genotypes`, `expression`, ... */
  readonly role: string;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What the caller says of a run; {@link writeManifest} adds files and platform. */
export interface RunRecord {
  readonly version: string;
  /** The command line, or what stands for it. */
  readonly command: readonly string[];
  readonly options: { readonly [key: string]: Json | undefined };
  readonly inputs: readonly InputFile[];
  /** How samples were matched, and how many are used. */
  readonly samples: Json;
  readonly model: string;
  readonly degreesOfFreedom: number;
  /** What tells it from others: see src/cohort/marks.ts. */
  readonly cohort?: { readonly [mark: string]: string };
  readonly seed: number;
  readonly backend: string;
  readonly counts: MapCounts | { readonly [key: string]: Json };
  /** Of the null sample. */
  readonly lambda?: number;
  /** Of a trans map: what was left out, or that nothing was. */
  readonly crossMapping?: string;
  readonly permutations?: Json;
  readonly cisSignals?: Json;
  /** What was said on the way. */
  readonly messages?: readonly { readonly level: string; readonly text: string }[];
  /** Seconds by phase. */
  readonly timings: { readonly [phase: string]: number };
}

export interface Manifest extends RunRecord {
  readonly program: "qortex";
  readonly files: readonly OutputFile[];
  readonly platform: {
    readonly node: string;
    readonly system: string;
    readonly architecture: string;
  };
  /** Of the whole process, up to the writing of this file. */
  readonly usage: Usage;
}

/** Size and SHA-256 of a file, read in a stream. Throws InputError when it cannot be read. */
export async function hashInput(role: string, path: string, signal?: AbortSignal): Promise<InputFile> {
  const hash = createHash("sha256");
  // One piece of memory for the whole file: a stream would make one a piece of it, and the engine collect them.
  const piece = new Uint8Array(HASH_PIECE);
  let bytes = 0;
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    for (;;) {
      throwIfAborted(signal);
      const { bytesRead } = await file.read(piece, 0, piece.length, bytes);
      if (bytesRead === 0) break;
      hash.update(piece.subarray(0, bytesRead));
      bytes += bytesRead;
    }
  } catch (error) {
    throwIfAborted(signal);
    throw new InputError(path, `cannot be read (${errorCode(error)})`, "check the path", { cause: error });
  } finally {
    await file?.close();
  }
  return { role, path, bytes, sha256: hash.digest("hex") };
}

/** The manifest of a result of ours in `folder`, where there is one. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(folder, MANIFEST), "utf8"));
    if (typeof manifest !== "object" || manifest === null) return undefined;
    const { program, inputs, command } = manifest as Partial<Manifest>;
    const ours = program === "qortex" && Array.isArray(inputs) && Array.isArray(command);
    return ours ? (manifest as Manifest) : undefined;
  } catch {
    return undefined;
  }
}

/** Writes `manifest.json`: the record of the run and the files closed in `folder` so far. Call it last. */
export async function writeManifest(folder: OutputFolder, record: RunRecord): Promise<Manifest> {
  const { version, ...rest } = record;
  const manifest: Manifest = {
    program: "qortex",
    version,
    ...rest,
    files: folder.files(),
    platform: { node: process.version, system: process.platform, architecture: process.arch },
    usage: usage(),
  };
  await folder.text(MANIFEST, `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}
