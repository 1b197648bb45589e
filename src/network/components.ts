import { principalComponents } from "../cohort/components.ts";
import { GramSum } from "../cohort/gram.ts";
import type { Backend } from "../compute/backend.ts";
import { throwIfAborted, UsageError } from "../errors.ts";
import { counted } from "../formats/wording.ts";
import { orient } from "../statistics/symmetricEigen.ts";
import { RELIABLE_ALPHA, reliableComponents } from "./cronbach.ts";
import { GramOperator, type Matrix, products, transposed } from "./gramOperator.ts";
import {
  iterationCost,
  LEAST_BLOCKS,
  type LeadingEigen,
  leadingEigen,
  wholeCost,
} from "./randomisedEigen.ts";

/** Principal components of the correlation matrix of genes, the strongest first. */
export interface GeneComponents {
  readonly genes: number;
  /**
   * Eigenvalues of the correlation matrix, descending, those that are not rounding: their sum is the number of genes. Of a randomised
   * decomposition only those of `vectors`.
   */
  readonly eigenvalues: Float64Array;
  /** How many components there are in `vectors`. */
  readonly count: number;
  /** `vectors[component * genes + gene]`: eigenvectors of norm 1, the largest element positive. */
  readonly vectors: Float64Array;
  /** Of a randomised decomposition: the largest |G v - l v|, G the smaller Gram matrix. Each eigenvalue is within this of a true one. */
  readonly residual?: number | undefined;
}

/** `whole`: all eigenvectors of the smaller Gram matrix. `randomised`: those that are wanted, by products alone. `auto`: what is cheaper. */
export type Decomposition = "auto" | "whole" | "randomised";

export interface GeneComponentsOptions {
  /** Keep this many components (or as many as there are); without it `alpha` decides. */
  readonly count?: number | undefined;
  /** Keep components whose Cronbach's alpha is at least this. Default 0.7. */
  readonly alpha?: number | undefined;
  /** Default `auto`. `randomised` needs `count`. */
  readonly decomposition?: Decomposition | undefined;
  /** Of the randomised decomposition. Default 1. */
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Genes multiplied with the components at once. Each product is its own sum: this changes no bit. */
const GENE_BLOCK = 4096;
/**
 * Components of `genes` genes, `rows[gene * samples + sample]`, each of mean 0 and norm 1, so that the correlation
 * matrix is rows x rows'. It is never made where there are fewer samples than genes: the samples' Gram matrix has the same
 * eigenvalues l, and its eigenvectors u give the genes' as rows x u / sqrt(l). Products on the backend, in f64. The whole decomposition takes about 6 s^3
 * multiplications and 24 s^2 bytes, s the smaller of genes and samples; where `count` is small beside s, a randomised iteration finds the same eigenvectors at
 * less cost, if it converges. Which one it is follows from sizes and eigenvalues alone.
 * @throws UsageError when the sizes disagree, no component has the alpha asked for, or a randomised decomposition asked for has no count or does not converge.
 */
export async function geneComponents(
  rows: Float64Array,
  genes: number,
  samples: number,
  backend: Backend,
  options: GeneComponentsOptions = {},
): Promise<GeneComponents> {
  const { signal, alpha = RELIABLE_ALPHA, decomposition = "auto", seed = 1 } = options;
  if (rows.length !== genes * samples) {
    throw new UsageError(
      `${genes} genes of ${samples} samples have ${genes * samples} values, not ${rows.length}`,
    );
  }
  const matrix: Matrix = { rows: genes, length: samples, values: rows };
  const leading = await randomised(matrix, options.count, decomposition, seed, backend, signal);
  throwIfAborted(signal);
  const { values: eigenvalues, vectors: u, residual } = leading ?? (await whole(matrix, backend, signal));
  const wanted = options.count ?? reliableComponents(eigenvalues, genes, alpha);
  if (options.count === undefined && wanted === 0) {
    throw new UsageError(
      `no component of ${counted(genes, "gene")} has a Cronbach's alpha of ${alpha} or more; give the number of components`,
    );
  }
  const count = Math.min(wanted, eigenvalues.length);
  const common = { genes, eigenvalues, count, residual };
  if (samples > genes) return { ...common, vectors: u.slice(0, count * genes) };
  const vectors = await geneVectors(matrix, u, count, backend, signal);
  for (let k = 0; k < count; k++) {
    const vector = vectors.subarray(k * genes, (k + 1) * genes);
    const scale = Math.sqrt(eigenvalues[k]!);
    for (let g = 0; g < genes; g++) vector[g]! /= scale;
    orient(vector);
  }
  return { ...common, vectors };
}

/** Eigenvectors of the smaller Gram matrix, in samples or in genes. */
type SmallerSide = Pick<LeadingEigen, "values" | "vectors"> & { readonly residual?: number };

async function whole(
  { rows: genes, length: samples, values }: Matrix,
  backend: Backend,
  signal: AbortSignal | undefined,
): Promise<SmallerSide> {
  const bySample = samples <= genes;
  const order = bySample ? samples : genes;
  const gram = new GramSum(order, backend, signal);
  if (bySample) for (let g = 0; g < genes; g++) await gram.add(values, g * samples);
  else {
    const column = new Float64Array(genes);
    for (let s = 0; s < samples; s++) {
      for (let g = 0; g < genes; g++) column[g] = values[g * samples + s]!;
      await gram.add(column);
    }
  }
  throwIfAborted(signal);
  const { eigenvalues, vectors, count } = principalComponents(await gram.result(), order, 1, order);
  return { values: eigenvalues.slice(0, count), vectors };
}

/** Undefined where the whole decomposition is to be made. */
async function randomised(
  matrix: Matrix,
  count: number | undefined,
  decomposition: Decomposition,
  seed: number,
  backend: Backend,
  signal: AbortSignal | undefined,
): Promise<SmallerSide | undefined> {
  const forced = decomposition === "randomised";
  if (forced && count === undefined) {
    throw new UsageError("a randomised decomposition needs the number of components");
  }
  if (decomposition === "whole" || count === undefined) return undefined;
  const order = Math.min(matrix.rows, matrix.length);
  const features = Math.max(matrix.rows, matrix.length);
  // Tried where the blocks after which its convergence can be judged take at most half of what the whole one takes.
  const all = wholeCost(features, order);
  if (!forced && iterationCost(features, order, count, LEAST_BLOCKS) > all / 2) return undefined;
  const operator = new GramOperator(matrix.length === order ? matrix : transposed(matrix), backend, signal);
  const isAffordable = (blocks: number): boolean =>
    blocks < Number.POSITIVE_INFINITY && (forced || iterationCost(features, order, count, blocks) <= all);
  const found = await leadingEigen(operator, count, seed, isAffordable);
  if (forced && found === undefined) {
    throw new UsageError(
      `the randomised decomposition does not converge on ${counted(count, "component")}: eigenvalues lie too near to each other; take the whole one`,
    );
  }
  return found;
}

/** rows x u of the first `count` eigenvectors `u`, component after component. */
async function geneVectors(
  { rows: genes, length: samples, values }: Matrix,
  u: Float64Array,
  count: number,
  backend: Backend,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const vectors = new Float64Array(count * genes);
  if (count === 0) return vectors;
  const columns = { rows: count, length: samples, values: u.slice(0, count * samples) };
  for (let start = 0; start < genes; start += GENE_BLOCK) {
    throwIfAborted(signal);
    const block = Math.min(GENE_BLOCK, genes - start);
    const part = values.subarray(start * samples, (start + block) * samples);
    const found = await products({ rows: block, length: samples, values: part }, columns, backend, signal);
    for (let k = 0; k < count; k++) {
      vectors.set(found.subarray(k * block, (k + 1) * block), k * genes + start);
    }
  }
  return vectors;
}
