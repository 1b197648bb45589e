import { expect, test } from "vitest";
import { calibrate, shuffledCohort } from "../../bench/calibration.ts";
import { calibrateInteraction } from "../../bench/interactionCalibration.ts";
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

test("p-values of interactions, one shuffle: OLS right under equal variance, HC3 where the variance follows the context", async () => {
  const demo = "examples/geuvadis-chr22";
  const cohort = await openCohort(
    {
      genotypes: `${demo}/genotypes`,
      expression: `${demo}/expression.bed.gz`,
      interaction: `${demo}/covariates.txt`,
    },
    { contexts: ["expression_PC1"] },
  );
  const backend = await createWasmBackend({ threads: 2, spawn: spawnThread });
  try {
    const shuffles = { from: 0, to: 1 };
    const equal = await calibrateInteraction(cohort, backend, shuffles, "equal variance");
    expect(equal.tests).toBeGreaterThan(1_500_000);
    // Pairs of one gene are correlated: 608 genes of some tens of independent variants each.
    expect(Math.abs(equal.ols.at05 - 0.05)).toBeLessThan(0.005);
    expect(equal.ols.at001).toBeLessThan(1.4e-3);
    expect(Math.abs(equal.ols.lambda - 1)).toBeLessThan(0.04);
    const unequal = await calibrateInteraction(cohort, backend, shuffles, "variance follows the context");
    expect(Math.abs(unequal.hc3.at05 - 0.05)).toBeLessThan(0.004);
    expect(unequal.hc3.at001).toBeLessThan(1.4e-3);
    expect(Math.abs(unequal.hc3.lambda - 1)).toBeLessThan(0.03);
    // What the warning in docs/interaction.md is about.
    expect(unequal.ols.at05).toBeGreaterThan(0.08);
  } finally {
    await backend.dispose();
    await cohort.close();
  }
}, 600_000);
