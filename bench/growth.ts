/**
 * How `qortex trans` grows with samples, variants and genes: rate and peak memory of whole processes.
 *   node bench/run.mjs bench/growth.ts [--only NAME] [--folder .cache/bench]
 * Needs a built `dist/` and GNU time. A cohort is generated, mapped and measured at a time; what has been measured is
 * kept in FOLDER/growth.jsonl and not measured again, so that a run that was stopped goes on (delete the file to start anew).
 * The largest genotype file has 1 GB.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type CohortShape, DEFAULT_SHAPE } from "../src/bench/cohort.ts";
import { readArguments } from "./arguments.ts";
import { machine, QORTEX } from "./scene.ts";
import { mebibytes, wholeMap } from "./whole.ts";

const STEPS: readonly { readonly name: string; readonly shape: Partial<CohortShape> }[] = [
  ...[100, 500, 1000, 2683, 5000].map((samples) => ({
    name: `samples-${samples}`,
    shape: { samples, variants: 100_000 },
  })),
  ...[300_000, 1_000_000, 3_000_000, 8_000_000].map((variants) => ({
    name: `variants-${variants}`,
    shape: { variants },
  })),
  ...[5000, 20_000].map((genes) => ({ name: `genes-${genes}`, shape: { genes, variants: 100_000 } })),
];

interface Row {
  readonly name: string;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peak: number;
  readonly tests: number;
  readonly hits: number;
}

const settings = readArguments({ only: "", runs: 1, folder: ".cache/bench", threads: 0 });
if (!existsSync(QORTEX)) throw new Error(`${QORTEX} is not there: npm run build`);
mkdirSync(settings.folder, { recursive: true });
const kept = join(settings.folder, "growth.jsonl");
const known = new Map<string, Row>();
if (existsSync(kept)) {
  for (const line of readFileSync(kept, "utf8").trim().split("\n")) {
    const row = JSON.parse(line) as Row;
    known.set(row.name, row);
  }
}

console.log(machine());
console.log("| samples x variants x genes | tests | written | time | M tests/s | M tests/CPU s | peak |");
console.log("|---|---|---|---|---|---|---|");
for (const { name, shape } of STEPS.filter((step) => step.name.startsWith(settings.only))) {
  const whole = { ...DEFAULT_SHAPE, ...shape };
  const row = known.get(name) ?? (await measured(name, whole));
  const rate = (seconds: number): string => (row.tests / seconds / 1e6).toFixed(0);
  console.log(
    `| ${whole.samples} x ${whole.variants} x ${whole.genes} | ${(row.tests / 1e6).toFixed(0)} M | ${row.hits} | ${row.seconds.toFixed(1)} s | ${rate(row.seconds)} | ${rate(row.cpuSeconds)} | ${mebibytes(row.peak)} |`,
  );
}

async function measured(name: string, shape: CohortShape): Promise<Row> {
  const { run, tests, hits } = await wholeMap(settings, name, shape, []);
  const row = { name, seconds: run.seconds, cpuSeconds: run.cpuSeconds, peak: run.peak, tests, hits };
  appendFileSync(kept, `${JSON.stringify(row)}\n`);
  return row;
}
