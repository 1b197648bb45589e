import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { DEFAULT_SHAPE } from "../../../src/bench/cohort.ts";
import { QUICK } from "../../../src/bench/plan.ts";
import { timeCommand } from "../../../src/cli/benchCommands.ts";
import { type BenchReport, benchMarkdown, benchRecord } from "../../../src/cli/benchReport.ts";
import { BackendError, CancelledError } from "../../../src/errors.ts";
import { madeFiles } from "../../../src/node/madeCohort.ts";

const scratch = mkdtempSync(join(tmpdir(), "qortex-bench-test-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Round numbers that no machine measured. */
const REPORT: BenchReport = {
  command: "qortex bench --quick --threads 8",
  machine: {
    date: "2026-01-02T03:04:05.678Z",
    qortex: "1.2.3",
    node: "v20.0.0",
    v8: "11.3",
    webgpu: "0.6.2",
    system: "linux x64 6.1",
    cpu: "A CPU",
    threads: 8,
    memory: 2 ** 35,
    load: 5,
  },
  gpu: {
    adapter: { name: "A GPU", software: false, vendor: "maker", architecture: "kind", driver: "1.0" },
    timed: true,
    text: "A GPU (maker, kind, 1.0)",
  },
  effort: QUICK,
  operands: { samples: 500, variants: 1000, genes: 100 },
  cohort: { ...DEFAULT_SHAPE, variants: 4096, genes: 100, covariates: 10 },
  agreement: { pairs: 393_216, hits: 400, correlations: 147_456 },
  peaks: [
    { threads: 1, int16: 50e9, f64: 10e9 },
    { threads: 8, int16: 400e9, f64: 80e9 },
  ],
  compared: [
    { name: "wasm, 1 thread", threads: 1, gpu: false },
    { name: "wasm, 8 threads", threads: 8, gpu: false },
    { name: "webgpu", threads: 8, gpu: true },
  ],
  products: [
    { job: "screen", name: "wasm, 1 thread", pairs: 100_000, seconds: [0.001, 0.003, 0.002] },
    { job: "screen", name: "wasm, 8 threads", pairs: 100_000, seconds: [0.0005] },
    { job: "screen", name: "webgpu", pairs: 100_000, seconds: [0.00002] },
    { job: "screen", name: "reference, 1 thread", pairs: 1000, seconds: [0.01] },
    { job: "refine", name: "f64, 1 thread", pairs: 5000, seconds: [1] },
    { job: "correlation", name: "wasm, 8 threads", pairs: 10_000, seconds: [0.0001] },
  ],
  commands: [
    command("wasm, 1 thread", [4, 2], 6),
    command("wasm, 8 threads", [1, 1], 7),
    command("webgpu", [0.5, 0.5], 2),
  ],
  peakBytes: 300 * 2 ** 20,
};

function command(name: string, seconds: readonly number[], cpu: number) {
  const work = { job: "trans", tests: 30_000_000, hits: 12 } as const;
  return { ...work, name, seconds, cpuSeconds: [cpu], peakBytes: 200 * 2 ** 20 };
}

describe("the report", () => {
  test("as Markdown", () => {
    expect(benchMarkdown(REPORT)).toMatchSnapshot();
  });

  test("without a GPU says nothing of its speed", () => {
    const text = benchMarkdown({
      ...REPORT,
      gpu: { adapter: undefined, timed: false, text: "none found: nothing is said here of a GPU's speed" },
      compared: REPORT.compared.filter(({ gpu }) => !gpu),
      products: REPORT.products.filter(({ name }) => name !== "webgpu"),
      commands: REPORT.commands.filter(({ name }) => name !== "webgpu"),
    });
    expect(text).toContain("- GPU: none found: nothing is said here of a GPU's speed\n");
    expect(text).not.toContain("webgpu |");
  });

  test("as one JSON document, every repeat in it", () => {
    const read = JSON.parse(JSON.stringify(benchRecord(REPORT)));
    expect(read.products[0]).toEqual({
      job: "screen",
      name: "wasm, 1 thread",
      pairs: 100_000,
      seconds: [0.001, 0.003, 0.002],
      median: 0.002,
      least: 0.001,
      most: 0.003,
      // 100,000 pairs of 500 samples in 2 ms are 25 G a second.
      shareOfPeak: 0.5,
      versusCpu: 0.25,
    });
    expect(read.products[2]).toMatchObject({ name: "webgpu", shareOfPeak: null, versusCpu: 25 });
    expect(read.commands[2]).toMatchObject({ name: "webgpu", median: 0.5, versusCpu: 2 });
    expect(read.machine).toEqual(REPORT.machine);
  });
});

/** A program in place of qortex: writes a manifest whose table depends on the backend as `hash` says. */
function program(name: string, hash: string): string {
  const path = join(scratch, `${name}.mjs`);
  writeFileSync(
    path,
    `import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
     const args = process.argv.slice(2);
     const value = (option) => args[args.indexOf(option) + 1];
     appendFileSync(${JSON.stringify(`${path}.log`)}, args[0] + " " + value("--backend") + " " + value("--genotypes") + "\\n");
     if (value("--backend") === "hangs") setInterval(() => {}, 1000);
     else if (value("--backend") === "fails") { console.error("qortex: no memory"); process.exitCode = 2; }
     else {
       mkdirSync(value("--out"));
       const files = [{ name: "trans_pairs.parquet", rows: 3, sha256: ${hash} }, { name: "plot.svg", sha256: String(Math.random()) }];
       const counts = { tests: 1000, hits: 3 };
       writeFileSync(value("--out") + "/manifest.json", JSON.stringify({ files, counts, usage: { cpuSeconds: 2, peakBytes: 5 } }));
     }`,
  );
  return path;
}

function setting(entry: string, names: readonly string[], signal = new AbortController().signal) {
  const folder = mkdtempSync(join(scratch, "run-"));
  mkdirSync(folder, { recursive: true });
  const backends = names.map((name) => ({ name, args: ["--backend", name] }));
  return { entry, cohort: madeFiles("data"), folder, backends, repeats: 2, signal, onDoing: () => {} };
}

describe("whole commands", () => {
  test("take turns, forwards and backwards, and are counted from their manifests", async () => {
    const entry = program("same", '"abc"');
    const times = await timeCommand("trans", setting(entry, ["one", "two"]));
    const log = readFileSync(`${entry}.log`, "utf8");
    const line = (name: string) => `trans ${name} ${join("data", "genotypes")}\n`;
    expect(log).toBe(["one", "two", "two", "one"].map(line).join(""));
    expect(times).toEqual(
      ["one", "two"].map((name) => ({
        job: "trans",
        name,
        tests: 1000,
        hits: 3,
        seconds: [expect.any(Number), expect.any(Number)],
        cpuSeconds: [2, 2],
        peakBytes: 5,
      })),
    );
  });

  test("that write other bytes are refused", async () => {
    const running = timeCommand("trans", setting(program("other", 'value("--backend")'), ["one", "two"]));
    await expect(running).rejects.toThrow(
      /^bench: trans_pairs.parquet of qortex trans differs between two and one; no time of a wrong answer is shown/,
    );
  });

  test("that fail say why", async () => {
    const running = timeCommand("cis", setting(program("failing", '"a"'), ["fails"]));
    await expect(running).rejects.toThrow(BackendError);
    await expect(running).rejects.toThrow("bench: qortex cis ended with 2: qortex: no memory");
  });

  test("that run on are stopped with the benchmark", async () => {
    const stopper = new AbortController();
    const entry = program("hanging", '"a"');
    const running = timeCommand("cis", setting(entry, ["hangs"], stopper.signal));
    setTimeout(() => stopper.abort(), 50);
    await expect(running).rejects.toThrow(CancelledError);
  });
});
