import type { Cohort } from "../../cohort/cohort.ts";
import { LimitError } from "../../errors.ts";
import { counted, thousands } from "../../formats/wording.ts";
import { lowerBound, reachOf } from "../geometry.ts";

/** Permuted expression, its orders of donors and maxima, that one window has in flight (permutation/maxima.ts), and a spare. */
const PERMUTING_BYTES = 2 ** 24;
/** Signals of a gene whose conditional tests, three numbers a variant, are held until they are written. */
const SIGNALS = 10;
/** Numbers a variant beside its calls: those of a survey, products, tests, and what the tables copy of them. */
const NUMBERS_PER_VARIANT = 24 + 3 * SIGNALS;
/** A remainder of a dosage: its sample and its value. */
const REMAINDER_BYTES = 12;

/** A gene's window: variants `start` to `end` (exclusive) of the source. */
export interface Reach {
  readonly start: number;
  readonly end: number;
}

/** The window of a gene on a chromosome whose variants are `run`. */
export function windowOf(cohort: Cohort, gene: number, run: Reach, window: number): Reach {
  const { position } = cohort.tables.genotypes;
  const { low, high } = reachOf(cohort, gene, window);
  const start = lowerBound(position, low, run.start, run.end);
  return { start, end: lowerBound(position, high + 1, start, run.end) };
}

/**
 * How many of these windows may be in hand at once, `most` at most, in `memory` bytes beside the cohort's expression.
 * Throws {@link LimitError} where the largest does not fit by itself.
 */
export function windowsAtOnce(
  cohort: Cohort,
  reaches: readonly Reach[],
  most: number,
  memory: number | undefined,
): number {
  if (memory === undefined || reaches.length === 0) return most;
  const { genotypes, expression } = cohort.tables;
  const variants = reaches.reduce((largest, { start, end }) => Math.max(largest, end - start), 0);
  const calls = Math.ceil(cohort.samples.length / 4);
  const remainders = (REMAINDER_BYTES * (genotypes.remainders ?? 0)) / Math.max(1, genotypes.variantCount);
  // A scan with signals given is held beside the plain one.
  const each = PERMUTING_BYTES + 2 * variants * (calls + remainders + 8 * NUMBERS_PER_VARIANT);
  const held = 8 * (cohort.residuals.length + expression.values.length);
  const fit = Math.floor((memory - held) / each);
  if (fit >= 1) return Math.min(most, fit);
  const mib = (value: number): string => `${thousands(Math.ceil(value / 2 ** 20))} MiB`;
  throw new LimitError(
    `a window of ${counted(variants, "variant")} and ${counted(cohort.samples.length, "sample")} needs ${mib(each + held)}, --memory is ${mib(memory)}; raise it, or take a smaller --window`,
  );
}
