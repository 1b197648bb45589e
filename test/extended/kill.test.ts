import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DEFAULT_SHAPE } from "../../src/bench/cohort.ts";
import { type MadeFiles, writeMadeCohort } from "../../src/node/madeCohort.ts";
import { type BuiltCommand, buildCommand } from "../helpers/command.ts";
import { killAgainAndAgain, resultFiles } from "../helpers/kill.ts";

/** 100 kills at random moments: `npm run test:kill`. */

const scratch = mkdtempSync(join(tmpdir(), "qortex-kill-"));
let command: BuiltCommand;
let files: MadeFiles;

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
});
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
  command.remove();
});

test.each([
  ["cis", ["--window", "300kb"], 50, 7],
  ["trans", ["--p-value", "0.01"], 50, 8],
] as const)(
  "%s %j, killed %i times (seed %i), has the files of a run that nobody killed",
  async (name, own, kills, seed) => {
    const { genotypes, expression, covariates } = files;
    const inputs = ["--genotypes", genotypes, "--expression", expression, "--covariates", covariates];
    const args = [name, ...inputs, ...own, "--threads", "1"];
    const plain = join(scratch, `plain-${name}`);
    execFileSync(process.execPath, [command.main, ...args, "--quiet", "--out", plain]);
    const expected = resultFiles(plain);
    const report = await killAgainAndAgain({
      ...{ main: command.main, args, out: join(scratch, `killed-${name}`), kills, seed, expected },
    });
    console.log(`${name}, seed ${seed}: ${JSON.stringify(report)}`);
    expect(report.kills).toBe(kills);
    // The moments were not all before the first part, nor all after the last.
    expect(report.withParts).toBeGreaterThan(5);
    expect(report.resumed).toBeGreaterThan(5);
  },
);
