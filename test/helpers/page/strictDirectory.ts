import type { Directory } from "../../../src/app/engine/store/directory.ts";
import { blobSource } from "../../../src/formats/source.ts";

/** What a browser's private file system is strict about, of folders in memory. */
export interface Strict {
  readonly root: Directory;
  /** Files that are open for writing, by path. */
  readonly open: ReadonlySet<string>;
  /** Bytes that may still be written; set it to make the storage full. */
  room: number;
  /** Bytes written so far. */
  written: number;
}

const refused = (path: string): DOMException =>
  new DOMException(`${path}: an access handle is open`, "NoModificationAllowedError");

/**
 * Folders in memory that behave as a browser's: a file that is open for writing can neither be opened again nor removed, and what is beyond `room` is
 * refused, part of it written. A file that is not closed keeps what was written.
 */
export function strictDirectory(): Strict {
  const open = new Set<string>();
  const strict = { root: folderAt(""), open, room: Number.POSITIVE_INFINITY, written: 0 };
  return strict;

  function folderAt(path: string): Directory {
    const files = new Map<string, Uint8Array<ArrayBuffer>[]>();
    const folders = new Map<string, Directory>();
    const blobOf = (name: string): File | undefined => {
      const pieces = files.get(name);
      return pieces && new File(pieces, name);
    };
    return {
      async folder(name) {
        const known = folders.get(name) ?? folderAt(`${path}${name}/`);
        folders.set(name, known);
        return known;
      },
      async sink(name) {
        const own = `${path}${name}`;
        if (open.has(own)) throw refused(own);
        open.add(own);
        const pieces: Uint8Array<ArrayBuffer>[] = [];
        files.set(name, pieces);
        return {
          async write(bytes) {
            if (!open.has(own)) throw new DOMException(`${own} is closed`, "InvalidStateError");
            const kept = bytes.slice(0, Math.max(0, strict.room));
            pieces.push(kept);
            strict.room -= kept.length;
            strict.written += kept.length;
            if (kept.length < bytes.length) throw new DOMException("full", "QuotaExceededError");
          },
          async close() {
            open.delete(own);
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
        const locked = [...open].find((one) => one === `${path}${name}` || one.startsWith(`${path}${name}/`));
        if (locked !== undefined) throw refused(locked);
        files.delete(name);
        folders.delete(name);
      },
    };
  }
}
