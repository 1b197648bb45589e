import { lowerBound } from "../association/geometry.ts";
import { Breather } from "../compute/pause.ts";
import type { GenotypeSource } from "../formats/genotypes.ts";
import { chiSquareSumTails } from "../statistics/chiSquareSum.ts";
import { dot } from "../statistics/linalg.ts";
import { log10NormalTwoSided, normalFromLog10P } from "../statistics/normal.ts";
import { symmetricEigenvalues } from "../statistics/symmetricEigen.ts";
import type { LdReference } from "./ldReference.ts";

/** Where genes lie, in terms of a reference. */
export interface PlacedGenes {
  readonly id: readonly string[];
  /** Code of the chromosome in the reference; -1 where it does not have it. */
  readonly chromosome: Int32Array;
  /** First and last base, 1-based. */
  readonly start: Int32Array;
  readonly end: Int32Array;
}

/** Without variants, and why where they were left out: the HLA region, X without anybody's sex or not wanted, Y and MT. */
export type GeneTestStatus =
  | "ok"
  | "no-chromosome"
  | "no-variants"
  | "hla"
  | "no-sex"
  | "excluded-x"
  | "excluded-y"
  | "excluded-mt";

/** A trait's association with genes, one entry a gene. Numbers are NaN without a test. */
export interface GeneTests {
  readonly status: readonly GeneTestStatus[];
  /** The gene's variants: numbers `from` to `to` (exclusive) of the reference's kept ones. */
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  /** Sum of z^2 over the variants. */
  readonly statistic: Float64Array;
  /** log10 P(a sum this large by chance). */
  readonly log10P: Float64Array;
  /** The normal deviate with this upper tail: positive for a small p. */
  readonly z: Float64Array;
  /** Sum of the squared eigenvalues of the variants' correlation matrix: half of the variance of the statistic by chance. */
  readonly sumSquares: Float64Array;
  /** Eigenvalues of that matrix, by which the chi-squares are weighted; empty without a test. */
  readonly eigenvalues: readonly Float64Array[];
  /** The strongest variant (number in the source), and log10 of its p. */
  readonly best: Int32Array;
  readonly bestLog10P: Float64Array;
}

export interface GeneTestOptions {
  /** Base pairs to either side of the gene. Default 50,000 (PascalX). */
  readonly window?: number | undefined;
  /** Why a gene (by its number) has no variants, where that is known. */
  readonly whyNone?: ((gene: number) => GeneTestStatus | undefined) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

const LOG10_2 = 0.3010299956639812;

/**
 * p of each gene from the z of its variants: their sum of squares is, by chance, a sum of chi-squares weighted by the eigenvalues of the variants' correlation matrix
 * (Lamparter et al. 2016; METHODS 5.4), whose tail is exact at any p. `chiSquare` is z^2 of each variant of the source.
 */
export async function testGenes(
  reference: LdReference,
  source: GenotypeSource,
  chiSquare: Float64Array,
  genes: PlacedGenes,
  options: GeneTestOptions = {},
): Promise<GeneTests> {
  const { signal, onProgress } = options;
  const count = genes.id.length;
  const { from, to } = rangesOf(reference, source, genes, options.window ?? 50_000);
  const empty = () => new Float64Array(count).fill(Number.NaN);
  const tests = { statistic: empty(), log10P: empty(), z: empty(), sumSquares: empty(), bestLog10P: empty() };
  const eigenvalues: Float64Array[] = genes.id.map(() => new Float64Array(0));
  const best = new Int32Array(count).fill(-1);
  const order = testedInOrder(from, to);
  const breather = new Breather(signal);
  for (const [done, gene] of order.entries()) {
    await breather.pause();
    onProgress?.(done, order.length);
    const rows = await reference.rows(from[gene]!, to[gene]!);
    const own = correlationEigenvalues(rows);
    eigenvalues[gene] = own;
    const variants = reference.index.subarray(from[gene], to[gene]);
    let sum = 0;
    best[gene] = variants[0]!;
    for (const variant of variants) {
      sum += chiSquare[variant]!;
      if (chiSquare[variant]! > chiSquare[best[gene]!]!) best[gene] = variant;
    }
    const { log10Upper, log10Lower } = chiSquareSumTails(own, sum);
    tests.statistic[gene] = sum;
    tests.log10P[gene] = log10Upper;
    tests.z[gene] = upperDeviate(log10Upper, log10Lower);
    tests.sumSquares[gene] = own.reduce((total, value) => total + value * value, 0);
    tests.bestLog10P[gene] = log10NormalTwoSided(Math.sqrt(chiSquare[best[gene]!]!));
  }
  onProgress?.(order.length, order.length);
  const status = genes.id.map((_, gene): GeneTestStatus => {
    if (genes.chromosome[gene]! < 0) return "no-chromosome";
    return to[gene]! > from[gene]! ? "ok" : (options.whyNone?.(gene) ?? "no-variants");
  });
  return { status, from, to, ...tests, eigenvalues, best };
}

/** The z of a gene's statistic: the normal deviate with the same tails. */
export function deviateOf(eigenvalues: Float64Array, statistic: number): number {
  const { log10Upper, log10Lower } = chiSquareSumTails(eigenvalues, statistic);
  return upperDeviate(log10Upper, log10Lower);
}

/** The z whose upper tail is the first, and lower tail the second. */
function upperDeviate(log10Upper: number, log10Lower: number): number {
  return log10Upper < log10Lower
    ? normalFromLog10P(Math.min(0, log10Upper + LOG10_2))
    : -normalFromLog10P(Math.min(0, log10Lower + LOG10_2));
}

/** Genes with variants, in the order in which their variants lie. */
export function testedInOrder(from: Uint32Array, to: Uint32Array): number[] {
  return Array.from(from.keys())
    .filter((gene) => to[gene]! > from[gene]!)
    .sort((a, b) => from[a]! - from[b]! || a - b);
}

function rangesOf(
  { index }: LdReference,
  { chromosomes, chromosomeCode, position }: GenotypeSource,
  genes: PlacedGenes,
  window: number,
): { from: Uint32Array; to: Uint32Array } {
  const place = Int32Array.from(index, (variant) => position.at(variant)!);
  const runs = chromosomes.map(() => ({ start: 0, end: 0 }));
  index.forEach((variant, i) => {
    const run = runs[chromosomeCode.at(variant)!]!;
    if (run.end === 0) run.start = i;
    run.end = i + 1;
  });
  const count = genes.id.length;
  const from = new Uint32Array(count);
  const to = new Uint32Array(count);
  for (let gene = 0; gene < count; gene++) {
    const run = runs[genes.chromosome[gene]!];
    if (run === undefined) continue;
    from[gene] = lowerBound(place, genes.start[gene]! - window, run.start, run.end);
    to[gene] = lowerBound(place, genes.end[gene]! + window + 1, from[gene], run.end);
  }
  return { from, to };
}

/** Those of the correlation matrix of unit rows, from the smaller of the two Gram matrices; none below 0. */
export function correlationEigenvalues(rows: readonly Float64Array[]): Float64Array {
  const k = rows.length;
  const n = rows[0]?.length ?? 0;
  if (k <= n) {
    const matrix = new Float64Array(k * k);
    for (let i = 0; i < k; i++)
      for (let j = 0; j <= i; j++) matrix[i * k + j] = dot(rows[i]!, 0, rows[j]!, 0, n);
    return symmetricEigenvalues(matrix, k).map((value) => Math.max(0, value));
  }
  const matrix = new Float64Array(n * n);
  for (const row of rows) {
    for (let i = 0; i < n; i++) {
      const value = row[i]!;
      for (let j = 0; j <= i; j++) matrix[i * n + j]! += value * row[j]!;
    }
  }
  return symmetricEigenvalues(matrix, n).map((value) => Math.max(0, value));
}
