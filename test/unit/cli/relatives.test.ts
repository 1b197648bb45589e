import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resultFiles } from "../../helpers/kill.ts";
import { plainGls } from "../../helpers/plainGls.ts";
import { readParquetTable } from "../../helpers/table.ts";
import { type CohortFiles, cohortArguments, SAMPLES, writeCohort } from "./cohortFiles.ts";
import { qortex } from "./shell.ts";

const scratch = mkdtempSync(join(tmpdir(), "qortex-relatives-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const ids = Array.from({ length: SAMPLES }, (_, s) => `S${String(s).padStart(2, "0")}`);
/** The first of the pair that a sample is in. */
const firstOf = (s: number): number => s - (s % 2);
let files: CohortFiles;
beforeAll(() => {
  files = writeCohort(join(scratch, "data"));
});

function write(name: string, lines: readonly string[]): string {
  const path = join(scratch, name);
  writeFileSync(path, lines.map((line) => `${line}\n`).join(""));
  return path;
}

const relatives = (): string =>
  write(
    "relatives.txt",
    ids.flatMap((id, s) => (s % 2 === 0 ? [] : [`${ids[s - 1]} ${id} 0.5`])),
  );
const donors = (): string =>
  write(
    "donors.txt",
    ids.map((id, s) => `${id}\t${ids[firstOf(s)]}`),
  );

let runs = 0;
async function run(command: string, ...options: string[]) {
  const folder = join(scratch, `out-${++runs}`);
  return { folder, ...(await qortex([command, ...cohortArguments(files, folder), ...options])) };
}

describe("--relatedness", () => {
  test("says what was fitted, and writes it beside each gene", async () => {
    const { folder, code, err } = await run("cis", "--relatedness", relatives());
    expect(code, err).toBe(0);
    expect(err).toContain("heritability fitted gene by gene");
    const genes = await readParquetTable(join(folder, "cis_genes.parquet"));
    const h2 = genes.numbers("h2");
    const status = genes.strings("status");
    status.forEach((one, g) => {
      if (one === "constant") expect(h2[g]).toBeNaN();
      else expect(h2[g]! >= 0 && h2[g]! <= 0.95).toBe(true);
    });
    expect(new Set(Array.from(h2).filter((value) => value > 0)).size).toBeGreaterThan(0);
    const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as {
      inputs: { role: string }[];
    };
    expect(manifest.inputs.map(({ role }) => role)).toContain("relatedness");
    expect(readFileSync(join(folder, "report.html"), "utf8")).toContain("generalised least squares");
  });

  test("goes with shards, resumed parts and tests of genes, trans too", async () => {
    const relatedness = ["--relatedness", relatives()];
    const whole = await run("trans", ...relatedness, "--p-value", "0.04");
    const shards: string[] = [];
    for (const shard of ["1/2", "2/2"]) {
      const { folder, code, err } = await run("trans", ...relatedness, "--p-value", "0.04", "--shard", shard);
      expect(code, err).toBe(0);
      shards.push(folder);
    }
    const merged = join(scratch, "merged");
    expect((await qortex(["merge", ...shards, "--out", merged])).code).toBe(0);
    for (const name of ["trans_pairs.parquet", "trans_genes.parquet", "null_sample.parquet"]) {
      expect(readFileSync(join(merged, name)).equals(readFileSync(join(whole.folder, name)))).toBe(true);
    }
    for (const within of [
      ["--within-gene", "eigenmt"],
      ["--within-gene", "acat"],
      ["--permutations", "50"],
    ]) {
      const { folder, code, err } = await run("cis", ...relatedness, ...within, "--resume");
      expect(code, err).toBe(0);
      const status = (await readParquetTable(join(folder, "cis_genes.parquet"))).strings("afc_status");
      expect(new Set(status)).toEqual(new Set(["correlated-samples", ""]));
    }
  });
});

test("--donors: samples of a donor share genotypes, and their covariance is fitted", async () => {
  const { folder, code, err } = await run("cis", "--donors", donors(), "--maf", "0");
  expect(code, err).toBe(0);
  expect(err).toContain("60 samples of 30 donors");
  const genes = await readParquetTable(join(folder, "cis_genes.parquet"));
  const icc = genes.numbers("donor_icc");
  const pairs = await readParquetTable(join(folder, "cis_pairs.parquet"));
  // The same by the given covariance, without the donors' own.
  const gene = genes.strings("phenotype_id")[0]!;
  const rows = ids.map((_, i) =>
    ids.map((_, j) => (i === j ? 1 : firstOf(i) === firstOf(j) ? icc[0]! : 0)).join("\t"),
  );
  const sigma = write("sigma.txt", [["id", ...ids].join("\t"), ...rows.map((row, i) => `${ids[i]}\t${row}`)]);
  const given = await run("cis", "--donors", donors(), "--error-covariance", sigma, "--maf", "0");
  expect(given.code, given.err).toBe(0);
  const others = await readParquetTable(join(given.folder, "cis_pairs.parquet"));
  let compared = 0;
  pairs.strings("phenotype_id").forEach((id, i) => {
    if (id !== gene) return;
    expect(others.numbers("slope")[i]! / pairs.numbers("slope")[i]!).toBeCloseTo(1, 9);
    expect(others.numbers("slope_se")[i]! / pairs.numbers("slope_se")[i]!).toBeCloseTo(1, 9);
    compared++;
  });
  expect(compared).toBeGreaterThan(5);
  // And by plain generalised least squares on the files' numbers.
  const table = (path: string): string[][] =>
    readFileSync(path, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t"));
  const expression = table(files.expression);
  const row = expression.find((cells) => cells[3] === gene)!;
  const y = ids.map((id) => Number(row[expression[0]!.indexOf(id)]));
  const [, age, pc, batch] = table(files.covariates).map((cells) => cells.slice(1));
  const covariates = [
    age!,
    pc!,
    batch!.map((b) => (b === "b" ? "1" : "0")),
    batch!.map((b) => (b === "c" ? "1" : "0")),
  ];
  const bed = readFileSync(`${files.genotypes}.bed`);
  const at = pairs.strings("phenotype_id").indexOf(gene);
  const variant = Number(pairs.strings("variant_id")[at]!.slice(1));
  const stride = Math.ceil((SAMPLES + 2) / 4);
  const copies = ids.map((_, s) => {
    const code = (bed[3 + variant * stride + (firstOf(s) >> 2)]! >> (2 * (firstOf(s) & 3))) & 3;
    return [2, Number.NaN, 1, 0][code]!;
  });
  const called = copies.filter((call) => !Number.isNaN(call));
  const mean = called.reduce((a, b) => a + b, 0) / called.length;
  const plain = plainGls(
    y,
    copies.map((call) => (Number.isNaN(call) ? mean : call)),
    covariates.map((cells) => cells.map(Number)),
    ids.map((_, i) => ids.map((_, j) => (i === j ? 1 : firstOf(i) === firstOf(j) ? icc[0]! : 0))),
  );
  expect(Math.abs(pairs.numbers("slope")[at]! / plain.slope)).toBeCloseTo(1, 8);
  expect(pairs.numbers("slope_se")[at]! / plain.slopeSe).toBeCloseTo(1, 8);
});

test("fine-mapping, scores and the search for signals take relatives and donors", async () => {
  const weights = write("weights.txt", [
    "variant_id\teffect_allele\tweight",
    ...Array.from({ length: 60 }, (_, i) => `v${5 * i}\t${["A", "C", "GA"][(5 * i) % 3]}\t${(i % 7) - 3}`),
  ]);
  for (const covariance of [
    ["--relatedness", relatives()],
    ["--donors", donors()],
  ]) {
    const cis = await run("cis", ...covariance, "--permutations", "30", "--maf", "0.05");
    const commands = [
      ["finemap", "--maf", "0.05", "--threads", "1"],
      ["finemap", "--maf", "0.05", "--threads", "2"],
      ["eqts", "--weights", weights, "--permutations", "3"],
      ["independent", "--cis", cis.folder, "--maf", "0.05", "--permutations", "30", "--fdr", "0.9"],
    ];
    const folders: string[] = [];
    for (const [command, ...own] of commands) {
      const { code, err, folder } = await run(command!, ...covariance, ...own);
      expect(code, err).toBe(0);
      folders.push(folder);
    }
    // A gene with one signal keeps the map's numbers: those of a model with the relatives do not go beside others of one without.
    const alone = await run("independent", "--cis", cis.folder, "--maf", "0.05", "--fdr", "0.9");
    expect([alone.code, existsSync(alone.folder)]).toEqual([2, false]);
    expect(alone.err.trim().split("\n").at(-1)).toMatch(
      new RegExp(`cis_genes.parquet: was made with ${covariance[0]} .*; give the same ${covariance[0]}$`),
    );
    expect(resultFiles(folders[1]!)).toEqual(resultFiles(folders[0]!));
    // One number a pair, whoever computes it.
    const pairs = await readParquetTable(join(cis.folder, "cis_pairs.parquet"));
    const slopes = new Map(
      pairs
        .strings("variant_id")
        .map((v, i) => [`${pairs.strings("phenotype_id")[i]} ${v}`, pairs.numbers("slope")[i]!]),
    );
    for (const [folder, table] of [
      [folders[0]!, "finemap_variants"],
      [folders[3]!, "cis_conditional"],
    ] as const) {
      const found = await readParquetTable(join(folder, `${table}.parquet`));
      const phenotypes = found.strings("phenotype_id");
      const ofPhenotype = new Map<string, number>();
      if (table === "cis_conditional")
        found.numbers("rank").forEach((rank, i) => {
          ofPhenotype.set(phenotypes[i]!, Math.max(rank, ofPhenotype.get(phenotypes[i]!) ?? 0));
        });
      let compared = 0;
      found.strings("variant_id").forEach((v, i) => {
        if ((ofPhenotype.get(phenotypes[i]!) ?? 1) > 1) return;
        expect(found.numbers("slope")[i]! / slopes.get(`${phenotypes[i]} ${v}`)!).toBeCloseTo(1, 8);
        compared++;
      });
      expect(compared).toBeGreaterThan(20);
    }
  }
});

test("trans --regress-cis: signals are taken out by generalised least squares; shards and --resume make the same files", async () => {
  const signals = write("signals.tsv", ["phenotype_id\tvariant_id", "gene0\tv10", "gene1\tv3", "gene1\tv4"]);
  const words = [
    "--relatedness",
    relatives(),
    "--regress-cis",
    signals,
    "--p-value",
    "0.05",
    "--permutations",
    "2",
  ];
  const whole = await run("trans", ...words);
  expect(whole.code, whole.err).toBe(0);
  expect(whole.err).toContain("3 cis signals of 2 genes projected out");
  const plain = await run("trans", ...words.slice(0, 2), ...words.slice(4));
  const pairsOf = async (folder: string, gene: string): Promise<number[]> => {
    const pairs = await readParquetTable(join(folder, "trans_pairs.parquet"));
    const ids = pairs.strings("phenotype_id");
    return [...pairs.numbers("slope")].filter((_, i) => ids[i] === gene);
  };
  expect(await pairsOf(whole.folder, "gene0")).not.toEqual(await pairsOf(plain.folder, "gene0"));
  expect(await pairsOf(whole.folder, "gene7")).toEqual(await pairsOf(plain.folder, "gene7"));
  const shards: string[] = [];
  for (const shard of ["1/2", "2/2"]) {
    const one = await run("trans", ...words, "--shard", shard);
    expect(one.code, one.err).toBe(0);
    shards.push(one.folder);
  }
  const merged = join(scratch, "merged-signals");
  const joined = await qortex(["merge", ...shards, "--out", merged]);
  expect(joined.code, joined.err).toBe(0);
  expect(resultFiles(merged)).toEqual(resultFiles(whole.folder));
});

describe("what does not go together is refused in one line", () => {
  const matrix = (): string => write("sigma.txt", ["id S00", "S00 1"]);
  test.each([
    ["two covariances", "cis", () => ["--relatedness", relatives(), "--error-covariance", matrix()]],
    ["two random effects", "cis", () => ["--relatedness", relatives(), "--donors", donors()]],
    ["each sex by itself", "cis", () => ["--relatedness", relatives(), "--sex-stratified", "all"]],
    ["another model", "cis", () => ["--relatedness", relatives(), "--model", "qtltools"]],
    ["anova", "trans", () => ["--relatedness", relatives(), "--model", "anova"]],
    ["Hardy-Weinberg", "cis", () => ["--donors", donors(), "--hwe", "1e-6"]],
    ["coupling", "cis", () => ["--donors", donors(), "--coupling", donors()]],
    [
      "fine-mapping of statistics",
      "finemap",
      () => ["--relatedness", relatives(), "--summary", files.covariates],
    ],
    ["ranks of scores", "eqts", () => ["--error-covariance", matrix(), "--spearman"]],
    ["covariates", "covariates", () => ["--relatedness", relatives()]],
    ["no such file", "cis", () => ["--relatedness", join(scratch, "nothing")]],
    ["samples that are not there", "cis", () => ["--error-covariance", matrix()]],
  ])("%s", async (_, command, options) => {
    const { code, err } = await run(command, ...options());
    expect(code).toBe(2);
    expect(err.trimEnd().split("\n").at(-1)!.replaceAll(scratch, "")).toMatchSnapshot();
  });
});
