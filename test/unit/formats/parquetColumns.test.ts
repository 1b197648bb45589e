import { describe, expect, test } from "vitest";
import { InputError } from "../../../src/errors.ts";
import { openParquetColumns } from "../../../src/formats/parquetColumns.ts";
import { readParquet } from "../../../src/formats/parquetReader.ts";
import { bytesSource } from "../../../src/formats/source.ts";
import { counting, madeTable } from "../../helpers/madeResult.ts";
import { testRandom } from "../../helpers/randomCohort.ts";

/** A table with texts that repeat, doubles with and without nulls, and whole numbers. */
function columns(seed: number, rows: number) {
  const random = testRandom(seed);
  const each = Array.from({ length: rows }, (_, i) => i);
  const repeated = Float64Array.from(each, () => Math.floor(4 * random()) / 8);
  return [
    { name: "gene", type: "string", values: each.map((i) => (random() < 0.1 ? "" : `G${i % 7}é`)) },
    { name: "plain", type: "double", values: Float64Array.from(each, () => random() - 0.5) },
    {
      name: "holes",
      type: "double",
      values: Float64Array.from(each, () => (random() < 0.2 ? Number.NaN : random())),
    },
    { name: "repeated", type: "double", values: repeated },
    {
      name: "whole",
      type: "int32",
      values: Int32Array.from(each, (i) => (i % 5 === 0 ? -1 : i * 3)),
      missing: -1,
    },
  ] as const;
}

describe("a Parquet table read by columns", () => {
  test.each([
    [1, 1, 131_072],
    [2, 1000, 64],
    [3, 1000, 999],
    [4, 777, 1],
    [5, 0, 8],
  ])("seed %i: any run of %i rows in groups of %i is what readParquet has", async (seed, rows, groupRows) => {
    const source = await madeTable("made", columns(seed, rows), groupRows);
    const table = await openParquetColumns(source);
    const whole = await readParquet(source);
    expect(table.rows).toBe(rows);
    expect(table.columns).toEqual(["gene", "plain", "holes", "repeated", "whole"]);
    expect(table.groups.at(-1)?.end ?? 0).toBe(rows);
    const random = testRandom(seed + 100);
    for (let i = 0; i < (rows === 0 ? 1 : 12); i++) {
      const start = Math.floor(random() * rows);
      const end = start + Math.floor(random() * (rows - start + 1));
      for (const name of ["plain", "holes", "repeated", "whole"]) {
        const expected = whole.columns[name]!.slice(start, end).map((cell) =>
          cell === null ? Number.NaN : cell,
        );
        expect(Array.from(await table.numbers(name, { start, end })), `${name} of seed ${seed}`).toEqual(
          expected,
        );
      }
      const texts = whole.columns["gene"]!.slice(start, end).map((cell) => cell ?? "");
      expect(await table.texts("gene", { start, end })).toEqual(texts);
    }
  });

  test("a few plain doubles cost their own bytes, not their row group's", async () => {
    const counted = counting(await madeTable("made", columns(6, 200_000)));
    const table = await openParquetColumns(counted.source);
    const before = counted.bytes;
    const values = await table.numbers("plain", { start: 150_000, end: 150_100 });
    expect(counted.bytes - before).toBe(800);
    expect(values).toEqual(columns(6, 200_000)[1].values.slice(150_000, 150_100));
  });

  test("what is no table, or has no such column, is said", async () => {
    const bytes = new TextEncoder().encode("phenotype_id\tvariant_id\n".repeat(10));
    await expect(openParquetColumns(bytesSource(bytes, "pairs.tsv"))).rejects.toThrow(InputError);
    const table = await openParquetColumns(await madeTable("made", columns(7, 3)));
    await expect(table.texts("variant", { start: 0, end: 1 })).rejects.toThrow(
      "made.parquet: has no column variant",
    );
  });
});
