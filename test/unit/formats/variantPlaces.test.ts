import { expect, test } from "vitest";
import { ChromosomeStarts, PackedPositions } from "../../../src/formats/variantPlaces.ts";
import { integer, random } from "../../helpers/formats.ts";

/** Positions of chromosomes one after the other: dense, with gaps, sparse, the largest there are. */
function made(seed: number): number[] {
  const next = random(seed);
  const positions: number[] = [];
  for (let chromosome = 0; chromosome < 4; chromosome++) {
    const step = [40, 5000, 200_000, 1][integer(next, 0, 3)]!;
    let at = integer(next, 0, 1000);
    for (let i = integer(next, 1, 300); i > 0 && at <= 2_147_483_647; i--) {
      positions.push(at);
      at += next() < 0.02 ? integer(next, 60_000, 3_000_000) : integer(next, 0, step);
    }
  }
  return positions;
}

test("positions are read as they were entered, wherever blocks and chromosomes end", () => {
  const borders = [0, 65_535, 65_536, 2_147_483_647, 0, 1, 65_536, 65_537];
  const cases = [[], borders, ...Array.from({ length: 30 }, (_, seed) => made(seed + 1))];
  for (const [number, positions] of cases.entries()) {
    // Expected as many, fewer (it has to grow), or none.
    for (const capacity of [positions.length, 20, 0]) {
      const packed = new PackedPositions(capacity);
      for (const [variant, position] of positions.entries()) {
        packed.push(position);
        // Also while the block is open.
        expect(packed.at(variant), `case ${number}`).toBe(position);
      }
      expect(packed.length).toBe(positions.length);
      expect([...packed], `case ${number}`).toEqual(positions);
      expect(packed.slice(3, 40)).toEqual(Int32Array.from(positions.slice(3, 40)));
    }
  }
});

test("a variant of a dense file is held in 2.25 bytes: its position, and nothing for its chromosome", () => {
  const count = 400_000;
  const packed = new PackedPositions(count);
  const starts = new ChromosomeStarts();
  for (let variant = 0; variant < count; variant++) {
    starts.push(variant === 0 || variant === 250_000);
    packed.push(375 * (variant % 250_000));
  }
  // Two bytes, and four for each 16; the block where the chromosome changes may be whole beside.
  expect(packed.bytes).toBeLessThanOrEqual(2.25 * count + 256);
  expect(starts.at(249_999)).toBe(0);
  expect(starts.at(250_000)).toBe(1);
});

test("the chromosome of a variant is the last that began, in whatever order it is asked", () => {
  const next = random(7);
  const starts = new ChromosomeStarts();
  const codes: number[] = [];
  for (let variant = 0; variant < 3000; variant++) {
    const fresh = variant === 0 || next() < 0.05;
    codes.push((codes.at(-1) ?? -1) + Number(fresh));
    starts.push(fresh);
  }
  expect([...starts]).toEqual(codes);
  for (let i = 0; i < 5000; i++) {
    const variant = integer(next, 0, 2999);
    expect(starts.at(variant)).toBe(codes[variant]);
  }
});
