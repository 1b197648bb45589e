/** The command that the page prints, run: the bytes that the page's own engine writes, for each kind of file set. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openCohort, openExpressionOf } from "../../../../src/app/engine/cohort.ts";
import { namedFiles } from "../../../../src/app/engine/files/namedFiles.ts";
import { understandFiles } from "../../../../src/app/engine/files/understand.ts";
import type { CohortChoice, FileRole, GivenFile, Job } from "../../../../src/app/engine/protocol.ts";
import { mapOf, runMap } from "../../../../src/app/engine/runs/mapRun.ts";
import { runNetwork } from "../../../../src/app/engine/runs/networkRun.ts";
import { memoryDirectory } from "../../../../src/app/engine/store/directory.ts";
import { commandLine, toRename } from "../../../../src/app/page/commandLine.ts";
import { createBackend } from "../../../../src/node/index.ts";
import { manyFormats } from "../../../helpers/manyFormats.ts";
import { writeCohort } from "../../cli/cohortFiles.ts";
import { qortex } from "../../cli/shell.ts";

// What the build puts in: tables carry it.
await vi.hoisted(async () => {
  const { readFileSync: read } = await import("node:fs");
  const { version } = JSON.parse(read("package.json", "utf8")) as { version: string };
  Object.assign(globalThis, { QORTEX_VERSION: version });
});

const FILTERS = { maf: 0.05, transform: "inverse-normal" } as const satisfies Omit<CohortChoice, "files">;
const JOBS: readonly Job[] = [
  { kind: "cis", window: 20_000, permutations: 20, seed: 7, backend: "auto" },
  { kind: "trans", pValue: 0.01, distance: 20_000, seed: 1, backend: "auto" },
  { kind: "network", type: "signed", power: 4, minModuleSize: 3, seed: 2, backend: "auto" },
];

interface FileSet {
  readonly title: string;
  readonly names: readonly string[];
  /** What a person has set in the list. */
  readonly roles?: Readonly<Record<string, FileRole>>;
  /** Options that the command of a cis map must have, whatever else it has. */
  readonly options: readonly string[];
}

const SETS: readonly FileSet[] = [
  {
    title: "PLINK, a BED, covariates and sexes",
    names: [
      "cohort.bed",
      "cohort.bim",
      "cohort.fam",
      "plink-expression.bed",
      "plink-covariates.txt",
      "sex.txt",
    ],
    roles: { "sex.txt": "sex" },
    options: ["--genotypes", "--expression", "--covariates", "--sex"],
  },
  {
    title: "a VCF beside its index",
    names: ["c.vcf.gz", "c.vcf.gz.tbi", "expression.bed.gz", "covariates.tsv"],
    options: ["--genotypes", "--expression", "--covariates"],
  },
  {
    title: "MatrixEQTL's text: places of variants and genes, alleles",
    names: ["SNP.txt", "snpsloc.txt", "alleles.txt", "GE.txt", "geneloc.txt", "covariates.tsv"],
    options: [
      ...["--genotypes", "--variant-positions", "--alleles"],
      ...["--expression", "--gene-positions", "--covariates"],
    ],
  },
  {
    title: "text without alleles, expression in Parquet",
    names: ["SNP.txt.gz", "snpsloc.txt", "GE.parquet", "geneloc.txt"],
    options: ["--genotypes", "--variant-positions", "--expression", "--gene-positions"],
  },
  {
    title: "a matrix that an annotation places",
    names: ["a.vcf", "GE.txt", "genes.tsv", "covariates.tsv"],
    roles: { "genes.tsv": "annotation" },
    options: ["--genotypes", "--expression", "--annotation", "--covariates"],
  },
  {
    title: "places of genes that a BED has already",
    names: ["a.vcf", "expression.bed.gz", "geneloc.txt"],
    roles: { "geneloc.txt": "gene-positions" },
    options: ["--genotypes", "--expression"],
  },
];

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "qortex-command-"));
  for (const [name, bytes] of await manyFormats()) writeFileSync(join(folder, name), bytes);
  const plink = writeCohort(join(folder, "plink"));
  for (const ending of ["bed", "bim", "fam"])
    writeFileSync(join(folder, `cohort.${ending}`), readFileSync(`${plink.genotypes}.${ending}`));
  writeFileSync(join(folder, "plink-expression.bed"), readFileSync(plink.expression));
  writeFileSync(join(folder, "plink-covariates.txt"), readFileSync(plink.covariates));
  const samples = readFileSync(join(folder, "cohort.fam"), "utf8").trimEnd().split("\n");
  const sexes = samples.map((line, i) => `${line.split(/\s+/)[1]}\t${1 + (i % 2)}\n`);
  writeFileSync(join(folder, "sex.txt"), sexes.join(""));
  const genes = readFileSync(join(folder, "geneloc.txt"), "utf8").trimEnd().split("\n").slice(1);
  const table = genes.map((line, i) => `${line}\t${i % 2 === 0 ? "+" : "-"}\tS${i}\tprotein_coding\n`);
  writeFileSync(join(folder, "genes.tsv"), `id\tchr\tstart\tend\tstrand\tsymbol\tbiotype\n${table.join("")}`);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function given({ names, roles = {} }: FileSet): GivenFile[] {
  return names.map((name) => ({
    name,
    file: new Blob([readFileSync(join(folder, name))]),
    role: roles[name],
  }));
}

/** What a shell makes of the command. */
function words(command: string): string[] {
  expect(command).toMatch(/^[\w ./-]+$/);
  return command.split(" ").slice(1);
}

async function bytesOfPage(set: FileSet, job: Job): Promise<Record<string, string>> {
  const open = await openCohort({ files: given(set), ...FILTERS });
  const backend = await createBackend("wasm", { threads: 1 });
  const into = memoryDirectory();
  const common = {
    folder: into,
    memory: 2 ** 28,
    signal: new AbortController().signal,
    onMessage() {},
    onProgress() {},
  };
  if (job.kind === "network") {
    await runNetwork(await openExpressionOf(open, () => {}), job, { ...common, backend });
  } else {
    const run = mapOf(open.cohort, job, { backend, memory: 2 ** 28, seed: job.seed });
    await runMap(run, open.cohort, job, { ...common, onPlan: async () => {}, onMapped: async () => {} });
  }
  await backend.dispose();
  const result = await into.folder("result");
  const tables = (await result.list()).filter((name) => name.endsWith(".parquet"));
  const contents = tables.map(async (name) => {
    const bytes = await (await result.blob(name))!.arrayBuffer();
    return [name, Buffer.from(bytes).toString("base64")];
  });
  return Object.fromEntries(await Promise.all(contents));
}

async function bytesOfCommand(command: string, out: string): Promise<Record<string, string>> {
  const before = process.cwd();
  const args = words(command).concat("--backend", "wasm", "--threads", "1");
  args[args.indexOf("--out") + 1] = out;
  process.chdir(folder);
  try {
    const { code, err } = await qortex(args);
    expect(code, err).toBe(0);
  } finally {
    process.chdir(before);
  }
  const tables = readdirSync(out).filter((name) => name.endsWith(".parquet"));
  return Object.fromEntries(tables.map((name) => [name, readFileSync(join(out, name)).toString("base64")]));
}

describe.each(SETS)("of $title", (set) => {
  it.each(JOBS)("writes the page's tables: $kind", async (job) => {
    const { plan, missing } = await understandFiles(given(set));
    expect(missing).toEqual([]);
    const named = namedFiles(plan);
    expect(toRename(named)).toEqual([]);
    const command = commandLine(job, FILTERS, named);
    if (job.kind === "cis")
      expect(
        command
          .match(/--[a-z-]+/g)
          ?.filter((option) => /^--(geno|var|all|expr|gene|anno|cov|sex)/.test(option)),
      ).toEqual(set.options);
    const out = join(folder, "out", `${SETS.indexOf(set)}-${job.kind}`);
    mkdirSync(join(folder, "out"), { recursive: true });
    const expected = await bytesOfPage(set, job);
    expect(Object.keys(expected).length).toBeGreaterThan(1);
    const written = await bytesOfCommand(command, out);
    expect(Object.keys(written).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, bytes] of Object.entries(expected)) expect(written[name] === bytes, name).toBe(true);
  });
});

it("says which files the command would not find by their names", async () => {
  const files = ["cohort.bed", "cohort.bim", "cohort.fam", "plink-expression.bed"].map((name) => ({
    name: name === "cohort.fam" ? "people.fam" : name,
    file: new Blob([readFileSync(join(folder, name))]),
  }));
  expect(toRename(namedFiles((await understandFiles(files)).plan))).toEqual(["people.fam to cohort.fam"]);
});
