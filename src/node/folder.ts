import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import type { PartStore } from "../association/parts.ts";
import { InputError, UsageError } from "../errors.ts";
import { groupRows, parquetWriter } from "../formats/parquet.ts";
import type { ByteSink, TableSchema, TableWriter } from "../formats/table.ts";
import { tsvWriter } from "../formats/tsv.ts";
import { errorCode, writeError } from "./fileErrors.ts";
import { partFolder } from "./partFolder.ts";
import { createFile, type FileSink, fileSink, gzipSink, type OpenFile } from "./sinks.ts";

export const MANIFEST = "manifest.json";

export type TableFormat = "parquet" | "tsv";

/** A file of the result; `rows` where it is a table. */
export interface OutputFile {
  readonly name: string;
  readonly rows?: number;
  readonly bytes: number;
  readonly sha256: string;
}

export interface OutputOptions {
  /** Replace the files of an earlier result. Other files are never touched. */
  readonly overwrite?: boolean | undefined;
  /** How files are created; for tests. */
  readonly openFile?: OpenFile | undefined;
}

/**
 * The folder of a result. Everything goes into a hidden temporary folder on the same file system
 * (within the output folder when that is there, else beside it) and is moved at {@link commit};
 * until then, and after {@link abandon}, the output folder is as it was, not there if it was not.
 */
export class OutputFolder {
  readonly path: string;
  private readonly temporary: string;
  private readonly existed: boolean;
  /** Names of the earlier result's files that may be replaced. */
  private readonly earlier: ReadonlySet<string>;
  private readonly foreign: ReadonlySet<string>;
  private readonly openFile: OpenFile;
  private readonly written = new Map<string, OutputFile>();
  private readonly open = new Map<string, FileSink>();

  private constructor(
    path: string,
    temporary: string,
    existing: { earlier: ReadonlySet<string>; foreign: ReadonlySet<string> } | undefined,
    openFile: OpenFile,
  ) {
    this.path = path;
    this.temporary = temporary;
    this.existed = existing !== undefined;
    this.earlier = existing?.earlier ?? new Set();
    this.foreign = existing?.foreign ?? new Set();
    this.openFile = openFile;
  }

  /**
   * Throws UsageError when the folder holds an earlier result and `overwrite` is not set, InputError
   * when it holds something else, is a file or may not be written.
   */
  static async open(path: string, options: OutputOptions = {}): Promise<OutputFolder> {
    const existing = await inspect(path, options.overwrite ?? false);
    const target = resolve(path);
    const base = existing === undefined ? await nearestFolder(target, path) : target;
    const prefix = existing === undefined ? `.${basename(target)}` : "";
    const temporary = join(base, temporaryName(prefix));
    try {
      await removeStale(base, prefix);
      await mkdir(temporary);
    } catch (error) {
      throw writeError(error, path);
    }
    return new OutputFolder(path, temporary, existing, options.openFile ?? createFile);
  }

  /** A new table, `name.parquet` or `name.tsv.gz`, of at most `rows` rows. `close` gives the bytes of the file. */
  async table(name: string, schema: TableSchema, format: TableFormat, rows?: number): Promise<TableWriter> {
    const fileName = `${name}.${format === "parquet" ? "parquet" : "tsv.gz"}`;
    const sink = await this.create(fileName);
    const writer =
      format === "parquet" ? parquetWriter(sink, schema, groupRows(rows)) : tsvWriter(gzipSink(sink), schema);
    return {
      write: (columns) => writer.write(columns),
      close: async () => {
        const { rows } = await writer.close();
        return { rows, bytes: this.record(fileName, sink, rows).bytes };
      },
    };
  }

  /** A whole text file. Where it cannot be written nothing of it is left, and the folder may go on without it. */
  async text(name: string, content: string): Promise<void> {
    await this.bytes(name, new TextEncoder().encode(content));
  }

  /** A file that `write` fills and closes, a piece at a time. */
  async stream(name: string, write: (sink: ByteSink) => Promise<void>): Promise<void> {
    const sink = await this.create(name);
    await write(sink);
    this.record(name, sink);
  }

  /** The same of bytes. */
  async bytes(name: string, content: Uint8Array): Promise<void> {
    const sink = await this.create(name);
    try {
      await sink.write(content);
      await sink.close();
    } catch (error) {
      this.open.delete(name);
      await sink.abandon();
      await rm(join(this.temporary, name), { force: true });
      throw error;
    }
    this.record(name, sink);
  }

  /** Where parts and scratch data wait; gone after commit or abandon. */
  parts(): PartStore {
    return partFolder(join(this.temporary, "parts"), join(this.path, "parts"));
  }

  /** The files closed so far, in the order of closing. */
  files(): OutputFile[] {
    return [...this.written.values()];
  }

  /** Moves all files into place, the manifest last; their paths. On failure all is put back. */
  async commit(): Promise<string[]> {
    if (this.open.size > 0) throw new Error(`${[...this.open.keys()].join(", ")} not closed`);
    const names = [...this.written.keys()].filter((name) => name !== MANIFEST);
    if (this.written.has(MANIFEST)) names.push(MANIFEST);
    await rm(join(this.temporary, "parts"), { recursive: true, force: true });
    try {
      if (this.existed) await this.replace(names);
      else {
        await mkdir(dirname(resolve(this.path)), { recursive: true });
        await rename(this.temporary, resolve(this.path));
      }
    } catch (error) {
      throw writeError(error, this.path);
    }
    return names.map((name) => join(this.path, name));
  }

  /** Drops everything that was written; the output folder stays as it was. */
  async abandon(): Promise<void> {
    for (const sink of this.open.values()) await sink.abandon();
    this.open.clear();
    await rm(this.temporary, { recursive: true, force: true });
  }

  private async create(name: string): Promise<FileSink> {
    if (this.foreign.has(name)) {
      throw new InputError(
        join(this.path, name),
        "is in the way and no file of an earlier result",
        "move it or name another output folder",
      );
    }
    const sink = await fileSink(join(this.temporary, name), join(this.path, name), this.openFile);
    this.open.set(name, sink);
    return sink;
  }

  private record(name: string, sink: FileSink, rows?: number): OutputFile {
    this.open.delete(name);
    const file = rows === undefined ? { name, ...sink.summary() } : { name, rows, ...sink.summary() };
    this.written.set(name, file);
    return file;
  }

  /** Swaps the earlier result's files for the new ones; the old manifest goes last, by being replaced. */
  private async replace(names: readonly string[]): Promise<void> {
    const target = resolve(this.path);
    const aside = join(this.temporary, "replaced");
    const undo: [from: string, to: string][] = [];
    const move = async (from: string, to: string): Promise<void> => {
      await rename(from, to);
      undo.push([to, from]);
    };
    try {
      await mkdir(aside);
      for (const name of this.earlier) {
        if (name === MANIFEST && names.includes(MANIFEST)) continue;
        await move(join(target, name), join(aside, name));
      }
      for (const name of names) await move(join(this.temporary, name), join(target, name));
    } catch (error) {
      for (const [from, to] of undo.reverse()) await rename(from, to);
      throw error;
    }
    await rm(this.temporary, { recursive: true, force: true });
  }
}

const TEMPORARY = /^(.*)\.qortex-(.+)-(\d+)-[0-9a-f]{8}$/;

/** Says which process of which machine it belongs to, so that leftovers of a killed one are known. */
function temporaryName(prefix: string): string {
  return `${prefix}.qortex-${machine()}-${process.pid}-${randomBytes(4).toString("hex")}`;
}

function machine(): string {
  return hostname().replace(/[^A-Za-z0-9.]/g, "_");
}

/** Removes what processes of this machine that have ended left for the same output folder. */
async function removeStale(base: string, prefix: string): Promise<void> {
  for (const name of await readdir(base)) {
    const match = TEMPORARY.exec(name);
    if (match === null || match[1] !== prefix || match[2] !== machine() || isRunning(Number(match[3])))
      continue;
    await rm(join(base, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== "ESRCH";
  }
}

/** What is in the output folder: undefined when it is not there. */
async function inspect(
  path: string,
  overwrite: boolean,
): Promise<{ earlier: Set<string>; foreign: Set<string> } | undefined> {
  let names: string[];
  try {
    names = (await readdir(path)).filter((name) => !TEMPORARY.test(name));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    if (errorCode(error) === "ENOTDIR") {
      throw new InputError(path, "is a file, not a folder", "name another output folder", { cause: error });
    }
    throw writeError(error, path);
  }
  if (names.length === 0) return { earlier: new Set(), foreign: new Set() };
  const earlier = await filesOfResult(path);
  if (earlier === undefined) {
    throw new InputError(
      path,
      `is not empty (${names.sort().slice(0, 3).join(", ")}${names.length > 3 ? ", ..." : ""}) and holds no earlier result`,
      "name another output folder",
    );
  }
  if (!overwrite) {
    throw new UsageError(
      `${path}: holds an earlier result; replace it with --overwrite or name another folder`,
    );
  }
  return {
    earlier: new Set(names.filter((name) => earlier.has(name))),
    foreign: new Set(names.filter((name) => !earlier.has(name))),
  };
}

/** Names of the files that the manifest in `path` lists, itself too; undefined when there is none of ours. */
async function filesOfResult(path: string): Promise<Set<string> | undefined> {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(path, MANIFEST), "utf8"));
    if (typeof manifest !== "object" || manifest === null) return undefined;
    const { program, files } = manifest as { program?: unknown; files?: unknown };
    if (program !== "qortex" || !Array.isArray(files)) return undefined;
    const names = files.map((file: unknown) => String((file as { name?: unknown } | null)?.name));
    return new Set([...names, MANIFEST]);
  } catch {
    return undefined;
  }
}

/** The nearest folder above `target` that is there. */
async function nearestFolder(target: string, path: string): Promise<string> {
  for (let folder = dirname(target); ; folder = dirname(folder)) {
    try {
      if ((await stat(folder)).isDirectory()) return folder;
      throw new InputError(path, `${folder} is a file`, "name another output folder");
    } catch (error) {
      const code = errorCode(error);
      if (code !== "ENOENT" || folder === dirname(folder)) throw writeError(error, path);
    }
  }
}
