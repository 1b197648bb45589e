import { describe, expect, test } from "vitest";
import { buildCohort } from "../../../src/cohort/cohort.ts";
import {
  expressionComponents,
  genotypeComponents,
  outliers,
  principalComponents,
  residualComponents,
  varianceShare,
} from "../../../src/cohort/components.ts";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { createWasmBackend } from "../../../src/compute/wasm/backend.ts";
import { createWebGpuBackend } from "../../../src/compute/webgpu/backend.ts";
import { spawnThread } from "../../../src/node/threads.ts";
import { testGpu } from "../../helpers/gpu.ts";
import { jacobiEigen } from "../../helpers/jacobi.ts";
import { randomTables } from "../../helpers/randomCohort.ts";

const SIZE = { samples: 30, variants: 1500, genes: 25, covariates: 3 };

/** The Gram matrix of features, one after the other, by its definition. */
function plainGram(features: readonly (readonly number[])[], n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, k) => {
    const [i, j] = [Math.floor(k / n), k % n];
    return features.reduce((sum, x) => sum + x[i]! * x[j]!, 0) / features.length;
  });
}

/** Largest difference of the components from `expected`, signs aside. */
function farthest(vectors: Float64Array, expected: readonly Float64Array[], count: number): number {
  let most = 0;
  for (let k = 0; k < count; k++) {
    const wanted = expected[k]!;
    const own = vectors.subarray(k * wanted.length, (k + 1) * wanted.length);
    const sign = Math.sign(own.reduce((sum, v, i) => sum + v * wanted[i]!, 0));
    own.forEach((v, i) => {
      most = Math.max(most, Math.abs(v - sign * wanted[i]!));
    });
  }
  return most;
}

describe("genotypeComponents", () => {
  test("are Jacobi's of the standardised genotypes, missing calls and dosages among them", async () => {
    const tables = randomTables(3, SIZE);
    const cohort = buildCohort({ ...tables, covariates: undefined }, { maf: 0.05 });
    const index = Uint32Array.from(tables.calls.keys()).filter((v) => {
      const called = tables.calls[v]!.filter((call) => call !== 3);
      const f = called.reduce((sum, call) => sum + call, 0) / (2 * called.length);
      return f > 0.05 && f < 0.95;
    });
    const features = Array.from(index, (v) => {
      const called = tables.calls[v]!.filter((call) => call !== 3);
      const f = called.reduce((sum, call) => sum + call, 0) / (2 * called.length);
      return tables.calls[v]!.map((call) => (call === 3 ? 0 : (call - 2 * f) / Math.sqrt(2 * f * (1 - f))));
    });
    const found = await genotypeComponents(cohort, index, 6, createReferenceBackend());
    const wanted = jacobiEigen(plainGram(features, SIZE.samples), SIZE.samples);
    // More than are multiplied at once, and no whole number of tiles.
    expect(index.length).toBeGreaterThan(1024);
    expect(found).toMatchObject({ count: 6, features: index.length });
    found.eigenvalues.forEach((value, k) => {
      expect(Math.abs(value - wanted.values[k]!), `value ${k}`).toBeLessThan(1e-12);
    });
    expect(farthest(found.vectors, wanted.vectors, 6)).toBeLessThan(1e-9);
  });

  test("part two populations with the first, and find no more than there are", async () => {
    const tables = randomTables(4, SIZE);
    const cohort = buildCohort({ ...tables, covariates: undefined });
    const few = await genotypeComponents(cohort, Uint32Array.of(0, 5, 9), 8, createReferenceBackend());
    expect(few.count).toBe(3);
    expect(varianceShare(few, 0) + varianceShare(few, 1) + varianceShare(few, 2)).toBeCloseTo(1, 12);
  });
});

test("all components are the same bytes from every backend", async () => {
  const tables = randomTables(6, SIZE);
  const cohort = buildCohort(tables);
  const index = Uint32Array.from({ length: 1450 }, (_, v) => v);
  const backends = [
    createReferenceBackend(),
    await createWasmBackend(),
    await createWasmBackend({ threads: 2, spawn: spawnThread }),
    await createWebGpuBackend({ gpu: await testGpu(), fallback: await createWasmBackend() }),
  ];
  const made = [];
  for (const backend of backends) {
    made.push([
      await genotypeComponents(cohort, index, 5, backend),
      await residualComponents(cohort, 5, backend),
      await expressionComponents(cohort, 5, backend),
    ]);
    await backend.dispose();
  }
  expect(made[1]).toEqual(made[0]);
  expect(made[2]).toEqual(made[0]);
  expect(made[3]).toEqual(made[0]);
});

describe("components of expression", () => {
  test("are Jacobi's of scaled genes, and of residuals orthogonal to the covariates", async () => {
    const tables = randomTables(8, SIZE);
    const cohort = buildCohort(tables);
    const n = SIZE.samples;
    const backend = createReferenceBackend();
    const raw = await expressionComponents(cohort, 4, backend);
    const genes = Array.from(cohort.geneRow, (row) => {
      const y = Array.from(cohort.report.expressionIndex, (s) => tables.expression.values[row * n + s]!);
      const mean = y.reduce((sum, value) => sum + value, 0) / n;
      const norm = Math.sqrt(y.reduce((sum, value) => sum + (value - mean) ** 2, 0));
      return y.map((value) => (value - mean) / norm);
    });
    expect(farthest(raw.vectors, jacobiEigen(plainGram(genes, n), n).vectors, 4)).toBeLessThan(1e-9);
    const left = await residualComponents(cohort, 40, backend);
    // 30 samples less the mean and 3 covariates: 26 dimensions, of 25 genes.
    expect(left.count).toBe(25);
    for (let k = 0; k < left.count; k++) {
      const vector = left.vectors.subarray(k * n, (k + 1) * n);
      expect(Math.abs(vector.reduce((sum, v) => sum + v, 0))).toBeLessThan(1e-9);
      for (const row of tables.covariates.cells) {
        expect(Math.abs(vector.reduce((sum, v, s) => sum + v * Number(row[s]), 0))).toBeLessThan(1e-8);
      }
    }
  });
});

test("outliers are told by their distance in standard deviations", () => {
  const n = 100;
  const vector = Float64Array.from({ length: n }, (_, i) => (i === 7 ? 50 : Math.sin(i)));
  const components = { features: 1, eigenvalues: new Float64Array(1), count: 1, vectors: vector };
  const [found, ...others] = outliers(components, n, 6);
  expect(others).toEqual([]);
  const mean = vector.reduce((sum, v) => sum + v, 0) / n;
  const sd = Math.sqrt(vector.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (n - 1));
  expect(found).toMatchObject({ sample: 7, component: 0 });
  expect(found!.z).toBeCloseTo((50 - mean) / sd, 12);
  expect(outliers(components, n, 10)).toEqual([]);
});

test("there are no more components than the Gram matrix has directions", () => {
  expect(principalComponents(new Float64Array(9), 3, 5, 2).count).toBe(0);
  expect(principalComponents(Float64Array.of(2, 0, 0, 0, 1, 0, 0, 0, 0), 3, 1, 3).count).toBe(2);
});
