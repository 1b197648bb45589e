import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { repository } from "../../helpers/shared.ts";
import { type CohortFiles, cohortArguments, writeCohort } from "./cohortFiles.ts";
import { qortex } from "./shell.ts";

const scratch = mkdtempSync(join(tmpdir(), "qortex-gpu-"));
const built = join(repository, ".cache", `cli-gpu-${process.pid}`);
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
  rmSync(built, { recursive: true, force: true });
});
let files: CohortFiles;
beforeAll(() => {
  files = writeCohort(join(scratch, "data"));
});

interface Manifest {
  readonly backend: string;
  readonly counts: { readonly pairsScreened: number; readonly pairsBy: Readonly<Record<string, number>> };
  readonly messages: readonly { readonly level: string; readonly text: string }[];
}

let runs = 0;

async function mapOf(command: string, ...options: string[]) {
  const out = join(scratch, `out-${++runs}`);
  const { code, err } = await qortex([command, ...cohortArguments(files, out), ...options]);
  expect(code, err).toBe(0);
  const bytes = Object.fromEntries(
    readdirSync(out)
      .filter((name) => name !== "manifest.json")
      .map((name) => [name, readFileSync(join(out, name)).toString("base64")]),
  );
  const manifest = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8")) as Manifest;
  return { bytes, manifest, err };
}

describe.each([
  // What cis writes are all pairs in f64, which no GPU has: they come from wasm, and the manifest says so.
  ["cis", [], "wasm"],
  ["trans", ["--p-value", "0.01", "--distance", "1Mb"], "webgpu"],
  ["trans", ["--p-value", "1e-6", "--all-pairs"], "webgpu"],
] as const)("%s %j", (command, options, by) => {
  test("the same bytes from webgpu, wasm and reference, and nobody else's pairs", async () => {
    const gpu = await mapOf(command, ...options, "--backend", "webgpu");
    const { pairsScreened, pairsBy } = gpu.manifest.counts;
    expect(pairsScreened).toBeGreaterThan(1000);
    expect(pairsBy).toEqual({ [by]: pairsScreened });
    expect(gpu.manifest.backend).toContain("WebGPU");
    for (const name of ["wasm", "reference"]) {
      const other = await mapOf(command, ...options, "--backend", name);
      expect(other.manifest.counts.pairsBy).toEqual({ [name]: pairsScreened });
      expect(Object.keys(gpu.bytes)).toEqual(Object.keys(other.bytes));
      for (const [file, bytes] of Object.entries(other.bytes)) {
        expect(gpu.bytes[file] === bytes, `${file}, ${name}`).toBe(true);
      }
    }
  });
});

test("a software GPU is used when asked for, with a warning, and not by auto", async () => {
  if (process.platform !== "linux") return expect(process.platform).not.toBe("linux");
  const asked = await mapOf("trans", "--backend", "webgpu", "--device", "SwiftShader");
  expect(asked.err).toMatch(/Warning: .*slower than --backend wasm/);
  expect(asked.manifest.messages.map(({ text }) => text)).toContainEqual(expect.stringContaining("slower"));
  const auto = await mapOf("trans");
  expect(auto.manifest.counts.pairsBy).toEqual({ wasm: auto.manifest.counts.pairsScreened });
});

test("a GPU that is not there, and one for a backend without, are errors of one line", async () => {
  const none = await qortex([
    "trans",
    ...cohortArguments(files, join(scratch, "none")),
    ...["--backend", "webgpu", "--device", "no such GPU"],
  ]);
  expect(none.code).toBe(2);
  expect(none.err).toMatch(/webgpu: no adapter: .*no such GPU|webgpu: no adapter: no suitable/);
  expect(none.err.trim().split("\n").at(-1)).toMatch(/^qortex: webgpu/);
  const wasm = await qortex([
    "trans",
    ...cohortArguments(files, join(scratch, "none")),
    ...["--backend", "wasm", "--device", "RTX"],
  ]);
  expect([wasm.code, wasm.err.trim().split("\n").at(-1)]).toEqual([
    2,
    "qortex: the device RTX is a GPU's, but the backend is wasm; ask for webgpu",
  ]);
});

test("the process exits when it is done", async () => {
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
  const args = ["trans", ...cohortArguments(files, join(scratch, "exits")), "--backend", "webgpu"];
  const child = spawn(process.execPath, [join(built, "main.js"), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (text) => {
    out += text;
  });
  child.stderr.on("data", (text) => {
    err += text;
  });
  const ended = await new Promise((resolve) => {
    const late = setTimeout(() => {
      child.kill("SIGKILL");
      resolve("still running after a minute");
    }, 60_000);
    child.on("close", (code, signal) => {
      clearTimeout(late);
      resolve(signal ?? code);
    });
  });
  expect(ended, err).toBe(0);
  expect(out).toContain("report.html");
  expect(err).toContain("WebGPU");
});
