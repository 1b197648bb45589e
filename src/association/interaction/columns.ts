import type { Cohort } from "../../cohort/cohort.ts";
import type { Columns } from "../../compute/backend.ts";
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
  const rows = records.length / layout.length;
  variantNames(model).forEach((name, k) => {
    const column = new Float64Array(rows);
    for (let row = 0; row < rows; row++) column[row] = records[row * layout.length + layout.mafLower + k]!;
    columns[name] = column;
  });
  return columns;
}
