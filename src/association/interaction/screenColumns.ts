import type { LoadedColumns } from "../../compute/backend.ts";
import { canonicalDot } from "../../compute/exact.ts";
import { termColumns } from "./columns.ts";
import type { Search } from "./found.ts";

/** A shorter w is not scaled to norm 1: its rounding would be within reach of the screen's slack. */
const SHORTEST = 1e-3;

/** What the screen multiplies genotypes with: see screen.ts. */
export interface ScreenColumns {
  readonly expression: LoadedColumns;
  /** w of norm 1. */
  readonly products: LoadedColumns;
  /** |w|, or Infinity where w is too short to be told by: its gene's pairs are all tested. */
  readonly scale: Float64Array;
  dispose(): Promise<void>;
}

export async function loadScreenColumns({ model, backend, genes }: Search): Promise<ScreenColumns> {
  const { values, samples } = termColumns(model, genes);
  const half = genes.length * samples;
  const count = genes.length;
  const scale = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const w = values.subarray(half + i * samples, half + (i + 1) * samples);
    scale[i] = standardiseProduct(w);
    // Any column will do where the threshold is 0: all pairs pass.
    if (scale[i] === Number.POSITIVE_INFINITY) w.set(values.subarray(i * samples, (i + 1) * samples));
  }
  const shape = { count, samples, standardised: true };
  const expression = await backend.load({ ...shape, values: values.slice(0, half) });
  const products = await backend.load({ ...shape, values: values.slice(half) });
  return {
    expression,
    products,
    scale,
    async dispose() {
      await expression.dispose();
      await products.dispose();
    },
  };
}

/** Scales w to norm 1 and sum 0 (it sums to 0 but for rounding); returns the norm it had, Infinity where that is too short. */
function standardiseProduct(w: Float64Array): number {
  const n = w.length;
  const norm = Math.sqrt(canonicalDot(w, 0, w, 0, n));
  if (!(norm > SHORTEST)) return Number.POSITIVE_INFINITY;
  let sum = 0;
  for (const value of w) sum += value;
  for (let s = 0; s < n; s++) w[s] = (w[s]! - sum / n) / norm;
  return norm;
}
