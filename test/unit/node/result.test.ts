import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { desc } from "arquero";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputError } from "../../../src/errors.ts";
import { openResult } from "../../../src/node/result.ts";
import { testNormal, testRandom } from "../../helpers/randomCohort.ts";
import { qortex } from "../cli/shell.ts";

let folder = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "qortex-result-"));
  const random = testRandom(8);
  const factor = Array.from({ length: 30 }, () => testNormal(random));
  const rows = Array.from({ length: 50 }, (_, g) => {
    const values = factor.map((value) => (g < 25 ? 2 * value : 0) + testNormal(random));
    // One constant gene, which has a status and no numbers.
    return [`g${g}`, ...values.map((value) => (g === 49 ? "1" : value.toFixed(4)))];
  });
  const lines = [["gene", ...factor.map((_, s) => `s${s}`)], ...rows].map((row) => row.join("\t"));
  writeFileSync(join(folder, "e.tsv"), `${lines.join("\n")}\n`);
  for (const format of ["parquet", "tsv"]) {
    const input = ["--expression", join(folder, "e.tsv"), "--power", "6", "--backend", "wasm", "--quiet"];
    const run = await qortex([
      "network",
      "modules",
      ...input,
      "--format",
      format,
      "--out",
      join(folder, format),
    ]);
    expect(run.code).toBe(0);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the result of a command", () => {
  test.each(["parquet", "tsv"])("as %s is tables to filter and join", async (format) => {
    const result = await openResult(join(folder, format));
    expect(result.manifest.command.slice(0, 3)).toEqual(["qortex", "network", "modules"]);
    expect(result.tables).toEqual(["genes", "membership", "eigengenes", "modules", "dendrogram"]);
    const genes = await result.table("genes", ["gene", "module", "kme"]);
    expect(genes.columnNames()).toEqual(["gene", "module", "kme"]);
    expect(genes.numRows()).toBe(50);
    expect(genes.get("kme", 49)).toBeNull();
    const sizes = genes
      .join((await result.table("modules")).select("module", "genes"), "module")
      .groupby("module", "genes")
      .count()
      .orderby(desc("count"));
    expect(sizes.get("count", 0)).toBe(sizes.get("genes", 0));
    expect(Number(sizes.get("count", 0))).toBeGreaterThan(20);
  });

  test("names that look like numbers stay names in text", async () => {
    const path = join(folder, "names");
    mkdirSync(path);
    const lines = [
      ["phenotype_id", "plate", "hex", "p"],
      ["007", "1e5 ", "0x1F", "1e-300"],
      ["12", "2", "3", "NA"],
    ];
    writeFileSync(join(path, "genes.tsv.gz"), gzipSync(lines.map((row) => row.join("\t")).join("\n")));
    const manifest = readFileSync(join(folder, "tsv", "manifest.json"), "utf8");
    writeFileSync(
      join(path, "manifest.json"),
      JSON.stringify({ ...JSON.parse(manifest), files: [{ name: "genes.tsv.gz", rows: 2, bytes: 1 }] }),
    );
    const table = await (await openResult(path)).table("genes");
    expect(table.objects()).toEqual([
      { phenotype_id: "007", plate: 1e5, hex: "0x1F", p: 1e-300 },
      { phenotype_id: "12", plate: 2, hex: "3", p: null },
    ]);
  });

  test("reads the dense matrix of correlations, a list a gene", async () => {
    const out = join(folder, "dense");
    const words = [
      "--expression",
      join(folder, "e.tsv"),
      "--p-value",
      "1",
      "--dense",
      "parquet",
      "--out",
      out,
    ];
    expect((await qortex(["network", "correlate", ...words, "--backend", "wasm"])).code).toBe(0);
    const result = await openResult(out);
    const dense = await result.table("correlation");
    expect(dense.columnNames()).toEqual(["gene", "r"]);
    const [pairs, at] = [await result.table("correlations"), dense.array("gene") as string[]];
    expect(pairs.numRows()).toBe((49 * 48) / 2);
    for (let i = 0; i < pairs.numRows(); i += 7) {
      const row = dense.get("r", at.indexOf(String(pairs.get("gene_a", i)))) as number[];
      expect(row[at.indexOf(String(pairs.get("gene_b", i)))]).toBe(Math.fround(Number(pairs.get("r", i))));
    }
  });

  test("says what it lacks", async () => {
    await expect(openResult(join(folder, "nowhere"))).rejects.toThrow(InputError);
    const result = await openResult(join(folder, "tsv"));
    await expect(result.table("pairs")).rejects.toThrow("has no table pairs");
    await expect(result.table("genes", ["moon"])).rejects.toThrow("has no column moon");
    const parquet = await openResult(join(folder, "parquet"));
    await expect(parquet.table("genes", ["moon"])).rejects.toThrow("has no column moon");
  });
});
