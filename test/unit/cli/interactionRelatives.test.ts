import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resultFiles } from "../../helpers/kill.ts";
import { readParquetTable } from "../../helpers/table.ts";
import { type CohortFiles, cohortArguments, GENES, SAMPLES, writeCohort } from "./cohortFiles.ts";
import { qortex } from "./shell.ts";

const scratch = mkdtempSync(join(tmpdir(), "qortex-interaction-relatives-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const ids = Array.from({ length: SAMPLES }, (_, s) => `S${String(s).padStart(2, "0")}`);
/** The first of the pair that a sample is in. */
const firstOf = (s: number): number => s - (s % 2);

let files: CohortFiles;
let donors: string;
let relatives: string;
/** Two contexts: a treatment of one of a donor's two samples, and something of any sample. */
let contexts: string;
beforeAll(() => {
  files = writeCohort(join(scratch, "data"));
  donors = write(
    "donors.txt",
    ids.map((id, s) => `${id}\t${ids[firstOf(s)]}`),
  );
  relatives = write(
    "relatives.txt",
    ids.flatMap((id, s) => (s % 2 === 0 ? [] : [`${ids[s - 1]} ${id} 0.5`])),
  );
  contexts = write("contexts.txt", [
    "id\ttreated\tstress",
    ...ids.map((id, s) => `${id}\t${s % 2}\t${((s * s * 7) % 31) + 0.5 * (s % 5)}`),
  ]);
});

function write(name: string, lines: readonly string[]): string {
  const path = join(scratch, name);
  writeFileSync(path, lines.map((line) => `${line}\n`).join(""));
  return path;
}

let runs = 0;

async function run(command: string, ...options: string[]) {
  const folder = join(scratch, `out-${++runs}`);
  const outcome = await qortex([command, ...cohortArguments(files, folder), ...options]);
  return { folder, ...outcome };
}

/** The same, which must end well. */
async function made(command: string, ...options: string[]) {
  const outcome = await run(command, ...options);
  expect(outcome.code, outcome.err).toBe(0);
  return outcome;
}

const NUMBERS = ["b_g", "b_g_se", "b_i", "b_i_se", "b_gi", "b_gi_se", "log10_p_gi"];

describe("cis --interaction --donors", () => {
  test("a context of the sample: the given covariance of a gene's correlation has the gene's numbers", async () => {
    const words = ["--donors", donors, "--interaction", contexts, "--contexts", "treated"];
    const { folder, err, out } = await made("cis", ...words);
    expect(err).toContain("60 samples of 30 donors");
    expect(err).toMatch(/donors.txt, beside treated: correlation of a donor's samples fitted gene by gene/);
    expect(err.match(/fitted gene by gene/g)).toHaveLength(1);
    const genes = await readParquetTable(join(folder, "cis_interaction_genes.parquet"));
    const icc = genes.numbers("donor_icc");
    const status = genes.strings("status");
    status.forEach((one, g) => {
      if (one === "constant") expect(icc[g]).toBeNaN();
      else expect(icc[g]! >= 0 && icc[g]! <= 0.95).toBe(true);
    });
    const gene = Array.from(icc).findIndex((value) => value > 0);
    expect(gene).toBeGreaterThanOrEqual(0);
    const rows = ids.map((_, i) =>
      ids.map((__, j) => (i === j ? 1 : firstOf(i) === firstOf(j) ? icc[gene]! : 0)).join("\t"),
    );
    const sigma = write("sigma.txt", [
      ["id", ...ids].join("\t"),
      ...rows.map((row, i) => `${ids[i]}\t${row}`),
    ]);
    const given = await made("cis", ...words, "--error-covariance", sigma);
    const [pairs, others] = [
      await readParquetTable(join(folder, "cis_interaction_pairs.parquet")),
      await readParquetTable(join(given.folder, "cis_interaction_pairs.parquet")),
    ];
    const id = genes.strings("phenotype_id")[gene];
    let compared = 0;
    pairs.strings("phenotype_id").forEach((one, i) => {
      if (one !== id) return;
      for (const name of NUMBERS)
        expect(others.numbers(name)[i]! / pairs.numbers(name)[i]!, name).toBeCloseTo(1, 8);
      compared++;
    });
    expect(compared).toBeGreaterThan(5);
    // No HC3, and one line that says why.
    for (const name of ["b_gi_se_hc3", "pval_gi_hc3", "log10_p_gi_hc3"]) {
      expect([...pairs.numbers(name)].every(Number.isNaN), name).toBe(true);
      expect([...genes.numbers(name)].every(Number.isNaN), name).toBe(true);
    }
    expect(new Set(pairs.strings("hc3"))).toEqual(new Set([""]));
    expect(existsSync(join(folder, "qq.svg"))).toBe(true);
    expect(existsSync(join(folder, "qq-hc3.svg"))).toBe(false);
    expect(out.match(/HC3/g)).toHaveLength(1);
    expect(out).toMatch(/Lambda +\d\.\d{3} .*no HC3/);
    const report = readFileSync(join(folder, "report.html"), "utf8");
    expect(report).toContain(
      "their errors correlate by h (generalised least squares with compound symmetry)",
    );
    expect(report).toMatch(/Robust standard errors \(HC3\) were not computed/);
    expect(report).not.toContain("MacKinnon");
    const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as {
      interaction: { lambda: number; lambdaHc3: null }[];
    };
    expect(manifest.interaction[0]!.lambda).toBeGreaterThan(0);
    expect(manifest.interaction[0]!.lambdaHc3).toBeNull();
  });

  test("a context of the donor", async () => {
    const dose = (s: number): number => 20 + ((s * 13) % 37);
    const ofDonor = write(
      "dose.txt",
      ids.flatMap((id, s) => (s % 2 === 0 ? [`${id}\t${dose(s)}`] : [])),
    );
    const ofSample = write(
      "doses.txt",
      ids.map((id, s) => `${id}\t${dose(firstOf(s))}`),
    );
    const [a, b] = [
      await made("cis", "--donors", donors, "--interaction", ofDonor),
      await made("cis", "--donors", donors, "--interaction", ofSample),
    ];
    const [pairs, others] = [
      await readParquetTable(join(a.folder, "cis_interaction_pairs.parquet")),
      await readParquetTable(join(b.folder, "cis_interaction_pairs.parquet")),
    ];
    expect(pairs.rows).toBeGreaterThan(100);
    for (const name of NUMBERS) expect(pairs.numbers(name), name).toEqual(others.numbers(name));
  });
});

describe.each([
  ["cis", "--donors", () => donors, []],
  ["cis", "--relatedness", () => relatives, ["--effective-tests", "all"]],
  ["trans", "--donors", () => donors, ["--p-value", "0.02", "--distance", "1Mb"]],
  ["trans", "--relatedness", () => relatives, ["--p-value", "0.02", "--distance", "1Mb"]],
] as const)("%s --interaction %s", (command, option, path, more) => {
  test("the same files from any backend, from shards and from kept parts", async () => {
    const words = [option, path(), "--interaction", contexts, ...more];
    const whole = await made(command, ...words, "--backend", "reference");
    const expected = resultFiles(whole.folder);
    const genes = await readParquetTable(join(whole.folder, `${command}_interaction_genes.parquet`));
    expect(genes.rows).toBe(2 * GENES);
    // What is shared is fitted beside each context.
    const share = [...genes.numbers(option === "--donors" ? "donor_icc" : "h2")];
    expect(share.slice(0, GENES)).not.toEqual(share.slice(GENES));
    expect(new Set(share.filter((one) => one > 0)).size).toBeGreaterThan(2);
    const threads = await made(command, ...words, "--threads", "2");
    expect(resultFiles(threads.folder)).toEqual(expected);
    const kept = await made(command, ...words, "--threads", "1", "--resume");
    expect(resultFiles(kept.folder)).toEqual(expected);
    const shards: string[] = [];
    for (const shard of ["1/2", "2/2"]) {
      shards.push((await made(command, ...words, "--shard", shard)).folder);
    }
    const merged = join(scratch, `merged-${++runs}`);
    const outcome = await qortex(["merge", ...shards, "--out", merged]);
    expect(outcome.code, outcome.err).toBe(0);
    expect(resultFiles(merged)).toEqual(expected);
  });
});

test("two contexts in one model, and products with a covariate", async () => {
  const { folder } = await made(
    ...["trans", "--relatedness", relatives, "--interaction", contexts, "--joint", "--p-value", "0.02"],
    ...["--covariate-by-genotype", "age", "--covariate-by-context", "PC1"],
  );
  const pairs = await readParquetTable(join(folder, "trans_interaction_pairs.parquet"));
  expect(pairs.rows).toBeGreaterThan(5);
  expect([...pairs.numbers("pval_gi")].every((p) => p <= 0.02)).toBe(true);
});

test("sex as the context", async () => {
  const sex = write(
    "sex.txt",
    ids.map((id, s) => `${id}\t${1 + ((s * 5) % 3 === 0 ? 1 : 0)}`),
  );
  const { out } = await made("cis", "--relatedness", relatives, "--interaction-sex", "--sex", sex);
  expect(out).toMatch(/Lambda +\d\.\d{3} .*no HC3/);
});

test("--hc3-below has nothing to say, and is refused in one line", async () => {
  const { code, err, folder } = await run(
    ...["cis", "--donors", donors, "--interaction", contexts, "--hc3-below", "0.5"],
  );
  expect([code, existsSync(folder)]).toEqual([2, false]);
  expect(err.trimEnd().split("\n").at(-1)).toMatch(/--donors and --hc3-below do not go together/);
});
