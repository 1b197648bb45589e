import type { Digits } from "./columns.ts";

/** What the choice between one and two digits depends on. */
export interface DigitsQuestion {
  /** |d - mean(d)| of a typical column with one digit. */
  readonly remainder: number;
  readonly samples: number;
  /** The threshold of |r|. */
  readonly threshold: number;
  /** Cost of the second digit's product, in units of the first's (0 where integers have 16 bits anyway). */
  readonly secondDigit: number;
  /** Cost of refining one candidate, in units of the first digit's product of one pair. */
  readonly refine: number;
}

/**
 * How many digits make the screen and the refinement of its candidates cheapest together.
 *
 * With z0 = threshold * sqrt(n), a pair of the null passes with probability P(|Z| >= z0), and is a candidate
 * with P(|Z| >= z0 - D sqrt(n)), D the bound in r: about exp(z0 D sqrt(n)) times as often while that is
 * small. The second digit makes D 256 times smaller. Only the cost depends on it, never a result.
 */
export function digitsFor({ remainder, samples, threshold, secondDigit, refine }: DigitsQuestion): Digits {
  const root = Math.sqrt(samples);
  const z = Math.max(0, threshold) * root;
  const refined = (d: number) => refine * twoSidedTail(Math.max(0, z - d * root));
  const one = 1 + refined(remainder);
  const two = 1 + secondDigit + refined(remainder / 256);
  return two < one || secondDigit === 0 ? 2 : 1;
}

/** P(|Z| >= z) of a standard normal, to a few per cent. */
export function twoSidedTail(z: number): number {
  return Math.min(1, 0.798 / ((z + 0.8) * exponential((z * z) / 2)));
}

/** e^x for x >= 0, good enough for a cost: (1 + x / 1024)^1024. */
function exponential(x: number): number {
  let power = 1 + x / 1024;
  for (let i = 0; i < 10; i += 1) power *= power;
  return power;
}
