/**
 * Whole commands, Qortex and a rival on the same files, one after the other:
 *   node bench/run.mjs bench/rivals.ts [--runs 3] [--threads 2] [--folder .cache/bench] [--data ../shared/data/geuvadis-eur-chr22]
 * - QTLtools cis --nominal 1 and QTLtools trans on GEUVADIS chr22 (358 people, 85,485 variants, 608 genes,
 *   53 covariates), with QTLtools' own model on both sides: the results are the same pairs. QTLtools is
 *   single-threaded (its users cut the genome into chunks), and reads the indexed VCF; Qortex reads PLINK
 *   files made from it beforehand.
 * - plink2 --glm on the generated cohort (500 x 300,000) for 20 of its 5,000 genes.
 * Needs a built dist/ and Debian's time. A rival that is not installed is named, and Qortex timed alone.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { DEFAULT_SHAPE } from "../src/bench/cohort.ts";
import type { MadeFiles } from "../src/node/madeCohort.ts";
import { readArguments } from "./arguments.ts";
import { type Measurement, measure, median } from "./measure.ts";
import { cachedCohort, inputsOf, machine, QORTEX, readCounts } from "./scene.ts";

const PLINK_GENES = 20;

const settings = readArguments({
  runs: 3,
  threads: 2,
  folder: ".cache/bench",
  data: "../shared/data/geuvadis-eur-chr22",
});
const scratch = join(settings.folder, "rivals");
rmSync(scratch, { recursive: true, force: true });
mkdirSync(scratch, { recursive: true });

console.log(machine());
console.log("| job | program | tests | time | M tests/s | CPU | peak |");
console.log("|---|---|---|---|---|---|---|");
const missing: string[] = [];
const [hasPlink, hasQtltools] = [installed("plink2", "plink2"), installed("QTLtools", "qtltools")];
if (!existsSync(settings.data)) missing.push(`${settings.data} is not there: GEUVADIS is left out`);
else if (hasPlink) await geuvadis();
else missing.push("without plink2 to convert its VCF, GEUVADIS is left out");
await generated();
rmSync(scratch, { recursive: true, force: true });
if (missing.length > 0) console.log(`\n${missing.map((line) => `- ${line}`).join("\n")}`);

/** Whether a program is there; one that is not is named, with what installs it. */
function installed(program: string, debian: string): boolean {
  if (spawnSync(program, ["--help"], { stdio: "ignore" }).error === undefined) return true;
  missing.push(`${program} is missing: apt-get install ${debian}`);
  return false;
}

function row(job: string, program: string, tests: number, run: Measurement): void {
  const rate = (tests / run.seconds / 1e6).toFixed(2);
  const cells = [job, program, `${(tests / 1e6).toFixed(2)} M`, `${run.seconds.toFixed(2)} s`, rate];
  console.log(
    `| ${[...cells, `${run.cpuSeconds.toFixed(2)} s`, `${Math.round(run.peak / 2 ** 20)} MiB`].join(" | ")} |`,
  );
}

interface Counts {
  readonly tests: number;
  readonly hits: number;
}

/** Times Qortex with one and with all threads, and writes their rows. */
async function qortex(job: string, command: string, args: readonly string[]): Promise<Counts> {
  let counts: Counts = { tests: 0, hits: 0 };
  for (const threads of new Set([1, settings.threads])) {
    const out = join(scratch, "qortex");
    const options = ["--quiet", "--overwrite", "--threads", String(threads), "--out", out];
    const run = await median(settings.runs, () =>
      measure(process.execPath, [QORTEX, command, ...args, ...options]),
    );
    counts = readCounts(out);
    row(job, `qortex, ${threads} thread${threads === 1 ? "" : "s"}`, counts.tests, run);
  }
  return counts;
}

/** A comparison counts only when both wrote the same number of pairs. */
function requireSame(job: string, ours: number, theirs: number): void {
  if (ours !== theirs) throw new Error(`${job}: Qortex wrote ${ours} pairs, its rival ${theirs}`);
}

function lineCount(path: string): number {
  const bytes = readFileSync(path);
  const text = path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
  let lines = 0;
  for (const byte of text) if (byte === 10) lines++;
  return lines;
}

async function geuvadis(): Promise<void> {
  const file = (name: string): string => join(settings.data, name);
  const genotypes = join(scratch, "chr22");
  execFileSync("plink2", ["--vcf", file("genotypes.chr22.vcf.gz"), "--make-bed", "--out", genotypes], {
    stdio: "pipe",
  });
  const tables = ["--expression", file("genes.50percent.chr22.bed.gz")];
  const model = ["--covariates", file("genes.covariates.pc50.txt.gz"), "--model", "qtltools", "--maf", "0"];
  const input = ["--genotypes", genotypes, ...tables, ...model];
  const theirs = ["--vcf", file("genotypes.chr22.vcf.gz"), "--bed", file("genes.50percent.chr22.bed.gz")];
  const covariates = [
    "--cov",
    file("genes.covariates.pc50.txt.gz"),
    "--silent",
    "--out",
    join(scratch, "qtltools"),
  ];

  const cis = "cis, every pair within 1 Mb";
  const cisCounts = await qortex(cis, "cis", [...input, "--window-anchor", "body"]);
  if (hasQtltools) {
    const nominal = ["cis", "--nominal", "1", "--std-err", ...theirs, ...covariates];
    row(
      cis,
      "QTLtools 1.3.1",
      cisCounts.tests,
      await median(settings.runs, () => measure("QTLtools", nominal)),
    );
    requireSame(cis, cisCounts.hits, lineCount(join(scratch, "qtltools")));
  }

  const trans = "trans beyond 5 Mb, p <= 1e-5";
  const transCounts = await qortex(trans, "trans", input);
  if (!hasQtltools) return;
  const scan = ["trans", "--nominal", "--threshold", "1e-5", ...theirs, ...covariates];
  row(
    trans,
    "QTLtools 1.3.1",
    transCounts.tests,
    await median(settings.runs, () => measure("QTLtools", scan)),
  );
  requireSame(trans, transCounts.hits, lineCount(join(scratch, "qtltools.hits.txt.gz")));
}

async function generated(): Promise<void> {
  const paths = await cachedCohort(settings.folder, DEFAULT_SHAPE);
  const job = `all pairs, 500 x 300,000 x ${PLINK_GENES}, p <= 1e-5`;
  const { phenotypes, covariates, expression } = plinkTables(paths);
  const inputs = [...inputsOf({ ...paths, expression }), "--all-pairs", "--maf", "0"];
  const { tests, hits } = await qortex(job, "trans", inputs);
  if (!hasPlink) return;
  const glm = ["--glm", "hide-covar", "omit-ref", "--pfilter", "1e-5", "--covar-variance-standardize"];
  for (const threads of new Set([1, settings.threads])) {
    const input = ["--bfile", paths.genotypes, "--pheno", phenotypes, "--covar", covariates];
    const args = [...input, ...glm, "--threads", String(threads), "--out", join(scratch, "plink2")];
    const run = await median(settings.runs, () => measure("plink2", args));
    row(job, `plink2 --glm, ${threads} thread${threads === 1 ? "" : "s"}`, tests, run);
  }
  // One file a gene, each with a header.
  const files = readdirSync(scratch).filter((name) => name.endsWith(".glm.linear"));
  const lines = files.reduce((sum, name) => sum + lineCount(join(scratch, name)) - 1, 0);
  requireSame(job, hits, lines);
}

/** The first genes as a phenotype table and as a BED file, and the covariates with samples in rows. */
function plinkTables(paths: MadeFiles): { phenotypes: string; covariates: string; expression: string } {
  const expression = join(scratch, "few.bed");
  const phenotypes = join(scratch, "phenotypes.txt");
  const covariates = join(scratch, "covariates.txt");
  const lines = gunzipSync(readFileSync(paths.expression))
    .toString("latin1")
    .split("\n", PLINK_GENES + 1);
  writeFileSync(expression, `${lines.join("\n")}\n`);
  writeFileSync(phenotypes, transposed(lines.map((line) => line.split("\t").slice(3))));
  const text = readFileSync(paths.covariates, "utf8").trimEnd().split("\n");
  writeFileSync(covariates, transposed(text.map((line) => line.split("\t"))));
  return { phenotypes, covariates, expression };
}

function transposed(rows: readonly (readonly string[])[]): string {
  const columns = rows[0]!.map((_, column) => rows.map((cells) => cells[column]!).join("\t"));
  return `#IID${columns.join("\n").slice(columns[0]!.indexOf("\t"))}\n`;
}
