import { describe, expect, test } from "vitest";
import { parseCountBytes, parseDecimal, parseDecimalBytes } from "../../../src/formats/numbers.ts";
import { integer, random } from "../../helpers/formats.ts";

const parse = (text: string): number => {
  const bytes = new TextEncoder().encode(`7${text}7`);
  return parseDecimalBytes(bytes, 1, bytes.length - 1);
};

const digits = (next: () => number, most: number): string =>
  Array.from({ length: integer(next, 0, most) }, () => integer(next, 0, 9)).join("");

describe("decimal numbers", () => {
  test("have the bits of Number() however long they are", () => {
    let numbers = 0;
    for (let seed = 1; seed <= 20_000; seed++) {
      const next = random(seed);
      const sign = ["", "-", "+"][integer(next, 0, 2)]!;
      const point = next() < 0.7 ? "." : "";
      const exponent =
        next() < 0.3
          ? `${"eE"[integer(next, 0, 1)]}${["", "-", "+"][integer(next, 0, 2)]}${integer(next, 0, 330)}`
          : "";
      const text = `${sign}${digits(next, 12)}${point}${digits(next, 24)}${exponent}`;
      const wanted = parseDecimal(text);
      if (!Number.isNaN(wanted)) numbers++;
      expect(
        Object.is(parse(text), wanted),
        `seed ${seed}: ${text} read as ${parse(text)}, not ${wanted}`,
      ).toBe(true);
    }
    expect(numbers).toBeGreaterThan(15_000);
  });

  test("at the edges of 2^53", () => {
    for (const text of [
      "9007199254740991",
      "9007199254740992",
      "9007199254740993",
      "900719925474099.3",
      "-0",
      "-0.0",
      "1e999",
      "0.00000000000000000000001",
    ]) {
      expect(Object.is(parse(text), Number(text)), text).toBe(true);
    }
  });

  test.each([
    "",
    ".",
    "-",
    "e5",
    "1e",
    "1e+",
    "0x10",
    "1_000",
    "1,5",
    "NaN",
    "Inf",
    "Infinity",
    "1.2.3",
    "--1",
    "1 2",
    "TRUE",
    "١",
  ])("are not %j", (text) => {
    expect(parse(text)).toBeNaN();
    expect(parseDecimal(text)).toBeNaN();
  });

  test("that count are integers in range", () => {
    const count = (text: string): number => {
      const bytes = new TextEncoder().encode(text);
      return parseCountBytes(bytes, 0, bytes.length, 2_147_483_647);
    };
    expect(["0", "007", "2147483647"].map(count)).toEqual([0, 7, 2147483647]);
    expect(["", "-1", "+1", "1.0", "1e3", "2147483648", "99999999999999999999"].map(count)).toEqual(
      Array.from({ length: 7 }, () => -1),
    );
  });
});
