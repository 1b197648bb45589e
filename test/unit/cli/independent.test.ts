import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readParquetTable } from "../../helpers/table.ts";
import { type CohortFiles, cohortArguments, writeCohort } from "./cohortFiles.ts";
import { qortex } from "./shell.ts";

const scratch = mkdtempSync(join(tmpdir(), "qortex-independent-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let files: CohortFiles;
const cis = join(scratch, "cis");
const plain = join(scratch, "plain");
beforeAll(async () => {
  files = writeCohort(join(scratch, "data"));
  const run = await qortex(["cis", ...cohortArguments(files, cis), "--permutations", "100"]);
  expect(run.code, run.err).toBe(0);
  expect((await qortex(["cis", ...cohortArguments(files, plain)])).code).toBe(0);
});

const independent = (out: string, ...options: string[]) =>
  qortex(["independent", ...cohortArguments(files, join(scratch, out)), ...options]);

test("the signals of a cis map's significant genes; every backend the same bytes", async () => {
  const { code, out, err } = await independent("signals", "--cis", cis, "--permutations", "100");
  expect(code, err).toBe(0);
  expect(out).toMatch(/^Independent signals of \d+ gene/m);
  const signals = await readParquetTable(join(scratch, "signals", "cis_independent.parquet"));
  const at = signals.strings("phenotype_id").indexOf("gene0");
  expect(signals.strings("variant_id")[at]).toBe("v10");
  expect(signals.numbers("rank")[at]).toBe(1);
  // Of a gene with one signal, the cis map's own numbers.
  const genes = await readParquetTable(join(cis, "cis_genes.parquet"));
  const led = genes.strings("phenotype_id").indexOf("gene0");
  const searched = await readParquetTable(join(scratch, "signals", "independent_genes.parquet"));
  expect(searched.numbers("num_signals")[searched.strings("phenotype_id").indexOf("gene0")]).toBe(1);
  for (const name of ["pval_nominal", "slope", "beta_shape1", "pval_beta", "num_var", "af", "end_distance"])
    expect(signals.numbers(name)[at], name).toBe(genes.numbers(name)[led]);
  // Given nothing, the conditional statistics are the pairs of the cis map.
  const conditional = await readParquetTable(join(scratch, "signals", "cis_conditional.parquet"));
  const pairs = await readParquetTable(join(cis, "cis_pairs.parquet"));
  const ofGene = (table: typeof pairs): Map<string, number> => {
    const [gene, variant] = [table.strings("phenotype_id"), table.strings("variant_id")];
    const slope = table.numbers("slope");
    const rows = Array.from(gene.keys()).filter((i) => gene[i] === "gene0" && !Number.isNaN(slope[i]!));
    return new Map(rows.map((i) => [variant[i]!, slope[i]!]));
  };
  expect(ofGene(conditional)).toEqual(ofGene(pairs));
  const manifest = JSON.parse(readFileSync(join(scratch, "signals", "manifest.json"), "utf8"));
  expect(manifest.counts.signals).toBe(signals.rows);

  const other = await independent("again", "--cis", cis, "--permutations", "100", "--backend", "reference");
  expect(other.code, other.err).toBe(0);
  for (const name of readdirSync(join(scratch, "again")).filter((one) => one !== "manifest.json")) {
    const same = readFileSync(join(scratch, "again", name)).equals(
      readFileSync(join(scratch, "signals", name)),
    );
    expect(same, name).toBe(true);
  }
});

test.each([
  ["no cis map", [], /independent needs --cis/],
  ["a cis map without permutations", ["--cis", plain], /has no column pval_beta, qval/],
  [
    "two sources of permutations",
    ["--cis", cis, "--permutations", "99", "--permutation-indices", "x"],
    /leave/,
  ],
  [
    "a model that keeps covariates in the genotypes",
    ["--cis", cis, "--model", "qtltools"],
    /--model takes ols; got "qtltools"/,
  ],
])("%s: one line, exit code 2, nothing written", async (_, options, message) => {
  const { code, err } = await independent("bad", ...options);
  expect(err).toMatch(message);
  expect(code).toBe(2);
  expect(readdirSync(scratch)).not.toContain("bad");
});

test("warns of an outlying expression value of a gene that it searches, and of no other", async () => {
  const rows = readFileSync(files.expression, "utf8").split("\n");
  const samples = rows[0]!.split("\t").slice(6);
  const warned = async (name: string, row: number): Promise<boolean[]> => {
    const cells = rows[row]!.split("\t");
    cells[6 + samples.indexOf("S07")] = "1000";
    const expression = join(scratch, `${name}.bed`);
    writeFileSync(expression, rows.with(row, cells.join("\t")).join("\n"));
    const own = { ...files, expression };
    const map = join(scratch, `${name}-cis`);
    const mapped = await qortex(["cis", ...cohortArguments(own, map), "--permutations", "100"]);
    expect(mapped.code, mapped.err).toBe(0);
    const asked = ["--cis", map, "--permutations", "100", "--fdr", row === 1 ? "1" : "0.05"];
    const out = join(scratch, `${name}-signals`);
    const { code, err } = await qortex(["independent", ...cohortArguments(own, out), ...asked]);
    expect(code, err).toBe(0);
    const said = /1 gene in which one sample makes up more than half/;
    return [said.test(mapped.err), said.test(err)];
  };
  expect(await warned("unused", 8)).toEqual([true, false]);
  expect(await warned("used", 1)).toEqual([true, true]);
});
