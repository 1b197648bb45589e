/**
 * Counter-based random numbers: each is a function of (seed, stream, index), so it is the same on every
 * engine, backend, thread and tile, and any part of a run can be done again. Philox 4x32 with 10 rounds
 * (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 */

import { UsageError } from "../errors.ts";

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
/** Weyl increments of the key: the golden ratio and sqrt(3) - 1. */
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;
const TWO_32 = 4294967296;

/** The last block drawn. */
const block = new Uint32Array(4);

/** The upper 32 bits of a * b, by 16-bit pieces. */
function highProduct(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const low = Math.imul(a0, b0) >>> 0;
  const middle = (Math.imul(a1, b0) >>> 0) + (low >>> 16);
  const cross = (Math.imul(a0, b1) >>> 0) + (middle & 0xffff);
  // `middle` and `cross` stay below 2^32, as (2^16 - 1)^2 + 2 (2^16 - 1) does.
  return (Math.imul(a1, b1) + (middle >>> 16) + (cross >>> 16)) >>> 0;
}

function draw(k0: number, k1: number, c0: number, c1: number, c2: number, c3: number): void {
  let key0 = k0;
  let key1 = k1;
  let x0 = c0;
  let x1 = c1;
  let x2 = c2;
  let x3 = c3;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = highProduct(MULTIPLIER_0, x0);
    const high1 = highProduct(MULTIPLIER_1, x2);
    const low0 = Math.imul(MULTIPLIER_0, x0);
    const low1 = Math.imul(MULTIPLIER_1, x2);
    x0 = high1 ^ x1 ^ key0;
    x1 = low1;
    x2 = high0 ^ x3 ^ key1;
    x3 = low0;
    key0 = (key0 + WEYL_0) | 0;
    key1 = (key1 + WEYL_1) | 0;
  }
  block[0] = x0;
  block[1] = x1;
  block[2] = x2;
  block[3] = x3;
}

/** Philox 4x32-10: 128 random bits of a 64-bit key and a 128-bit counter, words of 32 bits, lowest first. */
export function philox(
  key: readonly [number, number],
  counter: readonly [number, number, number, number],
): Uint32Array {
  draw(key[0] | 0, key[1] | 0, counter[0] | 0, counter[1] | 0, counter[2] | 0, counter[3] | 0);
  return block.slice();
}

/** Keeps the helpers below apart when they share seed, stream and index. */
const PURPOSE_UNIFORM = 1;
const PURPOSE_INTEGER = 2;
const PURPOSE_PERMUTATION = 3;

function assertWhole(name: string, value: number, limit: number): void {
  if (!(Number.isInteger(value) && value >= 0 && value <= limit)) {
    throw new UsageError(`${name} is ${value}; it must be a whole number from 0 to ${limit}`);
  }
}

/** Block number `number` of (seed, stream, index, purpose), into `block`. */
function drawFor(purpose: number, seed: number, stream: number, index: number, number: number): void {
  assertWhole("the seed", seed, Number.MAX_SAFE_INTEGER);
  assertWhole("the random stream", stream, TWO_32 - 1);
  assertWhole("the random index", index, Number.MAX_SAFE_INTEGER);
  const indexHigh = Math.floor(index / TWO_32);
  draw(seed | 0, Math.floor(seed / TWO_32), number, index | 0, stream | 0, (purpose << 24) | indexHigh);
}

/** A uniform number in [0, 1), a multiple of 2^-53, of (seed, stream, index). */
export function uniform(seed: number, stream: number, index: number): number {
  drawFor(PURPOSE_UNIFORM, seed, stream, index, 0);
  return ((block[0]! >>> 5) * 67108864 + (block[1]! >>> 6)) / 9007199254740992;
}

/** All ones, as many as `value` has binary digits. */
function maskOf(value: number): number {
  return value === 0 ? 0 : 0xffffffff >>> Math.clz32(value);
}

/**
 * A whole number in [0, bound), each with the same probability (draws past the bound are rejected), of
 * (seed, stream, index). `seed`, `index` and `bound` may be up to 2^53 - 1, `stream` up to 2^32 - 1.
 * @throws UsageError when an argument is not a whole number in its range.
 */
export function uniformInt(seed: number, stream: number, index: number, bound: number): number {
  if (bound === 0) throw new UsageError("the bound of a random number is 0; it must be at least 1");
  assertWhole("the bound of a random number", bound, Number.MAX_SAFE_INTEGER);
  const largest = bound - 1;
  const high = Math.floor(largest / TWO_32);
  const lowMask = high > 0 ? 0xffffffff : maskOf(largest);
  const highMask = maskOf(high);
  for (let number = 0; ; number++) {
    drawFor(PURPOSE_INTEGER, seed, stream, index, number);
    for (let word = 0; word < 4; word += 2) {
      const value = ((block[word + 1]! & highMask) >>> 0) * TWO_32 + ((block[word]! & lowMask) >>> 0);
      if (value < bound) return value;
    }
  }
}

/**
 * A permutation of 0..n-1, every one with the same probability, of (seed, stream, index): Fisher-Yates
 * from the end, masked rejection.
 * @throws UsageError when an argument is not a whole number in its range.
 */
export function permutation(seed: number, stream: number, index: number, n: number): Uint32Array {
  assertWhole("the length of a permutation", n, TWO_32 - 1);
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  let number = 0;
  let word = 4;
  for (let last = n - 1; last > 0; last--) {
    const mask = maskOf(last);
    let chosen = n;
    while (chosen > last) {
      if (word === 4) {
        drawFor(PURPOSE_PERMUTATION, seed, stream, index, number++);
        word = 0;
      }
      chosen = (block[word++]! & mask) >>> 0;
    }
    const swapped = order[last]!;
    order[last] = order[chosen]!;
    order[chosen] = swapped;
  }
  return order;
}
