import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { cohortArguments, writeCohort } from "./cohortFiles.ts";
import { qortex } from "./shell.ts";

const scratch = mkdtempSync(join(tmpdir(), "qortex-eqts-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test("weights of which no variant is in the genotypes are a warning, with --quiet too", async () => {
  const files = writeCohort(join(scratch, "data"));
  const weights = join(scratch, "weights.tsv");
  writeFileSync(weights, "variant_id\teffect_allele\tother_allele\tweight\nelsewhere\tA\tG\t0.5\n");
  const args = ["eqts", ...cohortArguments(files, join(scratch, "out")), "--weights", weights, "--quiet"];
  const { code, err } = await qortex(args);
  expect(code, err).toBe(0);
  expect(err).toMatch(/^Warning: .*weights\.tsv: 1 variant, 0 used .* 1 not in the genotypes$/m);
});
