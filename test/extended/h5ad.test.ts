/** Real .h5ad files of single cells: read to the cell, judged by sums that other programs made. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { fileSource } from "../../src/node/files.ts";
import { readH5ad } from "../../src/node/h5ad.ts";
import { describeWithShared } from "../helpers/extended.ts";

const rowsOf = (path: string): string[][] =>
  gunzipSync(readFileSync(path))
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));

describeWithShared("single cells in h5ad", ["data", "pbmc-donors"], (path) => {
  test("Kang's 12,261 cells (CSR): their sums by donor and type are muscat's pseudobulk", async () => {
    const source = await fileSource(path("kang_se.h5ad"));
    const { samples, id, values } = await readH5ad(source).finally(() => source.close());
    const [header, ...expected] = rowsOf(path("pseudobulk_sum.tsv.gz"));
    const [, ...cells] = rowsOf(path("cells.tsv.gz"));
    expect(samples).toEqual(cells.map((row) => row[0]));
    expect(id).toEqual(expected.map((row) => row[0]));
    const group = cells.map(([, donor, type]) => header!.indexOf(`${donor}|${type}`));
    expect(Math.min(...group)).toBeGreaterThan(0);
    for (const [g, row] of expected.entries()) {
      const sums = new Float64Array(header!.length - 1);
      for (const [s, at] of group.entries()) sums[at - 1]! += values[g * samples.length + s]!;
      expect(Array.from(sums), row[0]).toEqual(row.slice(1).map(Number));
    }
  });

  test("scanpy's 700 x 765 (dense): the sums that numpy finds", async () => {
    const source = await fileSource(path("10x_pbmc68k_reduced.h5ad"));
    const { samples, id, values } = await readH5ad(source).finally(() => source.close());
    expect([samples.length, id.length]).toEqual([700, 765]);
    // anndata 0.8: X.astype(float64).sum(), and the same with column j weighted by j + 1.
    const [sum, weighted] = [-243.681057988666, 60680.47396845033];
    let [found, foundWeighted] = [0, 0];
    for (const [i, value] of values.entries()) {
      found += value;
      foundWeighted += value * (Math.floor(i / samples.length) + 1);
    }
    expect(Math.abs(found - sum)).toBeLessThan(1e-8);
    expect(Math.abs(foundWeighted - weighted)).toBeLessThan(1e-5);
  });
});
