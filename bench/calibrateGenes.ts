/** `npm run calibrate`: tests of genes, or pairs of a trans map. See calibrate.ts. */

import type { Cohort } from "../src/cohort/cohort.ts";
import { createWasmBackend } from "../src/compute/wasm/backend.ts";
import { openCohort } from "../src/node/index.ts";
import { spawnThread } from "../src/node/threads.ts";
import { readArguments } from "./arguments.ts";
import { type Calibration, calibrate, shuffledCohort } from "./calibration.ts";
import { chrXCohort } from "./chrxCohort.ts";
import { machine } from "./scene.ts";

const settings = readArguments({
  ...{ shuffles: 100, permutations: 1000, from: 0, threads: 2, transform: "none" },
  ...{ least: 0, groups: 1, donors: 0, test: "permutations" },
  ...{
    chrx: 0,
    deviation: 1.25,
    shift: 0.5,
    told: 1,
    samples: 300,
    males: 0.5,
    genes: 50,
    variants: 100,
    seed: 1,
  },
});
const TESTS = ["permutations", "acat", "eigenmt", "bonferroni", "trans"] as const;
const test = TESTS.find((name) => name === settings.test);
if (test === undefined) throw new Error(`--test ${settings.test}: one of ${TESTS.join(", ")}`);
const backend = await createWasmBackend({ threads: settings.threads, spawn: spawnThread });
const range = { from: settings.from, to: settings.from + settings.shuffles };
console.log(machine());
const line = ({ tests, at05, at001, above85, lambda }: Calibration): string =>
  `${tests} tests: ${(100 * at05).toFixed(2)}% at 0.05, ${(1000 * at001).toFixed(2)}e-3 at 1e-3, ${(100 * above85).toFixed(1)}% above 0.85, lambda ${lambda.toFixed(3)}`;
const { permutations, least, groups, donors } = settings;
const plan = { test, permutations: { least: least === 0 ? permutations : least, most: permutations } };
const { cohortOf, close } = settings.chrx === 0 ? await demo() : { cohortOf: madeUp(), close: () => {} };
const result = await calibrate(cohortOf, backend, range, plan, (number, soFar) => {
  if (settings.chrx === 0) console.log(`shuffle ${number}: ${line(soFar)}`);
});
if (settings.chrx !== 0) console.log(line(result));
await backend.dispose();
await close();

function madeUp(): (number: number) => Cohort {
  return chrXCohort({ ...settings, told: settings.told !== 0 });
}

async function demo(): Promise<{ cohortOf: (number: number) => Cohort; close: () => Promise<void> }> {
  const folder = "examples/geuvadis-chr22";
  const files = {
    genotypes: `${folder}/genotypes`,
    expression: `${folder}/expression.bed.gz`,
    covariates: `${folder}/covariates.txt`,
  };
  const transform = settings.transform === "none" ? "none" : "inverse-normal";
  const cohort = await openCohort(files, { transform });
  return {
    cohortOf: (number) => shuffledCohort(cohort, number, groups, donors),
    close: () => cohort.close(),
  };
}
