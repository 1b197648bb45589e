import { InputError } from "../errors.ts";
import type { Inflate } from "../formats/source.ts";

/**
 * gzip in a page. A browser's own decompressor takes one member only, so BGZF, whose headers give each
 * member's size, is cut into its blocks first; other files of several members are refused.
 */
export const inflateInPage: Inflate = async function* (chunks, name) {
  const cutter = new BlockCutter(name);
  // In one loop: leaving it would end `chunks`.
  const rest: Uint8Array[] = [];
  for await (const chunk of chunks) {
    if (rest.length > 0) {
      rest.push(chunk);
      continue;
    }
    cutter.add(chunk);
    if (cutter.plain) rest.push(cutter.rest());
    else for (const block of cutter.blocks()) yield await decompressed(block, name);
  }
  if (rest.length > 0) yield await decompressed(new Blob(rest as BlobPart[]), name);
  else cutter.end();
};

async function decompressed(data: Uint8Array | Blob, name: string): Promise<Uint8Array> {
  const stream = new Blob([data as BlobPart]).stream().pipeThrough(new DecompressionStream("gzip"));
  try {
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (cause) {
    const fix = "it may be cut, or of several gzip members: unpack it, or compress it with bgzip";
    throw new InputError(name, "cannot be decompressed", fix, { cause });
  }
}

/** Collects bytes and hands out whole BGZF blocks (SAM specification, section 4.1). */
class BlockCutter {
  readonly #name: string;
  #held = new Uint8Array(0);
  /** Set once the first member turns out not to be BGZF. */
  plain = false;

  constructor(name: string) {
    this.#name = name;
  }

  add(chunk: Uint8Array): void {
    const joined = new Uint8Array(this.#held.length + chunk.length);
    joined.set(this.#held);
    joined.set(chunk, this.#held.length);
    this.#held = joined;
    if (this.#held.length >= 18 && blockSize(this.#held, 0) === undefined) this.plain = true;
  }

  *blocks(): Generator<Uint8Array> {
    let at = 0;
    while (this.#held.length - at >= 18) {
      const size = blockSize(this.#held, at);
      if (size === undefined)
        throw new InputError(this.#name, "a BGZF block is corrupt", "compress it again");
      if (at + size > this.#held.length) break;
      yield this.#held.slice(at, at + size);
      at += size;
    }
    this.#held = this.#held.slice(at);
  }

  rest(): Uint8Array {
    return this.#held;
  }

  end(): void {
    if (this.#held.length > 0) throw new InputError(this.#name, "truncated gzip", "copy the file again");
  }
}

/** Bytes of the BGZF block at `at`, or undefined where none starts. */
function blockSize(bytes: Uint8Array, at: number): number | undefined {
  const magic = bytes[at] === 0x1f && bytes[at + 1] === 0x8b && (bytes[at + 3]! & 4) !== 0;
  if (!magic || bytes[at + 12] !== 0x42 || bytes[at + 13] !== 0x43) return undefined;
  return bytes[at + 16]! + 256 * bytes[at + 17]! + 1;
}
