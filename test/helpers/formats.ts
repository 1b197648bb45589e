/** Small files in memory and random ones, for the tests of the readers. */
import { gzipSync } from "node:zlib";
import { expect } from "vitest";
import { QortexError } from "../../src/errors.ts";
import { type ByteSource, bytesSource } from "../../src/formats/source.ts";

/** A seeded generator of numbers in [0, 1) (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** An integer from `low` to `high`, both included. */
export function integer(next: () => number, low: number, high: number): number {
  return low + Math.floor(next() * (high - low + 1));
}

export function textSource(text: string, name: string): ByteSource {
  return bytesSource(new TextEncoder().encode(text), name);
}

/** Gzip of `text` in members that end at the given places. */
export function gzipMembers(text: string, cuts: readonly number[] = []): Uint8Array {
  const ends = [...cuts, text.length];
  const members = ends.map((end, i) => gzipSync(text.slice(i === 0 ? 0 : ends[i - 1], end)));
  return Uint8Array.from(Buffer.concat(members));
}

/** PLINK's two bits for 0, 1, 2 copies of A1 and for missing (3). */
const PLINK_CODES = [3, 2, 0, 1] as const;

/** A .bed of `calls[variant][sample]` (copies of A1, or 3 for missing), written call by call. */
export function plinkBed(calls: readonly (readonly number[])[]): Uint8Array {
  const samples = calls[0]?.length ?? 0;
  const stride = Math.ceil(samples / 4);
  const bytes = new Uint8Array(3 + stride * calls.length);
  bytes.set([0x6c, 0x1b, 1]);
  for (const [v, row] of calls.entries()) {
    for (const [s, call] of row.entries()) {
      bytes[3 + v * stride + (s >> 2)]! |= PLINK_CODES[call as 0 | 1 | 2 | 3] << (2 * (s & 3));
    }
  }
  return bytes;
}

/** Calls of a GenotypeBlock, one at a time and by its definition. */
export function callAt(
  block: { stride: number; packed: Uint8Array },
  variant: number,
  sample: number,
): number {
  return (block.packed[variant * block.stride + (sample >> 2)]! >> (2 * (sample & 3))) & 3;
}

/** The message of the Qortex error that `action` ends in; fails when it ends otherwise. */
export async function messageOf(action: Promise<unknown> | (() => unknown)): Promise<string> {
  let outcome: unknown;
  try {
    outcome = await (typeof action === "function" ? action() : action);
  } catch (error) {
    expect(error).toBeInstanceOf(QortexError);
    const { message } = error as Error;
    expect(message).not.toContain("\n");
    return message;
  }
  throw new Error(`an error was expected, not ${JSON.stringify(outcome)}`);
}
