import { expect, test } from "vitest";
import { InputError } from "../../../src/errors.ts";
import { type ContainerColumn, encodeContainer, openContainer } from "../../../src/formats/container.ts";
import { integer, random } from "../../helpers/formats.ts";

const TEXTS = ["", "a", "ENSG00000100181", "ß", "日本", "🧬", "x".repeat(1000)];

function randomColumns(next: () => number): ContainerColumn[] {
  const length = (): number => (next() < 0.2 ? 0 : integer(next, 1, 200));
  return [
    { name: "f", values: Float64Array.from({ length: length() }, () => next() * 1e9 - 5e8) },
    { name: "odd", values: Float64Array.of(Number.NaN, -0, Infinity, 5e-324) },
    { name: "i", values: Int32Array.from({ length: length() }, () => integer(next, -5e8, 5e8)) },
    { name: "u", values: Uint32Array.from({ length: length() }, () => integer(next, 0, 4_294_967_295)) },
    { name: "s", values: Array.from({ length: length() }, () => TEXTS[integer(next, 0, TEXTS.length - 1)]!) },
    { name: "ascii", values: Array.from({ length: length() }, (_, i) => `22_${17_000_000 + i}`) },
  ];
}

test("columns come back as they went in, into new bytes and into a used buffer", () => {
  for (let seed = 1; seed <= 100; seed++) {
    const next = random(seed);
    const columns = randomColumns(next);
    const buffer = new Uint8Array(integer(next, 0, 1) * 400_000).fill(0xa5);
    const fresh = encodeContainer({ part: seed, name: "p" }, columns);
    const bytes = encodeContainer({ part: seed, name: "p" }, columns, buffer);
    if (buffer.length > 0) expect(bytes.buffer).toBe(buffer.buffer);
    expect(Buffer.compare(bytes, fresh), `seed ${seed}`).toBe(0);
    const opened = openContainer(bytes, "p");
    expect(opened.meta).toEqual({ part: seed, name: "p" });
    const [f, odd, i, u, s, ascii] = columns.map((column) => column.values);
    expect(opened.doubles("f")).toEqual(f);
    expect(opened.doubles("odd")).toEqual(odd);
    expect(opened.int32s("i")).toEqual(i);
    expect(opened.uint32s("u")).toEqual(u);
    expect(opened.strings("s")).toEqual(s);
    expect(opened.strings("ascii")).toEqual(ascii);
  }
});

test("bytes that do not start on a multiple of eight are opened too", () => {
  const bytes = encodeContainer({}, [{ name: "f", values: Float64Array.of(1, 2) }]);
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  expect(openContainer(shifted.subarray(3), "p").doubles("f")).toEqual(Float64Array.of(1, 2));
  // A Node Buffer's own slice is no copy.
  expect(openContainer(Buffer.from(shifted.buffer, 3), "p").doubles("f")).toEqual(Float64Array.of(1, 2));
});

test("a part cut at any byte is refused", () => {
  const bytes = encodeContainer({ part: 1 }, randomColumns(random(5)));
  for (let length = 0; length < bytes.length; length += length < 64 ? 1 : 61) {
    expect(() => openContainer(bytes.slice(0, length), "part-7"), `${length} bytes`).toThrow(InputError);
  }
  expect(() => openContainer(bytes.slice(0, 16), "part-7")).toThrow(
    "part-7: a part of 16 bytes is cut short; delete it and run again",
  );
});

test("a changed bit is noticed wherever it is", () => {
  const bytes = encodeContainer({ part: 1 }, randomColumns(random(6)));
  const next = random(11);
  for (let trial = 0; trial < 500; trial++) {
    const damaged = bytes.slice();
    const at = integer(next, 0, bytes.length - 1);
    damaged[at]! ^= 1 << integer(next, 0, 7);
    expect(() => openContainer(damaged, "part-7"), `byte ${at}`).toThrow(InputError);
  }
});

test("a column that is not there, or is of another kind, is named", () => {
  const opened = openContainer(encodeContainer({}, [{ name: "f", values: new Float64Array(1) }]), "part-7");
  expect(() => opened.doubles("g")).toThrow("part-7: has no column g of kind f64");
  expect(() => opened.strings("f")).toThrow("part-7: has no column f of kind utf8");
});
