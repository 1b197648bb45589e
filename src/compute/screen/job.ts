import type { Factor, Windows } from "../backend.ts";
import { type ColumnFactors, columnFactors } from "./bound.ts";
import type { Digits, ScreenColumns } from "./columns.ts";
import { digitsFor } from "./digits.ts";
import type { HeldColumns } from "./heldColumns.ts";

/** A factor whose columns are the device backend's own. */
export interface OwnFactor<C extends HeldColumns = HeldColumns> extends Factor {
  readonly columns: C;
}

/** A cohort of a screen. */
export interface ScreenCohort<C extends HeldColumns = HeldColumns> {
  readonly factor: OwnFactor<C>;
  readonly integers: ScreenColumns;
  readonly columns: ColumnFactors;
}

/** A checked product that is to be screened on a device. */
export interface ScreenJob<C extends HeldColumns = HeldColumns> {
  readonly cohorts: readonly ScreenCohort<C>[];
  readonly digits: Digits;
  readonly rows: number;
  readonly columns: number;
  readonly windows: Windows | undefined;
  readonly pairs: number;
  /** See `rowFactors`: tests spoil it. */
  readonly boundScale: number | undefined;
}

/**
 * Cost of refining a candidate on the CPU, in units of a pair's product on a GPU: about 10^9 f64
 * multiply-adds a second against 10^12 of bytes. An order of magnitude is enough.
 */
const REFINE = 1000;
/** |z| that columnMax looks for, about: the largest of 10^5 rows without an effect. */
const LARGEST_OF_MANY = 4.4;

/** The digits for a screen with `threshold` (of |r|; undefined for columnMax): the most that a cohort asks for. */
export async function chooseDigits(
  factors: readonly OwnFactor[],
  threshold: Float64Array | undefined,
  wanted: Digits | "auto",
): Promise<Digits> {
  if (wanted !== "auto") return wanted;
  for (const { columns } of factors) {
    const { samples } = columns;
    const { remainder } = await columns.quantised(1);
    const question = {
      remainder: medianOf(remainder),
      samples,
      threshold: threshold === undefined ? LARGEST_OF_MANY / Math.sqrt(samples) : leastOf(threshold),
      secondDigit: 1,
      refine: REFINE,
    };
    if (digitsFor(question) === 2) return 2;
  }
  return 1;
}

/** A threshold that is no number is none. */
function leastOf(threshold: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (const t of threshold) if (t < least) least = t;
  return least;
}

function medianOf(values: Float64Array): number {
  return Float64Array.from(values).sort()[values.length >> 1] ?? 0;
}

export async function screenCohorts<C extends HeldColumns>(
  factors: readonly OwnFactor<C>[],
  digits: Digits,
): Promise<readonly ScreenCohort<C>[]> {
  const cohorts: ScreenCohort<C>[] = [];
  for (const factor of factors) {
    const integers = await factor.columns.quantised(digits);
    cohorts.push({ factor, integers, columns: columnFactors(integers, factors.length) });
  }
  return cohorts;
}
