/** Storey's q-values (Storey and Tibshirani, PNAS 100, 2003; R's qvalue; METHODS 2.6). */

import { log10, pow10 } from "./elementary.ts";
import { bhLog10 } from "./multiple.ts";
import { quantile } from "./quantile.ts";
import { uniformInt } from "./random.ts";

/** How pi0, the share of true nulls, is estimated; `bh` takes it as 1 (Benjamini and Hochberg). */
export type Pi0Rule = "fixed" | "smoother" | "bootstrap" | "bh";

export interface Pi0 {
  readonly rule: Pi0Rule;
  /** Where p-values were counted from: the lambda of `fixed`, the one `bootstrap` chose, 0.95 of `smoother`; NaN of `bh`. */
  readonly lambda: number;
  readonly pi0: number;
  /** Standard error: binomial for `fixed`, over resampled genes for `smoother` and `bootstrap`; NaN of `bh` and of a fallback. */
  readonly standardError: number;
  /** Why pi0 was set to 1, where the rule could not tell it. */
  readonly fallback?: string | undefined;
}

export interface Pi0Options {
  readonly rule: Pi0Rule;
  /** Of `fixed`. Default 0.85. */
  readonly lambda?: number | undefined;
  /** Of the resampled genes. Default 1. */
  readonly seed?: number | undefined;
}

/** lambda = 0.05, 0.10, ..., 0.95. */
const GRID = Array.from({ length: 19 }, (_, k) => (k + 1) / 20);

/** R's smooth.spline(df = 3) on {@link GRID}, evaluated at 0.95, is this linear form (METHODS 2.6). */
const SMOOTHER = [
  -0.00248257158889, -0.00651890950657, -0.0105268682309, -0.0144295251708, -0.0180663421796,
  -0.0211623273129, -0.0232994631485, -0.0238926274079, -0.0221733636147, -0.0171861786765, -0.00780348635782,
  0.00723322094148, 0.0292370551813, 0.059454358367, 0.0988879841112, 0.148055552412, 0.206675019528,
  0.27327385717, 0.344724615484,
] as const;

const RESAMPLES = 200;
/** Keeps these random numbers apart from others of the same seed. */
const STREAM = 0x70693021;

/** Estimates pi0 from p-values given as log10 (NaN is no test). */
export function estimatePi0(log10P: Float64Array, options: Pi0Options): Pi0 {
  const { rule, lambda = 0.85, seed = 1 } = options;
  const p = log10P.filter((value) => !Number.isNaN(value)).map(pow10);
  if (rule === "bh") return { rule, lambda: Number.NaN, pi0: 1, standardError: Number.NaN };
  const grid = rule === "fixed" ? [lambda] : GRID;
  const last = grid[grid.length - 1]!;
  const fallback = (why: string): Pi0 => ({
    ...{ rule, lambda: Number.NaN, pi0: 1, standardError: Number.NaN },
    fallback: why,
  });
  if (!p.some((value) => value >= last)) return fallback(`no p-value is ${last} or more`);
  const above = countsAbove(p, grid);
  const estimate = pi0Of(rule, above, p.length, grid);
  if (!(estimate.pi0 > 0)) return fallback("its estimate is not above 0");
  const standardError =
    rule === "fixed"
      ? Math.sqrt(above[0]! * (1 - above[0]! / p.length)) / (p.length * (1 - lambda))
      : resampledError(rule, p, seed);
  return { rule, ...estimate, standardError };
}

/** log10 of Storey's q of each p (log10, in the order of the input): pi0 times Benjamini and Hochberg's. NaN stays NaN. */
export function storeyLog10Q(log10P: Float64Array, pi0: number): Float64Array {
  const tests = log10P.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0);
  const shift = log10(pi0);
  return bhLog10(log10P, tests).map((value) => value + shift);
}

/** How many p-values are at or above each lambda of `grid`. */
function countsAbove(p: Float64Array, grid: readonly number[]): number[] {
  return grid.map((lambda) => p.reduce((sum, value) => sum + (value >= lambda ? 1 : 0), 0));
}

function pi0Of(
  rule: Pi0Rule,
  above: readonly number[],
  tests: number,
  grid: readonly number[],
): { readonly pi0: number; readonly lambda: number } {
  const each = above.map((count, k) => count / tests / (1 - grid[k]!));
  if (rule === "fixed") return { pi0: Math.min(1, each[0]!), lambda: grid[0]! };
  if (rule === "smoother") {
    const smooth = each.reduce((sum, value, k) => sum + value * SMOOTHER[k]!, 0);
    return { pi0: Math.min(1, smooth), lambda: GRID[GRID.length - 1]! };
  }
  const tenth = quantile(each, 0.1);
  const error = each.map((value, k) => {
    const share = above[k]! / tests;
    const left = 1 - grid[k]!;
    return (share / (tests * left * left)) * (1 - share) + (value - tenth) * (value - tenth);
  });
  const best = error.indexOf(Math.min(...error));
  return { pi0: Math.min(1, each[best]!), lambda: grid[best]! };
}

/** The spread of pi0 over resamples of the genes, drawn by `seed`. */
function resampledError(rule: Pi0Rule, p: Float64Array, seed: number): number {
  // How many steps of the grid each p has reached is all that pi0 depends on.
  const reached = Uint8Array.from(p, (value) =>
    GRID.reduce((sum, lambda) => sum + (value >= lambda ? 1 : 0), 0),
  );
  const estimates: number[] = [];
  for (let b = 0; b < RESAMPLES; b++) {
    const drawn = new Float64Array(GRID.length + 1);
    for (let i = 0; i < p.length; i++)
      drawn[reached[uniformInt(seed, STREAM, b * p.length + i, p.length)]!]!++;
    const above = GRID.map((_, k) => drawn.subarray(k + 1).reduce((sum, count) => sum + count, 0));
    estimates.push(pi0Of(rule, above, p.length, GRID).pi0);
  }
  const mean = estimates.reduce((sum, value) => sum + value, 0) / RESAMPLES;
  const square = estimates.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  return Math.sqrt(square / (RESAMPLES - 1));
}
