import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readParquetTable } from "../../helpers/table.ts";
import { GENES, makeNetwork, ok, path, VARIANTS } from "./networkFunctionFiles.ts";

beforeAll(makeNetwork);

describe("qortex network key-genes", () => {
  test("key-genes: every gene of the annotation and of the network has a row; the trait's set stands out", async () => {
    await ok(
      "key-genes",
      "--coregulation",
      path("net"),
      "--gwas",
      path("gwas.tsv"),
      "--reference",
      path("panel"),
      "--genes",
      path("genes.bed"),
      "--gene-sets",
      path("sets.gmt"),
      "--pathways",
      "membership",
      "--window",
      "0",
      "--maf",
      "0",
      "--cis-distance",
      "0",
      "--out",
      path("key"),
    );
    const tests = await readParquetTable(join(path("key"), "gene_pvalues.parquet"));
    expect(tests.rows).toBe(GENES + 1);
    expect(tests.strings("status").at(-1)).toBe("no-variants");
    expect(tests.numbers("variants")[0]).toBe(4);
    const keys = await readParquetTable(join(path("key"), "key_genes.parquet"));
    expect(keys.rows).toBe(89);
    const sets = await readParquetTable(join(path("key"), "key_pathways.parquet"));
    expect(sets.strings("status")).toEqual(["ok", "ok", "ok", "too-few-genes"]);
    const t = sets.numbers("t");
    expect(t[0]).toBeGreaterThan(3);
    expect(t[0]).toBeGreaterThan(t[1]!);
    const manifest = JSON.parse(readFileSync(join(path("key"), "manifest.json"), "utf8"));
    expect(manifest.counts.gwas.used).toBe(VARIANTS);
  });
});
