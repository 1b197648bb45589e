import { expect, test } from "vitest";
import { calibrate, shuffledCohort } from "../../bench/calibration.ts";
import { createWasmBackend } from "../../src/compute/wasm/backend.ts";
import { openCohort } from "../../src/node/index.ts";
import { spawnThread } from "../../src/node/threads.ts";

test("p-values of genes are uniform where nothing is associated: five shuffles of the donors", async () => {
  const demo = "examples/geuvadis-chr22";
  const cohort = await openCohort({
    genotypes: `${demo}/genotypes`,
    expression: `${demo}/expression.bed.gz`,
    covariates: `${demo}/covariates.txt`,
  });
  const backend = await createWasmBackend({ threads: 2, spawn: spawnThread });
  try {
    const { tests, at05, at001, lambda } = await calibrate(
      (number) => shuffledCohort(cohort, number),
      backend,
      { from: 0, to: 5 },
      { test: "permutations", permutations: { least: 200, most: 200 } },
    );
    expect(tests).toBe(3040);
    // Four standard errors, and something for genes that are correlated.
    expect(at05).toBeGreaterThan(0.033);
    expect(at05).toBeLessThan(0.067);
    expect(at001).toBeLessThan(0.004);
    expect(Math.abs(lambda - 1)).toBeLessThan(0.03);
  } finally {
    await backend.dispose();
    await cohort.close();
  }
});
