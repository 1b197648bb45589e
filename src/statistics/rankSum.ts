import { UsageError } from "../errors.ts";
import { log10NormalTwoSided } from "./normal.ts";
import { averageRanks } from "./ranks.ts";

/** How well a number tells members from others. */
export interface RankSum {
  /** Probability that a member's number is above another's, ties half: U / (n1 n0). NaN where either group is empty. */
  readonly auc: number;
  /** U as a normal deviate, its variance corrected for ties, without continuity correction. */
  readonly z: number;
  /** log10 of its two-sided p. */
  readonly log10P: number;
}

/**
 * Mann and Whitney's test of whether `values` are higher where `members` (indices, each once) point. Normal approximation with the
 * correction for ties, as scipy's mannwhitneyu(method="asymptotic", use_continuity=False).
 * @throws UsageError for a value that is NaN or a member outside.
 */
export function rankSum(values: Float64Array, members: ArrayLike<number>): RankSum {
  return rankSumOf(averageRanks(values), tieSum(values), members);
}

/** The same from ranks (1 to n, ties averaged) and the sum of t^3 - t over ties of t values: for many sets on the same values. */
export function rankSumOf(ranks: Float64Array, ties: number, members: ArrayLike<number>): RankSum {
  const n = ranks.length;
  const inside = members.length;
  const outside = n - inside;
  if (inside === 0 || outside <= 0) return { auc: Number.NaN, z: Number.NaN, log10P: Number.NaN };
  let sum = 0;
  for (let i = 0; i < inside; i++) {
    const rank = ranks[members[i]!];
    if (rank === undefined) throw new UsageError(`member ${members[i]} of ${n} values`);
    sum += rank;
  }
  const u = sum - (inside * (inside + 1)) / 2;
  const variance = ((inside * outside) / 12) * (n + 1 - ties / (n * (n - 1)));
  const z = variance > 0 ? (u - (inside * outside) / 2) / Math.sqrt(variance) : 0;
  return { auc: u / (inside * outside), z, log10P: log10NormalTwoSided(z) };
}

/** The sum of t^3 - t over the ties, t how many values are equal. */
export function tieSum(values: Float64Array): number {
  const sorted = values.slice().sort();
  let sum = 0;
  let start = 0;
  for (let i = 1; i <= sorted.length; i++) {
    if (i < sorted.length && sorted[i] === sorted[start]) continue;
    const t = i - start;
    sum += (t - 1) * t * (t + 1);
    start = i;
  }
  return sum;
}
