import { readFileSync } from "node:fs";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, test } from "vitest";
import { openExpression } from "../../../src/cohort/openTables.ts";
import { hasPlaces, isParquet, readExpressionParquet } from "../../../src/formats/expressionParquet.ts";
import { bytesSource } from "../../../src/formats/source.ts";
import { inflateGzip } from "../../../src/node/inflate.ts";
import { messageOf, random, textSource } from "../../helpers/formats.ts";

type Column = Parameters<typeof parquetWriteBuffer>[0]["columnData"][number];

function file(columnData: Column[], rowGroupSize = 1000) {
  return bytesSource(new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize })), "e.parquet");
}

const GENES: Column[] = [
  { name: "chr", data: ["1", "1", "2"], type: "STRING" },
  { name: "start", data: [9n, 19n, 29n], type: "INT64" },
  { name: "end", data: [10, 20, 30], type: "INT32" },
];
const ID: Column = { name: "phenotype_id", data: ["g1", "g2", "g3"], type: "STRING" };
const S1: Column = { name: "S1", data: [1.5, -2, 3e-9], type: "DOUBLE" };
const S2: Column = { name: "S2", data: [4, 5, 6], type: "INT32" };

describe("expression in Parquet", () => {
  test.each(["index", "unnamed-index", "nullable", "fastparquet", "polars", "bed"])(
    "as pandas or polars wrote it: %s",
    async (name) => {
      const path = new URL(`../../data/parquet/${name}.parquet`, import.meta.url);
      const read = await readExpressionParquet(bytesSource(new Uint8Array(readFileSync(path)), name));
      expect([read.samples, read.id]).toEqual([
        ["S1", "S2"],
        ["g1", "g2", "g3", "g4"],
      ]);
      expect(Array.from(read.values)).toEqual([1.5, 4, -0.1, 5.25, 3e-9, 6, 7, 1 / 3]);
      expect(hasPlaces(read)).toBe(name === "bed");
      if (hasPlaces(read))
        expect([read.chromosome, Array.from(read.start)]).toEqual([
          ["1", "1", "2", "X"],
          [9, 19, 29, 39],
        ]);
    },
  );

  test("as a BED, the index last as pandas writes it", async () => {
    const source = file([...GENES, S1, S2, ID], 2);
    expect(await isParquet(source)).toBe(true);
    expect(await readExpressionParquet(source)).toEqual({
      ...{ name: "e.parquet", samples: ["S1", "S2"], id: ["g1", "g2", "g3"] },
      ...{ chromosome: ["1", "1", "2"], start: Int32Array.of(9, 19, 29), end: Int32Array.of(10, 20, 30) },
      ...{ strand: [".", ".", "."], values: Float64Array.of(1.5, 4, -2, 5, 3e-9, 6) },
    });
  });

  test("as a matrix, placed by a geneloc", async () => {
    const source = file([ID, S1, S2]);
    expect(hasPlaces(await readExpressionParquet(source))).toBe(false);
    const genePositions = textSource("g1 1 10 10\ng2 1 20 20\ng3 2 30 30\n", "geneloc.txt");
    const table = await openExpression({ expression: source, genePositions }, inflateGzip);
    expect(Array.from(table.start)).toEqual([9, 19, 29]);
    expect(Array.from(table.values)).toEqual([1.5, 4, -2, 5, 3e-9, 6]);
    expect(await messageOf(openExpression({ expression: source }, inflateGzip))).toContain(
      "give --gene-positions",
    );
    const both = { expression: file([...GENES, ID, S1]), genePositions };
    expect(await messageOf(openExpression(both, inflateGzip))).toContain("leave out --gene-positions");
  });

  test("more samples than are decoded at once, in several row groups", async () => {
    const next = random(1);
    const samples = Array.from({ length: 150 }, (_, s): Column => {
      return { name: `S${s}`, data: Array.from({ length: 7 }, () => next()), type: "DOUBLE" };
    });
    const id = Array.from({ length: 7 }, (_, g) => `g${g}`);
    const table = await readExpressionParquet(
      file([{ name: "gene_id", data: id, type: "STRING" }, ...samples], 3),
    );
    samples.forEach(({ data }, s) => {
      expect(id.map((_, g) => table.values[g * 150 + s])).toEqual(data);
    });
  });

  test.each([
    ["no ids", [S1, S2]],
    ["no samples", [...GENES, ID]],
    ["a gene twice", [{ ...ID, data: ["g1", "g2", "g1"] }, S1]],
    ["a missing value", [ID, { ...S1, data: [1, null, 2] }]],
    ["NaN", [ID, { ...S1, data: [1, Number.NaN, 2] }]],
    ["text", [ID, { name: "batch", data: ["a", "b", "c"], type: "STRING" }]],
    ["end before start", [...GENES.slice(0, 2), { name: "end", data: [10, 5, 30], type: "INT32" }, ID, S1]],
    [
      "a place that is none",
      [GENES[0]!, { name: "start", data: [1.5, 2, 3], type: "DOUBLE" }, GENES[2]!, ID, S1],
    ],
  ] satisfies [string, Column[]][])("refuses: %s", async (_, columns) => {
    expect(await messageOf(readExpressionParquet(file(columns)))).toMatchSnapshot();
  });

  test("refuses a cut file", async () => {
    const whole = await file([ID, S1]).read(0, 200);
    expect(await messageOf(readExpressionParquet(bytesSource(whole, "cut.parquet")))).toMatch(
      /^cut.parquet: cannot be read as Parquet/,
    );
  });
});
