/**
 * The carrier kernels' first comparison, in 16 bits, ahead of the one that counts (`select32`, f32).
 *
 * With the f32 row factors (scale a, spread k, base b) and column factors (scale s, remainder D, threshold t) of
 * bound.ts a pair is a candidate when |a s sum| + b + k D >= t, so only when
 *   |sum| >= (t / s) (1 / |a|) - (D / s) (k / |a|) - (1 / s) (b / |a|).
 * Both products are made of 16-bit numbers by `q15mulr_sat_s`, which rounds x y / 2^15 to the nearest integer: genes
 * (t / s, D / s) times 2^shift, rows (1 / |a|, k / |a|) times 2^(15 - shift). What raises the right side is rounded down,
 * what lowers it up; a number too large to be right is replaced by one that lets the pair pass. The two products are
 * off by 1/2 each, f32 by less than 2^-20 of 32,767, and a division of the sum by a shift by less than 1: the constant is
 * 3 larger.
 */
import { type ColumnFactors, NO_PAIR, type RowFactors } from "./bound.ts";

const LARGEST = 32_767;
/** Slack for the roundings named above. */
const ROUNDING = 3;

/** The shift that gives genes as many bits as they can use and leaves rows some. */
export function fixedPointShift(columns: ColumnFactors, threshold: Float32Array): number {
  const reaches: number[] = [];
  for (let j = 0; j < threshold.length; j += 1) {
    const reach = threshold[j]! / columns.scale[j]!;
    if (reach > 0 && reach < Number.POSITIVE_INFINITY) reaches.push(reach);
  }
  if (reaches.length === 0) return 0;
  reaches.sort((a, b) => a - b);
  // The few genes beyond (heavy tails) are cut off, which lets more of their pairs pass.
  const typical = reaches[Math.floor(0.98 * (reaches.length - 1))]!;
  let shift = 0;
  while (shift < 12 && typical * (1 << (shift + 1)) <= LARGEST) shift += 1;
  return shift;
}

/** What a panel's genes bring: `reach[i]`, `slack[i]` of column `first + i`; the others of the 32 pass nothing. */
export function genesInFixedPoint(
  columns: ColumnFactors,
  threshold: Float32Array,
  first: number,
  shift: number,
  reach: Int16Array,
  slack: Int16Array,
): void {
  const unit = 1 << shift;
  for (let i = 0; i < reach.length; i += 1) {
    const j = first + i;
    const scale = columns.scale[j] ?? 0;
    const t = threshold[j] ?? Number.POSITIVE_INFINITY;
    reach[i] = LARGEST;
    slack[i] = 0;
    // Sums of a column of zeros are 0, below any reach; `select32` has no pair of a column that nothing may pass.
    if (scale === 0 || t === Number.POSITIVE_INFINITY) continue;
    const wanted = Math.ceil((columns.remainder[j]! / scale) * unit);
    if (wanted > LARGEST) {
      reach[i] = 0;
      continue;
    }
    reach[i] = Math.min(LARGEST, Math.floor((t / scale) * unit));
    slack[i] = wanted;
  }
}

/**
 * (norm, spread, constant) of row `at` into `out`, for sums that the kernel divides by `divisor` (1, or 1,024 where the row has
 * extras) first; `inverse` is the largest 1 / s of the panels' columns.
 */
export function rowInFixedPoint(
  factors: RowFactors,
  at: number,
  shift: number,
  inverse: number,
  divisor: number,
  out: Int16Array,
): void {
  if (factors.base[at] === NO_PAIR) {
    out.set([LARGEST, 0, ROUNDING]);
    return;
  }
  const unit = 1 << (15 - shift);
  const scale = Math.abs(factors.scale[0]![at]!) * divisor;
  const spread = Math.ceil((factors.spread[0]![at]! / scale) * unit);
  const constant = Math.ceil((factors.base[at]! / scale) * inverse) + ROUNDING;
  const sane = scale > 0 && spread <= LARGEST && constant <= LARGEST;
  // Without a norm the right side is not above 0: the row's pairs all pass.
  out[0] = sane ? Math.min(LARGEST, Math.floor(unit / scale)) : 0;
  out[1] = sane ? Math.max(0, spread) : 0;
  out[2] = sane ? Math.max(ROUNDING, constant) : ROUNDING;
}
