import { InputError } from "../errors.ts";
import type { Inflate } from "../formats/source.ts";

/**
 * gzip in a page. A browser's own decompressor takes one member only, so BGZF, whose headers give each
 * member's size, is cut into its blocks first; other files of several members are refused.
 */
export const inflateInPage: Inflate = async function* (chunks, name) {
  const cutter = new BlockCutter(name);
  const input = chunks[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await input.next();
      if (done === true) return cutter.end();
      cutter.add(value);
      if (cutter.plain) return yield* oneMember(cutter.rest(), input, name);
      for (const block of cutter.blocks()) yield await decompressed(block, name);
    }
  } finally {
    await input.return?.();
  }
};

/** A file of one member, a piece at a time: `first`, then what is left of `input`. */
async function* oneMember(
  first: Uint8Array,
  input: AsyncIterator<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  let failure: unknown;
  const packed = new ReadableStream<BufferSource>({
    start: (control) => control.enqueue(first.slice()),
    async pull(control) {
      try {
        const { done, value } = await input.next();
        if (done === true) control.close();
        // A copy, since a reader uses its memory again.
        else control.enqueue(value.slice());
      } catch (error) {
        failure = error;
        control.error(error);
      }
    },
  });
  const reader = packed.pipeThrough(new DecompressionStream("gzip")).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw failure ?? undecodable(name, cause);
      });
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function decompressed(data: Uint8Array, name: string): Promise<Uint8Array> {
  const stream = new Blob([data as BlobPart]).stream().pipeThrough(new DecompressionStream("gzip"));
  try {
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (cause) {
    throw undecodable(name, cause);
  }
}

function undecodable(name: string, cause: unknown): InputError {
  const fix = "it may be cut, or of several gzip members: unpack it, or compress it with bgzip";
  return new InputError(name, "cannot be decompressed", fix, { cause });
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
