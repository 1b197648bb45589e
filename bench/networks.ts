/**
 * `qortex network` as a whole process on generated expression: time, processor time and peak memory.
 *   node bench/run.mjs bench/networks.ts [--genes 20000] [--samples 1000] [--modules 60] [--scenario all] [--threads 0] [--runs 1] [--seed 1] [--folder .cache/bench]
 * Needs a built `dist/` and GNU time. Half of the genes are in modules (each a factor with loadings), the others noise. The matrix is written once and
 * kept in the folder (160 MB of text at the defaults).
 */
import { createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { testNormal, testRandom } from "../test/helpers/randomCohort.ts";
import { readArguments } from "./arguments.ts";
import { measure, median } from "./measure.ts";
import { machine, QORTEX } from "./scene.ts";
import { mebibytes } from "./whole.ts";

const settings = readArguments({
  ...{ genes: 20_000, samples: 1000, modules: 60, threads: 0, runs: 1, seed: 1 },
  ...{ scenario: "all", folder: ".cache/bench" },
});

const SCENARIOS: readonly { readonly name: string; readonly words: readonly string[] }[] = [
  { name: "min-r", words: ["correlate", "--min-r", "0.6"] },
  { name: "top", words: ["correlate", "--top", "20"] },
  { name: "bicor", words: ["correlate", "--method", "bicor", "--max-p-outliers", "0.1", "--min-r", "0.6"] },
  { name: "dense", words: ["correlate", "--min-r", "0.6", "--dense", "parquet"] },
];

if (!existsSync(QORTEX)) throw new Error(`${QORTEX} is not there: npm run build`);
const chosen = SCENARIOS.filter(({ name }) => settings.scenario === "all" || settings.scenario === name);
if (chosen.length === 0) throw new Error(`no scenario ${settings.scenario}`);
const expression = await madeExpression();
console.log(machine());
console.log("| command | genes x samples | pairs | written | time | M pairs/s | CPU | peak |");
console.log("|---|---|---|---|---|---|---|---|");
for (const { words } of chosen) {
  const out = join(settings.folder, "out-network");
  const threads = settings.threads === 0 ? [] : ["--threads", String(settings.threads)];
  const command = [
    QORTEX,
    "network",
    ...words,
    "--expression",
    expression,
    ...threads,
    "--quiet",
    "--out",
    out,
  ];
  const run = await median(settings.runs, () => {
    rmSync(out, { recursive: true, force: true });
    return measure(process.execPath, command);
  });
  const { counts } = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8")) as {
    counts: { tests: number; pairs: number };
  };
  rmSync(out, { recursive: true, force: true });
  const cells = [
    `\`${words.join(" ")}\``,
    `${settings.genes} x ${settings.samples}`,
    `${(counts.tests / 1e6).toFixed(1)} M`,
    String(counts.pairs),
    `${run.seconds.toFixed(1)} s`,
    (counts.tests / run.seconds / 1e6).toFixed(1),
    `${run.cpuSeconds.toFixed(1)} s`,
    mebibytes(run.peak),
  ];
  console.log(`| ${cells.join(" | ")} |`);
}

/** Genes x samples, text; made beside and renamed. */
async function madeExpression(): Promise<string> {
  const { genes, samples, modules, seed, folder } = settings;
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `network-${genes}-${samples}-${modules}-${seed}.tsv`);
  if (existsSync(path)) return path;
  const random = testRandom(seed);
  const factors = Array.from({ length: modules }, () =>
    Float64Array.from({ length: samples }, () => testNormal(random)),
  );
  const file = createWriteStream(`${path}.part`);
  file.write(`gene\t${Array.from({ length: samples }, (_, s) => `s${s}`).join("\t")}\n`);
  for (let gene = 0; gene < genes; gene++) {
    const factor = gene % 2 === 0 ? factors[(gene / 2) % modules] : undefined;
    const loading = 0.4 + 1.2 * random();
    const cells: string[] = [`g${gene}`];
    for (let s = 0; s < samples; s++) {
      cells.push((testNormal(random) + loading * (factor?.[s] ?? 0)).toPrecision(5));
    }
    if (!file.write(`${cells.join("\t")}\n`))
      await new Promise<void>((resolve) => file.once("drain", resolve));
  }
  file.end();
  await finished(file);
  renameSync(`${path}.part`, path);
  return path;
}
