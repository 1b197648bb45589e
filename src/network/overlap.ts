import { inOrder } from "../association/pipeline.ts";
import type { Backend, LoadedColumns } from "../compute/backend.ts";
import { type Adjacency, STRETCH } from "./adjacency.ts";
import { condensed, condensedLength } from "./condensed.ts";

/** Numbers of a product in flight. */
const TILE = 2 ** 21;
const MOST_ROWS = 512;

export interface OverlapOptions {
  readonly signal?: AbortSignal | undefined;
  /** Genes done, of all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Topological overlap (Zhang and Horvath 2005), condensed (see condensed.ts):
 * TOM = |sum over u of a_iu a_uj + a_ij| / (min(k_i, k_j) + 1 - |a_ij|). Adjacencies with the signs of their correlations give
 * WGCNA's "signed" overlap. METHODS 5.8, step 3.
 *
 * n^3 / 2 multiplications in f64 on the backend, in a fixed order: over stretches of 512 neighbours the dot product of
 * exact.ts, and these added one after the other. Memory: 4 n^2 bytes for the result, and the products in flight.
 */
export async function topologicalOverlap(
  adjacency: Adjacency,
  backend: Backend,
  { signal, onProgress }: OverlapOptions = {},
): Promise<Float64Array> {
  const { count } = adjacency;
  const k = adjacency.connectivity();
  const out = new Float64Array(condensedLength(count));
  const step = Math.max(4, Math.min(MOST_ROWS, Math.floor(TILE / Math.max(1, count))));
  const runs: [number, number][] = [];
  for (let from = 0; from < count; from += step) runs.push([from, Math.min(count, from + step)]);
  const columns: LoadedColumns[] = [];
  try {
    for (const values of adjacency.stretches) {
      columns.push(
        await backend.load({ count, samples: values.length / count, values, standardised: false }),
      );
    }
    const products = inOrder(runs, backend.parallelism + 1, ([from, to]) =>
      sharedConnections(adjacency, columns, backend, from, to, signal),
    );
    for await (const run of products) {
      // Rows of the result lie side by side, those of the products apart: a row at a time.
      for (let i = run.from; i < run.to; i++) writeRow(adjacency, k, i, run, out);
      onProgress?.(run.to, count);
    }
  } finally {
    for (const loaded of columns) await loaded.dispose();
  }
  return out;
}

interface Shared {
  readonly from: number;
  readonly to: number;
  /** Column j's run of sums, over rows `from` to min(to, j), ends before column j + 1's. */
  readonly sums: Float64Array;
}

/** Sum over u of a_iu a_uj of rows `from` to `to` with the columns beyond them. */
async function sharedConnections(
  adjacency: Adjacency,
  columns: readonly LoadedColumns[],
  backend: Backend,
  from: number,
  to: number,
  signal: AbortSignal | undefined,
): Promise<Shared> {
  const { count, stretches } = adjacency;
  const rows = to - from;
  const start = new Uint32Array(count);
  const end = Uint32Array.from(start, (_, j) => Math.max(0, Math.min(rows, j - from)));
  let sums: Float64Array | undefined;
  for (const [s, stretch] of stretches.entries()) {
    const samples = stretch.length / count;
    const values = stretch.subarray(from * samples, to * samples);
    const factor = {
      rows: { kind: "real" as const, count: rows, samples, values },
      ...{ columns: columns[s]!, norm: new Float64Array(rows).fill(1), weight: 1 },
    };
    const product = await backend.product([factor], { kind: "dense", windows: { start, end } }, signal);
    const dots = product.values[0]!;
    if (sums === undefined) sums = dots;
    else for (let i = 0; i < dots.length; i++) sums[i] = sums[i]! + dots[i]!;
  }
  return { from, to, sums: sums ?? new Float64Array(0) };
}

function writeRow(
  adjacency: Adjacency,
  k: Float64Array,
  i: number,
  { from, to, sums }: Shared,
  out: Float64Array,
): void {
  const { count, stretches } = adjacency;
  const rows = to - from;
  const row = condensed(i, 0, count);
  for (let j = i + 1; j < count; j++) {
    const stretch = stretches[Math.floor(j / STRETCH)]!;
    const a = stretch[(i * stretch.length) / count + (j % STRETCH)]!;
    // Column c beyond `from` has min(rows, c) sums.
    const c = j - from;
    const before = c <= rows ? (c * (c - 1)) / 2 : (rows * (rows - 1)) / 2 + rows * (c - rows);
    out[row + j] = Math.abs(sums[before + i - from]! + a) / (Math.min(k[i]!, k[j]!) + 1 - Math.abs(a));
  }
}
