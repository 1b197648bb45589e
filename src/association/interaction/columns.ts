import type { Cohort } from "../../cohort/cohort.ts";
import type { Columns } from "../../compute/backend.ts";
import { canonicalDot } from "../../compute/exact.ts";
import type { GramLayout } from "./gramLayout.ts";
import type { InteractionModel } from "./model.ts";
import { variantNames } from "./pairNumbers.ts";

/**
 * What genotypes are multiplied with: the residual expression e of `genes`, then modifier x e for one modifier after the other,
 * `[(term * genes + gene) * samples + sample]`.
 */
export function termColumns({ cohort, modifiers }: InteractionModel, genes: ArrayLike<number>): Columns {
  const n = cohort.samples.length;
  const count = genes.length;
  const values = new Float64Array((modifiers.length + 1) * count * n);
  for (let i = 0; i < count; i++) {
    values.set(expressionOf(cohort, genes[i]!), i * n);
    modifiers.forEach((modifier, k) => {
      const at = ((k + 1) * count + i) * n;
      for (let s = 0; s < n; s++) values[at + s] = values[i * n + s]! * modifier.values[s]!;
    });
  }
  return { count: (modifiers.length + 1) * count, samples: n, values, standardised: false };
}

/** g.e and g.(modifier x e) of one gene into `out`, in the order of summation of a backend's `dense`. */
export function termProducts(
  { cohort, modifiers }: InteractionModel,
  g: Float64Array,
  gene: number,
  scratch: Float64Array,
  out: Float64Array,
  at = 0,
): void {
  const n = g.length;
  const start = gene * n;
  const { residuals } = cohort;
  out[at] = canonicalDot(g, 0, residuals, start, n);
  for (let k = 0; k < modifiers.length; k++) {
    const { values } = modifiers[k]!;
    for (let s = 0; s < n; s++) scratch[s] = residuals[start + s]! * values[s]!;
    out[at + k + 1] = canonicalDot(g, 0, scratch, 0, n);
  }
}

function expressionOf(cohort: Cohort, gene: number): Float64Array {
  const n = cohort.samples.length;
  return cohort.residuals.subarray(gene * n, (gene + 1) * n);
}

/** The variants' numbers of `variantNames`, a column each. */
export function variantColumns(
  model: InteractionModel,
  layout: GramLayout,
  records: Float64Array,
): Record<string, Float64Array> {
  const columns: Record<string, Float64Array> = {};
  variantNames(model).forEach((name, k) => {
    columns[name] = Float64Array.from(
      { length: records.length / layout.length },
      (_, row) => records[row * layout.length + layout.mafLower + k]!,
    );
  });
  return columns;
}
