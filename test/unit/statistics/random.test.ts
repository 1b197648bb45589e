import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/errors.ts";
import { permutation, philox, uniform, uniformInt } from "../../../src/statistics/random.ts";

type Key = readonly [number, number];
type Counter = readonly [number, number, number, number];
const ONES = 0xffffffff;

/** Chi-square of counts against equal expectations, less its mean, in standard deviations. */
function excess(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return (chiSquare - (counts.length - 1)) / Math.sqrt(2 * (counts.length - 1));
}

/** Philox 4x32-10 with products in BigInt. */
function philoxByBigInt(key: Key, counter: Counter): number[] {
  const mask = 0xffffffffn;
  let [k0, k1] = key.map(BigInt) as [bigint, bigint];
  let [x0, x1, x2, x3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
  for (let round = 0; round < 10; round++) {
    const product0 = 0xd2511f53n * x0;
    const product1 = 0xcd9e8d57n * x2;
    [x0, x1, x2, x3] = [
      (product1 >> 32n) ^ x1 ^ k0,
      product1 & mask,
      (product0 >> 32n) ^ x3 ^ k1,
      product0 & mask,
    ];
    k0 = (k0 + 0x9e3779b9n) & mask;
    k1 = (k1 + 0xbb67ae85n) & mask;
  }
  return [x0, x1, x2, x3].map(Number);
}

describe("philox", () => {
  it.each<[Key, Counter, number[]]>([
    [
      [0, 0],
      [0, 0, 0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [ONES, ONES],
      [ONES, ONES, ONES, ONES],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0xa4093822, 0x299f31d0],
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])("gives the published answer for key %j, counter %j", (key, counter, answer) => {
    expect(Array.from(philox(key, counter))).toEqual(answer);
  });

  it("multiplies as BigInt does", () => {
    let key: Key = [1, 2];
    let counter: Counter = [3, ONES, 0x80000000, 0x7fffffff];
    for (let i = 0; i < 300; i++) {
      const words = Array.from(philox(key, counter));
      expect(words, `key ${key}, counter ${counter}`).toEqual(philoxByBigInt(key, counter));
      key = [words[0]!, words[2]!];
      counter = words as unknown as Counter;
    }
  });
});

describe("uniform", () => {
  it("fills [0, 1) evenly, and depends on each of its arguments", () => {
    const counts = new Array<number>(100).fill(0);
    for (let i = 0; i < 50_000; i++) counts[Math.floor(100 * uniform(1, 2, i))]!++;
    expect(Math.abs(excess(counts))).toBeLessThan(4);
    const drawn = [uniform(1, 2, 3), uniform(2, 2, 3), uniform(1, 3, 3), uniform(1, 2, 4)];
    drawn.push(uniform(1 + 2 ** 32, 2, 3), uniform(1, 2, 3 + 2 ** 32), uniform(1, 2 ** 31, 3));
    expect(new Set(drawn).size).toBe(drawn.length);
    expect(uniform(1, 2, 3)).toBe(drawn[0]);
  });
});

describe("uniformInt", () => {
  it.each([1, 2, 3, 7, 100, 1000, 1025])("is even over %i values", (bound) => {
    const counts = new Array<number>(bound).fill(0);
    for (let i = 0; i < 40 * bound + 1000; i++) counts[uniformInt(5, 1, i, bound)]!++;
    if (bound > 1) expect(Math.abs(excess(counts))).toBeLessThan(4);
    else expect(counts).toEqual([1040]);
  });

  it("is even in its upper and lower parts over more than 2^32 values", () => {
    const bound = 3 * 2 ** 40 + 12345;
    const upper = new Array<number>(30).fill(0);
    const lower = new Array<number>(16).fill(0);
    for (let i = 0; i < 20_000; i++) {
      const value = uniformInt(5, 2, i, bound);
      expect(Number.isInteger(value) && value >= 0 && value < bound).toBe(true);
      upper[Math.floor((value / bound) * 30)]!++;
      lower[value % 16]!++;
    }
    expect(Math.abs(excess(upper))).toBeLessThan(4);
    expect(Math.abs(excess(lower))).toBeLessThan(4);
    const largest = Number.MAX_SAFE_INTEGER;
    expect(uniformInt(largest, ONES, largest, largest)).toBeLessThan(largest);
  });

  it("refuses what it cannot draw from", () => {
    expect(() => uniformInt(1, 0, 0, 0)).toThrow("the bound of a random number is 0; it must be at least 1");
    for (const [seed, stream, index, bound] of [
      [-1, 0, 0, 5],
      [0.5, 0, 0, 5],
      [2 ** 53, 0, 0, 5],
      [0, 2 ** 32, 0, 5],
      [0, 0, -1, 5],
      [0, 0, 0, 2 ** 53],
    ] as const) {
      expect(() => uniformInt(seed, stream, index, bound)).toThrow(UsageError);
    }
  });
});

describe("permutation", () => {
  it("is a permutation, the same each time, another for each argument", () => {
    for (const n of [0, 1, 2, 5, 64, 373, 1000]) {
      const order = permutation(9, 1, 4, n);
      expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      expect(permutation(9, 1, 4, n)).toEqual(order);
      if (n < 64) continue;
      for (const other of [permutation(8, 1, 4, n), permutation(9, 2, 4, n), permutation(9, 1, 5, n)]) {
        expect(other).not.toEqual(order);
      }
    }
  });

  it("gives each of the 120 orders of five things alike", () => {
    const counts = new Map<string, number>();
    for (let index = 0; index < 12_000; index++) {
      const order = permutation(3, 0, index, 5).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(120);
    expect(Math.abs(excess([...counts.values()]))).toBeLessThan(4);
  });

  it("has these very values, on every engine", () => {
    expect(Array.from(permutation(2024, 3, 17, 12))).toMatchInlineSnapshot(`
      [
        9,
        6,
        8,
        0,
        7,
        2,
        3,
        5,
        11,
        1,
        4,
        10,
      ]
    `);
  });
});
