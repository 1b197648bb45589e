/**
 * The demo cohort through the built command line: the same bytes in every file, the manifest aside, for
 * every backend, number of threads and memory budget.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { builtCommand, scratchFolder } from "../helpers/extended.ts";
import { repository } from "../helpers/shared.ts";

const demo = join(repository, "examples/geuvadis-chr22");

/** SHA-256 of each file of a folder, by its path in it. */
function digests(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    found[path.slice(folder.length + 1)] = createHash("sha256").update(readFileSync(path)).digest("hex");
  }
  return found;
}

describe.each([
  { command: "cis", tables: ["cis_genes.parquet", "cis_pairs.parquet"], options: ["--window", "200kb"] },
  {
    command: "trans",
    tables: ["trans_genes.parquet", "trans_pairs.parquet"],
    options: ["--all-pairs", "--p-value", "1e-5"],
  },
])("qortex $command on the demo cohort", ({ command, tables, options }) => {
  const scratch = scratchFolder();

  function run(name: string, machine: readonly string[]): Record<string, string> {
    const out = join(scratch, name);
    const input = [
      ["--genotypes", join(demo, "genotypes")],
      ["--expression", join(demo, "expression.bed.gz")],
      ["--covariates", join(demo, "covariates.txt")],
    ].flat();
    execFileSync(process.execPath, [
      builtCommand(),
      command,
      ...input,
      ...options,
      ...machine,
      "--quiet",
      "--out",
      out,
    ]);
    expect(existsSync(join(out, "manifest.json")), "no manifest").toBe(true);
    const { "manifest.json": _, ...files } = digests(out);
    return files;
  }

  let reference: Record<string, string> = {};
  beforeAll(() => {
    reference = run("reference", ["--backend", "reference"]);
  });

  test("writes its tables", () => {
    expect(Object.keys(reference)).toEqual(expect.arrayContaining([...tables, "variants_dropped.parquet"]));
  });

  test.each([
    { name: "wasm, one thread", machine: ["--backend", "wasm", "--threads", "1"] },
    { name: "wasm, two threads", machine: ["--backend", "wasm", "--threads", "2"] },
    { name: "wasm, 256 MB", machine: ["--backend", "wasm", "--memory", "256M"] },
    { name: "wasm, 2 GB", machine: ["--backend", "wasm", "--memory", "2G"] },
  ])("$name: the bytes of the reference backend", ({ name, machine }) => {
    expect(run(name.replaceAll(/\W+/g, "-"), machine)).toEqual(reference);
  });

  test("webgpu, which screens every pair of trans itself: the bytes of the reference backend", () => {
    expect(run("webgpu", ["--backend", "webgpu"])).toEqual(reference);
    const manifest = JSON.parse(readFileSync(join(scratch, "webgpu", "manifest.json"), "utf8"));
    // cis is f64 by definition, which a GPU has not: its products are formed by wasm, and the manifest says so.
    const by = command === "trans" ? "webgpu" : "wasm";
    expect(manifest.counts.pairsBy).toEqual({ [by]: manifest.counts.pairsScreened });
  });

  test("a second run: the same bytes", () => {
    expect(run("again", ["--backend", "wasm"])).toEqual(reference);
  });
});
