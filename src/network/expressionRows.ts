import type { ExpressionSet } from "../cohort/expressionSet.ts";
import { InputError } from "../errors.ts";
import { standardise } from "../statistics/linalg.ts";

/** The genes of a cohort that can be correlated, each of mean 0 and norm 1. */
export interface ExpressionRows {
  /** Number of each in the cohort, ascending. */
  readonly gene: Uint32Array;
  readonly samples: number;
  /** `values[row * samples + sample]`. */
  readonly values: Float64Array;
}

/**
 * Standardises the genes that are `ok`; a missing value counts as its gene's mean.
 * Throws InputError where fewer than two genes are left.
 */
export function expressionRows({ name, samples, status, values }: ExpressionSet): ExpressionRows {
  const n = samples.length;
  const rows = new Float64Array(values.length);
  const gene: number[] = [];
  status.forEach((one, g) => {
    if (one !== "ok") return;
    const row = rows.subarray(gene.length * n, (gene.length + 1) * n);
    row.set(values.subarray(g * n, (g + 1) * n));
    fillMissing(row);
    if (standardise(row)) gene.push(g);
  });
  if (gene.length < 2) {
    throw new InputError(
      name,
      `${gene.length} of ${status.length} genes vary`,
      "a network needs two at least",
    );
  }
  return { gene: Uint32Array.from(gene), samples: n, values: rows.slice(0, gene.length * n) };
}

function fillMissing(row: Float64Array): void {
  let sum = 0;
  let count = 0;
  for (const value of row) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  for (let s = 0; s < row.length; s++) if (Number.isNaN(row[s]!)) row[s] = sum / count;
}
