/** False discovery rates over many tests, in log space (Benjamini and Hochberg 1995). */

import { UsageError } from "../errors.ts";
import { log10, pow10 } from "./elementary.ts";

/**
 * The q-values of a set of tests as a function of log10 p. Holds two numbers a p-value, and hands out
 * the q of any of them: nothing has to be kept in the order of the input.
 */
export interface FalseDiscoveryTable {
  /**
   * log10 q of a test with this log10 p, at most 0: the least p' m / rank(p') over the p' >= p of the
   * set; 0 past its largest. NaN for NaN.
   */
  log10Q(log10P: number): number;
}

/**
 * Benjamini-Hochberg over `tests` tests, of which `log10P` holds those whose p is known (all others have
 * larger ones). SORTS `log10P` in place and keeps it; 8 bytes a value on top of it. NaN is no test.
 * @throws UsageError when there are fewer tests than p-values, or a log10 p is above 0.
 */
export function falseDiscoveryTable(log10P: Float64Array, tests: number): FalseDiscoveryTable {
  log10P.sort();
  let count = log10P.length;
  while (count > 0 && Number.isNaN(log10P[count - 1]!)) count--;
  if (!(tests >= count)) throw new UsageError(`${count} p-values of only ${tests} tests`);
  if (count > 0 && log10P[count - 1]! > 0) throw new UsageError(`log10 p is ${log10P[count - 1]}; at most 0`);
  const q = new Float64Array(count);
  const log10Tests = count === 0 ? 0 : log10(tests);
  let least = 0;
  for (let i = count - 1; i >= 0; i--) {
    least = Math.min(least, log10P[i]! + (log10Tests - log10(i + 1)));
    q[i] = least;
  }
  return {
    log10Q(value) {
      if (Number.isNaN(value)) return value;
      let low = 0;
      let high = count;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (log10P[middle]! < value) low = middle + 1;
        else high = middle;
      }
      return low < count ? q[low]! : 0;
    },
  };
}

/**
 * log10 of the Benjamini-Hochberg q of each p-value over `tests` tests (at least as many as p-values), in
 * the order of the input, which is left as it is. NaN (no test) stays NaN.
 * @throws UsageError when there are fewer tests than p-values, or a log10 p is above 0.
 */
export function bhLog10(log10P: Float64Array, tests: number): Float64Array {
  const table = falseDiscoveryTable(log10P.slice(), tests);
  return log10P.map((value) => table.log10Q(value));
}

/** The Benjamini-Hochberg q itself (0 where it underflows) of p-values given as log10; else as {@link bhLog10}. */
export function benjaminiHochberg(log10P: Float64Array, tests: number): Float64Array {
  return bhLog10(log10P, tests).map(pow10);
}
