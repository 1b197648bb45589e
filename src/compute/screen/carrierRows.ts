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
  const stand = integerOf(fill);
  const sums = new RowSums(calls, squares);
  for (let i = first; i < last; i += 1) {
    const sample = rows.remainder!.sample[i]!;
    const value = rows.remainder!.value[i]!;
    const call = callOf(rows, row, sample);
    const weight = integerOf(call + value) - UNIT * call;
    sums.add(call, value, weight);
    if (weight !== 0) append(extras, sample, sign * weight);
  }
  if (missing > 0) {
    addMissing(rows, row, sign * (stand - origin * UNIT), extras);
    sums.addMissing(missing, fill, stand);
  }
  measures.unit[at] = 1 / UNIT;
  measures.spread[at] = spreadOf(sums.integers, sums.integerSquares, samples);
  measures.remainder[at] = sums.remainder(samples);
  measures.length[at] = Math.sqrt(sums.squares);
  return true;
}

function append(extras: Extras, sample: number, weight: number): void {
  extras.sample[extras.length] = sample;
  extras.weight[extras.length] = weight;
  extras.length += 1;
}

/** The integer nearest to a dosage; a dosage of no number has any. */
function integerOf(dosage: number): number {
  return Number.isNaN(dosage) ? 0 : Math.max(0, Math.min(LARGEST_INTEGER, Math.round(dosage * UNIT)));
}

/** Sums over a row's samples of its integers K (1,024 a copy), their squares, g^2, and of what K leaves out. */
class RowSums {
  integers: number;
  integerSquares: number;
  /** Of whole calls, an exact integer, and of the others: squares alone add up without cancelling. */
  private callSquares: number;
  private otherSquares = 0;
  private rest = 0;
  private restSquares = 0;
  /** What rounding may have put on top of `rest`, as a norm. */
  private rounding = 0;

  constructor(calls: number, squares: number) {
    this.integers = UNIT * calls;
    this.integerSquares = UNIT * UNIT * squares;
    this.callSquares = squares;
  }

  get squares(): number {
    return this.callSquares + this.otherSquares;
  }

  /** A dosage call + value, whose integer is 1,024 call + weight. */
  add(call: number, value: number, weight: number): void {
    this.integers += weight;
    this.integerSquares += weight * (2 * UNIT * call + weight);
    this.callSquares -= call * call;
    this.otherSquares += (call + value) * (call + value);
    this.leave(value - weight / UNIT, 1);
  }

  addMissing(count: number, fill: number, stand: number): void {
    this.integers += count * stand;
    this.integerSquares += count * stand * stand;
    this.otherSquares += count * fill * fill;
    this.leave(fill - stand / UNIT, count);
    // The fill itself is a rounded mean.
    this.rounding += Math.abs(fill) * 2 ** -50 * Math.sqrt(count);
  }

  /** Upper bound of |rest - mean(rest)|. */
  remainder(samples: number): number {
    const { rest, restSquares, rounding } = this;
    const squares = Math.max(0, restSquares - (rest * rest) / samples) + restSquares * 2 ** -24;
    return (Math.sqrt(squares) + rounding) * (1 + 2 ** -20);
  }

  /** What `count` samples have beyond their integers: with its sign, since deviations from the mean depend on it. */
  private leave(rest: number, count: number): void {
    this.rest += count * rest;
    this.restSquares += count * rest * rest;
  }
}

function callOf({ packed, stride }: CallRows, row: number, sample: number): number {
  return (packed[row * stride + (sample >> 2)]! >> (2 * (sample & 3))) & 3;
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
