import type { Backend } from "../compute/backend.ts";
import { LARGEST_WHOLE } from "../compute/gram.ts";
import { adjacencies, type NetworkType } from "./adjacency.ts";
import { condensed, condensedLength } from "./condensed.ts";
import { correlationTriangle, eachRun } from "./correlationTriangle.ts";
import type { Correlator } from "./correlator.ts";

export interface AdjacencyOptions {
  readonly type: NetworkType;
  /** The soft-thresholding power, at least 1. */
  readonly power: number;
  /** Of unsigned networks: adjacencies with the signs of their correlations. */
  readonly keepSign?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Adjacencies of which overlaps are made by products of whole numbers. Memory: 2 bytes a pair of genes, both ways.
 */
export interface RoundedAdjacency {
  readonly count: number;
  /** Condensed (see condensed.ts), as f32. */
  readonly values: Float32Array;
  /** The sum of each gene's adjacencies with the others, signs aside: f64, of the values before they were rounded. */
  readonly connectivity: Float64Array;
  /** What a gene's whole numbers count: its largest adjacency is {@link LARGEST_WHOLE} of them. */
  readonly unit: Float64Array;
}

/** The adjacencies of all genes of a correlator. Throws UsageError for a power below 1. */
export async function roundedAdjacency(
  correlator: Correlator,
  backend: Backend,
  { type, power, keepSign = false, signal }: AdjacencyOptions,
): Promise<RoundedAdjacency> {
  const { count } = correlator;
  const values = new Float32Array(condensedLength(count));
  const connectivity = new Float64Array(count);
  const largest = new Float64Array(count);
  for await (const runs of correlationTriangle(correlator, backend, signal)) {
    const a = adjacencies(runs.values, type, power, keepSign);
    eachRun(runs, (j, first, at) => {
      const row = condensed(j, first, count);
      let k = connectivity[j]!;
      let most = largest[j]!;
      for (let i = first; i < runs.to; i++) {
        const value = a[at + i - first]!;
        const size = Math.abs(value);
        values[row + i - first] = value;
        // Neighbours in order: those of j come one after the other, and j is the next of each of these.
        k += size;
        connectivity[i] = connectivity[i]! + size;
        if (size > most) most = size;
        if (size > largest[i]!) largest[i] = size;
      }
      connectivity[j] = k;
      largest[j] = most;
    });
  }
  const unit = largest.map((most) => Math.fround(most) / LARGEST_WHOLE);
  return { count, values, connectivity, unit };
}

/** Writes a gene's adjacencies with all genes as whole numbers, to the nearest; 0 with itself. */
export function wholeRow({ count, values, unit }: RoundedAdjacency, gene: number, into: Int16Array): void {
  const scale = unit[gene]! > 0 ? 1 / unit[gene]! : 0;
  let at = gene - 1;
  for (let j = 0; j < gene; j++) {
    into[j] = Math.round(values[at]! * scale);
    // From condensed(j, gene) to condensed(j + 1, gene).
    at += count - j - 2;
  }
  into[gene] = 0;
  const row = condensed(gene, 0, count);
  for (let i = gene + 1; i < count; i++) into[i] = Math.round(values[row + i]! * scale);
}
