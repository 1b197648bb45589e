import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readParquetTable, readTextTable } from "../../helpers/table.ts";
import { type CohortFiles, cohortArguments, SAMPLES, writeCohort } from "./cohortFiles.ts";
import { qortex } from "./shell.ts";

const scratch = mkdtempSync(join(tmpdir(), "qortex-covariates-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let files: CohortFiles;
beforeAll(() => {
  files = writeCohort(join(scratch, "data"));
});

let runs = 0;

/** Runs `qortex covariates`, which must succeed, and returns its output folder and what it said. */
async function made(...options: string[]) {
  const out = join(scratch, `out-${++runs}`);
  const outcome = await qortex(["covariates", ...cohortArguments(files, out), ...options]);
  expect(outcome.code, outcome.err).toBe(0);
  return { folder: out, ...outcome };
}

/** Every file of a folder but the manifest, by name. */
function contents(folder: string): Record<string, string> {
  const names = readdirSync(folder).filter((name) => name !== "manifest.json");
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(folder, name), "base64")]));
}

const SMALL = ["--genotype-pcs", "2", "--titrate", "0,2,4", "--chromosome", "chr1"];

describe("qortex covariates", () => {
  test("writes covariates that qortex cis takes, tables, plots and a page", async () => {
    const { folder: out } = await made(...SMALL, "--expression-pcs", "4");
    expect(readdirSync(out).sort()).toMatchSnapshot();
    const lines = readFileSync(join(out, "covariates.txt"), "utf8").trimEnd().split("\n");
    const rows = lines.map((line) => line.split("\t"));
    expect(rows.every((row) => row.length === SAMPLES + 1)).toBe(true);
    const names = rows.slice(1).map(([name]) => name!);
    expect(names.slice(0, 6)).toEqual(["age", "PC1", "batch=b", "batch=c", "genotype_PC1", "genotype_PC2"]);
    expect(names.slice(6)).toHaveLength(4);

    const components = await readParquetTable(join(out, "components.parquet"));
    const used = components.strings("component").filter((_, i) => components.strings("status")[i] === "used");
    expect(used).toEqual(names.slice(4));
    const titration = await readParquetTable(join(out, "titration.parquet"));
    expect(Array.from(titration.numbers("expression_pcs"))).toEqual([0, 2, 4]);
    const pcs = await readParquetTable(join(out, "expression_pcs.parquet"));
    expect(pcs.strings("sample_id")).toEqual(rows[0]!.slice(1));
    expect(rows[7]!.slice(1).map(Number)).toEqual(Array.from(pcs.numbers(names[6]!)));

    const map = join(scratch, "map");
    const covariates = join(out, "covariates.txt");
    const { genotypes, expression } = files;
    const asked = ["--genotypes", genotypes, "--expression", expression, "--covariates", covariates];
    const cis = await qortex(["cis", ...asked, "--out", map]);
    expect(cis.code, cis.err).toBe(0);
    expect(cis.err).not.toContain("dropped");
    expect(cis.out).toContain("60 samples, 10 covariates, 48 degrees of freedom");
  });

  test("the same bytes from every backend and thread count", async () => {
    const reference = contents((await made(...SMALL, "--backend", "reference")).folder);
    for (const machine of ["--threads 1", "--threads 2 --memory 256M"]) {
      const other = contents((await made(...SMALL, "--backend", "wasm", ...machine.split(" "))).folder);
      expect(Object.keys(other)).toEqual(Object.keys(reference));
      for (const name of Object.keys(reference)) expect(other[name] === reference[name], name).toBe(true);
    }
  });

  test("text holds the numbers of Parquet", async () => {
    const { folder: out } = await made(...SMALL, "--format", "tsv");
    const parquet = (await made(...SMALL)).folder;
    for (const name of ["components", "genotype_pcs", "expression_pcs", "titration"]) {
      const a = await readParquetTable(join(parquet, `${name}.parquet`));
      const b = await readTextTable(join(out, `${name}.tsv.gz`));
      expect(b.rows, name).toBe(a.rows);
      expect(a.rows, name).toBeGreaterThan(2);
    }
    const text = await readTextTable(join(out, "components.tsv.gz"));
    const own = await readParquetTable(join(parquet, "components.parquet"));
    expect(Array.from(text.numbers("eigenvalue"))).toEqual(Array.from(own.numbers("eigenvalue")));
  });

  test("what it prints", async () => {
    const { out, err } = await made(...SMALL);
    const settled = (text: string) =>
      text
        .replaceAll(scratch, "")
        .replaceAll(/out-\d+/g, "OUT")
        .replace(/\bin \d[^\n]*? s\b/g, "in TIME")
        .replace(/ +[\d.]+ [kM]?B$/gm, "  SIZE");
    expect(settled(out)).not.toContain("undefined");
    expect(settled((await made(...SMALL)).err)).toBe(settled(err));
    expect(settled(err)).toMatchSnapshot();
  });

  test("missing covariates count as the mean, and are said", async () => {
    const text = readFileSync(files.covariates, "utf8");
    const covariates = join(scratch, "missing.tsv");
    writeFileSync(covariates, text.replace(/^age\t[\d.]+/m, "age\tNA"));
    const asked = ["--genotypes", files.genotypes, "--expression", files.expression];
    const out = join(scratch, "missing");
    const options = [
      "--covariates",
      covariates,
      "--out",
      out,
      "--expression-pcs",
      "0",
      "--genotype-pcs",
      "0",
    ];
    const { code, err } = await qortex(["covariates", ...asked, ...options]);
    expect(code, err).toBe(0);
    expect(err).toContain("covariate age is missing for 1 sample, counted as the mean of the others");
    const age = readFileSync(join(out, "covariates.txt"), "utf8")
      .split("\n")[1]!
      .split("\t")
      .slice(1)
      .map(Number);
    const others = age.slice(1);
    expect(age[0]).toBeCloseTo(others.reduce((sum, value) => sum + value, 0) / others.length, 10);
    const map = await qortex([
      "cis",
      ...asked,
      "--covariates",
      covariates,
      "--out",
      join(scratch, "refused"),
    ]);
    expect(map.code).toBe(2);
  });
});

describe("a bad command line of covariates", () => {
  test.each([
    ["--expression-pcs most", "--expression-pcs takes auto, elbow, max or a whole number from 0 to 1000"],
    ["--expression-pcs 1.5", "--expression-pcs takes auto, elbow, max or a whole number"],
    ["--titrate 5,0", "--titrate takes whole numbers from 0 to 1000 that ascend"],
    ["--titrate 0,,5", "--titrate takes whole numbers"],
    ["--build hg19", "--build takes GRCh37, GRCh38 or none"],
    ["--ld-window 5 --ld-step 6", "--ld-step 6 is larger than --ld-window 5: variants would be skipped"],
    ["--model qtltools", "unknown option '--model'"],
  ])("%s", async (options, message) => {
    const out = join(scratch, "never");
    const { code, err } = await qortex(["covariates", ...cohortArguments(files, out), ...options.split(" ")]);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
    expect(readdirSync(scratch)).not.toContain("never");
  });
});
