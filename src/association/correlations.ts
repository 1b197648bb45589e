import type { SampleColumns } from "../cohort/views.ts";
import { dot, standardise } from "../statistics/linalg.ts";

/** Correlations of two sets of columns: `r[row * columns.length + column]`, NaN with a constant one. */
export interface Correlations {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly r: Float64Array;
}

/** Pearson's r of each of `rows` with each of `columns`, of `n` samples each. */
export function correlationsOf(rows: SampleColumns, columns: SampleColumns, n: number): Correlations {
  const [a, b] = [standardColumns(rows, n), standardColumns(columns, n)];
  const r = new Float64Array(rows.names.length * columns.names.length);
  for (let i = 0; i < rows.names.length; i++) {
    for (let j = 0; j < columns.names.length; j++) {
      r[i * columns.names.length + j] = dot(a, i * n, b, j * n, n);
    }
  }
  return { rows: rows.names, columns: columns.names, r };
}

/** The columns centred and at norm 1; a constant one is all NaN. */
function standardColumns(columns: SampleColumns, n: number): Float64Array {
  const values = columns.values.slice();
  columns.names.forEach((_, c) => {
    const column = values.subarray(c * n, (c + 1) * n);
    if (!standardise(column)) column.fill(Number.NaN);
  });
  return values;
}
