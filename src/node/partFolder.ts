import { mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PartStore } from "../association/parts.ts";
import { InputError } from "../errors.ts";
import { errorCode, writeError } from "./fileErrors.ts";

const UNFINISHED = ".tmp";

/**
 * Parts as files in `folder` (made when the first one comes): each is written under a temporary name
 * and renamed, so that it is there whole or not at all. `label` is what messages call the folder.
 */
export function partFolder(folder: string, label: string): PartStore {
  let made = false;
  return {
    async put(name, bytes) {
      const path = join(folder, name);
      try {
        if (!made) await mkdir(folder, { recursive: true });
        made = true;
        await writeFile(path + UNFINISHED, bytes);
        await rename(path + UNFINISHED, path);
      } catch (error) {
        throw writeError(error, `${label}/${name}`);
      }
    },
    async get(name, into) {
      try {
        return await readWhole(join(folder, name), `${label}/${name}`, into);
      } catch (error) {
        if (error instanceof InputError) throw error;
        throw new InputError(`${label}/${name}`, `cannot be read (${errorCode(error)})`, "run again", {
          cause: error,
        });
      }
    },
    async delete(name) {
      await rm(join(folder, name), { force: true });
    },
    async list() {
      try {
        return (await readdir(folder)).filter((name) => !name.endsWith(UNFINISHED)).sort();
      } catch (error) {
        if (errorCode(error) === "ENOENT") return [];
        throw new InputError(label, `cannot be read (${errorCode(error)})`, "", { cause: error });
      }
    },
  };
}

async function readWhole(path: string, label: string, into: Uint8Array | undefined): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    // Room to spare: the next part is often a little larger, and then fits.
    const buffer =
      into !== undefined && into.length >= size
        ? into
        : new Uint8Array(Math.ceil((size * 1.25) / 4096) * 4096);
    let at = 0;
    while (at < size) {
      const { bytesRead } = await file.read(buffer, at, size - at, at);
      if (bytesRead === 0) throw new InputError(label, `ended at byte ${at}, ${size} expected`, "run again");
      at += bytesRead;
    }
    return buffer.subarray(0, size);
  } finally {
    await file.close();
  }
}
