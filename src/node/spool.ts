import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError, LimitError, type QortexError } from "../errors.ts";
import type { OpenSpool, Spool } from "../formats/spool.ts";
import { errorCode, writeError } from "./fileErrors.ts";

/**
 * Spools as files in the system's temporary folder (TMPDIR says where). Each loses its name as soon as it is open,
 * so that the system takes it back whatever ends the process; where open files keep their names (Windows), it is
 * removed by `close` or when the process exits.
 */
export const fileSpool: OpenSpool = async () => {
  const path = join(tmpdir(), `qortex-${randomUUID()}.tmp`);
  let handle: FileHandle;
  try {
    handle = await open(path, "wx+", 0o600);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw writeError(error, path);
    const fix = "set TMPDIR to a folder that is there";
    throw new InputError(path, "cannot be written (ENOENT)", fix, { cause: error });
  }
  const remove = (): void => rmSync(path, { force: true });
  const forgotten = await unlink(path).then(
    () => true,
    () => false,
  );
  if (!forgotten) process.once("exit", remove);
  return new FileSpool(path, handle, async () => {
    if (forgotten) return;
    process.off("exit", remove);
    remove();
  });
};

class FileSpool implements Spool {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #removed: () => Promise<void>;
  #size = 0;
  #open = true;

  constructor(path: string, handle: FileHandle, removed: () => Promise<void>) {
    this.#path = path;
    this.#handle = handle;
    this.#removed = removed;
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      try {
        const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.#size);
        done += bytesWritten;
        this.#size += bytesWritten;
      } catch (error) {
        throw spoolError(error, this.#path, this.#size);
      }
    }
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    if (!(start >= 0 && start <= end && end <= this.#size)) {
      throw new RangeError(`bytes ${start}-${end} asked of a spool of ${this.#size} bytes`);
    }
    const bytes = new Uint8Array(end - start);
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await this.#handle.read(bytes, done, bytes.length - done, start + done);
      if (bytesRead === 0) throw new RangeError(`a spool ended at byte ${start + done}`);
      done += bytesRead;
    }
    return bytes;
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#handle.close();
    await this.#removed();
  }
}

/** A full disk is not the output's here: the advice is another. */
function spoolError(error: unknown, path: string, written: number): QortexError {
  if (errorCode(error) !== "ENOSPC" && errorCode(error) !== "EDQUOT") return writeError(error, path, written);
  return new LimitError(
    `${path}: the disk is full after ${written} bytes of temporary data; free space or set TMPDIR to a folder on another disk`,
    { cause: error },
  );
}
