/**
 * Calibration of maps of relatives and of repeated donors, where nothing is associated: lambda and the share of p below 1e-3, with samples
 * taken as independent and with their covariance fitted; and, where `gemma` is on the path, its p beside ours.
 *   node bench/run.mjs bench/relatives.ts [--families 80] [--donors 100] [--variants 400] [--genes 400] [--seed 1]
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mapCis } from "../src/association/cis.ts";
import { mapTrans } from "../src/association/trans.ts";
import { buildCohort, type Cohort, type CohortTables } from "../src/cohort/cohort.ts";
import { createWasmBackend } from "../src/compute/wasm/backend.ts";
import { lambdaGC } from "../src/statistics/quantile.ts";
import { plinkBed } from "../test/helpers/formats.ts";
import { testNormal, testRandom } from "../test/helpers/randomCohort.ts";
import { familyTables, sampleMatrix } from "../test/helpers/relatives.ts";
import { readArguments } from "./arguments.ts";
import { machine } from "./scene.ts";

const settings = readArguments({ families: 80, donors: 100, variants: 400, genes: 400, seed: 1 });
const { families, variants, genes, seed } = settings;
const backend = await createWasmBackend();
console.log(machine());
console.log("| cohort | model | tests | lambda | p < 1e-3, times 1000 | mean share |");
console.log("|---|---|---|---|---|---|");
for (const h2 of [0, 0.5, 0.9]) await familyCalibration(h2);
for (const icc of [0.3, 0.7]) await donorCalibration(icc);
await geneCalibration();
await besideGemma();
await backend.dispose();

async function report(what: string, model: string, cohort: Cohort): Promise<void> {
  const all: number[] = [];
  const map = mapTrans(cohort, { backend, pValue: 1, allPairs: true });
  for await (const { log10P } of map) for (const value of log10P) all.push(value);
  const share = cohort.genes.sharedVariance?.share;
  const mean = share === undefined ? "" : (share.reduce((a, b) => a + b, 0) / share.length).toFixed(3);
  const below = (1000 * all.filter((value) => value < -3).length) / all.length;
  const lambda = lambdaGC(Float64Array.from(all)).toFixed(3);
  console.log(`| ${[what, model, all.length, lambda, below.toFixed(2), mean].join(" | ")} |`);
}

/** Families of two parents and three children. */
async function familyCalibration(h2: number): Promise<void> {
  const tables = familyTables(seed, { families, children: 3, variants, genes, covariates: 5, h2 });
  const matrix = sampleMatrix(tables.genotypes.samples, tables.relatedness);
  const what = `${families} families of 5, h2 ${h2}`;
  await report(what, "independent", buildCohort(tables, { maf: 0.01 }));
  const related = { ...tables, covariance: { kind: "relatedness", matrix } } as const;
  await report(what, "--relatedness", buildCohort(related, { maf: 0.01 }));
}

/** Unrelated donors of four samples each. */
async function donorCalibration(icc: number): Promise<void> {
  const repeats = 4;
  const { donors } = settings;
  const base = familyTables(seed, { families: donors / 2, children: 0, variants, genes, h2: 0 });
  const random = testRandom(seed + 1000);
  const samples = base.genotypes.samples.flatMap((id) =>
    Array.from({ length: repeats }, (_, r) => `${id}_${r}`),
  );
  const values = new Float64Array(genes * samples.length);
  for (let g = 0; g < genes; g++) {
    for (let d = 0; d < donors; d++) {
      const own = Math.sqrt(icc) * testNormal(random);
      for (let r = 0; r < repeats; r++) {
        values[g * samples.length + d * repeats + r] = own + Math.sqrt(1 - icc) * testNormal(random);
      }
    }
  }
  const list = { name: "donors", sample: samples, donor: samples.map((id) => id.split("_")[0]!) };
  const tables: CohortTables = {
    genotypes: base.genotypes,
    expression: { ...base.expression, samples, values },
    donors: list,
  };
  const what = `${donors} donors of ${repeats} samples, correlation ${icc}`;
  // Independent: the identity stands in for the donors' covariance.
  const identity = samples.map((_, i) => samples.map((_, j) => (i === j ? 1 : 0)));
  const independent = { kind: "given", matrix: sampleMatrix(samples, identity) } as const;
  await report(what, "independent", buildCohort({ ...tables, covariance: independent }, { maf: 0.01 }));
  await report(what, "--donors", buildCohort(tables, { maf: 0.01 }));
}

/** Tests of genes by 200 permutations, each gene with all of 60 variants. */
async function geneCalibration(): Promise<void> {
  console.log("\n| genes, 40 families of 5, h2 0.5 | genes | p < 0.05 | p < 0.01 | median p |");
  console.log("|---|---|---|---|---|");
  const tables = familyTables(seed + 10, {
    families: 40,
    children: 3,
    variants: 60,
    genes: 500,
    covariates: 5,
    h2: 0.5,
  });
  const matrix = sampleMatrix(tables.genotypes.samples, tables.relatedness);
  const near = { ...tables.expression, chromosome: tables.expression.id.map(() => "1") };
  for (const model of ["independent", "--relatedness"]) {
    const covariance = model === "independent" ? undefined : ({ kind: "relatedness", matrix } as const);
    const cohort = buildCohort({ ...tables, expression: near, covariance }, { maf: 0.01 });
    const permutations = { least: 200, most: 200 };
    const discovery = { qvalue: "bh", lambda: 0.85, fdr: 0.05 } as const;
    const run = mapCis(cohort, { backend, geneTests: { within: "permutations", permutations, discovery } });
    for await (const _ of run);
    const p = Array.from(run.result().geneLevel!.tests.log10PBeta, (value) => 10 ** value).sort(
      (a, b) => a - b,
    );
    const share = (limit: number): string =>
      `${((100 * p.filter((value) => value < limit).length) / p.length).toFixed(1)}%`;
    console.log(
      `| ${[model, p.length, share(0.05), share(0.01), p[p.length >> 1]!.toFixed(3)].join(" | ")} |`,
    );
  }
}

/** Genes of several heritabilities, each beside `gemma -lmm 1`: Wald tests, with the variance ratio fitted anew for each variant. */
async function besideGemma(): Promise<void> {
  if (spawnSync("gemma", ["-h"]).error !== undefined) {
    console.log("\ngemma is not there (apt-get install gemma): nothing is compared with it");
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "qortex-gemma-"));
  try {
    console.log("\n| gene | our h2 | GEMMA's PVE | variants | largest difference of log10 p | median |");
    console.log("|---|---|---|---|---|---|");
    for (const h2 of [0, 0.3, 0.6, 0.9]) {
      const tables = familyTables(seed + 5, {
        families,
        children: 3,
        variants: 500,
        genes: 1,
        covariates: 0,
        h2,
      });
      const matrix = sampleMatrix(tables.genotypes.samples, tables.relatedness);
      const cohort = buildCohort({ ...tables, covariance: { kind: "relatedness", matrix } }, { maf: 0.05 });
      const ours = new Map<string, number>();
      for await (const batch of mapTrans(cohort, { backend, pValue: 1, allPairs: true })) {
        for (const [i, value] of batch.log10P.entries())
          ours.set(batch.variants.id[batch.variant[i]!]!, value);
      }
      const { theirs, pve } = gemma(folder, tables);
      const differences = [...theirs]
        .map(([id, value]) => Math.abs(value - ours.get(id)!))
        .sort((a, b) => a - b);
      const [share] = cohort.genes.sharedVariance!.share;
      console.log(
        `| simulated at ${[h2, share, pve, theirs.size, differences.at(-1)!.toFixed(3), differences[differences.length >> 1]!.toFixed(4)].join(" | ")} |`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function gemma(
  folder: string,
  tables: ReturnType<typeof familyTables>,
): { theirs: Map<string, number>; pve: string } {
  const { samples } = tables.genotypes;
  const write = (name: string, lines: readonly string[]): void =>
    writeFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(""));
  writeFileSync(join(folder, "x.bed"), plinkBed(tables.calls.map((row) => [...row])));
  write(
    "x.bim",
    tables.calls.map((_, v) => `1 1:${1000 * (v + 1)}:A:G 0 ${1000 * (v + 1)} G A`),
  );
  write(
    "x.fam",
    samples.map((id, s) => `0 ${id} 0 0 0 ${tables.expression.values[s]}`),
  );
  write(
    "k.txt",
    tables.relatedness.map((row) => row.join("\t")),
  );
  const args = ["-bfile", "x", "-k", "k.txt", "-lmm", "1", "-maf", "0.05", "-o", "out"];
  execFileSync("gemma", args, { cwd: folder, stdio: "ignore" });
  const [header, ...rows] = readFileSync(join(folder, "output/out.assoc.txt"), "utf8").trimEnd().split("\n");
  const [rs, p] = ["rs", "p_wald"].map((name) => header!.split("\t").indexOf(name));
  const log = readFileSync(join(folder, "output/out.log.txt"), "utf8");
  const pve = /pve estimate in the null model = (\S+)/.exec(log)?.[1] ?? "?";
  const theirs = new Map(
    rows.map((row) => row.split("\t")).map((cells) => [cells[rs!]!, Math.log10(Number(cells[p!]))]),
  );
  return { theirs, pve };
}
