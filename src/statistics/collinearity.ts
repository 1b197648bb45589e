import { UsageError } from "../errors.ts";
import { type DroppedColumn, dot, standardise } from "./linalg.ts";
import { symmetricEigen } from "./symmetricEigen.ts";

/** Two columns more correlated than this are one. */
const SAME = 0.9999;
/** A column of which the others explain more than this share adds nothing (a variance inflation above 1000). */
const EXPLAINED = 0.999;
/** An eigenvalue of the correlation matrix below this is 0: the columns of its vector are collinear. */
const NO_VARIANCE = 1e-13;

export interface IndependentColumns {
  /** Indices of the columns that stay, ascending. */
  readonly kept: readonly number[];
  readonly dropped: readonly DroppedColumn[];
}

/**
 * Which of the columns (`columns[column * n + row]`) of a design stay (METHODS 1.4): not the constant ones; of two with
 * |r| > 0.9999 the earlier; then, as long as the others explain more than 0.999 of a column's variance, without the last such
 * column. Earlier columns are thus kept in preference to later ones.
 * @throws UsageError when the sizes disagree.
 */
export function independentColumns(
  columns: Float64Array,
  names: readonly string[],
  n: number,
): IndependentColumns {
  if (columns.length !== names.length * n) {
    throw new UsageError(
      `${names.length} columns of ${n} values are ${names.length * n}, not ${columns.length}`,
    );
  }
  const standard = columns.slice();
  const dropped: DroppedColumn[] = [];
  let kept: number[] = [];
  names.forEach((name, c) => {
    if (!standardise(standard.subarray(c * n, (c + 1) * n))) {
      dropped.push({ name, why: "constant" });
      return;
    }
    const twin = kept.find((k) => Math.abs(dot(standard, c * n, standard, k * n, n)) > SAME);
    if (twin === undefined) kept.push(c);
    else dropped.push({ name, why: `its correlation with ${names[twin]} is beyond ${SAME}` });
  });
  for (;;) {
    const explained = shareExplained(standard, kept, n);
    const last = explained.findLastIndex((share) => share > EXPLAINED);
    if (last < 0) return { kept, dropped };
    const name = names[kept[last]!]!;
    dropped.push({ name, why: `the others explain more than ${EXPLAINED} of its variance` });
    kept = kept.filter((_, i) => i !== last);
  }
}

/** R2 of each of the columns on the others: 1 - 1 / (R^-1)_jj, R their correlation matrix, by its eigenvectors. */
function shareExplained(standard: Float64Array, kept: readonly number[], n: number): number[] {
  const k = kept.length;
  const correlation = new Float64Array(k * k);
  kept.forEach((a, i) => {
    kept.slice(0, i + 1).forEach((b, j) => {
      correlation[i * k + j] = dot(standard, a * n, standard, b * n, n);
    });
  });
  const { values, vectors } = symmetricEigen(correlation, k, true);
  return kept.map((_, j) => {
    let inflation = 0;
    for (let m = 0; m < k; m++) {
      const v = vectors[m * k + j]!;
      inflation += (v * v) / Math.max(values[m]!, NO_VARIANCE);
    }
    return 1 - 1 / inflation;
  });
}
