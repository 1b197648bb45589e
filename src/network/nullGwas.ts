import type { Backend } from "../compute/backend.ts";
import { Breather } from "../compute/pause.ts";
import { exp, log } from "../statistics/elementary.ts";
import { dot, standardise } from "../statistics/linalg.ts";
import { randomNormal } from "../statistics/randomNormal.ts";
import { deviateOf, type GeneTests, testedInOrder } from "./geneTests.ts";
import { products } from "./gramOperator.ts";
import type { LdReference } from "./ldReference.ts";

/** Statistics of genes under GWAS of random phenotypes on the reference. */
export interface NullGwas {
  readonly count: number;
  /** `z[null * genes + gene]`: each gene's z, as {@link GeneTests} has it; NaN of genes without a test. */
  readonly z: Float64Array;
}

export interface NullGwasOptions {
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Variants multiplied with the phenotypes at once; each product is its own sum. */
const TILE = 256;
/** Statistics of a gene at which z is computed; between them it is interpolated. */
const NODES = 48;

/**
 * `count` GWAS of random phenotypes (standard normal, standardised over the reference's samples; number k follows from seed and k alone), brought to
 * gene z by the same pipeline: sum of squares of the variants' z, and the tail of its law (METHODS 5.5: MetaBrain's null GWAS). z is interpolated in the logarithm of
 * the sum, in which both of its tails are smooth even for one variant, by cubics through 48 exact values: within 0.001 (test/unit/network/keyGeneNull.test.ts).
 * Memory: 16 bytes a gene and phenotype, of which 8 stay.
 */
export async function nullGwas(
  reference: LdReference,
  tests: Pick<GeneTests, "from" | "to" | "eigenvalues">,
  count: number,
  backend: Backend,
  { seed = 1, signal, onProgress }: NullGwasOptions = {},
): Promise<NullGwas> {
  const { from, to, eigenvalues } = tests;
  const genes = from.length;
  const { samples } = reference;
  const breather = new Breather(signal);
  const phenotypes = randomPhenotypes(samples, count, seed);
  const order = testedInOrder(from, to);
  const sums = new Float64Array(genes * count);
  const end = order.reduce((most, gene) => Math.max(most, to[gene]!), 0);
  let first = 0;
  for (let start = order.length === 0 ? end : from[order[0]!]!; start < end; start += TILE) {
    await breather.pause();
    const stop = Math.min(end, start + TILE);
    while (first < order.length && to[order[first]!]! <= start) first++;
    const near = [];
    for (let i = first; i < order.length && from[order[i]!]! < stop; i++) {
      if (to[order[i]!]! > start) near.push(order[i]!);
    }
    if (near.length === 0) continue;
    onProgress?.(start, end);
    const rows = await reference.rows(start, stop);
    const values = new Float64Array(rows.length * samples);
    rows.forEach((row, i) => {
      values.set(row, i * samples);
    });
    const matrix = { rows: rows.length, length: samples, values };
    const z = await products(matrix, { rows: count, length: samples, values: phenotypes }, backend, signal);
    for (const gene of near) {
      const [low, high] = [Math.max(start, from[gene]!) - start, Math.min(stop, to[gene]!) - start];
      for (let k = 0; k < count; k++) {
        sums[gene * count + k]! += dot(z, k * rows.length + low, z, k * rows.length + low, high - low);
      }
    }
  }
  const z = new Float64Array(count * genes).fill(Number.NaN);
  for (const gene of order) {
    await breather.pause();
    const own = deviates(eigenvalues[gene]!, sums.subarray(gene * count, (gene + 1) * count));
    for (let k = 0; k < count; k++) z[k * genes + gene] = own[k]!;
  }
  return { count, z };
}

/** Of sum of squares n - 1, so that their product with a row of norm 1 is the z of a GWAS. */
function randomPhenotypes(samples: number, count: number, seed: number): Float64Array {
  const values = new Float64Array(count * samples);
  const scale = Math.sqrt(samples - 1);
  for (let k = 0; k < count; k++) {
    const y = values.subarray(k * samples, (k + 1) * samples);
    for (let s = 0; s < samples; s++) y[s] = randomNormal(seed, k, s);
    standardise(y);
    for (let s = 0; s < samples; s++) y[s]! *= scale;
  }
  return values;
}

/** z of a gene's statistics: each by itself where there are few, else by interpolation. */
export function deviates(eigenvalues: Float64Array, statistics: Float64Array): Float64Array {
  if (statistics.length <= NODES) return statistics.map((value) => deviateOf(eigenvalues, value));
  const x = statistics.map((value) => log(value));
  const low = x.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = x.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const step = (high - low) / (NODES - 1);
  // All alike, or a sum of 0.
  if (!(step > 0 && step < Number.POSITIVE_INFINITY))
    return statistics.map((value) => deviateOf(eigenvalues, value));
  const nodes = Float64Array.from({ length: NODES }, (_, i) => {
    const at = low + i * step;
    return deviateOf(eigenvalues, exp(at));
  });
  return x.map((value) => cubic(nodes, (value - low) / step));
}

/** The cubic through the four nodes about `at`, which is counted in nodes. */
function cubic(nodes: Float64Array, at: number): number {
  const i = Math.max(1, Math.min(nodes.length - 3, Math.floor(at)));
  const t = at - i;
  const [a, b, c, d] = [nodes[i - 1]!, nodes[i]!, nodes[i + 1]!, nodes[i + 2]!];
  return (
    (-t * (t - 1) * (t - 2) * a) / 6 +
    ((t + 1) * (t - 1) * (t - 2) * b) / 2 -
    ((t + 1) * t * (t - 2) * c) / 2 +
    ((t + 1) * t * (t - 1) * d) / 6
  );
}
