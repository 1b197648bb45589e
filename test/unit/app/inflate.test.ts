import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { inflateInPage } from "../../../src/app/inflate.ts";
import { InputError } from "../../../src/errors.ts";
import { testRandom } from "../../helpers/randomCohort.ts";

/** Bytes that do not compress well: letters at random. */
function letters(length: number, seed: number): Uint8Array {
  const random = testRandom(seed);
  return Uint8Array.from({ length }, () => 97 + Math.floor(26 * random()));
}

/** A file in chunks, read once, as the readers hand it over. */
async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function inflated(packed: Uint8Array, size: number): Promise<Uint8Array> {
  const out: number[] = [];
  for await (const bytes of inflateInPage(inChunks(packed, size), "expression.bed.gz")) {
    for (const byte of bytes) out.push(byte);
  }
  return Uint8Array.from(out);
}

/** One BGZF block: a gzip member whose extra field holds its size. */
function block(data: Uint8Array): Uint8Array {
  const member = gzipSync(data);
  const size = member.length + 8;
  const out = new Uint8Array(size);
  out.set(member.subarray(0, 10));
  out[3] = 4;
  out.set([6, 0, 0x42, 0x43, 2, 0, (size - 1) & 0xff, (size - 1) >> 8], 10);
  out.set(member.subarray(10), 18);
  return out;
}

describe("gzip in a page", () => {
  test.each([7, 64, 1000, 1_000_000])("plain gzip in chunks of %i bytes", async (size) => {
    const text = letters(20_000, 1);
    expect(await inflated(gzipSync(text), size)).toEqual(text);
  });

  test.each([7, 64, 1000, 1_000_000])("BGZF in chunks of %i bytes", async (size) => {
    const text = letters(9_000, 2);
    const blocks = [0, 3000, 6000].map((at) => block(text.subarray(at, at + 3000)));
    const packed = Buffer.concat([...blocks, block(new Uint8Array(0))]);
    expect(await inflated(packed, size)).toEqual(text);
  });

  test("what is cut is an error that names the file", async () => {
    const packed = gzipSync(letters(5_000, 3));
    await expect(inflated(packed.subarray(0, -100), 1000)).rejects.toThrow(InputError);
    await expect(inflated(block(letters(500, 4)).subarray(0, -3), 64)).rejects.toThrow(
      "expression.bed.gz: truncated gzip",
    );
  });
});
