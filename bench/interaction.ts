/**
 * Interaction tests a CPU second of `qortex trans --interaction` as a whole process, beside the same map without a context:
 *   node bench/run.mjs bench/interaction.ts [--samples 500] [--variants 100000] [--genes 5000] [--runs 1] [--threads 1] [--folder .cache/bench]
 * The context is a seeded normal number a sample. Needs a built `dist/` and GNU time.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_SHAPE } from "../src/bench/cohort.ts";
import { normalQuantile } from "../src/statistics/normal.ts";
import { uniform } from "../src/statistics/random.ts";
import { readArguments } from "./arguments.ts";
import { measure, median } from "./measure.ts";
import { cachedCohort, inputsOf, machine, QORTEX } from "./scene.ts";
import { mebibytes } from "./whole.ts";

const settings = readArguments({
  ...{ samples: 500, variants: 100_000, genes: 5000, runs: 1, threads: 1, folder: ".cache/bench" },
});
if (!existsSync(QORTEX)) throw new Error(`${QORTEX} is not there: npm run build`);
const { samples, variants, genes, folder } = settings;
const paths = await cachedCohort(folder, { ...DEFAULT_SHAPE, samples, variants, genes });
const context = join(folder, "context.txt");
writeFileSync(context, contextOf(readFileSync(paths.covariates, "utf8")));

console.log(machine());
console.log(
  `| map, ${samples} x ${variants} x ${genes}, ${settings.threads} thread | tests | written | time | CPU | M tests/CPU s | peak |`,
);
console.log("|---|---|---|---|---|---|---|");
await report("without a context", []);
await report("g x context", ["--interaction", context]);

async function report(name: string, options: readonly string[]): Promise<void> {
  const out = join(folder, "out-interaction");
  const machineOptions = ["--quiet", "--backend", "wasm", "--threads", String(settings.threads)];
  const command = [QORTEX, "trans", ...inputsOf(paths), ...options, ...machineOptions, "--out", out];
  const run = await median(settings.runs, () => {
    rmSync(out, { recursive: true, force: true });
    return measure(process.execPath, command);
  });
  const { tests, hits } = countsOf(out);
  const cells = [
    ...[name, `${(tests / 1e6).toFixed(1)} M`, String(hits), `${run.seconds.toFixed(1)} s`],
    ...[`${run.cpuSeconds.toFixed(1)} s`, (tests / run.cpuSeconds / 1e6).toFixed(1), mebibytes(run.peak)],
  ];
  console.log(`| ${cells.join(" | ")} |`);
  rmSync(out, { recursive: true, force: true });
}

interface Counts {
  readonly tests: number;
  readonly hits: number;
}

/** Of a map, or of the only context of an interaction map. */
function countsOf(out: string): Counts {
  const { counts } = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8")) as {
    counts: Counts | Readonly<Record<string, Counts>>;
  };
  return typeof counts.tests === "number" ? (counts as Counts) : Object.values(counts)[0]!;
}

/** A line a sample, of the samples in the header of a covariate file. */
function contextOf(covariates: string): string {
  const [header = ""] = covariates.split("\n");
  const ids = header.trim().split("\t").slice(1);
  return ids.map((id, s) => `${id}\t${normalQuantile(0.0005 + 0.999 * uniform(1, 1, s))}\n`).join("");
}
