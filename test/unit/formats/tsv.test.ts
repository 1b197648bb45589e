import { expect, test } from "vitest";
import { type Column, memorySink, type TableSchema } from "../../../src/formats/table.ts";
import { tsvWriter } from "../../../src/formats/tsv.ts";
import { integer, random } from "../../helpers/formats.ts";
import { randomBatches, randomTable } from "./randomTable.ts";

async function written(schema: TableSchema, batches: readonly (readonly Column[])[]): Promise<string> {
  const sink = memorySink();
  const writer = tsvWriter(sink, schema);
  for (const batch of batches) await writer.write(batch);
  const { bytes } = await writer.close();
  expect(bytes).toBe(sink.bytes().length);
  return new TextDecoder().decode(sink.bytes());
}

test("cells read back to the values they were made of, whatever the batches", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const next = random(seed);
    const table = randomTable(next, integer(next, 0, 1000));
    const text = await written(table.schema, [table.columns]);
    const lines = text.split("\n");
    expect(lines.pop(), `seed ${seed}`).toBe("");
    const names = table.schema.columns.map(({ name }) => name);
    expect(lines.shift()).toBe(names.join("\t"));
    const rows = lines.map((line) => line.split("\t"));
    for (const [c, name] of names.entries()) {
      const read = rows.map((row) => {
        const cell = row[c]!;
        if (cell === "NA") return null;
        return table.schema.columns[c]!.type === "string" ? cell : Number(cell);
      });
      // Text has no negative zero.
      const plain = table.plain[name]!.map((value) => (value === 0 ? 0 : value));
      expect(read, `seed ${seed}, ${name}`).toEqual(plain);
    }
    expect(await written(table.schema, randomBatches(next, table)), `seed ${seed}`).toBe(text);
  }
});

test("numbers are written in the fewest digits, nulls as NA, breaks within a text as spaces", async () => {
  const schema: TableSchema = {
    columns: [
      { name: "x", type: "double" },
      { name: "i", type: "int32" },
      { name: "s", type: "string" },
    ],
    metadata: {},
  };
  const text = await written(schema, [
    [
      { name: "x", type: "double", values: Float64Array.of(0.1 + 0.2, 1e-300, Number.NaN, -12345, 1 / 3) },
      {
        name: "i",
        type: "int32",
        values: Int32Array.of(0, -1, 2_147_483_647, -2_147_483_648, 10),
        missing: -1,
      },
      { name: "s", type: "string", values: ["a\tb", "", "c\r\nd", "NA", "é"] },
    ],
  ]);
  expect(text).toBe(
    "x\ti\ts\n0.30000000000000004\t0\ta b\n1e-300\tNA\tNA\nNA\t2147483647\tc  d\n-12345\t-2147483648\tNA\n0.3333333333333333\t10\té\n",
  );
});

test("a table without rows is its header", async () => {
  expect(await written({ columns: [{ name: "a", type: "double" }], metadata: {} }, [])).toBe("a\n");
});
