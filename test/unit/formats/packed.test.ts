import { describe, expect, test } from "vitest";
import { openContainer } from "../../../src/formats/container.ts";
import { packValue, unpackValue } from "../../../src/formats/packed.ts";
import { integer, random } from "../../helpers/formats.ts";

const NUMBERS = [0, -0, 1, -1.5, 0.1 + 0.2, 5e-324, -1.7e308, NaN, Infinity, -Infinity, 2 ** 53, 1e21];
const TEXTS = ["", "a", "rs1", "ü", "\u{1F9EC}", "$column", '"', "\n"];

/** A plain value of some depth, of every kind. */
function plainValue(next: () => number, depth: number): unknown {
  const pick = <Item>(items: readonly Item[]): Item => items[integer(next, 0, items.length - 1)]!;
  const length = integer(next, 0, 4);
  const numbers = (): number[] => Array.from({ length }, () => (next() < 0.5 ? pick(NUMBERS) : next()));
  const kinds: (() => unknown)[] = [
    () => pick(NUMBERS),
    () => pick(TEXTS),
    () => next() < 0.5,
    () => null,
    () => Float64Array.from(numbers()),
    () => Int32Array.from(numbers()),
    () => Uint32Array.from(numbers()),
    () => Array.from({ length }, () => pick(TEXTS)),
    () => Array.from({ length }, () => (depth > 0 ? plainValue(next, depth - 1) : pick(NUMBERS))),
    () =>
      Object.fromEntries(
        Array.from({ length }, (_, i) => [
          `${pick(["id", "p", "z"])}${i}`,
          depth > 0 ? plainValue(next, depth - 1) : 1,
        ]),
      ),
  ];
  return pick(kinds)();
}

describe("plain values as a container", () => {
  test("come back to the bit", () => {
    for (let seed = 1; seed <= 400; seed++) {
      const value = plainValue(random(seed), 3);
      const packed = openContainer(packValue({ step: seed }, value), "packed");
      // Object.is tells NaN and -0 from others, in arrays too.
      expect(unpackValue(packed), `seed ${seed}`).toStrictEqual(value);
      expect(packed.meta["step"]).toBe(seed);
    }
  });

  test("leave properties out that are undefined, and refuse what is no plain value", () => {
    const back = unpackValue(openContainer(packValue({}, { a: 1, b: undefined }), "packed"));
    expect(back).toStrictEqual({ a: 1 });
    for (const odd of [new Map(), new Float32Array(2), () => 1, 3n, Symbol("s"), new Date()])
      expect(() => packValue({}, { odd })).toThrow(TypeError);
  });
});
