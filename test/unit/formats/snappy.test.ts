import { snappyUncompress } from "hyparquet";
import { snappyUncompress as hysnappy } from "hysnappy";
import { expect, test } from "vitest";
import { GrowingBytes } from "../../../src/formats/growingBytes.ts";
import { snappyCompress } from "../../../src/formats/snappy.ts";
import { integer, random } from "../../helpers/formats.ts";

function compressed(input: Uint8Array): Uint8Array {
  const out = new GrowingBytes(1);
  // What was there before stays.
  out.byte(7);
  snappyCompress(out, input);
  expect(out.bytes[0]).toBe(7);
  return out.content().slice(1);
}

/** Literals, runs, repeats of what came before at any distance (past 65,535 too), and short cycles. */
function randomBytes(next: () => number): Uint8Array {
  const length = next() < 0.2 ? integer(next, 0, 40) : integer(next, 0, next() < 0.2 ? 300_000 : 5000);
  const out = new Uint8Array(length);
  const letters = [1, 2, 4, 256][integer(next, 0, 3)]!;
  for (let at = 0; at < length; ) {
    const run = Math.min(length - at, integer(next, 1, [4, 70, 9000][integer(next, 0, 2)]!));
    const back = integer(next, 1, Math.max(1, next() < 0.5 ? Math.min(at, 8) : at));
    const copies = at > 0 && next() < 0.6;
    for (let i = 0; i < run; i++, at++) out[at] = copies ? out[at - back]! : integer(next, 0, letters - 1);
  }
  return out;
}

test("two decoders read back what was written", () => {
  let copies = 0;
  for (let seed = 1; seed <= 400; seed++) {
    const input = randomBytes(random(seed));
    const block = compressed(input);
    const back = new Uint8Array(input.length);
    if (input.length > 0) snappyUncompress(block, back);
    expect(Buffer.compare(back, input), `seed ${seed}`).toBe(0);
    if (input.length > 0) {
      const again = hysnappy(block, input.length);
      expect(Buffer.compare(again, input), `seed ${seed}, hysnappy`).toBe(0);
    }
    if (block.length < input.length) copies++;
  }
  expect(copies).toBeGreaterThan(200);
});

test("a block is what the format says", () => {
  expect([...compressed(new Uint8Array(0))]).toEqual([0]);
  expect([...compressed(Uint8Array.of(5, 6, 7))]).toEqual([3, 2 << 2, 5, 6, 7]);
  // 100 equal bytes: one as it is, then copies of it at offset 1: 64, and 35.
  const alike = compressed(new Uint8Array(100).fill(9));
  expect([...alike]).toEqual([100, 0, 9, 2 | (63 << 2), 1, 0, 2 | (34 << 2), 1, 0]);
});

test("a view of a larger buffer is compressed as itself", () => {
  const all = randomBytes(random(3));
  const view = all.subarray(1, all.length - 1);
  expect(compressed(view)).toEqual(compressed(view.slice()));
});

test("of windows that overlap, little more is left than what is new in each", () => {
  const codes = new Uint16Array(60_000);
  for (let i = 0; i < codes.length; i++) codes[i] = Math.floor(i / 4000) * 240 + (i % 4000);
  const input = new Uint8Array(codes.buffer);
  // The first window, 240 codes of each later one, and 3 bytes for 64 that are copied.
  const fresh = 2 * (4000 + 14 * 240);
  const copied = (3 / 64) * (input.length - fresh);
  expect(compressed(input).length).toBeLessThan(1.02 * (fresh + copied));
});
