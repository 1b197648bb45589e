import type { CallRows } from "../backend.ts";
import { type RowMeasures, spreadOf } from "./rows.ts";

/** What a call counts in the integers of a row that has missing calls or dosages: the kernels' UNIT. */
export const UNIT = 1024;
/**
 * A sample's integer lies from 0 to this, or what it leaves is remainder: any sensible dosage does, and the kernels' int32
 * sums hold no more (LARGEST_TOTAL of panels.ts).
 */
const LARGEST_INTEGER = 2 * UNIT;

/** From where a row's calls are counted: 0, 1, or 2 for 2 - call. See listCalls. */
export type Origin = 0 | 1 | 2;

/** Samples of rows that count otherwise than by their call: (sample, weight), a sample at most once a row. */
export interface Extras {
  readonly sample: Uint32Array;
  readonly weight: Int16Array;
  length: number;
}

export interface Counts {
  readonly ones: number;
  readonly twos: number;
  readonly missing: number;
}

/** The origin that leaves the fewest samples to add up. */
export function originOf({ ones, twos, missing }: Counts, samples: number): Origin {
  const zeros = samples - ones - twos - missing;
  if (ones >= zeros && ones >= twos) return 1;
  return zeros >= twos ? 0 : 2;
}

/**
 * Writes the measures of row `row` at `at`, appends its extras, and returns whether it may have any: then the row's integers
 * are 1,024 to a copy (origin added), so that a missing call's fill and a dosage are integers too, to within 1/2048.
 *
 * Only calls: k = call - origin, exactly, unit 1. The sign of origin 2 is the caller's to put in the scale.
 */
export function measureRow(
  rows: CallRows,
  row: number,
  counts: Counts,
  origin: Origin,
  measures: RowMeasures,
  at: number,
  extras: Extras,
): boolean {
  const { samples } = rows;
  const { ones, twos, missing } = counts;
  const calls = ones + 2 * twos;
  const squares = ones + 4 * twos;
  const fill = missing === 0 ? 0 : rows.fill[row]!;
  const first = rows.remainder?.offset[row] ?? 0;
  const last = rows.remainder?.offset[row + 1] ?? 0;
  if (missing === 0 && first === last) {
    measures.unit[at] = 1;
    measures.spread[at] = spreadOf(calls, squares, samples);
    measures.remainder[at] = 0;
    measures.length[at] = Math.sqrt(squares);
    return false;
  }
  const sign = origin === 2 ? -1 : 1;
  const sums = dosageSums(rows, row, first, last, sign, extras);
  sums.integers += UNIT * calls;
  sums.integerSquares += UNIT * UNIT * squares;
  let rounding = 0;
  if (missing > 0) {
    const stand = integerOf(fill);
    addMissing(rows, row, sign * (stand - origin * UNIT), extras);
    const rest = fill - stand / UNIT;
    sums.integers += missing * stand;
    sums.integerSquares += missing * stand * stand;
    sums.squares += missing * fill * fill;
    sums.rest += missing * rest;
    sums.restSquares += missing * rest * rest;
    // The fill itself is a rounded mean.
    rounding = Math.abs(fill) * 2 ** -50 * Math.sqrt(missing);
  }
  const { rest, restSquares } = sums;
  // Squares of what is left; deviations from the mean depend on its sign.
  const deviations = Math.max(0, restSquares - (rest * rest) / samples) + restSquares * 2 ** -24;
  measures.unit[at] = 1 / UNIT;
  measures.spread[at] = spreadOf(sums.integers, sums.integerSquares, samples);
  measures.remainder[at] = (Math.sqrt(deviations) + rounding) * (1 + 2 ** -20);
  // Of whole calls an exact integer: squares alone add up without cancelling.
  measures.length[at] = Math.sqrt(squares - sums.callSquares + sums.squares);
  return true;
}

/**
 * Appends the extras of a row's dosages, and returns what they change: the sums of the row's integers K (1,024 a copy) and their
 * squares; the squares of the dosages' calls and of the dosages; the sum and squares of what K leaves.
 */
function dosageSums(rows: CallRows, row: number, first: number, last: number, sign: number, extras: Extras) {
  let [integers, integerSquares, callSquares, squares, rest, restSquares] = [0, 0, 0, 0, 0, 0];
  if (rows.remainder !== undefined) {
    const { sample, value } = rows.remainder;
    const { packed, stride } = rows;
    const start = row * stride;
    const { sample: samples, weight: weights } = extras;
    let { length } = extras;
    for (let i = first; i < last; i += 1) {
      const s = sample[i]!;
      const beside = value[i]!;
      const call = (packed[start + (s >> 2)]! >> (2 * (s & 3))) & 3;
      const dosage = call + beside;
      const weight = integerOf(dosage) - UNIT * call;
      samples[length] = s;
      weights[length] = sign * weight;
      length += Number(weight !== 0);
      const left = beside - weight / UNIT;
      integers += weight;
      integerSquares += weight * (2 * UNIT * call + weight);
      callSquares += call * call;
      squares += dosage * dosage;
      rest += left;
      restSquares += left * left;
    }
    extras.length = length;
  }
  return { integers, integerSquares, callSquares, squares, rest, restSquares };
}

function append(extras: Extras, sample: number, weight: number): void {
  extras.sample[extras.length] = sample;
  extras.weight[extras.length] = weight;
  extras.length += 1;
}

/** The integer nearest to a dosage; a dosage of no number has any. */
function integerOf(dosage: number): number {
  if (!(dosage > 0)) return 0;
  return dosage < LARGEST_INTEGER / UNIT ? Math.trunc(dosage * UNIT + 0.5) : LARGEST_INTEGER;
}

/** Gives each missing call of the row the weight. */
function addMissing({ packed, stride }: CallRows, row: number, weight: number, extras: Extras): void {
  if (weight === 0) return;
  const from = row * stride;
  for (let i = 0; i < stride; i += 1) {
    const byte = packed[from + i]!;
    const gaps = byte & (byte >> 1) & 0x55;
    if (gaps === 0) continue;
    for (let k = 0; k < 4; k += 1) {
      if (((gaps >> (2 * k)) & 1) === 1) append(extras, 4 * i + k, weight);
    }
  }
}
