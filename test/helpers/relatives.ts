/** Cohorts of families: genotypes handed down, and traits of a known heritability. */
import type { SampleMatrix } from "../../src/formats/tables.ts";
import { jacobiEigen } from "./jacobi.ts";
import { centre, invert, sumOf } from "./plainOls.ts";
import { memoryGenotypes, type RandomTables, testNormal, testRandom } from "./randomCohort.ts";

/** A symmetric matrix as tables have it. */
export function sampleMatrix(
  samples: readonly string[],
  matrix: readonly (readonly number[])[],
): SampleMatrix {
  const values = Float64Array.from(matrix.flat());
  return { name: "matrix", samples, size: samples.length, values, absent: "error" };
}

/** Relationship of `families` of two parents and `children` each: 1, and 0.5 but between the parents. */
export function familyMatrix(families: number, children: number): number[][] {
  const size = 2 + children;
  const n = families * size;
  return Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => {
      if (i === j) return 1;
      if (Math.floor(i / size) !== Math.floor(j / size)) return 0;
      return i % size < 2 && j % size < 2 ? 0 : 0.5;
    }),
  );
}

/** A random positive definite matrix, of entries that no structure explains. */
export function randomCovariance(n: number, seed: number): number[][] {
  const random = testRandom(seed);
  const loading = Array.from({ length: n }, () => Array.from({ length: 6 }, () => testNormal(random)));
  return loading.map((a, i) =>
    loading.map(
      (b, j) => 0.4 * a.reduce((sum, x, k) => sum + x * b[k]!, 0) + (i === j ? 0.3 + (i % 7) / 3 : 0),
    ),
  );
}

/**
 * Genotypes of unlinked variants handed down in `families`, expression of heritability `h2` without effects of theirs,
 * one gene a chromosome of its own so that all pairs are far, and `covariates` that explain some of it.
 */
export function familyTables(
  seed: number,
  size: {
    families: number;
    children: number;
    variants: number;
    genes: number;
    covariates?: number;
    h2: number;
  },
): RandomTables & { readonly relatedness: number[][] } {
  const random = testRandom(seed);
  const relatedness = familyMatrix(size.families, size.children);
  const n = relatedness.length;
  const per = 2 + size.children;
  const samples = Array.from({ length: n }, (_, i) => `S${i}`);
  const founder = (p: number): number[] => [random() < p ? 1 : 0, random() < p ? 1 : 0];
  const variants = Array.from({ length: size.variants }, (_, v) => {
    const p = 0.1 + 0.4 * random();
    const calls: number[] = [];
    for (let f = 0; f < size.families; f++) {
      const parents = [founder(p), founder(p)];
      const pick = (parent: number[]): number => parent[random() < 0.5 ? 0 : 1]!;
      for (const parent of parents) calls.push(parent[0]! + parent[1]!);
      for (let c = 0; c < size.children; c++) calls.push(pick(parents[0]!) + pick(parents[1]!));
    }
    return { chromosome: "1", position: 1000 * (v + 1), calls };
  });
  const covariateRows = Array.from({ length: size.covariates ?? 0 }, () =>
    samples.map(() => testNormal(random)),
  );
  const values = new Float64Array(size.genes * n);
  for (let g = 0; g < size.genes; g++) {
    for (let f = 0; f < size.families; f++) {
      const parents = [testNormal(random), testNormal(random)];
      for (let m = 0; m < per; m++) {
        const segregation = testNormal(random) * Math.SQRT1_2;
        const additive = m < 2 ? parents[m]! : (parents[0]! + parents[1]!) / 2 + segregation;
        const s = f * per + m;
        const nuisance = covariateRows.reduce((sum, row) => sum + 0.4 * row[s]!, 0);
        values[g * n + s] =
          nuisance + Math.sqrt(size.h2) * additive + Math.sqrt(1 - size.h2) * testNormal(random);
      }
    }
  }
  const names = Array.from({ length: size.genes }, (_, g) => `G${g}`);
  return {
    relatedness,
    calls: variants.map(({ calls }) => calls),
    genotypes: memoryGenotypes(samples, variants),
    expression: {
      ...{
        name: "expression",
        samples,
        id: names,
        chromosome: names.map(() => "2"),
        strand: names.map(() => "+"),
      },
      ...{
        start: Int32Array.from(names, (_, g) => 1000 * g),
        end: Int32Array.from(names, (_, g) => 1000 * g + 1),
      },
      values,
    },
    covariates: {
      ...{ name: "covariates", samples, covariates: covariateRows.map((_, c) => `C${c}`) },
      cells: covariateRows.map((row) => row.map(String)),
    },
  };
}

/**
 * {@link familyTables} with the genes among the variants, each following two of them, one strongly.
 */
export function cisFamilies(
  seed: number,
  size: Parameters<typeof familyTables>[1],
): ReturnType<typeof familyTables> {
  const tables = familyTables(seed, size);
  const { expression, calls } = tables;
  const n = expression.samples.length;
  const values = expression.values.slice();
  for (let g = 0; g < size.genes; g++) {
    const [strong, weak] = [(3 + 5 * g) % calls.length, (11 + 7 * g) % calls.length];
    for (let s = 0; s < n; s++) values[g * n + s]! += 1.6 * calls[strong]![s]! - 0.9 * calls[weak]![s]!;
  }
  return { ...tables, expression: { ...expression, values, chromosome: expression.id.map(() => "1") } };
}

/** P = W - W C (C'WC)^-1 C'W, W the inverse of `sigma`, C the constant and the covariates: by inverses of whole matrices, nothing of src. */
export function plainProjection(
  covariates: readonly (readonly number[])[],
  sigma: readonly (readonly number[])[],
): number[][] {
  const weight = invert(sigma);
  const columns = [sigma.map(() => 1), ...covariates.map(centre)];
  const weighted = columns.map((column) => weight.map((row) => sumOf(row, column)));
  const inverse = invert(columns.map((a) => weighted.map((b) => sumOf(a, b))));
  return weight.map((row, i) =>
    row.map((value, j) =>
      weighted.reduce(
        (left, a, c) => left - a[i]! * weighted.reduce((sum, b, d) => sum + inverse[c]![d]! * b[j]!, 0),
        value,
      ),
    ),
  );
}

/** The eigenvectors of {@link plainProjection} that the constant and the covariates leave, and their eigenvalues. */
export function plainSpectrum(
  covariates: readonly (readonly number[])[],
  sigma: readonly (readonly number[])[],
): { value: number; vector: number[] }[] {
  const n = sigma.length;
  const { values, vectors } = jacobiEigen(Float64Array.from(plainProjection(covariates, sigma).flat()), n);
  return [...values.keys()]
    .sort((a, b) => values[b]! - values[a]!)
    .slice(0, n - 1 - covariates.length)
    .map((c) => ({ value: values[c]!, vector: Array.from(vectors[c]!) }));
}

/** Vectors in those coordinates, scaled so that errors are independent there: their products are those with P. */
export function plainWhitening(
  covariates: readonly (readonly number[])[],
  sigma: readonly (readonly number[])[],
): (values: readonly number[]) => number[] {
  const spectrum = plainSpectrum(covariates, sigma);
  return (given) => spectrum.map(({ value, vector }) => Math.sqrt(value) * sumOf(vector, given));
}
