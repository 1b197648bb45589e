import type { LoadedColumns } from "../../compute/backend.ts";
import { canonicalDot } from "../../compute/exact.ts";
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
  const { cohort, modifiers } = model;
  const { values: context } = modifiers[0]!;
  const samples = cohort.samples.length;
  const count = genes.length;
  const own = new Float64Array(count * samples);
  const multiplied = new Float64Array(count * samples);
  const scale = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const e = own.subarray(i * samples, (i + 1) * samples);
    const w = multiplied.subarray(i * samples, (i + 1) * samples);
    e.set(cohort.residuals.subarray(genes[i]! * samples, (genes[i]! + 1) * samples));
    for (let s = 0; s < samples; s++) w[s] = e[s]! * context[s]!;
    scale[i] = standardiseProduct(w);
    // Any column will do where the threshold is 0: all pairs pass.
    if (scale[i] === Number.POSITIVE_INFINITY) w.set(e);
  }
  const shape = { count, samples, standardised: true };
  const expression = await backend.load({ ...shape, values: own });
  const products = await backend.load({ ...shape, values: multiplied });
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
