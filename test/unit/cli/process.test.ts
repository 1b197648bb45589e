import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { repository } from "../../helpers/shared.ts";
import { cohortArguments, writeCohort } from "./cohortFiles.ts";

/** The command as a process of its own: what only signals, pipes and exit codes can show. */

const scratch = mkdtempSync(join(tmpdir(), "qortex-process-"));
// Two folders below package.json, as dist/cli is, and within reach of node_modules.
const built = join(repository, ".cache", `cli-${process.pid}`);
const main = join(built, "main.js");

beforeAll(async () => {
  mkdirSync(built, { recursive: true });
  await build({
    entryPoints: [join(repository, "src/cli/main.ts")],
    outdir: built,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "error",
  });
});
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
  rmSync(built, { recursive: true, force: true });
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
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
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
