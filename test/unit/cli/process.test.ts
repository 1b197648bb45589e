import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BuiltCommand, buildCommand } from "../../helpers/command.ts";
import { killAgainAndAgain, resultFiles } from "../../helpers/kill.ts";
import { repository } from "../../helpers/shared.ts";
import { cohortArguments, writeCohort } from "./cohortFiles.ts";

/** The command as a process of its own: what only signals, pipes and exit codes can show. */

const scratch = mkdtempSync(join(tmpdir(), "qortex-process-"));
let command: BuiltCommand;

beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
  command.remove();
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command; `watch` sees standard error as it comes. */
function qortex(
  args: readonly string[],
  watch: (child: ChildProcess, err: string) => void = () => {},
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command.main, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk) => {
      out += chunk;
    });
    child.stderr.on("data", (chunk) => {
      err += chunk;
      watch(child, err);
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
  });
}

test("exit codes and streams", async () => {
  const version = await qortex(["--version"]);
  expect(version).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: "" });
  const wrong = await qortex(["cis", "--maf", "2"]);
  expect(wrong).toEqual({ code: 2, out: "", err: 'qortex: --maf takes a number from 0 to 0.5; got "2"\n' });
});

test("a run ends by itself", async () => {
  const files = writeCohort(join(scratch, "data"));
  const ended = await qortex(["cis", ...cohortArguments(files, join(scratch, "ran"))]);
  expect(ended.code, ended.err).toBe(0);
  expect(ended.err).toContain("Using WebAssembly SIMD");
  expect(existsSync(join(scratch, "ran", "manifest.json"))).toBe(true);
});

test.each([
  // The slow backend is under way for long; threads have more to put away.
  ["SIGINT", 130, "reference"],
  ["SIGTERM", 143, "reference"],
  ["SIGINT", 130, "wasm"],
] as const)("%s stops a run cleanly (%i, %s)", async (signal, code, backend) => {
  const data = join(repository, "examples/geuvadis-chr22");
  const out = join(scratch, "stopped");
  const args = [
    "cis",
    "--genotypes",
    join(data, "genotypes"),
    "--expression",
    join(data, "expression.bed.gz"),
  ];
  const before = readdirSync(scratch);
  let sent = false;
  const ended = await qortex([...args, "--backend", backend, "--out", out], (child, err) => {
    if (!sent && err.includes("Using ")) sent = child.kill(signal);
  });
  expect(ended).toMatchObject({ code, out: "" });
  expect(ended.err).toMatch(/qortex: stopped: nothing was written\n$/);
  expect(readdirSync(scratch)).toEqual(before);
});

test.each([
  ["cis", 1],
  ["trans", 2],
] as const)(
  "%s with --resume, killed three times (seed %i), has the files of a run that nobody killed",
  async (name, seed) => {
    const files = writeCohort(join(scratch, `killed-${name}`));
    const plain = join(scratch, `plain-${name}`);
    const own = name === "trans" ? ["--p-value", "0.01", "--distance", "1Mb"] : [];
    const ended = await qortex([name, ...cohortArguments(files, plain), ...own, "--quiet"]);
    expect(ended.code, ended.err).toBe(0);
    const inputs = cohortArguments(files, "").slice(0, -2);
    const report = await killAgainAndAgain({
      ...{ main: command.main, args: [name, ...inputs, ...own], out: join(scratch, `again-${name}`) },
      ...{ kills: 3, seed, expected: resultFiles(plain) },
    });
    expect(report.kills).toBe(3);
    expect(report.ended).toBeGreaterThan(1);
  },
);

test("bench measures, and leaves nothing behind", async () => {
  const temporary = mkdtempSync(join(scratch, "tmp-"));
  const sizes = "--samples 40 --variants 300 --genes 30 --threads 1 --backend wasm".split(" ");
  const ended = await qortex(["bench", "--quick", "--json", ...sizes], () => {}, { TMPDIR: temporary });
  expect(ended.code, ended.err).toBe(0);
  const read = JSON.parse(ended.out);
  expect(read).toMatchObject({ type: "bench", cohort: { samples: 40, variants: 300, genes: 30, seed: 1 } });
  const jobs = [...read.products, ...read.commands].map(({ job, name }) => `${job}: ${name}`);
  expect(jobs).toEqual([
    "screen: wasm, 1 thread",
    "screen: reference, 1 thread",
    "refine: f64, 1 thread",
    "correlation: wasm, 1 thread",
    "correlation: reference, 1 thread",
    "trans: wasm, 1 thread",
    "cis: wasm, 1 thread",
  ]);
  for (const { seconds } of [...read.products, ...read.commands]) {
    expect(seconds.length).toBeGreaterThan(1);
    for (const one of seconds) expect(one).toBeGreaterThan(0);
  }
  expect(readdirSync(temporary)).toEqual([]);
});

test("a benchmark that is stopped takes its cohort away", async () => {
  const temporary = mkdtempSync(join(scratch, "tmp-"));
  let sent = false;
  const stop = (child: ChildProcess) => {
    const made = readdirSync(temporary).some((name) => name.startsWith("qortex-bench-"));
    if (!sent && made) sent = child.kill("SIGINT");
  };
  const sizes = "--samples 40 --variants 300 --genes 30 --threads 1 --backend wasm".split(" ");
  let watching: NodeJS.Timeout | undefined;
  const begin = (child: ChildProcess) => {
    watching ??= setInterval(() => stop(child), 20);
  };
  const ended = await qortex(["bench", "--quick", ...sizes], begin, { TMPDIR: temporary });
  clearInterval(watching);
  expect(sent).toBe(true);
  expect(ended).toMatchObject({ code: 130, out: "" });
  expect(ended.err).toMatch(/qortex: stopped: nothing was written\n$/);
  expect(readdirSync(temporary)).toEqual([]);
});
