/** The engine of the built page in headless Chromium: from dropped files to the tables of the command line, byte for byte. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BackendChoice } from "../../src/app/engine/protocol.ts";
import {
  type Bare,
  bareEngine,
  CHOICE,
  openCohort,
  runJob as run,
  tableHashes,
} from "../helpers/page/bareEngine.ts";
import { type BuiltPage, builtPage } from "../helpers/page/builtPage.ts";
import { COHORT, smallDemo } from "../helpers/page/smallDemo.ts";
import { qortex } from "../unit/cli/shell.ts";

const FILES = ["small.bed", "small.bim", "small.fam", "expression.bed.gz", "covariates.txt"];
const CIS = { kind: "cis", window: 200_000, permutations: 0, seed: 1 } as const;
const TESTED = { kind: "cis", window: 20_000, permutations: 30, seed: 1 } as const;
const TRANS = { kind: "trans", pValue: 1e-4, distance: 5_000_000, seed: 1 } as const;
const JOBS = { cis: CIS, "cis with permutations": TESTED, trans: TRANS } as const;
type JobName = keyof typeof JOBS;

let folder: string;
let built: BuiltPage;
/** SHA-256 of each table that the command line writes, by job. */
const expected = new Map<JobName, Record<string, string>>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "qortex-engine-"));
  built = await builtPage(smallDemo(folder, 60));
  const files = ["--genotypes", join(folder, "small"), "--expression", join(COHORT, "expression.bed.gz")];
  const common = [
    ...files,
    "--covariates",
    join(COHORT, "covariates.txt"),
    "--backend",
    "wasm",
    "--threads",
    "1",
  ];
  const commands: Record<JobName, string[]> = {
    cis: ["cis", ...common, "--window", "200000"],
    "cis with permutations": ["cis", ...common, "--window", "20000", "--permutations", "30"],
    trans: ["trans", ...common, "--p-value", "1e-4"],
  };
  for (const [name, command] of Object.entries(commands) as [JobName, string[]][]) {
    const out = join(folder, name);
    const { code, err } = await qortex([...command, "--out", out]);
    expect(code, err).toBe(0);
    expected.set(name, tableHashes(out));
  }
});
afterAll(async () => {
  await built?.close();
  rmSync(folder, { recursive: true, force: true });
});

const bare = (isolated = true, prelude = "") => bareEngine(built, isolated, prelude);
const open = (page: Page) => openCohort(page, FILES);

interface Scene {
  readonly title: string;
  readonly backend: BackendChoice;
  readonly threads?: number;
  readonly isolated: boolean;
}

const SCENES: readonly Scene[] = [
  { title: "WebGPU", backend: "webgpu", threads: 0, isolated: true },
  { title: "WebGL", backend: "webgl", threads: 0, isolated: true },
  { title: "WebAssembly, threads that share memory", backend: "wasm", threads: 2, isolated: true },
  { title: "WebAssembly, threads that do not", backend: "wasm", threads: 2, isolated: false },
  {
    title: "WebAssembly alone, below a path and without headers",
    backend: "wasm",
    threads: 0,
    isolated: false,
  },
];

describe.each(SCENES)("$title", ({ backend, threads, isolated }) => {
  let page: Page;
  beforeAll(async () => {
    page = await bare(isolated);
    await open(page);
  });
  afterAll(() => page.close());

  it.each(Object.keys(JOBS) as JobName[])("writes the command line's tables: %s", async (name) => {
    const { view, hashes } = await run(page, { ...JOBS[name], backend, threads });
    expect(hashes).toEqual(expected.get(name));
    expect(view.lede).toMatch(/^Of \d+ genes tested in 358 samples, \d+ (is|are) associated/);
  });
});

describe("a run that is broken off", () => {
  it("can be cancelled, reloaded and taken up again: the same tables", async () => {
    const page = await bare();
    await open(page);
    const cancelled = await page.evaluate(
      async (job) => {
        const { engine, events } = globalThis as unknown as Bare;
        const stopped = engine.run(job).then(
          () => "ended",
          (error: Error) => error.name,
        );
        const enough = () =>
          events.some((event) => event.kind === "progress" && event.progress.done > event.progress.total / 4);
        while (!enough()) await new Promise((done) => setTimeout(done, 5));
        await engine.cancel();
        return stopped;
      },
      { ...TESTED, backend: "wasm", threads: 0 } as const,
    );
    expect(cancelled).toBe("CancelledError");
    await page.reload();
    await page.waitForFunction(() => "engine" in globalThis);
    const found = await page.evaluate(async () => {
      const { engine, digest } = globalThis as unknown as Bare;
      const [kept] = await engine.kept();
      const view = await engine.resume(kept!.id);
      const hashes: Record<string, string> = {};
      for (const { name } of view.tables)
        hashes[name] = await digest(await engine.exportTable(name, "parquet"));
      const [done] = await engine.kept();
      const again = await engine.reopen(kept!.id);
      await engine.forget(kept!.id);
      return { kept, hashes, done, again: again.lede === view.lede, left: (await engine.kept()).length };
    });
    expect(found.kept).toMatchObject({ state: "unfinished", title: "small × expression.bed.gz" });
    expect(found.hashes).toEqual(expected.get("cis with permutations"));
    expect(found.done).toMatchObject({ state: "done", share: 1 });
    expect(found).toMatchObject({ again: true, left: 0 });
    await page.close();
  });

  it("never begins when it is cancelled behind a plan, which ends too; nothing is kept of it", async () => {
    const page = await bare();
    await open(page);
    const ended = await page.evaluate(
      async (job) => {
        const { engine } = globalThis as unknown as Bare;
        const how = (work: Promise<unknown>) =>
          work.then(
            () => "ended",
            (error: Error) => error.name,
          );
        const work = [how(engine.plan(job)), how(engine.run(job))];
        await engine.cancel();
        return { work: await Promise.all(work), kept: (await engine.kept()).length };
      },
      { ...TESTED, backend: "wasm", threads: 0 } as const,
    );
    expect(ended).toEqual({ work: ["CancelledError", "CancelledError"], kept: 0 });
    await page.close();
  });

  it("can be taken up again in the same page after a cancel while it writes its tables", async () => {
    const page = await bare();
    await open(page);
    const found = await page.evaluate(
      async (job) => {
        const { engine, events, digest } = globalThis as unknown as Bare;
        const stopped = engine.run(job).then(
          () => "ended",
          (error: Error) => error.name,
        );
        const writes = () =>
          events.some((event) => event.kind === "progress" && event.progress.phase === "writing");
        while (!writes()) await new Promise((done) => setTimeout(done, 1));
        await engine.cancel();
        const how = await stopped;
        const [kept] = await engine.kept();
        const view = await engine.resume(kept!.id);
        const hashes: Record<string, string> = {};
        for (const { name } of view.tables)
          hashes[name] = await digest(await engine.exportTable(name, "parquet"));
        // A result that is open is closed before its files go.
        await engine.forget(kept!.id);
        const closed = await engine.genes().catch((error: Error) => error.message);
        const { pairs } = await engine.plan(job);
        return { how, hashes, closed, pairs, left: (await engine.kept()).length };
      },
      { ...TESTED, backend: "wasm", threads: 0 } as const,
    );
    // The end may have come first.
    expect(["CancelledError", "ended"]).toContain(found.how);
    expect(found.hashes).toEqual(expected.get("cis with permutations"));
    // The cohort that was opened to be mapped is open still.
    expect(found.pairs).toBeGreaterThan(0);
    expect(found).toMatchObject({ closed: "no result is open", left: 0 });
    await page.close();
  });
});

describe("a GPU that is lost in the midst of a run", () => {
  /** Each of the first `lost` devices ends after so many submissions, as a driver's reset ends it. */
  const losing = (lost: number, submissions: number) => `{
    const ask = GPUAdapter.prototype.requestDevice;
    let devices = 0;
    GPUAdapter.prototype.requestDevice = async function (...args) {
      const device = await ask.apply(this, args);
      if (++devices > ${lost}) return device;
      const submit = device.queue.submit.bind(device.queue);
      let left = ${submissions};
      device.queue.submit = (buffers) => {
        submit(buffers);
        if (--left === 0) device.destroy();
      };
      return device;
    };
  }`;

  it.each([
    ["once: another device goes on", 1, /^GPU: .*; trying again with smaller tiles$/],
    ["for good: WebAssembly goes on", Number.MAX_SAFE_INTEGER, /no device works any more.*WebAssembly/],
  ] as const)("%s, says so, and the tables are the same", async (_, lost, said) => {
    const page = await bare(true, losing(lost, 2));
    await open(page);
    const { hashes } = await run(page, { ...TRANS, backend: "webgpu", threads: 0 });
    expect(hashes).toEqual(expected.get("trans"));
    const texts = await page.evaluate(() =>
      (globalThis as unknown as Bare).events.flatMap((event) =>
        event.kind === "message" ? [event.message.text] : [],
      ),
    );
    expect(texts.filter((text) => said.test(text)).length, texts.join("\n")).toBeGreaterThan(0);
    await page.close();
  });
});

describe("what cannot be used", () => {
  it("is said in a line", async () => {
    const page = await bare();
    const said = await page.evaluate(async (choice) => {
      const { engine, files } = globalThis as unknown as Bare;
      const given = await files(["example/small.bim", "example/small.fam", "example/expression.bed.gz"]);
      const { ready, missing } = await engine.understand(given);
      const failure = await engine
        .open({ files: given, ...choice })
        .catch((error: Error) => `${error.name}: ${error.message}`);
      const none = await engine
        .run({ kind: "cis", window: 1, permutations: 0, seed: 1, backend: "wasm" })
        .catch((error: Error) => error.message);
      return { ready, missing, failure, none };
    }, CHOICE);
    expect(said).toMatchInlineSnapshot(`
      {
        "failure": "InputError: the files: small.bim needs its .bed beside it: drop it too; see the list of files",
        "missing": [
          "small.bim needs its .bed beside it: drop it too",
        ],
        "none": "no cohort is open: choose its files first",
        "ready": false,
      }
    `);
    await page.close();
  });
});

it("asks nothing of anybody else", () => {
  expect(built.strays).toEqual([]);
  expect(built.complaints).toEqual([]);
});
