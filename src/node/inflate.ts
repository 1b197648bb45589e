import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { InputError, QortexError } from "../errors.ts";
import type { Inflate } from "../formats/source.ts";

/**
 * Node's {@link Inflate}: streams, takes any number of members (BGZF), and holds a few chunks in memory.
 * Throws {@link InputError} for gzip that is cut or corrupt; errors of `chunks` come through as they are.
 */
export const inflateGzip: Inflate = async function* (chunks, name) {
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  // The failure of the pipeline reaches us through `gunzip`, which it destroys.
  pipeline(Readable.from(chunks, { objectMode: true, highWaterMark: 2 }), gunzip).catch(() => {});
  try {
    for await (const bytes of gunzip) yield bytes as Uint8Array;
  } catch (error) {
    throw error instanceof QortexError ? error : gzipError(name, error);
  } finally {
    gunzip.destroy();
  }
};

function gzipError(name: string, cause: unknown): unknown {
  const code = (cause as { code?: unknown }).code;
  if (code === "Z_BUF_ERROR") {
    return new InputError(name, "truncated gzip", "copy or compress it again", { cause });
  }
  if (code === "Z_DATA_ERROR") {
    const detail = (cause as Error).message;
    return new InputError(name, `corrupt gzip (${detail})`, "copy or compress it again", { cause });
  }
  return cause;
}
