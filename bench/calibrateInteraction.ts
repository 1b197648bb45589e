/** `npm run calibrate -- --interaction`: pairs of g x context. See calibrate.ts. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWasmBackend } from "../src/compute/wasm/backend.ts";
import { openCohort } from "../src/node/index.ts";
import { spawnThread } from "../src/node/threads.ts";
import { readArguments } from "./arguments.ts";
import { calibrateInteraction } from "./interactionCalibration.ts";
import { machine } from "./scene.ts";

const given = process.argv.slice(2).filter((word) => word !== "--interaction");
const settings = readArguments(
  { shuffles: 3, from: 0, threads: 2, context: "expression_PC1", covariates: 52 },
  given,
);
const demo = "examples/geuvadis-chr22";
const all = `${demo}/covariates.txt`;
const backend = await createWasmBackend({ threads: settings.threads, spawn: spawnThread });
const range = { from: settings.from, to: settings.from + settings.shuffles };
console.log(machine());
const folder = mkdtempSync(join(tmpdir(), "qortex-calibrate-"));
const covariates = join(folder, "covariates.txt");
const lines = readFileSync(all, "utf8").split("\n");
writeFileSync(covariates, `${lines.slice(0, 1 + settings.covariates).join("\n")}\n`);
const cohort = await openCohort(
  {
    genotypes: `${demo}/genotypes`,
    expression: `${demo}/expression.bed.gz`,
    covariates,
    interaction: all,
  },
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
await backend.dispose();
rmSync(folder, { recursive: true, force: true });
