/** Permuted columns of samples that are not independent, against square roots of whole matrices. */
import { afterAll, expect, test } from "vitest";
import { mapCis } from "../../../../src/association/cis.ts";
import { seededPermutations } from "../../../../src/association/permutation/donors.ts";
import { WhitenedPermutations } from "../../../../src/association/permutation/whitened.ts";
import { mapTrans } from "../../../../src/association/trans.ts";
import { buildCohort } from "../../../../src/cohort/cohort.ts";
import { createReferenceBackend } from "../../../../src/compute/reference/backend.ts";
import { createBackend } from "../../../../src/node/index.ts";
import { collect } from "../../../helpers/collect.ts";
import { jacobiEigen } from "../../../helpers/jacobi.ts";
import { invert, sumOf } from "../../../helpers/plainOls.ts";
import { familyTables, sampleMatrix } from "../../../helpers/relatives.ts";

const wasm = await createBackend("wasm", { threads: 2 });
const reference = createReferenceBackend();
afterAll(() => wasm.dispose());

function cohortOf(seed: number, families: number, genes = 5) {
  const tables = familyTables(seed, { families, children: 2, variants: 40, genes, covariates: 2, h2: 0.7 });
  const matrix = sampleMatrix(tables.genotypes.samples, tables.relatedness);
  // Genes among the variants, so that they have windows.
  const expression = { ...tables.expression, chromosome: tables.expression.id.map(() => "1") };
  const cohort = buildCohort(
    { ...tables, expression, covariance: { kind: "relatedness", matrix } },
    { maf: 0 },
  );
  return { tables, cohort };
}

test.each([
  [1, 10],
  [2, 25],
])("columns are R P R y of whole matrices, seed %i", (seed, families) => {
  const { tables, cohort } = cohortOf(seed, families);
  const n = cohort.samples.length;
  const whitened = WhitenedPermutations.of(cohort)!;
  const genes = Uint32Array.from(cohort.genes.id.keys());
  const expression = whitened.expression(genes);
  const columns = [
    Array.from({ length: n }, () => 1),
    ...tables.covariates.cells.map((row) => row.map(Number)),
  ];
  const orders = seededPermutations(3, 4, n);
  for (const gene of genes) {
    const h = cohort.genes.sharedVariance!.share[gene]!;
    const sigma = tables.relatedness.map((row, i) => row.map((x, j) => h * x + (i === j ? 1 - h : 0)));
    const projector = beside(columns, invert(sigma));
    const plain = beside(
      columns,
      columns[0]!.map((_, i) => columns[0]!.map((__, j) => (i === j ? 1 : 0))),
    );
    const root = squareRoot(projector);
    const y = Array.from(tables.expression.values.subarray(gene * n, (gene + 1) * n));
    const x = root.map((row) => sumOf(row, y));
    for (let p = 0; p < orders.count; p++) {
      const order = orders.of(p);
      const permuted = x.map((_, s) => x[order[s]!]!);
      const wanted = root.map((row) => sumOf(row, permuted));
      const length = Math.hypot(...wanted);
      const stretch = Math.hypot(...plain.map((row) => sumOf(row, permuted))) / length;
      const column = Float64Array.from(x, (_, s) => expression[gene * n + order[s]!]!);
      expect(whitened.column(column, whitened.group(gene)) / stretch).toBeCloseTo(1, 9);
      column.forEach((value, s) => {
        expect(value).toBeCloseTo(wanted[s]! / length, 9);
      });
    }
    // The identity gives the map's own column back.
    const column = expression.slice(gene * n, (gene + 1) * n);
    expect(whitened.column(column, whitened.group(gene)) / cohort.covariance!.stretch[gene]!).toBeCloseTo(
      1,
      10,
    );
    column.forEach((value, s) => {
      expect(value).toBeCloseTo(cohort.residuals[gene * n + s]!, 10);
    });
  }
});

/** V - V C (C'VC)^-1 C'V. */
function beside(columns: readonly (readonly number[])[], weight: readonly (readonly number[])[]): number[][] {
  const weighted = columns.map((column) => weight.map((row) => sumOf(row, column)));
  const inverse = invert(columns.map((a) => weighted.map((b) => sumOf(a, b))));
  return weight.map((row, i) =>
    row.map((value, j) => {
      let sum = value;
      for (const [a, left] of weighted.entries())
        for (const [b, right] of weighted.entries()) sum -= left[i]! * inverse[a]![b]! * right[j]!;
      return sum;
    }),
  );
}

function squareRoot(matrix: readonly (readonly number[])[]): number[][] {
  const { values, vectors } = jacobiEigen(Float64Array.from(matrix.flat()), matrix.length);
  return matrix.map((_, i) =>
    matrix.map((__, j) =>
      values.reduce(
        (sum, value, k) => sum + (value > 1e-9 ? Math.sqrt(value) : 0) * vectors[k]![i]! * vectors[k]![j]!,
        0,
      ),
    ),
  );
}

test("maps with permutations have the same numbers on either backend, cis and trans", async () => {
  const { cohort } = cohortOf(4, 16, 8);
  const geneTests = {
    within: "permutations",
    permutations: { least: 50, most: 50 },
    discovery: { qvalue: "bh", lambda: 0.85, fdr: 0.05 },
  } as const;
  const [a, b] = await Promise.all(
    [wasm, reference].map((backend) => collect(mapCis(cohort, { backend, geneTests }))),
  );
  expect(a!.result.geneLevel).toEqual(b!.result.geneLevel);
  const [c, d] = await Promise.all(
    [wasm, reference].map((backend) =>
      collect(mapTrans(cohort, { backend, pValue: 0.02, allPairs: true, permutations: 20 })),
    ),
  );
  expect(c!.result.permutations).toEqual(d!.result.permutations);
  expect(c!.row.size).toBeGreaterThan(0);
});

test("permuted maps have as many hits as chance gives", async () => {
  const { cohort } = cohortOf(5, 40, 60);
  const map = await collect(
    mapTrans(cohort, { backend: wasm, pValue: 0.01, allPairs: true, permutations: 40 }),
  );
  const hits = map.result.tables["permutedHits"]!["log10P"]!.length;
  // 40 variants x 60 genes x 40 permutations at 0.01: 960, and 15% of it is some three standard deviations of linked tests.
  expect(hits).toBeGreaterThan(960 * 0.85);
  expect(hits).toBeLessThan(960 * 1.15);
});
