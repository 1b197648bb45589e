import type { PartStore } from "../../../association/parts.ts";
import { InputError } from "../../../errors.ts";
import { type ByteSource, blobSource } from "../../../formats/source.ts";
import type { ByteSink } from "../../../formats/table.ts";

/** A folder of what the page keeps: the browser's private file system, or memory where there is none. */
export interface Directory {
  folder(name: string): Promise<Directory>;
  /** A new file, empty, in place of one of that name. Until it is closed nobody can open or remove it; closing twice is closing once. */
  sink(name: string): Promise<ByteSink>;
  source(name: string): Promise<ByteSource | undefined>;
  /** The same as a Blob, to be handed out. */
  blob(name: string): Promise<Blob | undefined>;
  /** Names of files, sorted; of folders with `folders`. */
  list(what?: "files" | "folders"): Promise<string[]>;
  /** A file, or a folder with all that is in it; nothing where it is not there. */
  remove(name: string): Promise<void>;
}

/** A folder of the origin private file system. Works in workers alone: files are written by their synchronous handles. */
export function opfsDirectory(handle: FileSystemDirectoryHandle): Directory {
  const fileOf = async (name: string): Promise<File | undefined> => {
    try {
      return await (await handle.getFileHandle(name)).getFile();
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  };
  return {
    folder: async (name) => opfsDirectory(await handle.getDirectoryHandle(name, { create: true })),
    async sink(name) {
      const file = await handle.getFileHandle(name, { create: true });
      const access = await (file as SyncFile).createSyncAccessHandle();
      try {
        access.truncate(0);
      } catch (error) {
        access.close();
        throw error;
      }
      let at = 0;
      let closed = false;
      return {
        async write(bytes) {
          for (let from = 0; from < bytes.length; ) {
            const written = access.write(bytes.subarray(from), { at });
            if (written === 0) throw new DOMException("the browser keeps no more", "QuotaExceededError");
            from += written;
            at += written;
          }
        },
        async close() {
          if (closed) return;
          closed = true;
          try {
            access.flush();
          } finally {
            access.close();
          }
        },
      };
    },
    async source(name) {
      const file = await fileOf(name);
      return file && blobSource(file, name);
    },
    blob: fileOf,
    async list(what = "files") {
      const names: string[] = [];
      const wanted = what === "files" ? "file" : "directory";
      for await (const [name, { kind }] of (handle as unknown as Entries).entries())
        if (kind === wanted) names.push(name);
      return names.sort();
    },
    async remove(name) {
      try {
        await handle.removeEntry(name, { recursive: true });
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    },
  };
}

/** What TypeScript's DOM leaves out, since pages have it in workers alone. */
interface SyncFile extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<{
    truncate(size: number): void;
    write(bytes: Uint8Array, options: { at: number }): number;
    flush(): void;
    close(): void;
  }>;
}

interface Entries {
  entries(): AsyncIterable<[string, { readonly kind: string }]>;
}

function isMissing(error: unknown): boolean {
  return error instanceof DOMException && error.name === "NotFoundError";
}

/** Gone with the page. */
export function memoryDirectory(): Directory {
  const files = new Map<string, Uint8Array[]>();
  const folders = new Map<string, Directory>();
  const blobOf = (name: string): Blob | undefined => {
    const chunks = files.get(name);
    return chunks && new Blob(chunks as BlobPart[]);
  };
  return {
    async folder(name) {
      const known = folders.get(name) ?? memoryDirectory();
      folders.set(name, known);
      return known;
    },
    async sink(name) {
      const chunks: Uint8Array[] = [];
      return {
        async write(bytes) {
          chunks.push(bytes.slice());
        },
        async close() {
          files.set(name, chunks);
        },
      };
    },
    async source(name) {
      const blob = blobOf(name);
      return blob && blobSource(blob, name);
    },
    blob: async (name) => blobOf(name),
    list: async (what = "files") => [...(what === "files" ? files : folders).keys()].sort(),
    async remove(name) {
      files.delete(name);
      folders.delete(name);
    },
  };
}

/** Writes a whole file. */
export async function writeFile(
  directory: Directory,
  name: string,
  content: Uint8Array | string,
): Promise<void> {
  await filling(directory, name, (sink) =>
    sink.write(typeof content === "string" ? new TextEncoder().encode(content) : content),
  );
}

/** Writes a file by `fill`; it is closed whatever happens. */
export async function filling(
  directory: Directory,
  name: string,
  fill: (sink: ByteSink) => Promise<void>,
): Promise<void> {
  const sink = await directory.sink(name);
  try {
    await fill(sink);
  } catch (error) {
    // What went wrong first is what is said.
    await sink.close().catch(() => {});
    throw error;
  }
  await sink.close();
}

/**
 * Lets `act` write below `directory`, and closes what it leaves open: a run that is cancelled or fails in the midst of its tables would keep their
 * files locked, so that it could not be taken up again before a reload.
 */
export async function closingAll<Answer>(
  directory: Directory,
  act: (directory: Directory) => Promise<Answer>,
): Promise<Answer> {
  const open = new Set<ByteSink>();
  const watched = (inner: Directory): Directory => ({
    ...inner,
    folder: async (name) => watched(await inner.folder(name)),
    async sink(name) {
      const sink = await inner.sink(name);
      open.add(sink);
      return {
        write: (bytes) => sink.write(bytes),
        async close() {
          open.delete(sink);
          await sink.close();
        },
      };
    },
  });
  try {
    return await act(watched(directory));
  } finally {
    for (const sink of open) await sink.close().catch(() => {});
  }
}

export async function readText(directory: Directory, name: string): Promise<string | undefined> {
  return (await directory.blob(name))?.text();
}

/** Parts of a map in a directory. One that was cut off in the writing fails its checksum when it is taken up again (`checkParts`). */
export function directoryParts(directory: Directory): PartStore {
  return {
    put: (name, bytes) => writeFile(directory, name, bytes),
    async get(name) {
      const source = await directory.source(name);
      if (source === undefined) throw new InputError(name, "is not among the parts", "run again");
      return source.read(0, source.size);
    },
    delete: (name) => directory.remove(name),
    list: () => directory.list(),
  };
}
