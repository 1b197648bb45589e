import { normalFromLog10P } from "./normal.ts";
import { log10TwoSidedT } from "./studentT.ts";

/** What Welch's test needs of a group of numbers. */
export interface GroupSums {
  readonly n: number;
  readonly sum: number;
  readonly square: number;
}

/** Less variance than this, relative to the mean square, is rounding. */
const CONSTANT = 1e-13;

/**
 * Welch's t of the mean of `a` less that of `b`, as a normal deviate of the same two-sided p and sign: t with
 * the Welch-Satterthwaite degrees of freedom. The numbers should be of mean near 0 (sums of squares are used).
 * 0 where a group has fewer than two numbers, or neither has any spread.
 */
export function welchZ(a: GroupSums, b: GroupSums): number {
  if (a.n < 2 || b.n < 2) return 0;
  const va = variance(a) / a.n;
  const vb = variance(b) / b.n;
  const v = va + vb;
  if (!(v > 0)) return 0;
  const t = (a.sum / a.n - b.sum / b.n) / Math.sqrt(v);
  const df = (v * v) / ((va * va) / (a.n - 1) + (vb * vb) / (b.n - 1));
  const size = normalFromLog10P(log10TwoSidedT(t, df));
  return t < 0 ? -size : size;
}

function variance({ n, sum, square }: GroupSums): number {
  const centred = square - (sum * sum) / n;
  return centred > CONSTANT * square ? centred / (n - 1) : 0;
}
