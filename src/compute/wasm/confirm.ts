import type { Candidates } from "../backend.ts";
import { CANDIDATE, dot, readRow, usable } from "../exact.ts";
import type { OrderedPairs } from "../screen/orderedPairs.ts";
import type { HeldColumns, Job } from "./job.ts";

/**
 * What a screen found: of one cohort whose values are at hand, the pairs that do reach their threshold with their f64
 * products, so that whoever asked need not form them again on one thread; otherwise all pairs that may.
 */
export function confirmed(
  { factors, pairs, columns }: Job<HeldColumns>,
  threshold: Float64Array,
  found: OrderedPairs,
): Candidates {
  const [factor] = factors;
  const row = found.row.view;
  const column = found.column.view;
  const passed = row.length;
  if (factors.length !== 1 || factor?.columns.values === undefined || columns === 0) {
    return { kind: "candidates", row: row.slice(), column: column.slice(), pairs, passed };
  }
  const { rows, norm, weight } = factor;
  const { values } = factor.columns;
  const product = new Float64Array(passed);
  const g = new Float64Array(rows.samples);
  let current = -1;
  let kept = 0;
  for (let i = 0; i < passed; i += 1) {
    const r = row[i]!;
    const c = column[i]!;
    if (r !== current) readRow(rows, r, g);
    current = r;
    const value = dot(g, 0, values, c * rows.samples, rows.samples);
    // As ExactRow has it, and no pair is dropped for a number that cannot be compared.
    const size = usable(norm[r]!) ? Math.abs((weight * value) / norm[r]!) : 0;
    if (size < threshold[c]! * CANDIDATE) continue;
    row[kept] = r;
    column[kept] = c;
    product[kept] = value;
    kept += 1;
  }
  return {
    kind: "candidates",
    row: row.slice(0, kept),
    column: column.slice(0, kept),
    product: product.slice(0, kept),
    pairs,
    passed,
  };
}
