/** Scores of relatives against generalised least squares of whole matrices, and permuted maps against their definition. */
import { describe, expect, test } from "vitest";
import { seededPermutations } from "../../../src/association/permutation/donors.ts";
import { mapEqts, type PermutedMaps } from "../../../src/association/scores/map.ts";
import type { Score } from "../../../src/association/scores/scores.ts";
import { buildCohort } from "../../../src/cohort/cohort.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { UsageError } from "../../../src/errors.ts";
import { studentT } from "../../../src/statistics/studentT.ts";
import { plainGls } from "../../helpers/plainGls.ts";
import { sumOf } from "../../helpers/plainOls.ts";
import { testNormal, testRandom } from "../../helpers/randomCohort.ts";
import { familyTables, plainSpectrum, randomCovariance, sampleMatrix } from "../../helpers/relatives.ts";

const PERMUTATIONS = 3;
const log10P = (r: number, df: number): number => studentT(df).log10P(r * Math.sqrt(df / (1 - r * r)));

describe.each(["relatedness", "given"] as const)("%s", (kind) => {
  test.each([1, 2, 3])("is generalised least squares, permuted too: seed %i", async (seed) => {
    const tables = familyTables(seed, {
      families: 9,
      children: 3,
      variants: 4,
      genes: 4,
      covariates: 2,
      h2: 0.5,
    });
    const n = tables.genotypes.samples.length;
    const given = kind === "given" ? randomCovariance(n, seed) : tables.relatedness;
    const matrix = sampleMatrix(tables.genotypes.samples, given);
    const cohort = buildCohort({ ...tables, covariance: { kind, matrix } }, { maf: 0 });
    const covariates = tables.covariates.cells.map((row) => row.map(Number));
    const random = testRandom(seed + 100);
    const counts = {} as Score["counts"];
    const scores = ["one", "two"].map((name): Score => {
      const values = Float64Array.from(
        { length: n },
        (_, s) => 5 + testNormal(random) + tables.calls[0]![s]!,
      );
      return { name, source: "made", threshold: Number.NaN, used: 9, counts, values };
    });
    const permuted: Float64Array[] = [];
    async function* keeping(work: PermutedMaps, count: number): AsyncGenerator<Float64Array> {
      for await (const one of work(Array.from({ length: count }, (_, p) => p))) {
        permuted.push(one);
        yield one;
      }
    }
    const options = { backend: createReferenceBackend(), memory: 2 ** 30, seed, spearman: false, keeping };
    const found = await mapEqts(cohort, scores, { ...options, permutations: PERMUTATIONS });
    expect(found.gene).toHaveLength(8);
    await expect(mapEqts(cohort, scores, { ...options, spearman: true, permutations: 0 })).rejects.toThrow(
      UsageError,
    );
    const orders = seededPermutations(seed, PERMUTATIONS, n);
    found.gene.forEach((gene, i) => {
      const row = cohort.geneRow[gene]!;
      const y = Array.from(tables.expression.values.subarray(row * n, (row + 1) * n));
      const score = Array.from(scores[found.score[i]!]!.values);
      const h2 = cohort.genes.sharedVariance?.share[gene] ?? 1;
      const sigma = given.map((line, a) => line.map((k, b) => h2 * k + (a === b ? 1 - h2 : 0)));
      const plain = plainGls(y, score, covariates, sigma);
      const deviation = found.deviation[found.score[i]!]!;
      expect(found.slope[i]! / (plain.slope * deviation)).toBeCloseTo(1, 9);
      expect(found.slopeSe[i]! / (plain.slopeSe * deviation)).toBeCloseTo(1, 9);
      expect(found.log10P[i]!).toBeCloseTo(studentT(plain.degreesOfFreedom).log10P(plain.t), 8);
      // P y* = R x*, R the root of P and x = R y: in the eigenvectors' coordinates y* is that of x*.
      const spectrum = plainSpectrum(covariates, sigma);
      const x = y.map((_, s) =>
        spectrum.reduce(
          (sum, { value, vector }) => sum + Math.sqrt(value) * sumOf(vector, y) * vector[s]!,
          0,
        ),
      );
      const g = spectrum.map(({ value, vector }) => Math.sqrt(value) * sumOf(vector, score));
      permuted.forEach((log10Ps, p) => {
        const moved = Array.from(orders.of(p), (from) => x[from]!);
        const own = spectrum.map(({ vector }) => sumOf(vector, moved));
        const r = sumOf(g, own) / Math.sqrt(sumOf(g, g) * sumOf(own, own));
        expect(log10Ps[i]!).toBeCloseTo(log10P(r, plain.degreesOfFreedom), 7);
      });
    });
  });
});
