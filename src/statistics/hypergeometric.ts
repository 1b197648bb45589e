import { UsageError } from "../errors.ts";
import { LOG10_E, log, log1p } from "./elementary.ts";

/** A product of ratios below this is moved into its logarithm. */
const SMALL = 2 ** -500;

/** log10 of the two tails of a hypergeometric count. */
export interface HypergeometricTails {
  /** P(X >= k). */
  readonly log10Upper: number;
  /** P(X <= k). */
  readonly log10Lower: number;
}

/**
 * Tails of the number X of marked balls among `drawn` from `total` balls of which `marked` are marked (one-sided Fisher's exact test).
 * Terms are products of ratios of neighbours, from the mode outwards, so that no factorial is formed: relative error of p below 1e-12, also where p underflows.
 * @throws UsageError for counts that are not whole or do not fit each other.
 */
export function hypergeometricTails(
  k: number,
  drawn: number,
  marked: number,
  total: number,
): HypergeometricTails {
  const fits = [k, drawn, marked, total].every((value) => Number.isInteger(value) && value >= 0);
  if (!fits || drawn > total || marked > total) {
    throw new UsageError(
      `${k} marked among ${drawn} drawn, of ${total} balls with ${marked} marked: no such counts`,
    );
  }
  const least = Math.max(0, drawn + marked - total);
  const most = Math.min(drawn, marked);
  if (k <= least)
    return { log10Upper: 0, log10Lower: k < least ? -Infinity : tails(k, drawn, marked, total).log10Lower };
  if (k > most) return { log10Upper: -Infinity, log10Lower: 0 };
  const found = tails(k, drawn, marked, total);
  return k === most ? { ...found, log10Lower: 0 } : found;
}

/** For `k` within the support. */
function tails(k: number, drawn: number, marked: number, total: number): HypergeometricTails {
  const least = Math.max(0, drawn + marked - total);
  const most = Math.min(drawn, marked);
  /** P(x + 1) / P(x). */
  const up = (x: number): number =>
    ((marked - x) * (drawn - x)) / ((x + 1) * (total - marked - drawn + x + 1));
  const mode = Math.min(most, Math.max(least, Math.floor(((drawn + 1) * (marked + 1)) / (total + 2))));
  // All probability, as a multiple of the mode's.
  const all = 1 + sumUp(mode, most, up) + sumDown(mode, least, up);
  // The term at k over the mode's, as a logarithm.
  let logTerm = 0;
  let product = 1;
  for (let x = mode; x < k; x++) product = shrunk(product * up(x));
  for (let x = mode; x > k; x--) product = shrunk(product / up(x - 1));
  logTerm += log(product);
  const logPoint = logTerm - log(all);
  const above = LOG10_E * (logPoint + log1p(sumUp(k, most, up)));
  const below = LOG10_E * (logPoint + log1p(sumDown(k, least, up)));
  return { log10Upper: Math.min(0, above), log10Lower: Math.min(0, below) };

  function shrunk(value: number): number {
    if (value > SMALL) return value;
    logTerm += log(value);
    return 1;
  }
}

/** The sum of the terms above `from`, as a multiple of that of `from`; ends where nothing is added any more. */
function sumUp(from: number, most: number, up: (x: number) => number): number {
  let sum = 0;
  let term = 1;
  for (let x = from; x < most; x++) {
    term *= up(x);
    const next = sum + term;
    // Terms fall for good once they are below their sum's last digit and past the mode.
    if (next === sum && up(x) < 1) break;
    sum = next;
  }
  return sum;
}

function sumDown(from: number, least: number, up: (x: number) => number): number {
  let sum = 0;
  let term = 1;
  for (let x = from; x > least; x--) {
    term /= up(x - 1);
    const next = sum + term;
    if (next === sum && up(x - 1) > 1) break;
    sum = next;
  }
  return sum;
}
