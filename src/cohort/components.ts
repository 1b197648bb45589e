import type { Backend } from "../compute/backend.ts";
import { throwIfAborted } from "../errors.ts";
import { orthonormalBasis } from "../statistics/linalg.ts";
import { symmetricEigen } from "../statistics/symmetricEigen.ts";
import type { Cohort } from "./cohort.ts";
import { DosageReader, decodeDosages } from "./dosages.ts";
import { analysedExpression } from "./expression.ts";
import { GramSum } from "./gram.ts";
import { standardise } from "./residuals.ts";
import { countsOf, meanDosage, scanVariants } from "./variants.ts";

/** Principal components of samples, the strongest first. */
export interface Components {
  /** Variants or genes that they are made of. */
  readonly features: number;
  /** All eigenvalues of the samples' Gram matrix divided by `features`, descending. */
  readonly eigenvalues: Float64Array;
  /** How many components there are in `vectors`. */
  readonly count: number;
  /** `vectors[component * samples + sample]`, each of norm 1, its largest element positive. */
  readonly vectors: Float64Array;
}

/** A component whose eigenvalue is below this share of the first one's is rounding. */
export const RANK = 1e-10;
const READ_BLOCK = 4096;

/**
 * The first `count` principal components (or as many as there are) of samples from their Gram matrix, `gram[i * samples + j]`,
 * summed over `features` features.
 */
export function principalComponents(
  gram: Float64Array,
  samples: number,
  features: number,
  count: number,
): Components {
  const { values, vectors } = symmetricEigen(gram, samples, true);
  const eigenvalues = values.map((value) => value / Math.max(1, features));
  const rank = values.findIndex((value) => !(value > RANK * values[0]!));
  const kept = Math.min(count, rank < 0 ? samples : rank);
  return { features, eigenvalues, count: kept, vectors: vectors.slice(0, kept * samples) };
}

/** The share of all variance that component `k` has. */
export function varianceShare({ eigenvalues }: Components, k: number): number {
  const total = eigenvalues.reduce((sum, value) => sum + Math.max(0, value), 0);
  return total > 0 ? Math.max(0, eigenvalues[k] ?? 0) / total : 0;
}

/**
 * Components of the genotypes of the variants `index` (ascending): each standardised to (g - 2f) / sqrt(2f(1 - f)), f its
 * frequency among the samples, missing calls at the mean (Patterson, Price, Reich 2006; as plink2 --pca).
 */
export async function genotypeComponents(
  cohort: Cohort,
  index: Uint32Array,
  count: number,
  backend: Backend,
  signal?: AbortSignal,
): Promise<Components> {
  const source = cohort.tables.genotypes;
  const n = cohort.samples.length;
  const scan = await scanVariants(cohort, signal);
  const gram = new GramSum(n, backend, signal);
  const g = new Float64Array(n);
  let features = 0;
  for (let at = 0; at < index.length; ) {
    throwIfAborted(signal);
    const start = index[at]!;
    const end = Math.min(source.variantCount, start + READ_BLOCK);
    const block = await source.read(start, end, cohort.report.genotypeIndex);
    const dosages = new DosageReader(block);
    const { one, two, missing } = countsOf(scan, block);
    for (; at < index.length && index[at]! < end; at++) {
      const v = index[at]! - start;
      const mean = dosages.sums(v)?.mean ?? meanDosage(one[v]!, two[v]!, missing[v]!, n);
      decodeDosages(block, v, mean, g);
      const scale = Math.sqrt(mean * (1 - mean / 2));
      // A variant of one allele, or without a call, parts no samples.
      if (!(scale > 0)) continue;
      features++;
      for (let s = 0; s < n; s++) g[s] = (g[s]! - mean) / scale;
      await gram.add(g);
    }
  }
  return principalComponents(await gram.result(), n, features, count);
}

/**
 * Components of what the cohort's covariates leave of expression: each gene's residual at norm 1, so that all genes
 * weigh the same. Orthogonal to the covariates and to the constant.
 */
export async function residualComponents(
  cohort: Cohort,
  count: number,
  backend: Backend,
  signal?: AbortSignal,
): Promise<Components> {
  const n = cohort.samples.length;
  const gram = new GramSum(n, backend, signal);
  const genes = Array.from(cohort.geneStatus.keys()).filter((g) => cohort.geneStatus[g] === "ok");
  for (const gene of genes) await gram.add(cohort.residuals, gene * n);
  return principalComponents(await gram.result(), n, genes.length, count);
}

/** Components of expression as it is analysed, no covariate taken out: each gene centred and at norm 1. */
export async function expressionComponents(
  cohort: Cohort,
  count: number,
  backend: Backend,
  signal?: AbortSignal,
): Promise<Components> {
  const n = cohort.samples.length;
  const gram = new GramSum(n, backend, signal);
  const y = new Float64Array(n);
  const noBasis = orthonormalBasis(new Float64Array(0), [], n);
  const genes = Array.from(cohort.geneStatus.keys()).filter((g) => cohort.geneStatus[g] !== "constant");
  for (const gene of genes) {
    const { expression } = cohort.tables;
    analysedExpression(expression, cohort.geneRow[gene]!, cohort.report.expressionIndex, cohort.transform, y);
    standardise(y, noBasis);
    await gram.add(y);
  }
  return principalComponents(await gram.result(), n, genes.length, count);
}

/** A sample far from the others on a component: `z` in standard deviations. */
export interface Outlier {
  readonly sample: number;
  readonly component: number;
  readonly z: number;
}

/** Samples more than `limit` standard deviations from the mean of a component. */
export function outliers({ vectors, count }: Components, samples: number, limit: number): Outlier[] {
  const found: Outlier[] = [];
  for (let component = 0; component < count; component++) {
    const vector = vectors.subarray(component * samples, (component + 1) * samples);
    const mean = vector.reduce((sum, value) => sum + value, 0) / samples;
    const square = vector.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
    const deviation = Math.sqrt(square / (samples - 1));
    vector.forEach((value, sample) => {
      const z = (value - mean) / deviation;
      if (Math.abs(z) > limit) found.push({ sample, component, z });
    });
  }
  return found;
}
