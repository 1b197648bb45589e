/** Ranks and the rank-based inverse normal transform. */

import { UsageError } from "../errors.ts";
import { normalQuantile } from "./normal.ts";

/**
 * Ranks from 1 to n; equal values share the mean of their ranks.
 * @throws UsageError when a value is NaN.
 */
export function averageRanks(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values.keys()).sort((i, j) => values[i]! - values[j]!);
  const ranks = new Float64Array(values.length);
  let start = 0;
  while (start < order.length) {
    const value = values[order[start]!]!;
    if (Number.isNaN(value))
      throw new UsageError(`value ${order[start]! + 1} is not a number and has no rank`);
    let end = start + 1;
    while (end < order.length && values[order[end]!] === value) end++;
    const rank = (start + 1 + end) / 2;
    for (let i = start; i < end; i++) ranks[order[i]!] = rank;
    start = end;
  }
  return ranks;
}

/**
 * Phi^-1(rank / (n + 1)) with average ties (the convention of GTEx and tensorQTL; METHODS 1.6), exactly
 * antisymmetric in the ranks. Written into `out`, which may be `values` itself.
 * @throws UsageError when a value is NaN or `out` has another length.
 */
export function inverseNormal(values: Float64Array, out = new Float64Array(values.length)): Float64Array {
  const n = values.length;
  if (out.length !== n) throw new UsageError(`${n} values do not fit an array of ${out.length}`);
  const ranks = averageRanks(values);
  for (let i = 0; i < n; i++) {
    const rank = ranks[i]!;
    const fromEnd = n + 1 - rank;
    out[i] =
      rank === fromEnd
        ? 0
        : rank < fromEnd
          ? normalQuantile(rank / (n + 1))
          : -normalQuantile(fromEnd / (n + 1));
  }
  return out;
}
