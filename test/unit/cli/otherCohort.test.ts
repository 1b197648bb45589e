import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readParquet } from "../../../src/formats/parquetReader.ts";
import { fileSource } from "../../../src/node/files.ts";
import { type CohortFiles, cohortArguments, SAMPLES, writeCohort } from "./cohortFiles.ts";
import { Captured, qortex } from "./shell.ts";

const scratch = mkdtempSync(join(tmpdir(), "qortex-other-cohort-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const ids = Array.from({ length: SAMPLES }, (_, s) => `S${String(s).padStart(2, "0")}`);
let files: CohortFiles;
/** Maps with permutations: of independent samples, and with an error covariance. */
const map = (name: string): string => join(scratch, name);

beforeAll(async () => {
  files = writeCohort(join(scratch, "data"));
  covariance("cov-a.tsv", 2);
  covariance("cov-b.tsv", 3);
  await mapped("plain");
  await mapped("tsv", "--format", "tsv");
  await mapped("whitened", "--error-covariance", join(scratch, "cov-a.tsv"));
});

async function mapped(name: string, ...options: string[]): Promise<void> {
  const run = await qortex([
    "cis",
    ...cohortArguments(files, map(name)),
    "--permutations",
    "100",
    ...options,
  ]);
  expect(run.code, run.err).toBe(0);
}

/** Samples in pairs that share a third of their variance, one in `every` of them of twice the variance. */
function covariance(name: string, every: number): string {
  const path = join(scratch, name);
  const entry = (s: number, t: number): number => {
    if (s === t) return s % every === 0 ? 2 : 1;
    return s >> 1 === t >> 1 ? 0.3 : 0;
  };
  const rows = [["id", ...ids], ...ids.map((id, s) => [id, ...ids.map((_, t) => entry(s, t))])];
  writeFileSync(path, rows.map((row) => `${row.join("\t")}\n`).join(""));
  return path;
}

const run = (command: string, own: CohortFiles, ...options: string[]) =>
  qortex([command, ...cohortArguments(own, join(scratch, "out")), ...options]);

async function refused(command: string, own: CohortFiles, options: string[], message: RegExp): Promise<void> {
  const { code, err } = await run(command, own, ...options);
  expect(err).toMatch(message);
  expect(code, err).toBe(2);
  expect(readdirSync(scratch)).not.toContain("out");
}

describe.each(["independent", "finemap"])("%s --cis of another cohort: one line, exit code 2", (command) => {
  test.each(["plain", "tsv"])("other samples, transform, covariates, covariance (%s)", async (name) => {
    const cis = ["--cis", map(name)];
    const fewer = join(scratch, "fewer.txt");
    writeFileSync(fewer, ids.slice(4).join("\n"));
    await refused(command, files, [...cis, "--keep", fewer], /samples 60 \(\w{8}\), and 56 \(\w{8}\) here/);
    const transform = ["--transform", "inverse-normal"];
    await refused(command, files, [...cis, ...transform], /--transform none, and inverse-normal here/);
    const lines = readFileSync(files.covariates, "utf8").split("\n");
    const covariates = join(scratch, "covariates.tsv");
    writeFileSync(covariates, lines.map((line) => line.replace(/^(age.*\t)\S+$/, "$175.5")).join("\n"));
    await refused(command, { ...files, covariates }, cis, /covariates 4 \(\w{8}\), and 4 \(\w{8}\) here/);
    const whitened = ["--error-covariance", join(scratch, "cov-a.tsv")];
    await refused(command, files, [...cis, ...whitened], /covariance of samples none, and given \(/);
  });

  test("another error covariance, or none", async () => {
    const cis = ["--cis", map("whitened")];
    const other = ["--error-covariance", join(scratch, "cov-b.tsv")];
    await refused(
      command,
      files,
      [...cis, ...other],
      /covariance of samples given \(.*, and given \(.* here/,
    );
    await refused(command, files, cis, /covariance of samples given \(.*, and none here/);
    const same = await run(command, files, ...cis, "--error-covariance", join(scratch, "cov-a.tsv"));
    expect(same.code, same.err).toBe(0);
    rmSync(join(scratch, "out"), { recursive: true });
  });
});

test("independent: expression of other values, of the same samples", async () => {
  const lines = readFileSync(files.expression, "utf8").split("\n");
  const expression = join(scratch, "halved.bed");
  const halved = (cell: string, column: number): string => (column < 6 ? cell : String(Number(cell) / 2));
  const text = lines.map((line, i) => (i === 0 ? line : line.split("\t").map(halved).join("\t")));
  writeFileSync(expression, text.join("\n"));
  const message = /v10, lead of gene0: its slope is \S+ \(standard error \S+\) in the cis map, and \S+ \(/;
  await refused("independent", { ...files, expression }, ["--cis", map("plain")], message);
});

test("every table and the manifest say what cohort they are of", async () => {
  const { cohort } = JSON.parse(readFileSync(join(map("whitened"), "manifest.json"), "utf8")) as {
    cohort: Record<string, string>;
  };
  expect(cohort["qortex.covariance"]).toMatch(/^given \(\w{8} \w{8}\)$/);
  expect(cohort["qortex.degrees_of_freedom"]).toBe("54");
  const tables = readdirSync(map("whitened")).filter((name) => name.endsWith(".parquet"));
  expect(tables.length).toBeGreaterThan(3);
  for (const name of tables) {
    const source = await fileSource(join(map("whitened"), name));
    const { metadata } = await readParquet(source, []).finally(() => source.close());
    expect(metadata, name).toMatchObject(cohort);
  }
});

test("parts and shards of another error covariance are refused", async () => {
  const whitened = (file: string) => ["--error-covariance", join(scratch, file)];
  for (const [shard, file] of [
    ["1/2", "cov-a.tsv"],
    ["2/2", "cov-b.tsv"],
  ] as const) {
    const out = join(scratch, `shard-${shard[0]}`);
    const made = await qortex(["cis", ...cohortArguments(files, out), ...whitened(file), "--shard", shard]);
    expect(made.code, made.err).toBe(0);
  }
  const folders = ["shard-1", "shard-2"].map((name) => join(scratch, name));
  const merged = await qortex(["merge", ...folders, "--out", join(scratch, "merged")]);
  expect(merged.err).toMatch(/cov-b\.tsv has changed|cov-a\.tsv has changed/);
  expect(merged.code).toBe(2);
  expect(readdirSync(scratch)).not.toContain("merged");

  // A stop between parts leaves them in a work folder, of the first covariance.
  const out = join(scratch, "resumed");
  const first = ["cis", ...cohortArguments(files, out), "--resume"];
  const stopper = new AbortController();
  const lines = new Captured();
  lines.write = (text) => {
    if (text.includes('"phase":"testing"')) stopper.abort();
  };
  const { signal } = stopper;
  const stopped = await qortex([...first, ...whitened("cov-a.tsv"), "--json"], { signal, out: lines });
  expect(stopped.code).toBe(130);
  const again = await qortex([...first, ...whitened("cov-b.tsv")]);
  expect(again.err).toMatch(/cov-b\.tsv has changed/);
  expect(again.code).toBe(2);
});
