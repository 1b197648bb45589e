import { inOrder } from "../association/pipeline.ts";
import type { Backend } from "../compute/backend.ts";
import { Breather } from "../compute/pause.ts";
import { condensed } from "./condensed.ts";
import type { OverlapOptions } from "./overlap.ts";
import { type RoundedAdjacency, wholeRow } from "./roundedAdjacency.ts";

/** Numbers of a product in flight, and rows of one. */
const TILE = 2 ** 21;
const MOST_ROWS = 256;

/** What rounding to f32 may do to an overlap (at most 1): adjacencies, connectivities and the overlap itself, 2^-24 each. */
const ROUNDING = 2 ** -21;

/** Overlaps of all pairs, condensed (see condensed.ts), and how far from the exact ones they may be. */
export interface RoundedOverlap {
  readonly values: Float32Array;
  /** The largest bound of a pair's error. */
  readonly bound: number;
}

/**
 * Topological overlap (see overlap.ts) with the sum over neighbours formed of adjacencies in whole numbers: sums of products of
 * whole numbers are exact in any order, so that the overlaps are the same bytes on every backend, a GPU among them.
 * Each adjacency of gene i is rounded by at most u_i / 2, half its unit, so the sum by (u_i k_j + u_j k_i) / 2 + n u_i u_j / 4 at most; it
 * is divided by min(k_i, k_j) + 1 - |a_ij| (METHODS 5.8, step 3). Memory: 2 bytes a pair both ways for the whole numbers, 2 for the result.
 */
export async function roundedOverlap(
  adjacency: RoundedAdjacency,
  backend: Backend,
  { signal, onProgress }: OverlapOptions = {},
): Promise<RoundedOverlap> {
  const { count } = adjacency;
  const values = new Float32Array(adjacency.values.length);
  const step = Math.max(4, Math.min(MOST_ROWS, 4 * Math.floor(TILE / (4 * Math.max(1, count)))));
  const runs: [number, number][] = [];
  for (let from = 0; from < count; from += step) runs.push([from, Math.min(count, from + step)]);
  const row = (gene: number, into: Int16Array) => wholeRow(adjacency, gene, into);
  const gram = await backend.gram({ count, length: count, row }, signal);
  let bound = 0;
  try {
    const breather = new Breather(signal);
    const products = inOrder(runs, backend.parallelism + 1, async ([from, to]) => {
      return { from, to, sums: await gram.products(from, to, signal) };
    });
    for await (const { from, to, sums } of products) {
      for (let j = 0; j < to; j++)
        bound = Math.max(bound, writeRun(adjacency, j, Math.max(from, j + 1), from, to, sums, values));
      await breather.pause();
      onProgress?.(to, count);
    }
  } finally {
    await gram.dispose();
  }
  return { values, bound: bound + ROUNDING };
}

/** The overlaps of gene j with genes `first` to `to`; the largest bound among them. */
function writeRun(
  { count, values: a, connectivity: k, unit }: RoundedAdjacency,
  j: number,
  first: number,
  from: number,
  to: number,
  sums: Float64Array,
  out: Float32Array,
): number {
  const at = condensed(j, 0, count);
  const products = j * (to - from) - from;
  const kj = k[j]!;
  const uj = unit[j]!;
  let bound = 0;
  for (let i = first; i < to; i++) {
    const ki = k[i]!;
    const ui = unit[i]!;
    const own = a[at + i]!;
    const below = Math.min(ki, kj) + 1 - Math.abs(own);
    // An exact overlap is at most 1, that of genes that are the same; a rounded one may be a little more.
    out[at + i] = Math.min(1, Math.abs(sums[products + i]! * (ui * uj) + own) / below);
    const error = (ui * kj + uj * ki + 0.5 * count * ui * uj) / (2 * below);
    if (error > bound) bound = error;
  }
  return bound;
}
