import { createHash } from "node:crypto";
import { parquetMetadataAsync } from "hyparquet";
import { expect, test } from "vitest";
import { GrowingBytes } from "../../../src/formats/growingBytes.ts";
import { groupRows, parquetWriter } from "../../../src/formats/parquet.ts";
import { NumberBuilder } from "../../../src/formats/parquetNumbers.ts";
import { Scratch, writeHybrid } from "../../../src/formats/parquetPage.ts";
import { readParquet } from "../../../src/formats/parquetReader.ts";
import { bytesSource } from "../../../src/formats/source.ts";
import { type Column, memorySink, type TableSchema } from "../../../src/formats/table.ts";
import { integer, random } from "../../helpers/formats.ts";
import { randomBatches, randomTable } from "./randomTable.ts";

async function written(
  schema: TableSchema,
  batches: readonly (readonly Column[])[],
  groupRows?: number,
): Promise<Uint8Array> {
  const sink = memorySink();
  const writer = parquetWriter(sink, schema, groupRows);
  for (const batch of batches) await writer.write(batch);
  const { rows, bytes } = await writer.close();
  const all = sink.bytes();
  expect(bytes).toBe(all.length);
  expect(rows).toBe(batches.reduce((sum, batch) => sum + rowsOfColumn(batch[0]!), 0));
  return all;
}

function rowsOfColumn(column: Column): number {
  return column.type === "dictionary" ? column.index.length : column.values.length;
}

test("what is written is read back, nulls and odd values included, and does not depend on the batches", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const next = random(seed);
    const table = randomTable(next, integer(next, 0, seed % 3 === 0 ? 4000 : 300));
    const groupRows = [64, 100, 1000, 131_072][seed % 4]!;
    const whole = await written(table.schema, [table.columns], groupRows);
    const back = await readParquet(bytesSource(whole, "table"));
    expect(back.columns, `seed ${seed}`).toEqual(table.plain);
    expect(back.rows).toBe(table.rows);
    expect(back.metadata).toEqual(table.schema.metadata);
    for (let again = 0; again < 3; again++) {
      const batched = await written(table.schema, randomBatches(next, table), groupRows);
      expect(Buffer.compare(batched, whole), `seed ${seed}, batching ${again}`).toBe(0);
    }
  }
});

test("a table whose rows are known beforehand has the bytes of one whose are not", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const next = random(seed);
    const table = randomTable(next, integer(next, 0, seed % 4 === 0 ? 5000 : 300));
    const told = await written(table.schema, [table.columns], groupRows(table.rows));
    const whole = await written(table.schema, [table.columns]);
    expect(Buffer.compare(told, whole), `seed ${seed}`).toBe(0);
  }
  expect([0, 5, 131_072, 1e6, undefined].map((rows) => groupRows(rows))).toEqual([
    1, 5, 131_072, 131_072, 131_072,
  ]);
});

test("rows that follow their values in runs have the bytes of the same rows one by one", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const next = random(seed);
    const count = integer(next, 50, 3000);
    const few = seed % 2 === 0 ? 40 : 1e9;
    const nulls = seed % 3 === 0 ? 0.002 : 0;
    const or = <T>(value: T, missing: T): T => (next() < nulls ? missing : value);
    const texts = Array.from({ length: count }, (_, i) => or(`v${seed % 5 === 0 ? i % 300 : i}`, ""));
    const doubles = Float64Array.from({ length: count }, () => or(integer(next, 0, few) / 8, Number.NaN));
    const integers = Int32Array.from({ length: count }, (_, i) =>
      or(seed % 4 === 0 ? i : integer(next, 0, few), -1),
    );
    // Windows of neighbouring genes; now and then one that jumps back, single rows, and a value again and again.
    const index: number[] = [];
    for (let gene = 0; gene < 20; gene++) {
      const from = integer(next, 0, count - 1);
      const length = next() < 0.2 ? 1 : integer(next, 1, count - from);
      const still = next() < 0.2;
      for (let i = 0; i < length; i++) index.push(still ? from : from + i);
    }
    const rows = Uint32Array.from(index);
    const indexed: Column[] = [
      { name: "text", type: "dictionary", values: texts, index: rows },
      { name: "double", type: "double", values: doubles, index: rows },
      { name: "int", type: "int32", values: integers, index: rows, missing: -1 },
    ];
    const single: Column[] = [
      { name: "text", type: "string", values: index.map((i) => texts[i]!) },
      { name: "double", type: "double", values: Float64Array.from(index, (i) => doubles[i]!) },
      { name: "int", type: "int32", values: Int32Array.from(index, (i) => integers[i]!), missing: -1 },
    ];
    const columns = single.map(({ name, type }) => ({ name, type })) as TableSchema["columns"];
    const schema = { columns, metadata: {} };
    const groupRows = [999, 4096, 131_072][seed % 3]!;
    const bytes = await written(schema, [indexed, indexed], groupRows);
    const plain = await written(schema, [single, single], groupRows);
    expect(Buffer.compare(bytes, plain), `seed ${seed}`).toBe(0);
    const back = await readParquet(bytesSource(bytes, "table"));
    expect(back.columns["text"]!.slice(0, index.length), `seed ${seed}`).toEqual(
      index.map((i) => texts[i] || null),
    );
  }
});

test("whole numbers that rise, windows of which come again, and those that fall back are numbered as they come", async () => {
  const schema: TableSchema = { columns: [{ name: "at", type: "int32" }], metadata: {} };
  let dictionaries = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const next = random(seed);
    // Up to 3,000 values: more than the hashes begin with room for.
    const length = integer(next, 5, 3000);
    let at = integer(next, -2000, 1000);
    const values = Int32Array.from({ length }, () => (at += integer(next, 0, 9)));
    const rows: number[] = [];
    for (let from = 0; from < length; from += integer(next, 1, length)) {
      for (let again = 0; again < 5; again++) {
        for (let v = from; v < Math.min(length, from + 800); v++) rows.push(values[v]!);
      }
    }
    // What falls back: nothing, an old value, or others in any order.
    for (let i = 0; i < 500 * (seed % 3); i++) rows.push(integer(next, -3000, at));
    const column = { name: "at", type: "int32", values: Int32Array.from(rows), missing: -4000 } as const;
    const bytes = await written(schema, [[column]]);
    const back = await readParquet(bytesSource(bytes, "table"));
    expect(back.columns, `seed ${seed}`).toEqual({ at: rows });
    const builder = new NumberBuilder({ name: "at", type: "int32" }, rows.length, new Scratch());
    builder.append(column, 0, rows.length);
    const { dictionary, dictionaryEntries } = builder.encode();
    if (dictionary === undefined) continue;
    dictionaries++;
    const distinct = Int32Array.from(new Set(rows));
    expect(dictionaryEntries, `seed ${seed}`).toBe(distinct.length);
    expect(Buffer.compare(dictionary, new Uint8Array(distinct.buffer)), `seed ${seed}`).toBe(0);
  }
  expect(dictionaries).toBeGreaterThan(10);
});

test("row groups have the stated number of rows, and their statistics are the columns' bounds", async () => {
  const table = randomTable(random(7), 2500);
  const bytes = await written(table.schema, randomBatches(random(8), table), 100);
  const metadata = await parquetMetadataAsync({
    byteLength: bytes.length,
    slice: (from, to) => bytes.slice(from, to).buffer as ArrayBuffer,
  });
  expect(metadata.row_groups.map((group) => Number(group.num_rows))).toEqual(new Array(25).fill(100));
  expect(metadata.created_by).toBe("qortex");
  for (const [g, group] of metadata.row_groups.entries()) {
    for (const chunk of group.columns) {
      const { path_in_schema: path, statistics } = chunk.meta_data!;
      const name = path[0]!;
      const values = table.plain[name]!.slice(g * 100, g * 100 + 100).filter((value) => value !== null);
      expect(Number(statistics?.null_count), name).toBe(100 - values.length);
      const sorted = values.toSorted((a, b) =>
        typeof a === "string" ? Buffer.compare(Buffer.from(a), Buffer.from(String(b))) : a - Number(b),
      );
      if (values.length === 0 || values.some((value) => String(value).length > 256)) continue;
      expect(statistics?.min_value === sorted[0], `${name} of group ${g}`).toBe(true);
      expect(statistics?.max_value === sorted.at(-1), `${name} of group ${g}`).toBe(true);
    }
  }
});

test("a number or a text that repeats takes a dictionary, one that does not is written plain", async () => {
  const rows = 4000;
  const next = random(3);
  const columns: Column[] = [
    {
      name: "repeats",
      type: "double",
      values: Float64Array.from({ length: rows }, (_, i) => (i % 100) / 100),
    },
    { name: "random", type: "double", values: Float64Array.from({ length: rows }, next) },
    { name: "id", type: "string", values: Array.from({ length: rows }, (_, i) => `v${i}`) },
    { name: "gene", type: "string", values: Array.from({ length: rows }, (_, i) => `gene${i >> 9}`) },
  ];
  const schema = {
    columns: columns.map(({ name, type }) => ({ name, type: type === "dictionary" ? "string" : type })),
    metadata: {},
  } as TableSchema;
  const bytes = await written(schema, [columns]);
  const metadata = await parquetMetadataAsync({
    byteLength: bytes.length,
    slice: (from, to) => bytes.slice(from, to).buffer as ArrayBuffer,
  });
  const encodings = metadata.row_groups[0]!.columns.map(({ meta_data: chunk }) => [
    chunk!.path_in_schema[0],
    chunk!.encodings.includes("RLE_DICTIONARY"),
    chunk!.codec,
  ]);
  expect(encodings).toEqual([
    ["repeats", true, "SNAPPY"],
    ["random", false, "UNCOMPRESSED"],
    ["id", false, "SNAPPY"],
    ["gene", true, "SNAPPY"],
  ]);
  expect(metadata.key_value_metadata ?? []).toEqual([]);
});

test("a column takes the encoding that its schema names, and steps of one size take no room", async () => {
  const rows = 4000;
  const columns: Column[] = [
    { name: "plain", type: "double", values: Float64Array.from({ length: rows }, (_, i) => (i % 100) / 100) },
    { name: "steps", type: "int32", values: Int32Array.from({ length: rows }, (_, i) => 1000 * i - 7) },
    { name: "nothing", type: "int32", values: new Int32Array(rows), missing: 0 },
  ];
  const schema: TableSchema = {
    columns: [
      { name: "plain", type: "double", encoding: "plain" },
      { name: "steps", type: "int32", encoding: "delta" },
      { name: "nothing", type: "int32", encoding: "delta" },
    ],
    metadata: {},
  };
  const bytes = await written(schema, [columns]);
  const metadata = await parquetMetadataAsync({
    byteLength: bytes.length,
    slice: (from, to) => bytes.slice(from, to).buffer as ArrayBuffer,
  });
  const chunks = metadata.row_groups[0]!.columns.map(({ meta_data: chunk }) => chunk!);
  expect(chunks.map(({ encodings }) => encodings[0])).toEqual(["PLAIN", "DELTA_BINARY_PACKED", "PLAIN"]);
  expect(Number(chunks[1]!.total_compressed_size)).toBeLessThan(rows / 10);
  const back = await readParquet(bytesSource(bytes, "table"));
  expect(back.columns["steps"]).toEqual(Array.from({ length: rows }, (_, i) => 1000 * i - 7));
  expect(back.columns["nothing"]).toEqual(new Array(rows).fill(null));
});

test("the bytes of a fixed table stay as they are", async () => {
  const next = random(2024);
  const table = randomTable(next, 3000);
  const bytes = await written(table.schema, [table.columns], 1024);
  expect(createHash("sha256").update(bytes).digest("hex")).toMatchInlineSnapshot(
    `"15120b0621bbe0ee42598ed47ac2814a61d273e7e1389ef1be41bb9a0f481267"`,
  );
});

test("runs and packed groups decode to the values they were made of", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const next = random(seed);
    const width = integer(next, 1, 20);
    const values = new Int32Array(integer(next, 0, 200));
    let value = 0;
    for (let i = 0; i < values.length; i++) {
      if (next() < 0.2) value = integer(next, 0, 2 ** width - 1);
      values[i] = value;
    }
    const out = new GrowingBytes(16);
    writeHybrid(out, values, values.length, width);
    expect(decodeHybrid(out.content(), values.length, width), `seed ${seed}`).toEqual([...values]);
  }
});

/** By the book, bit by bit: a varint, whose last bit says packed groups of eight or a run. */
function decodeHybrid(bytes: Uint8Array, count: number, width: number): number[] {
  const values: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      header += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    if (header % 2 === 0) {
      let value = 0;
      for (let b = 0; b < Math.ceil(width / 8); b++) value += bytes[at++]! * 256 ** b;
      for (let i = 0; i < header / 2; i++) values.push(value);
    } else {
      const packed = ((header - 1) / 2) * 8;
      for (let i = 0; i < packed; i++) {
        let value = 0;
        for (let bit = 0; bit < width; bit++) {
          const position = i * width + bit;
          value += ((bytes[at + (position >> 3)]! >> (position & 7)) & 1) * 2 ** bit;
        }
        values.push(value);
      }
      at += (packed * width) / 8;
    }
  }
  return values.slice(0, count);
}

test("columns that are not the schema's are a defect of the caller", async () => {
  const schema: TableSchema = { columns: [{ name: "p", type: "double" }], metadata: {} };
  const writer = parquetWriter(memorySink(), schema);
  const p: Column = { name: "p", type: "double", values: new Float64Array(2) };
  await expect(writer.write([])).rejects.toThrow("0 columns written to a table of 1");
  await expect(writer.write([{ ...p, name: "q" }])).rejects.toThrow("column 1 is q (double), not p (double)");
  const two: TableSchema = { columns: [...schema.columns, { name: "id", type: "string" }], metadata: {} };
  await expect(
    parquetWriter(memorySink(), two).write([p, { name: "id", type: "string", values: ["a"] }]),
  ).rejects.toThrow("column id has 1 rows, those before it 2");
});

test("a sink that fails fails the writer", async () => {
  const table = randomTable(random(1), 300);
  const sink = {
    async write() {
      throw new Error("disk full");
    },
    async close() {},
  };
  await expect(parquetWriter(sink, table.schema, 100).write(table.columns)).rejects.toThrow("disk full");
});
