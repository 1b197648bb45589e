/**
 * `qortex network modules` as a whole process, beside WGCNA's blockwiseModules on the same file:
 *   node bench/run.mjs bench/modules.ts [--genes 5000] [--samples 500] [--power 6] [--runs 3] [--threads 1] [--rival 1] [--folder .cache/bench]
 * Half of the genes are in 20 modules, made of a factor each; the others are noise. Needs a built `dist/` and GNU time; WGCNA is Debian's
 * r-cran-wgcna, `--rival 0` leaves it out.
 */
import { spawnSync } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { seededRandom } from "../src/bench/random.ts";
import { readArguments } from "./arguments.ts";
import { type Measurement, measure, median } from "./measure.ts";
import { machine, QORTEX } from "./scene.ts";
import { mebibytes } from "./whole.ts";

const MODULES = 20;

const settings = readArguments({
  ...{ genes: 5000, samples: 500, power: 6, runs: 3, threads: 1, rival: 1, folder: ".cache/bench" },
});
if (!existsSync(QORTEX)) throw new Error(`${QORTEX} is not there: npm run build`);
const { genes, samples, folder } = settings;
const expression = join(folder, `modules-${genes}-${samples}.txt`);
if (!existsSync(expression)) await writeExpression(expression);

console.log(machine());
console.log(`| ${genes} genes x ${samples} samples, power ${settings.power} | modules | time | CPU | peak |`);
console.log("|---|---|---|---|---|");
for (const more of [[], ["--exact-overlap"]]) {
  const name = `qortex network modules ${more.join(" ")}`.trim();
  report(`${name}, ${settings.threads} thread`, await ours(more), "");
}
if (settings.rival === 1) await theirs();

async function ours(more: readonly string[]): Promise<Measurement> {
  const out = join(folder, "out-modules");
  const power = ["--power", String(settings.power), "--threads", String(settings.threads)];
  const inputs = [QORTEX, "network", "modules", "--expression", expression];
  const run = await median(settings.runs, () => {
    rmSync(out, { recursive: true, force: true });
    return measure(process.execPath, [...inputs, ...power, ...more, "--quiet", "--out", out]);
  });
  rmSync(out, { recursive: true, force: true });
  return run;
}

async function theirs(): Promise<void> {
  const script = [join("bench", "rivals", "wgcna.R"), expression, String(settings.power)];
  const said: string[] = [];
  try {
    const run = await median(settings.runs, () => measure("Rscript", script));
    const { stdout } = spawnSync("Rscript", script, { encoding: "utf8" });
    said.push(...stdout.trim().split(/\s+/).slice(-3));
    report(
      `Rscript, WGCNA ${said[0]}; blockwiseModules alone ${Number(said[1]).toFixed(1)} s CPU`,
      run,
      said[2]!,
    );
  } catch (error) {
    console.log(`WGCNA is missing (apt-get install r-cran-wgcna): ${String(error).split("\n")[0]}`);
  }
}

function report(name: string, { seconds, cpuSeconds, peak }: Measurement, modules: string): void {
  console.log(
    `| ${name} | ${modules} | ${seconds.toFixed(1)} s | ${cpuSeconds.toFixed(1)} s | ${mebibytes(peak)} |`,
  );
}

async function writeExpression(path: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const random = seededRandom(1);
  const factors = Array.from({ length: MODULES }, () =>
    Array.from({ length: samples }, () => random.normal()),
  );
  const file = createWriteStream(path);
  file.write(`gene\t${Array.from({ length: samples }, (_, s) => `s${s}`).join("\t")}\n`);
  for (let gene = 0; gene < genes; gene++) {
    const factor = factors[gene % (2 * MODULES)];
    const loading = factor === undefined ? 0 : 0.5 + 0.45 * random.uniform();
    const rest = Math.sqrt(1 - loading * loading);
    const row = Array.from({ length: samples }, (_, s) =>
      (loading * (factor?.[s] ?? 0) + rest * random.normal()).toFixed(4),
    );
    if (!file.write(`g${gene}\t${row.join("\t")}\n`))
      await new Promise<void>((done) => file.once("drain", () => done()));
  }
  await new Promise<void>((done) => file.end(() => done()));
}
