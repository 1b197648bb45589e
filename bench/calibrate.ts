/**
 * How often maps of shuffled genotypes call a gene: donors' genotypes are shuffled, expression and covariates kept together, so
 * that nothing is associated and every gene called is a false one. Seeds are fixed: a shuffle is a function of its number.
 *   npm run calibrate -- [--shuffles 100] [--permutations 1000] [--from 0]
 *   npm run calibrate -- --interaction [--shuffles 3] [--context expression_PC1] [--covariates 52]
 * With --interaction: pairs of g x context called by OLS and by HC3, with the first so many covariates.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWasmBackend } from "../src/compute/wasm/backend.ts";
import { openCohort } from "../src/node/index.ts";
import { spawnThread } from "../src/node/threads.ts";
import { readArguments } from "./arguments.ts";
import { type Calibration, calibrate } from "./calibration.ts";
import { calibrateInteraction } from "./interactionCalibration.ts";
import { machine } from "./scene.ts";

const interaction = process.argv.includes("--interaction");
const given = process.argv.filter((word) => word !== "--interaction");
const settings = readArguments(
  {
    ...{ shuffles: interaction ? 3 : 100, permutations: 1000, from: 0, threads: 2, transform: "none" },
    ...{ context: "expression_PC1", covariates: 52 },
  },
  given.slice(2),
);
const demo = "examples/geuvadis-chr22";
const inputs = { genotypes: `${demo}/genotypes`, expression: `${demo}/expression.bed.gz` };
const all = `${demo}/covariates.txt`;
const backend = await createWasmBackend({ threads: settings.threads, spawn: spawnThread });
const range = { from: settings.from, to: settings.from + settings.shuffles };
console.log(machine());
await (interaction ? interactions() : genes());
await backend.dispose();

async function genes(): Promise<void> {
  const cohort = await openCohort(
    { ...inputs, covariates: all },
    { transform: settings.transform === "none" ? "none" : "inverse-normal" },
  );
  const line = ({ tests, at05, at001, lambda }: Calibration): string =>
    `${tests} gene tests: ${(100 * at05).toFixed(2)}% at 0.05, ${(1000 * at001).toFixed(2)}e-3 at 1e-3, lambda ${lambda.toFixed(3)}`;
  await calibrate(cohort, backend, range, settings.permutations, (number, soFar) =>
    console.log(`shuffle ${number}: ${line(soFar)}`),
  );
  await cohort.close();
}

async function interactions(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "qortex-calibrate-"));
  const covariates = join(folder, "covariates.txt");
  const lines = readFileSync(all, "utf8").split("\n");
  writeFileSync(covariates, `${lines.slice(0, 1 + settings.covariates).join("\n")}\n`);
  const cohort = await openCohort(
    { ...inputs, covariates, interaction: all },
    { transform: "inverse-normal", contexts: [settings.context] },
  );
  console.log(
    `\n| expression, ${settings.covariates} covariates | tests | test | p <= 0.05 | p <= 0.001 | lambda |`,
  );
  console.log("|---|---|---|---|---|---|");
  for (const situation of ["measured", "equal variance", "variance follows the context"] as const) {
    const { tests, ols, hc3 } = await calibrateInteraction(cohort, backend, range, situation);
    for (const [name, { at05, at001, lambda }] of [["OLS", ols] as const, ["HC3", hc3] as const]) {
      const shares = `${(100 * at05).toFixed(2)}% | ${(1000 * at001).toFixed(2)}e-3 | ${lambda.toFixed(3)}`;
      console.log(`| ${situation} | ${tests} | ${name} | ${shares} |`);
    }
  }
  await cohort.close();
  rmSync(folder, { recursive: true, force: true });
}
