import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DEFAULT_SHAPE } from "../../src/bench/cohort.ts";
import { type MadeFiles, writeMadeCohort } from "../../src/node/madeCohort.ts";
import { type BuiltCommand, buildCommand } from "../helpers/command.ts";
import { killAgainAndAgain, resultFiles } from "../helpers/kill.ts";

/** 200 kills at random moments: `npm run test:kill`. */

const scratch = mkdtempSync(join(tmpdir(), "qortex-kill-"));
let command: BuiltCommand;
let files: MadeFiles;
const contexts = join(scratch, "contexts.tsv");
const covariance = join(scratch, "covariance.tsv");
const [weights, led] = [join(scratch, "weights.txt"), join(scratch, "led")];

beforeAll(async () => {
  command = await buildCommand();
  files = await writeMadeCohort(join(scratch, "data"), {
    ...DEFAULT_SHAPE,
    ...{
      samples: 100,
      variants: 60_000,
      genes: 1000,
      covariates: 5,
      chromosomes: 3,
      scale: 0.2,
      missing: 0.01,
    },
  });
  const [header = ""] = readFileSync(files.covariates, "utf8").split("\n");
  const ids = header.trim().split("\t").slice(1);
  writeFileSync(
    contexts,
    `sample\tage\tdose\n${ids.map((id, s) => `${id}\t${s % 7}\t${(s * s) % 11}\n`).join("")}`,
  );
  const errors = ids.map((id, s) => [id, ...ids.map((_, t) => (s === t ? 1 : s >> 1 === t >> 1 ? 0.3 : 0))]);
  writeFileSync(covariance, [["id", ...ids], ...errors].map((row) => `${row.join("\t")}\n`).join(""));
  const variants = readFileSync(`${files.genotypes}.bim`, "utf8").trim().split("\n");
  const rows = variants.filter((_, v) => v % 12 === 0).map((line) => line.split("\t"));
  writeFileSync(
    weights,
    `variant_id\teffect_allele\tweight\n${rows.map((row, i) => `${row[1]}\t${row[4]}\t${(i % 9) - 4}\n`).join("")}`,
  );
  const cis = [
    "cis",
    ...inputs(),
    "--window",
    "20kb",
    "--permutations",
    "20",
    "--write-pairs",
    "none",
    "--quiet",
  ];
  execFileSync(process.execPath, [command.main, ...cis, "--out", led]);
});

function inputs(): string[] {
  const { genotypes, expression, covariates } = files;
  return ["--genotypes", genotypes, "--expression", expression, "--covariates", covariates];
}
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
  command.remove();
});

test.each([
  ["cis", ["--window", "300kb"], 50, 7, 5],
  ["trans", ["--p-value", "0.01"], 50, 8, 5],
  ["cis", ["--error-covariance", covariance, "--permutations", "50", "--window", "20kb"], 12, 15, 0],
  ["cis", ["--interaction", contexts, "--window", "300kb"], 12, 9, 0],
  ["trans", ["--interaction", contexts], 12, 10, 0],
  ["trans", ["--model", "anova", "--p-value", "0.01"], 16, 11, 1],
  ["finemap", ["--window", "20kb"], 16, 12, 1],
  ["independent", ["--cis", led, "--fdr", "0.99", "--window", "20kb", "--permutations", "100"], 16, 13, 1],
  ["eqts", ["--weights", weights, "--permutations", "400"], 16, 14, 1],
] as const)(
  "%s %j, killed %i times (seed %i), has the files of a run that nobody killed",
  async (name, own, kills, seed, least) => {
    const args = [name, ...inputs(), ...own, "--threads", "1"];
    const plain = join(scratch, `plain-${seed}`);
    execFileSync(process.execPath, [command.main, ...args, "--quiet", "--out", plain]);
    const expected = resultFiles(plain);
    const report = await killAgainAndAgain({
      ...{ main: command.main, args, out: join(scratch, `killed-${seed}`), kills, seed, expected },
    });
    console.log(`${name}, seed ${seed}: ${JSON.stringify(report)}`);
    expect(report.kills).toBe(kills);
    // The moments were not all before the first part, nor all after the last.
    expect(report.withParts).toBeGreaterThan(least);
    expect(report.resumed).toBeGreaterThan(least);
  },
);
