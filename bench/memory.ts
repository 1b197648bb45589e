/**
 * Peak memory and time of `qortex trans` as a whole process, against the limits it promises:
 *   node bench/run.mjs bench/memory.ts [--scenario NAME] [--runs 1] [--folder .cache/bench]
 * Needs a built `dist/` and GNU time. Cohorts are generated once and kept in the folder (0.5 GB).
 * Ends with exit code 1 when a limit is passed.
 */
import { existsSync } from "node:fs";
import { type CohortShape, DEFAULT_SHAPE } from "../src/bench/cohort.ts";
import { readArguments } from "./arguments.ts";
import { machine, QORTEX } from "./scene.ts";
import { mebibytes, wholeMap } from "./whole.ts";

interface Scenario {
  readonly name: string;
  readonly shape: CohortShape;
  readonly options: readonly string[];
  /** Bytes. */
  readonly limit: number;
}

const SCENARIOS: readonly Scenario[] = [
  { name: "wide", shape: DEFAULT_SHAPE, options: [], limit: 2 ** 30 },
  { name: "long", shape: { ...DEFAULT_SHAPE, variants: 3_000_000 }, options: [], limit: 2 ** 30 },
  {
    name: "every-pair",
    shape: { ...DEFAULT_SHAPE, variants: 5000, genes: 4000 },
    options: ["--p-value", "1", "--all-pairs", "--maf", "0", "--memory", "512M"],
    limit: 512 * 2 ** 20,
  },
];

const settings = readArguments({ scenario: "all", runs: 1, folder: ".cache/bench", threads: 0 });
const chosen = SCENARIOS.filter(({ name }) => settings.scenario === "all" || settings.scenario === name);
if (chosen.length === 0)
  throw new Error(`no scenario ${settings.scenario}: ${SCENARIOS.map((s) => s.name).join(", ")}`);
if (!existsSync(QORTEX)) throw new Error(`${QORTEX} is not there: npm run build`);

console.log(machine());
console.log(
  "| scenario | samples x variants x genes | tests | written | time | M tests/s | CPU | peak | limit |",
);
console.log("|---|---|---|---|---|---|---|---|---|");
let passed = true;
for (const scenario of chosen) passed = (await report(scenario)) && passed;
process.exitCode = passed ? 0 : 1;

async function report(scenario: Scenario): Promise<boolean> {
  const { samples, variants, genes } = scenario.shape;
  const { run, tests, hits } = await wholeMap(settings, scenario.name, scenario.shape, scenario.options);
  const cells = [
    scenario.name,
    `${samples} x ${variants} x ${genes}`,
    `${(tests / 1e6).toFixed(1)} M`,
    String(hits),
    `${run.seconds.toFixed(1)} s`,
    (tests / run.seconds / 1e6).toFixed(1),
    `${run.cpuSeconds.toFixed(1)} s`,
    mebibytes(run.peak),
    mebibytes(scenario.limit),
  ];
  console.log(`| ${cells.join(" | ")} |`);
  return run.peak <= scenario.limit;
}
