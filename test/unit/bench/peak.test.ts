import { describe, expect, test } from "vitest";
import { measurePeak } from "../../../src/bench/peak.ts";
import { MULTIPLY_ADDS, peakModule, peakTile } from "../../../src/bench/peakKernel.ts";
import { spawnThread } from "../../../src/node/threads.ts";

const LINE = 2048;

async function instance() {
  const { instance: made } = await WebAssembly.instantiate(peakModule());
  return made.exports as {
    readonly memory: WebAssembly.Memory;
    readonly dot16: (passes: number) => number;
    readonly madd64: (passes: number) => number;
  };
}

describe("the loops do the multiply-adds they are said to do", () => {
  test("16 bits", async () => {
    const { memory, dot16 } = await instance();
    const tile = peakTile("dot16");
    new Uint8Array(memory.buffer).set(tile);
    const numbers = new Int16Array(tile.buffer);
    let first = 0;
    let operations = 0;
    // The kernel returns lane 0 of every sum: the first two of each vector's eight products.
    for (let row = 0; row < 2; row++) {
      for (let column = 2; column < 6; column++) {
        for (let i = 0; i < LINE / 2; i++) {
          operations += 1;
          if (i % 8 < 2) first += numbers[(row * LINE) / 2 + i]! * numbers[(column * LINE) / 2 + i]!;
        }
      }
    }
    expect(operations).toBe(MULTIPLY_ADDS.dot16);
    expect(dot16(1)).toBe(first);
    expect(dot16(3)).toBe(3 * first);
  });

  test("f64", async () => {
    const { memory, madd64 } = await instance();
    const tile = peakTile("madd64");
    new Uint8Array(memory.buffer).set(tile);
    const numbers = new Float64Array(tile.buffer);
    let first = 0;
    let operations = 0;
    for (let row = 0; row < 2; row++) {
      for (let column = 2; column < 6; column++) {
        for (let i = 0; i < LINE / 8; i++) {
          operations += 1;
          if (i % 2 === 0) first += numbers[(row * LINE) / 8 + i]! * numbers[(column * LINE) / 8 + i]!;
        }
      }
    }
    expect(operations).toBe(MULTIPLY_ADDS.madd64);
    // Multiples of 1/64 below 2^20: the sums are exact in any order.
    expect(madd64(1)).toBe(first);
    expect(madd64(2)).toBe(2 * first);
  });
});

test("measures both kernels on threads", async () => {
  const peak = await measurePeak(spawnThread, 2, { seconds: 0.01, repeats: 1 });
  expect(peak.int16).toBeGreaterThan(0);
  expect(peak.f64).toBeGreaterThan(0);
});
