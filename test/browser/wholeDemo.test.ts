/** The whole demo cohort in headless Chromium, on what a page takes by itself: the tables of the command line, byte for byte. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bareEngine, openCohort, runJob, tableHashes } from "../helpers/page/bareEngine.ts";
import { type BuiltPage, builtPage } from "../helpers/page/builtPage.ts";
import { COHORT } from "../helpers/page/smallDemo.ts";
import { qortex } from "../unit/cli/shell.ts";

const FILES = ["genotypes.bed", "genotypes.bim", "genotypes.fam", "expression.bed.gz", "covariates.txt"];
const COMMON = { seed: 1, backend: "auto" } as const;

let folder: string;
let built: BuiltPage;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "qortex-whole-"));
  built = await builtPage();
});
afterAll(async () => {
  await built?.close();
  rmSync(folder, { recursive: true, force: true });
});

it.each([
  [
    "cis with permutations",
    { kind: "cis", window: 1_000_000, permutations: 200, ...COMMON },
    ["cis", "--permutations", "200"],
  ],
  ["trans", { kind: "trans", pValue: 1e-5, distance: 5_000_000, ...COMMON }, ["trans"]],
] as const)(
  "writes the tables that the command line writes: %s",
  async (name, job, options) => {
    const page = await bareEngine(built);
    await openCohort(page, FILES);
    const { view, hashes } = await runJob(page, job);
    await page.context().close();
    expect(view.counts?.backend).toBe("wasm");

    const out = join(folder, name);
    const files = [
      "--genotypes",
      join(COHORT, "genotypes"),
      "--expression",
      join(COHORT, "expression.bed.gz"),
    ];
    const more = ["--covariates", join(COHORT, "covariates.txt"), "--backend", "wasm", "--out", out];
    const { code, err } = await qortex([...options, ...files, ...more]);
    expect(code, err).toBe(0);
    const expected = tableHashes(out);
    expect(Object.keys(expected).length).toBeGreaterThan(3);
    expect(hashes).toEqual(expected);
  },
  300_000,
);
