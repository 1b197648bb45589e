/** Options that each have tests of their own, together: stopped and resumed, shared and merged, they give the bytes of one run. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { writeXCohort, xCohort } from "../../helpers/chrX.ts";
import { resultFiles } from "../../helpers/kill.ts";
import { Captured, qortex } from "./shell.ts";

const scratch = mkdtempSync(join(tmpdir(), "qortex-together-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const cohort = xCohort(11, { samples: 50, variants: 14, genes: 12, missing: 0.02 });
const files = writeXCohort(join(scratch, "cohort"), cohort);
const relatives = join(scratch, "relatives.txt");
const pairs = cohort.samples.flatMap((id, s) =>
  s % 3 === 0 ? [] : [`${cohort.samples[s - 1]} ${id} 0.5\n`],
);
writeFileSync(relatives, pairs.join(""));
let made = 0;

async function run(
  words: readonly string[],
  out = join(scratch, `out-${++made}`),
  changes: Parameters<typeof qortex>[1] = {},
) {
  const { genotypes, expression, covariates } = files;
  const [command, ...own] = words;
  const inputs = ["--genotypes", genotypes, "--expression", expression, "--covariates", covariates];
  return { ...(await qortex([command!, ...inputs, ...own, "--out", out], changes)), folder: out };
}

async function done(words: readonly string[], out?: string): Promise<string> {
  const { code, err, folder } = await run(words, out);
  expect(code, err).toBe(0);
  return folder;
}

/** Names of the files that differ, or that one folder has alone. */
function differing(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name));
}

const RELATIVES = ["--relatedness", relatives, "--sex-covariate"];
const CASES: readonly (readonly [string, readonly string[]])[] = [
  ["tests in each sex", ["cis", "--sex-stratified", "all", "--window", "200mb"]],
  ["tests in each sex, one copy", ["cis", "--sex-stratified", "chrx", "--chrx", "0/1", "--window", "200mb"]],
  ["relatives, X and permutations", ["cis", ...RELATIVES, "--permutations", "20", "--window", "200mb"]],
  ["relatives, X, trans permutations", ["trans", ...RELATIVES, "--permutations", "3", "--p-value", "0.05"]],
  ["relatives, X, effective tests", ["cis", ...RELATIVES, "--within-gene", "eigenmt", "--chrx", "0/1"]],
  ["sex as a context", ["cis", "--interaction-sex", "--window", "200mb", "--chrx", "0/1"]],
];

describe.each(CASES)("%s", (_, words) => {
  test("stopped and resumed, or shared and merged: the files of one run", async () => {
    const plain = resultFiles(await done(words));
    const stopper = new AbortController();
    const lines = new Captured();
    const write = lines.write.bind(lines);
    lines.write = (text) => {
      write(text);
      if (text.includes('"phase":"testing"')) stopper.abort();
    };
    const changes = { signal: stopper.signal, out: lines };
    const stopped = await run([...words, "--resume", "--json"], undefined, changes);
    expect(stopped.code).toBe(130);
    await done([...words, "--resume"], stopped.folder);
    expect(differing(resultFiles(stopped.folder), plain)).toEqual([]);
    const shards = [
      await done([...words, "--shard", "2/3", "--threads", "1"]),
      await done([...words, "--shard", "1/3", "--memory", "400M", "--resume"]),
      await done([...words, "--shard", "3/3", "--backend", "reference"]),
    ];
    const merged = join(scratch, `merged-${++made}`);
    const { code, err } = await qortex(["merge", ...shards, "--out", merged]);
    expect(code, err).toBe(0);
    expect(differing(resultFiles(merged), plain)).toEqual([]);
  });
});
