/**
 * How often maps of shuffled genotypes call a gene: donors' genotypes are shuffled, expression and covariates kept together, so
 * that nothing is associated and every gene called is a false one. Seeds are fixed: a shuffle is a function of its number.
 *   npm run calibrate -- [--shuffles 100] [--permutations 1000] [--from 0] [--transform inverse-normal]
 *     [--least 100]     adaptive permutations, so many at least
 *     [--groups 4]      so many neighbours of the expression file tested together
 *     [--donors 90]     so many of the donors, drawn anew for each shuffle
 *     [--test acat]     without permutations (acat, eigenmt, bonferroni); trans: the pairs of a trans map
 */

import { createWasmBackend } from "../src/compute/wasm/backend.ts";
import { openCohort } from "../src/node/index.ts";
import { spawnThread } from "../src/node/threads.ts";
import { readArguments } from "./arguments.ts";
import { type Calibration, calibrate } from "./calibration.ts";
import { machine } from "./scene.ts";

const settings = readArguments({
  ...{ shuffles: 100, permutations: 1000, from: 0, threads: 2, transform: "none" },
  ...{ least: 0, groups: 1, donors: 0, test: "permutations" },
});
const TESTS = ["permutations", "acat", "eigenmt", "bonferroni", "trans"] as const;
const test = TESTS.find((name) => name === settings.test);
if (test === undefined) throw new Error(`--test ${settings.test}: one of ${TESTS.join(", ")}`);
const demo = "examples/geuvadis-chr22";
const cohort = await openCohort(
  {
    genotypes: `${demo}/genotypes`,
    expression: `${demo}/expression.bed.gz`,
    covariates: `${demo}/covariates.txt`,
  },
  { transform: settings.transform === "none" ? "none" : "inverse-normal" },
);
const backend = await createWasmBackend({ threads: settings.threads, spawn: spawnThread });
const range = { from: settings.from, to: settings.from + settings.shuffles };
console.log(machine());
const line = ({ tests, at05, at001, above85, lambda }: Calibration): string =>
  `${tests} tests: ${(100 * at05).toFixed(2)}% at 0.05, ${(1000 * at001).toFixed(2)}e-3 at 1e-3, ${(100 * above85).toFixed(1)}% above 0.85, lambda ${lambda.toFixed(3)}`;
const { permutations, least, groups, donors } = settings;
const plan = {
  ...{ test, groupSize: groups, donors },
  permutations: { least: least === 0 ? permutations : least, most: permutations },
};
await calibrate(cohort, backend, range, plan, (number, soFar) =>
  console.log(`shuffle ${number}: ${line(soFar)}`),
);
await backend.dispose();
await cohort.close();
