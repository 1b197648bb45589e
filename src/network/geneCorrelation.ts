import { throwIfAborted } from "../errors.ts";
import type { GenotypeSource } from "../formats/genotypes.ts";
import { dot } from "../statistics/linalg.ts";
import { type GeneTests, testedInOrder } from "./geneTests.ts";
import type { LdReference } from "./ldReference.ts";

/** A block of the correlation matrix of genes; genes of two blocks are not correlated. */
export interface CorrelationBlock {
  /** Numbers of genes, in the order of their variants. */
  readonly genes: Uint32Array;
  /** Row by row, 1 on the diagonal. */
  readonly matrix: Float64Array;
}

export interface GeneCorrelationOptions {
  /** Variants farther apart than this are taken as independent. Default 1,000,000. */
  readonly distance?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * How genes' statistics are correlated by chance alone, because their variants are linked or the same: what many GWAS of random
 * phenotypes on the reference would show (METHODS 5.5), in closed form. For z ~ N(0, R) the statistics T = sum z^2 of genes g and h have
 * the covariance 2 sum r_ij^2 over i in g, j in h. Estimated by n samples each r^2 is 1 / (n - 1) too large where there is no linkage: that
 * is taken off, which is exactly the law of standardised random phenotypes over these samples.
 * The genes of one chromosome are a block, parted where no two variants are within reach.
 */
export async function geneCorrelations(
  reference: LdReference,
  source: GenotypeSource,
  { from, to }: Pick<GeneTests, "from" | "to">,
  options: GeneCorrelationOptions = {},
): Promise<CorrelationBlock[]> {
  const { distance = 1_000_000, signal, onProgress } = options;
  const order = testedInOrder(from, to);
  const blocks: CorrelationBlock[] = [];
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    let last = to[order[start]!]!;
    while (end < order.length && reaches(reference, source, last - 1, from[order[end]!]!, distance)) {
      last = Math.max(last, to[order[end]!]!);
      end++;
    }
    const genes = Uint32Array.from(order.slice(start, end));
    onProgress?.(start, order.length);
    blocks.push({ genes, matrix: await blockOf(reference, source, genes, from, to, distance, signal) });
    start = end;
  }
  onProgress?.(order.length, order.length);
  return blocks;
}

/** Whether kept variant `b` (not before `a`) is on a's chromosome and within `distance` of it. */
function reaches(
  { index }: LdReference,
  { chromosomeCode, position }: GenotypeSource,
  a: number,
  b: number,
  distance: number,
): boolean {
  const [v, w] = [index[a]!, index[b]!];
  return chromosomeCode.at(v) === chromosomeCode.at(w) && position.at(w)! - position.at(v)! <= distance;
}

async function blockOf(
  reference: LdReference,
  source: GenotypeSource,
  genes: Uint32Array,
  from: Uint32Array,
  to: Uint32Array,
  distance: number,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const g = genes.length;
  const first = from[genes[0]!]!;
  const last = genes.reduce((most, gene) => Math.max(most, to[gene]!), 0);
  // sums[a * g + b]: r^2 less its expectation over i in a and j > i in b, and over the variants of both.
  const sums = new Float64Array(g * g);
  const noise = 1 / (reference.samples - 1);
  let end = first;
  for (let i = first; i < last; i++) {
    throwIfAborted(signal);
    end = Math.max(end, i + 1);
    while (end < last && reaches(reference, source, i, end, distance)) end++;
    const rows = await reference.rows(i, end);
    const excess = new Float64Array(end - i + 1);
    // Running sums: the excess of the variants before j.
    for (let j = 1; j < rows.length; j++) {
      const r = dot(rows[0]!, 0, rows[j]!, 0, reference.samples);
      excess[j + 1] = excess[j]! + (r * r - noise);
    }
    const own: number[] = [];
    const others: number[] = [];
    for (let a = 0; a < g; a++) {
      const gene = genes[a]!;
      if (from[gene]! >= end) break;
      if (to[gene]! <= i) continue;
      others.push(a);
      if (from[gene]! <= i) own.push(a);
    }
    for (const b of others) {
      const low = Math.max(from[genes[b]!]!, i + 1) - i;
      const high = Math.min(to[genes[b]!]!, end) - i;
      const sum = high > low ? excess[high]! - excess[low]! : 0;
      for (const a of own) sums[a * g + b]! += sum;
    }
    for (const a of own) for (const b of own) sums[a * g + b]! += 0.5 * (1 - noise);
  }
  return correlationOf(sums, g);
}

/** Both orders of each pair added, scaled to 1 on the diagonal. A gene whose own sum is not above 0 correlates with none. */
function correlationOf(sums: Float64Array, g: number): Float64Array {
  const scale = Float64Array.from({ length: g }, (_, a) => {
    const own = 2 * sums[a * g + a]!;
    return own > 0 ? 1 / Math.sqrt(own) : 0;
  });
  const matrix = new Float64Array(g * g);
  for (let a = 0; a < g; a++) {
    matrix[a * g + a] = 1;
    for (let b = 0; b < a; b++) {
      const both = (sums[a * g + b]! + sums[b * g + a]!) * (scale[a]! * scale[b]!);
      const r = Math.max(-1, Math.min(1, both));
      matrix[a * g + b] = r;
      matrix[b * g + a] = r;
    }
  }
  return matrix;
}

/** The blocks with only the genes that `number` gives one (others -1), by those numbers. */
export function correlationAmong(
  blocks: readonly CorrelationBlock[],
  number: Int32Array,
): CorrelationBlock[] {
  return blocks.flatMap(({ genes, matrix }) => {
    const kept = Array.from(genes.keys()).filter((i) => number[genes[i]!]! >= 0);
    if (kept.length === 0) return [];
    const g = genes.length;
    const values = new Float64Array(kept.length * kept.length);
    kept.forEach((i, a) => {
      kept.forEach((j, b) => {
        values[a * kept.length + b] = matrix[i * g + j]!;
      });
    });
    return [{ genes: Uint32Array.from(kept, (i) => number[genes[i]!]!), matrix: values }];
  });
}
