/** Runs of the page's engine over folders in memory, beside the command line's: the same bytes, also after a stop. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type OpenCohort, openCohort } from "../../../../src/app/engine/cohort.ts";
import type { EngineEvent, Job } from "../../../../src/app/engine/protocol.ts";
import { worded } from "../../../../src/app/engine/runs/failures.ts";
import { finishRun } from "../../../../src/app/engine/runs/finishRun.ts";
import { planOf } from "../../../../src/app/engine/runs/plan.ts";
import { closingAll, type Directory, readText } from "../../../../src/app/engine/store/directory.ts";
import { KeptRuns, type RunState } from "../../../../src/app/engine/store/keptRuns.ts";
import { createWasmBackend } from "../../../../src/compute/wasm/backend.ts";
import { CancelledError, LimitError } from "../../../../src/errors.ts";
import { writeXCohort, xCohort } from "../../../helpers/chrX.ts";
import { type Strict, strictDirectory } from "../../../helpers/page/strictDirectory.ts";
import { vcfOfPlink } from "../../../helpers/page/vcfOfPlink.ts";
import { qortex } from "../../cli/shell.ts";

// The page's build puts it in.
vi.hoisted(() => {
  const { version } = JSON.parse(process.getBuiltinModule("node:fs").readFileSync("package.json", "utf8"));
  vi.stubGlobal("QORTEX_VERSION", version);
});
beforeEach(() => {
  vi.stubGlobal("navigator", { userAgent: "a test", hardwareConcurrency: 1 });
});

const COMMON = { backend: "wasm", seed: 1 } as const;
const JOBS = {
  cis: { kind: "cis", window: 200_000, permutations: 0, ...COMMON },
  "cis with permutations": { kind: "cis", window: 200_000, permutations: 40, ...COMMON },
  trans: { kind: "trans", pValue: 0.01, distance: 5_000_000, ...COMMON },
} as const satisfies Record<string, Job>;
type JobName = keyof typeof JOBS;
const OPTIONS: Record<JobName, string[]> = {
  cis: ["cis", "--window", "200000"],
  "cis with permutations": ["cis", "--window", "200000", "--permutations", "40"],
  trans: ["trans", "--p-value", "0.01"],
};
const NAMES = Object.keys(JOBS) as JobName[];

const scratch = mkdtempSync(join(tmpdir(), "qortex-runs-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const SHAPE = { samples: 60, variants: 40, genes: 12, missing: 0.03, heterozygous: 0.02 };
const withSex = writeXCohort(join(scratch, "fam"), xCohort(11, SHAPE));
const withoutSex = writeXCohort(join(scratch, "file"), xCohort(11, SHAPE), false);
const BED = [".bed", ".bim", ".fam"];

/** The cohort of dropped files. */
async function cohortOf(paths: readonly string[]): Promise<OpenCohort> {
  const files = paths.map((path) => ({
    name: basename(path),
    file: new File([readFileSync(path)], basename(path)),
  }));
  return openCohort({ files, maf: 0.01, transform: "none" });
}

const plinkOf = ({ genotypes, expression, covariates }: typeof withSex) => [
  ...BED.map((ending) => `${genotypes}${ending}`),
  expression,
  covariates,
];

/** The tables that the command line writes, by their names. */
async function commanded(name: string, args: readonly string[]): Promise<Record<string, Buffer>> {
  const out = join(scratch, name);
  const { code, err } = await qortex([...args, "--backend", "wasm", "--threads", "1", "--out", out]);
  expect(code, err).toBe(0);
  const tables = readdirSync(out).filter((file) => file.endsWith(".parquet"));
  return Object.fromEntries(tables.map((file) => [file, readFileSync(join(out, file))]));
}

interface Begun {
  readonly strict: Strict;
  readonly runs: KeptRuns;
  readonly open: OpenCohort;
  readonly state: RunState;
}

async function begin(open: OpenCohort, job: Job): Promise<Begun> {
  const strict = strictDirectory();
  const runs = KeptRuns.inside(strict.root);
  const files = open.inputs.map(({ name, file, role }) => ({ name, file, role }));
  return { strict, runs, open, state: await runs.begin(job, "a run", { ...open.choice, files }, 1e9) };
}

/** Runs what is missing. `heed` sees progress, and may stop it; `within` is the folder as the run sees it. */
async function finish(
  { runs, open, state }: Begun,
  heed: (event: EngineEvent, stop: () => void) => void = () => {},
  within: (folder: Directory) => Directory = (folder) => folder,
): Promise<void> {
  const abort = new AbortController();
  await runs.working(state.id, (folder) =>
    finishRun(
      { state, open, folder: within(folder) },
      {
        memory: 700 * 2 ** 20,
        signal: abort.signal,
        onEvent: (event) => heed(event, () => abort.abort()),
        setState: (changed) => runs.setState(changed),
        async withBackend(act) {
          const backend = await createWasmBackend();
          try {
            return await act(backend);
          } finally {
            await backend.dispose();
          }
        },
      },
    ),
  );
}

async function tablesOf({ runs, state }: Begun): Promise<Record<string, Buffer>> {
  const result = await (await runs.folder(state.id)).folder("result");
  const names = (await result.list()).filter((name) => name.endsWith(".parquet"));
  const bytes = async (folder: Directory, name: string) =>
    Buffer.from(await (await folder.blob(name))!.arrayBuffer());
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await bytes(result, name)] as const)),
  );
}

/** What a manifest says of the cohort; of the file that says who is male its name, which is all that a page knows. */
function cohortFacts(manifest: string): object {
  const { samples, model, degreesOfFreedom, cohort } = JSON.parse(manifest, (key, value) =>
    key === "from" ? basename(value) : value,
  );
  return { samples, model, degreesOfFreedom, cohort };
}

/** Throws with names alone: whole tables are no reading. */
function expectSame(found: Record<string, Buffer>, expected: Record<string, Buffer>): void {
  expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, bytes] of Object.entries(expected))
    expect(found[name]!.equals(bytes), `${name} differs`).toBe(true);
}

describe("a cohort with X, in the page", () => {
  let expected: Record<JobName, Record<string, Buffer>>;
  beforeAll(async () => {
    const { genotypes, expression, covariates } = withSex;
    const files = ["--genotypes", genotypes, "--expression", expression, "--covariates", covariates];
    const maps = NAMES.map(
      async (name) => [name, await commanded(name, [...OPTIONS[name], ...files])] as const,
    );
    expected = Object.fromEntries(await Promise.all(maps)) as typeof expected;
  });

  it.each(NAMES)("has the command line's tables, chrx_variants among them: %s", async (name) => {
    expect(Object.keys(expected[name])).toContain("chrx_variants.parquet");
    for (const paths of [plinkOf(withSex), [...plinkOf(withoutSex), withoutSex.sex]]) {
      const begun = await begin(await cohortOf(paths), JOBS[name]);
      await finish(begun);
      expectSame(await tablesOf(begun), expected[name]);
      expect(begun.strict.open.size).toBe(0);
      expect(await begun.runs.list()).toMatchObject([{ state: "done", share: 1 }]);
      if (paths.includes(withoutSex.sex)) continue;
      const result = await (await begun.runs.folder(begun.state.id)).folder("result");
      expect(cohortFacts((await readText(result, "manifest.json"))!)).toEqual(
        cohortFacts(readFileSync(join(scratch, name, "manifest.json"), "utf8")),
      );
    }
  });

  it("has no such table where nothing says which sample is male", async () => {
    const begun = await begin(await cohortOf(plinkOf(withoutSex)), JOBS.cis);
    await finish(begun);
    const tables = await tablesOf(begun);
    expect(Object.keys(tables)).not.toContain("chrx_variants.parquet");
    expect(tables["cis_pairs.parquet"]!.equals(expected.cis["cis_pairs.parquet"]!)).toBe(false);
  });

  it.each(["testing", "writing"] as const)(
    "can be taken up again after a cancel while %s: the same tables, no file left open",
    async (where) => {
      const name = "cis with permutations";
      const begun = await begin(await cohortOf(plinkOf(withSex)), JOBS[name]);
      const stopped = finish(begun, (event, stop) => {
        if (event.kind === "progress" && event.progress.phase === where) stop();
      });
      await expect(stopped).rejects.toThrow(CancelledError);
      expect(begun.strict.open.size).toBe(0);
      expect(await begun.runs.list()).toMatchObject([{ state: "unfinished" }]);
      await finish(begun);
      expectSame(await tablesOf(begun), expected[name]);
    },
  );

  it("is done once all that it writes is there, also where the tab is closed before its parts are gone", async () => {
    const begun = await begin(await cohortOf(plinkOf(withSex)), JOBS.cis);
    const closed = (folder: Directory): Directory => ({
      ...folder,
      async remove(name) {
        if (name === "parts") throw new Error("closed");
        await folder.remove(name);
      },
    });
    await expect(finish(begun, undefined, closed)).rejects.toThrow("closed");
    expect(await begun.runs.list()).toMatchObject([{ state: "done", share: 1 }]);
    expectSame(await tablesOf(begun), expected.cis);
  });

  it("can be taken up again after storage was full, wherever that was: the same tables, no file left open", async () => {
    const name = "cis with permutations";
    const open = await cohortOf(plinkOf(withSex));
    const whole = await begin(open, JOBS[name]);
    const before = whole.strict.written;
    await finish(whole);
    const bytes = whole.strict.written - before;
    const steps = 12;
    for (let step = 0; step < steps; step++) {
      const begun = await begin(open, JOBS[name]);
      begun.strict.room = Math.floor((bytes * (step + 0.5)) / steps);
      const error = await finish(begun).then(() => undefined, worded);
      expect(error).toBeInstanceOf(LimitError);
      expect(String(error)).toMatch(/the browser keeps no more data.*forget runs.*What is done is kept/);
      expect(begun.strict.open.size).toBe(0);
      begun.strict.room = Number.POSITIVE_INFINITY;
      await finish(begun);
      expectSame(await tablesOf(begun), expected[name]);
    }
  });

  it("is planned: its pairs, and seconds that are some", async () => {
    const { cohort } = await cohortOf(plinkOf(withSex));
    const backend = await createWasmBackend();
    const { signal } = new AbortController();
    for (const name of NAMES) {
      const plan = await planOf(cohort, JOBS[name], backend, { memory: 2 ** 29, signal });
      expect(plan.pairs).toBeGreaterThan(100);
      expect(plan.seconds).toBeGreaterThan(0);
      expect(plan.seconds).toBeLessThan(Number.POSITIVE_INFINITY);
    }
    const stopped = new AbortController();
    const plan = planOf(cohort, JOBS.cis, backend, { memory: 2 ** 29, signal: stopped.signal });
    stopped.abort();
    await expect(plan).rejects.toThrow(CancelledError);
    await backend.dispose();
  });
});

describe("a cohort with a VCF, in the page", () => {
  it("keeps its files with the run, and is taken up again from them: the command line's tables", async () => {
    const vcf = join(scratch, "g.vcf");
    vcfOfPlink(withSex.genotypes, vcf);
    const { expression, covariates } = withSex;
    const files = ["--genotypes", vcf, "--expression", expression, "--covariates", covariates];
    const expected = await commanded("vcf", [...OPTIONS.cis, ...files]);
    const begun = await begin(await cohortOf([vcf, expression, covariates]), JOBS.cis);
    const stopped = finish(begun, (event, stop) => {
      if (event.kind === "progress") stop();
    });
    await expect(stopped).rejects.toThrow(CancelledError);
    await begun.open.close();
    const files2 = await begun.runs.inputs(begun.state);
    expect(files2?.map(({ name }) => name).sort()).toEqual(["c.tsv", "e.bed", "g.vcf"]);
    const again = await openCohort({ ...begun.state.choice, files: files2! });
    await finish({ ...begun, open: again });
    expectSame(await tablesOf(begun), expected);
  });
});

describe("a network, in the page", () => {
  it("states the samples that it used, whether or not they have genotypes, and its own files", async () => {
    const cohort = xCohort(5, { ...SHAPE, genes: 60 });
    const all = writeXCohort(join(scratch, "all"), cohort);
    const half = writeXCohort(join(scratch, "half"), {
      ...cohort,
      samples: cohort.samples.map((id, s) => (s < 30 ? id : `other${s}`)),
    });
    const paths = [...BED.map((ending) => `${half.genotypes}${ending}`), all.expression, all.covariates];
    const open = await cohortOf(paths);
    expect(open.cohort.samples).toHaveLength(30);
    const job = { kind: "network", type: "signed", power: 6, minModuleSize: 5, ...COMMON } as const;
    const begun = await begin(open, job);
    await finish(begun);
    const result = await (await begun.runs.folder(begun.state.id)).folder("result");
    const manifest = JSON.parse((await readText(result, "manifest.json"))!);
    expect(manifest).toMatchObject({
      samples: [{ used: 60, covariatesUsed: ["C1"], covariatesDropped: [] }],
      model: "pearson, signed",
      degreesOfFreedom: 60 - 2 - 1,
    });
    expect(manifest.inputs.map(({ role }: { role: string }) => role)).toEqual(["expression", "covariates"]);
    expect(manifest.options).not.toHaveProperty("maf");
  });
});

describe("closingAll", () => {
  it("closes what is open, once", async () => {
    const { root, open } = strictDirectory();
    await closingAll(root, async (watched) => {
      const sink = await watched.sink("a");
      await sink.close();
      await sink.close();
      await (await watched.folder("b")).sink("c");
      expect(open.size).toBe(1);
    });
    expect(open.size).toBe(0);
  });
});
