import type { Factor, Windows } from "../backend.ts";
import { type ColumnFactors, columnFactors } from "../screen/bound.ts";
import type { Digits, ScreenColumns } from "../screen/columns.ts";
import { digitsFor } from "../screen/digits.ts";
import type { WebGpuColumns } from "./columns.ts";
import { wordsOf } from "./columns.ts";

export interface OwnFactor extends Factor {
  readonly columns: WebGpuColumns;
}

/** Settings that change nothing in a result, but for `boundScale` (see `rowFactors`), which tests spoil. */
export interface WebGpuSettings {
  /** Entries of candidates that there is room for; at least 64. */
  readonly capacity?: number;
  /** Bytes of the largest buffer, where that is less than the device's own limit. */
  readonly binding?: number;
  readonly boundScale?: number;
}

/** A cohort of a screen. */
export interface ScreenCohort {
  readonly factor: OwnFactor;
  readonly integers: ScreenColumns;
  readonly columns: ColumnFactors;
  /** Words of a row, and of one digit of a column. */
  readonly words: number;
}

/** A checked product that is to be screened. */
export interface ScreenJob {
  readonly cohorts: readonly ScreenCohort[];
  readonly digits: Digits;
  readonly rows: number;
  readonly columns: number;
  readonly windows: Windows | undefined;
  readonly pairs: number;
  readonly settings: WebGpuSettings;
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

export async function screenCohorts(
  factors: readonly OwnFactor[],
  digits: Digits,
): Promise<readonly ScreenCohort[]> {
  const cohorts: ScreenCohort[] = [];
  for (const factor of factors) {
    const integers = await factor.columns.quantised(digits);
    const words = wordsOf(integers.samples);
    cohorts.push({ factor, integers, columns: columnFactors(integers, factors.length), words });
  }
  return cohorts;
}
