/**
 * An engine that makes everything up, for the page's own tests and pictures: the worker of src/app/engine is put in its place when the
 * page is built. Roles are guessed by names, a run takes `seconds`, and names say what shall go wrong (`broken.vcf.gz`).
 */

import { failureOf, type Question, type Reply } from "../../../src/app/engine/client.ts";
import type {
  CohortChoice,
  Engine,
  FileRole,
  GivenFile,
  Job,
  KeptRun,
  ResultView,
  Understanding,
  UnderstoodFile,
} from "../../../src/app/engine/protocol.ts";
import { CancelledError, InputError, LimitError } from "../../../src/errors.ts";

const post = (reply: Reply): void => globalThis.postMessage(reply);
const wait = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

let cancelled = false;
let begun = 0;
let shown: Job["kind"] = "cis";
/** The cohort that is open; kept runs have theirs beside it, as in the real engine. */
let given: readonly GivenFile[] = [];
let filters: KeptRun["filters"] = { maf: 0.01, transform: "none" };

interface Run extends KeptRun {
  readonly files: readonly GivenFile[];
}
const runs = new Map<string, Run>();

function keptRun(id: string): Run {
  const run = runs.get(id);
  if (run === undefined)
    throw new InputError("this browser", "keeps no such run any more", "look at the list");
  return run;
}

type Fake = { readonly [Name in keyof Engine]?: (...args: Parameters<Engine[Name]>) => unknown };

const SOFTWARE = { description: "SwiftShader (LLVM 16.0.0)", software: true };

const fake: Fake = {
  machine: () => ({
    adapter: SOFTWARE,
    webgl: SOFTWARE,
    threads: 2,
    isolated: globalThis.crossOriginIsolated,
    chosen: "wasm",
    why: "WebAssembly on 2 threads: the GPU that this browser offers, SwiftShader, is made of software and slower than WebAssembly. If this machine has a GPU, switch on chrome://flags/#enable-unsafe-webgpu and chrome://flags/#ignore-gpu-blocklist and start the browser again; chrome://gpu says why it was refused.",
    storage: 12_400_000_000,
  }),
  understand: (files) => understand(files),
  open,
  plan: async (job) => {
    await wait(60);
    const pairs = job.kind === "cis" ? 1_572_022 : job.kind === "trans" ? 30_277_792 : 184_528;
    const permutations = job.kind === "cis" ? job.permutations : 0;
    return {
      pairs,
      permutedPairs: pairs * permutations,
      seconds: pairs / 600_000 + (pairs * permutations) / 9e6,
      bytes: 412_000_000,
      resultBytes: job.kind === "cis" ? 58_000_000 : 3_200_000,
      using: job.backend === "webgpu" ? "Using SwiftShader, WebGPU" : "Using WebAssembly SIMD, 2 threads",
      warnings:
        job.backend === "webgpu"
          ? ["This GPU is made of software: expect it to be slower than WebAssembly"]
          : [],
    };
  },
  run: async (job) => {
    if (given.length === 0) throw new InputError("the cohort", "is not open", "choose its files first");
    return run({ job, id: `run-${++begun}`, files: given, filters, share: 0 });
  },
  cancel: () => {
    cancelled = true;
  },
  kept: () => [...runs.values()].sort((a, b) => b.started - a.started).map(({ files: _, ...run }) => run),
  resume: (id) => run(keptRun(id)),
  reopen: (id) => resultOf(keptRun(id).job!, id),
  forget: (id) => {
    if (!runs.delete(id)) throw new InputError(id, "is forgotten already", "look at the list");
  },
  openResult: (files) => {
    if (files.every(({ name }) => !/genes|pairs|modules/.test(name)))
      throw new InputError(
        files.map(({ name }) => name).join(", "),
        "no table of a result",
        "drop the whole folder that the command wrote",
      );
    return { ...resultOf(cis, "dropped"), cohort: false };
  },
  gwasLoci: () => ({ loci: [], says: [] }),
  contexts: () => [],
  modules: () => undefined,
  nullSample: () => ({
    log10P: Float64Array.from({ length: 1000 }, (_, i) => Math.log10((i + 1) / 1001)),
    lambda: 1.02,
  }),
  exportTable: (table, format) => new Blob([`${table} as ${format}`]),
  report: () =>
    shown === "network"
      ? undefined
      : {
          html: new Blob(
            [
              "<!doctype html><html lang=en><meta charset=utf-8><title>Report</title><style>:root{color-scheme:light dark}body{font:16px system-ui;margin:40px}</style><h1>Cis eQTL map</h1><p>Of 608 genes, 223 are associated.</p>",
            ],
            { type: "text/html" },
          ),
        },
};

const cis: Job = { kind: "cis", window: 1_000_000, permutations: 0, backend: "auto", seed: 1 };

function roleOf(name: string): FileRole {
  if (/\.bed$/.test(name) && !/expr/.test(name)) return "bed";
  const rules: readonly [RegExp, FileRole][] = [
    [/\.bim$/, "bim"],
    [/\.fam$/, "fam"],
    [/\.tbi$/, "vcf-index"],
    [/\.vcf(\.gz)?$/, "vcf"],
    [/expr/, "expression"],
    [/cov/, "covariates"],
    [/gwas|sumstat/, "gwas"],
    [/genes\.tsv|gtf/, "annotation"],
    [/\.parquet$|manifest\.json/, "result"],
  ];
  return rules.find(([pattern]) => pattern.test(name))?.[1] ?? "unknown";
}

const SAYS: Readonly<Partial<Record<FileRole, string>>> = {
  bed: "49,799 variants × 358 samples, hard calls",
  bim: "49,799 variants on chromosome 22",
  fam: "358 samples, no sex",
  vcf: "445 samples, GT and DS",
  "vcf-index": "index of the VCF: regions can be read by themselves",
  expression: "608 genes × 462 samples (BED of tensorQTL)",
  covariates: "53 covariates × 358 samples",
  annotation: "608 genes with symbols and strands",
  gwas: "1,204,333 variants with z",
  result: "table of qortex cis",
};

function understand(files: readonly GivenFile[]): Understanding {
  const understood = files.map(({ name, file, role = roleOf(name) }): UnderstoodFile => {
    const base = { name, role, bytes: file.size, says: SAYS[role] ?? "" };
    if (/broken|truncated/.test(name))
      return { ...base, problem: "the file ends within a block at byte 48,213: it was cut; copy it again" };
    if (role === "unknown")
      return {
        ...base,
        problem: "neither its name nor its first lines say what it is: choose, or remove it",
      };
    return base;
  });
  const has = (...roles: FileRole[]) =>
    roles.every((role) => understood.some((file) => file.role === role && file.problem === undefined));
  const missing = [
    has("bed", "bim", "fam") || has("vcf")
      ? []
      : [
          has("bed")
            ? "The .bim and .fam that belong to the .bed"
            : "Genotypes: a PLINK .bed, .bim and .fam, or a VCF",
        ],
    has("expression") ? [] : ["Expression: a BED, or a matrix with positions of genes"],
  ].flat();
  const ready = missing.length === 0;
  const named = (...roles: FileRole[]) => understood.find(({ role }) => roles.includes(role))?.name;
  return {
    files: understood,
    ready,
    missing,
    named: {
      genotypes: named("bed", "vcf"),
      expression: named("expression"),
      covariates: named("covariates"),
      annotation: named("annotation"),
    },
    ...(ready ? { build: "GRCh37", samples: { genotypes: 358, expression: 462, matched: 358 } } : {}),
  };
}

async function open({ files, ...others }: CohortChoice) {
  given = [];
  cancelled = false;
  const steps = files.some(({ name }) => name.includes("late")) ? 40 : 5;
  for (let done = 0; done <= steps; done++) {
    post({
      event: {
        kind: "progress",
        progress: {
          phase: "reading",
          done: done * 1e6,
          total: steps * 1e6,
          rate: 2.4e7,
          secondsLeft: (steps - done) / 5,
        },
      },
    });
    await wait(40);
    if (cancelled) throw new CancelledError();
  }
  if (files.some(({ name }) => name.includes("huge")))
    throw new LimitError(
      "the cohort needs 9.2 GB of memory and this tab may use about 4 GB: take one chromosome at a time, or the command line",
    );
  given = files;
  filters = others;
  return {
    samples: 358,
    genes: 608,
    variants: 48_136,
    covariates: 53,
    degreesOfFreedom: 303,
    dropped: [
      "104 samples with expression and no genotypes",
      "1,663 variants farther than the window from every gene",
    ],
    messages: [
      {
        level: "info" as const,
        text: "chromosome names differ: chr22 in expression.bed.gz is 22 in genotypes.bim; taken as the same",
      },
      {
        level: "warning" as const,
        text: "16 genes in which one sample makes up more than half of the residual's sum of squares (ENSG00000253239.1 by NA20535, ...): an inverse-normal transform takes it away",
      },
    ],
    chromosomes: ["22"],
  };
}

type Asked = Pick<Run, "job" | "id" | "files" | "filters" | "share">;

async function run({ job, id, files, filters: chosen, share: from }: Asked): Promise<ResultView> {
  cancelled = false;
  const steps = 40;
  const slow = files.some(({ name }) => name.includes("slow"));
  const pace = slow ? 250 : 25;
  const started = runs.get(id)?.started ?? Date.UTC(2026, 10, 30, 4, 20, begun);
  const base = { id, title: cohortTitle(files), started, job, filters: chosen, files };
  for (let step = Math.round(from * steps); step <= steps; step++) {
    runs.set(id, { ...base, bytes: 14_000_000, state: "unfinished", share: step / steps });
    if (cancelled) throw new CancelledError();
    const left = ((steps - step) * pace) / 1000;
    post({
      event: {
        kind: "progress",
        progress: {
          phase: step < steps ? "testing" : "writing",
          done: step * 39_300,
          total: steps * 39_300,
          rate: step < 3 ? Number.NaN : 1.57e6,
          secondsLeft: step < 3 ? Number.NaN : left,
        },
      },
    });
    await wait(pace);
  }
  runs.set(id, { ...base, bytes: 58_000_000, state: "done", share: 1 });
  return resultOf(job!, id);
}

/** As the real engine calls a run: by the files that it maps. */
function cohortTitle(files: readonly GivenFile[]): string {
  const of = (role: FileRole) => files.find(({ name, role: set }) => (set ?? roleOf(name)) === role)?.name;
  return `${(of("bed") ?? of("vcf") ?? "genotypes").replace(/\.bed$/, "")} × ${of("expression")}`;
}

function titleOf(job: Job): string {
  return job.kind === "network"
    ? "Modules of 608 genes"
    : `${job.kind === "cis" ? "Cis" : "Trans"} eQTL map of 608 genes`;
}

function resultOf(job: Job, id: string): ResultView {
  shown = job.kind;
  return {
    id,
    kind: job.kind,
    title: titleOf(job),
    lede: "Of 608 genes tested in 358 samples, 268 are associated with a variant near them (q ≤ 0.05).",
    tables: [
      { name: `${job.kind}_pairs`, rows: 1_572_022, bytes: 56_000_000 },
      { name: `${job.kind}_genes`, rows: 608, bytes: 68_500 },
      { name: "null_sample", rows: 104_654, bytes: 3_810_000 },
    ],
    lambda: 1.214,
    samples: 358,
    significantQ: 0.05,
    cohort: true,
    gwas: [],
    layout: [{ name: "22", first: 16_050_000, last: 51_240_000, offset: 0 }],
    messages: [],
    manifest: { version: "0.1.0" },
  };
}

let last: Promise<void> = Promise.resolve();
globalThis.onmessage = ({ data }: MessageEvent<Question>): void => {
  if (data.name === "cancel") void answer(data);
  else last = last.then(() => answer(data));
};

async function answer({ number, name, args }: Question): Promise<void> {
  try {
    const act = fake[name] as ((...all: readonly unknown[]) => unknown) | undefined;
    if (act === undefined) throw new Error(`the fake engine has no ${name}`);
    post({ number, answer: await act(...args) });
  } catch (error) {
    post({ number, failure: failureOf(error) });
  }
}
