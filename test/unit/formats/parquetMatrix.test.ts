import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { describe, expect, test } from "vitest";
import { matrixWriter } from "../../../src/formats/parquetMatrix.ts";
import { readParquet } from "../../../src/formats/parquetReader.ts";
import { memorySink } from "../../../src/formats/table.ts";
import { testRandom } from "../../helpers/randomCohort.ts";

function values(seed: number, rows: number, columns: number): Float32Array {
  const random = testRandom(seed);
  return Float32Array.from({ length: rows * columns }, () =>
    random() < 0.05 ? Number.NaN : 2 * random() - 1,
  );
}

const LIMITS = { groupValues: 700, pageValues: 200 };

async function written(names: readonly string[], all: Float32Array, columns: number, batch: number) {
  const sink = memorySink();
  const schema = { row: "gene", values: "r", columns, metadata: { "qortex.version": "x" } };
  const table = matrixWriter(sink, schema, LIMITS);
  for (let at = 0; at < names.length; at += batch) {
    const end = Math.min(names.length, at + batch);
    await table.write(names.slice(at, end), all.subarray(at * columns, end * columns));
  }
  const { rows, bytes } = await table.close();
  expect(rows).toBe(names.length);
  expect(bytes).toBe(sink.bytes().length);
  return sink.bytes();
}

describe("a matrix as Parquet", () => {
  // Shapes beside the limits of pages (200 numbers) and groups (700), and rows longer than either.
  test.each([
    [1, 1],
    [7, 1],
    [40, 7],
    [41, 7],
    [33, 20],
    [100, 20],
    [9, 199],
    [9, 200],
    [9, 201],
    [5, 900],
    [300, 128],
  ])("%d rows of %d numbers come back, whatever the batches", async (rows, columns) => {
    const all = values(rows + columns, rows, columns);
    const names = Array.from({ length: rows }, (_, row) => `gene ${row}`);
    const bytes = await written(names, all, columns, rows);
    for (const batch of [1, 3]) expect(await written(names, all, columns, batch)).toEqual(bytes);
    const found = await parquetReadObjects({ file: bytes.buffer as ArrayBuffer });
    expect(found.map(({ gene }) => gene)).toEqual(names);
    found.forEach(({ r }, row) => {
      expect(Float32Array.from(r as number[]), `row ${row}`).toEqual(
        all.slice(row * columns, (row + 1) * columns),
      );
    });
    const { row_groups: groups } = parquetMetadata(bytes.buffer as ArrayBuffer);
    for (const group of groups) {
      const most = Math.max(LIMITS.groupValues, columns);
      expect(Number(group.num_rows) * columns).toBeLessThanOrEqual(most);
    }
  });

  test("is read back as its two columns", async () => {
    const bytes = await written(["a", "b"], Float32Array.of(1, 2, 3, 4, 5, 6), 3, 1);
    const source = {
      name: "matrix.parquet",
      size: bytes.length,
      read: async (start: number, end: number) => bytes.slice(start, end),
    };
    const { columns } = await readParquet(source);
    expect(columns).toEqual({
      gene: ["a", "b"],
      r: [
        [1, 2, 3],
        [4, 5, 6],
      ],
    });
    expect((await readParquet(source, ["gene"])).columns).toEqual({ gene: ["a", "b"] });
  });

  test("no row is a table all the same; a wrong length is a defect", async () => {
    const bytes = await written([], new Float32Array(0), 3, 1);
    expect(await parquetReadObjects({ file: bytes.buffer as ArrayBuffer })).toEqual([]);
    const table = matrixWriter(memorySink(), { row: "gene", values: "r", columns: 3, metadata: {} });
    await expect(table.write(["a"], new Float32Array(2))).rejects.toThrow("2 numbers for 1 rows of 3");
  });
});
