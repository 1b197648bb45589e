import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readParquetTable } from "../../helpers/table.ts";
import { type CohortFiles, cohortArguments, writeCohort } from "./cohortFiles.ts";
import { qortex } from "./shell.ts";

const scratch = mkdtempSync(join(tmpdir(), "qortex-finemap-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let files: CohortFiles;
beforeAll(() => {
  files = writeCohort(join(scratch, "data"));
});

const finemap = (out: string, ...options: string[]) =>
  qortex(["finemap", ...cohortArguments(files, join(scratch, out)), ...options]);

test("fine-maps the significant genes of a cis map, all, or those listed; every backend the same bytes", async () => {
  const cis = join(scratch, "cis");
  expect((await qortex(["cis", ...cohortArguments(files, cis)])).code).toBe(0);
  const { code, out, err } = await finemap("fine", "--cis", cis);
  expect(code, err).toBe(0);
  expect(out).toContain("credible set");
  const genes = await readParquetTable(join(scratch, "fine", "finemap_genes.parquet"));
  expect(genes.strings("phenotype_id")).toContain("gene0");
  const sets = await readParquetTable(join(scratch, "fine", "finemap_sets.parquet"));
  expect(sets.strings("lead_variant_id")[sets.strings("phenotype_id").indexOf("gene0")]).toBe("v10");
  const variants = await readParquetTable(join(scratch, "fine", "finemap_variants.parquet"));
  const lbf = variants.numbers("lbf_variable1");
  expect(variants.strings("variant_id")[lbf.indexOf(Math.max(...lbf))]).toBe("v10");
  const manifest = JSON.parse(readFileSync(join(scratch, "fine", "manifest.json"), "utf8"));
  expect(manifest.counts.credibleSets).toBe(sets.rows);

  writeFileSync(join(scratch, "genes.txt"), "gene5\ngene0\n");
  const listed = await finemap("listed", "--genes", join(scratch, "genes.txt"), "--backend", "reference");
  expect(listed.code, listed.err).toBe(0);
  const two = await readParquetTable(join(scratch, "listed", "finemap_genes.parquet"));
  expect(two.strings("phenotype_id")).toEqual(["gene0", "gene5"]);
  expect(two.strings("status")).toEqual(["ok", "constant"]);
  expect((await finemap("wasm", "--genes", join(scratch, "genes.txt"))).code).toBe(0);
  for (const name of readdirSync(join(scratch, "wasm")).filter((one) => one !== "manifest.json")) {
    expect(
      readFileSync(join(scratch, "wasm", name)).equals(readFileSync(join(scratch, "listed", name))),
    ).toBe(true);
  }
});

test("warns of an outlying expression value of the genes that it fine-maps alone", async () => {
  const rows = readFileSync(files.expression, "utf8").split("\n");
  const samples = rows[0]!.split("\t").slice(6);
  for (const row of [1, 8]) {
    const cells = rows[row]!.split("\t");
    cells[6 + samples.indexOf("S07")] = "1000";
    rows[row] = cells.join("\t");
  }
  const outlying = join(scratch, "outlying.bed");
  writeFileSync(outlying, rows.join("\n"));
  const warned = async (out: string, ids: readonly string[]): Promise<string | undefined> => {
    const list = join(scratch, `${out}.txt`);
    writeFileSync(list, `${ids.join("\n")}\n`);
    const args = cohortArguments({ ...files, expression: outlying }, join(scratch, out));
    const { code, err } = await qortex(["finemap", ...args, "--genes", list]);
    expect(code, err).toBe(0);
    return /(\d+ genes?) in which one sample makes up .* \((.*)\): what/.exec(err)?.slice(1).join(": ");
  };
  expect(await warned("one", ["gene0", "gene1"])).toBe("1 gene: gene0 by S07");
  expect(await warned("both", ["gene7", "gene0"])).toBe("2 genes: gene0 by S07, gene7 by S07");
  expect(await warned("neither", ["gene1"])).toBeUndefined();
});

test("checks summary statistics against the LD, and says so", async () => {
  expect((await finemap("own", "--residual-variance", "fixed")).code).toBe(0);
  const own = await readParquetTable(join(scratch, "own", "finemap_variants.parquet"));
  const [gene, variant] = [own.strings("phenotype_id"), own.strings("variant_id")];
  const [slope, se] = [own.numbers("slope"), own.numbers("slope_se")];
  const lines = gene.map((id, i) => [id, variant[i], slope[i]! / se[i]!].join("\t"));
  const table = join(scratch, "summary.tsv");
  writeFileSync(table, `phenotype_id\tvariant_id\tz\n${lines.join("\n")}\n`);
  const { code, out, err } = await finemap("checked", "--summary", table, "--n", "5000");
  expect(code, err).toBe(0);
  expect(out).toMatch(/LD check +lambda median .*0 variants likely switched/);
  const genes = await readParquetTable(join(scratch, "checked", "finemap_genes.parquet"));
  const at = genes.strings("phenotype_id").indexOf("gene0");
  expect(genes.numbers("num_obs")[at]).toBe(5000);
  expect(genes.numbers("ld_lambda")[at]).toBeLessThan(0.05);
  expect(genes.numbers("num_switched")[at]).toBe(0);
  const checked = await readParquetTable(join(scratch, "checked", "finemap_variants.parquet"));
  expect(checked.numbers("z_expected").length).toBe(checked.rows);
});

test.each([
  [
    "a list of genes with two columns",
    ["--genes", "TWO"],
    /two.txt.*line 1: has 2 columns; a list of genes has/,
  ],
  ["a number of people without statistics", ["--n", "100"], /--n says how many people are behind --summary/],
  ["two lists of genes", ["--genes", "a", "--cis", "b"], /--cis and --genes both say/],
  ["no cis map", ["--cis", "nowhere"], /nowhere: is not there/],
  [
    "a model that keeps covariates in the genotypes",
    ["--model", "qtltools"],
    /--model takes ols; got "qtltools"/,
  ],
  ["a gene that is not there", ["--genes", "GENES"], /1 gene not in the expression \(nobody\)/],
  ["summary statistics without a score", ["--summary", "GENES"], /no row below its header/],
])("%s: one line, exit code 2, nothing written", async (_, options, message) => {
  const list = join(scratch, "nobody.txt");
  writeFileSync(list, "nobody\n");
  const two = join(scratch, "two.txt");
  writeFileSync(two, "gene0 0.01\n");
  const { code, err } = await finemap(
    "bad",
    ...options.map((one) => (one === "GENES" ? list : one === "TWO" ? two : one)),
  );
  expect(code).toBe(2);
  expect(err).toMatch(message);
  expect(readdirSync(scratch)).not.toContain("bad");
});
