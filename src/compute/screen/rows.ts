import type { CallRows, RealRows } from "../backend.ts";
import { ROW_LIMIT } from "./columns.ts";

/** Largest denominator of a missing call's fill: 2 * 63 still is a row's integer. */
const DENOMINATOR_LIMIT = 63;

/**
 * What is known of rows g = unit * k + rho (k integers, |k| <= 127, up to a constant that no balanced column
 * sees). One number a row, in row order of the tile. A NaN length marks a row that holds no numbers.
 */
export interface RowMeasures {
  readonly unit: Float64Array;
  /** |k - mean(k)|. */
  readonly spread: Float64Array;
  /** |rho - mean(rho)|, rounded outward. */
  readonly remainder: Float64Array;
  /** |g|. */
  readonly length: Float64Array;
}

export function emptyMeasures(rows: number): RowMeasures {
  return {
    unit: new Float64Array(rows),
    spread: new Float64Array(rows),
    remainder: new Float64Array(rows),
    length: new Float64Array(rows),
  };
}

/**
 * Measures of the calls of rows `from` to `to`, and how a kernel makes their integers:
 * `terms[2 * row]` times the call, or `terms[2 * row + 1]` where it is missing.
 */
export function measureCalls(
  rows: CallRows,
  from: number,
  to: number,
  measures: RowMeasures,
  terms: Int16Array,
): void {
  const { samples, fill } = rows;
  for (let row = from; row < to; row += 1) {
    const at = row - from;
    const { ones, twos, missing } = countCalls(rows, row);
    const calls = ones + 2 * twos;
    const squares = ones + 4 * twos;
    const mu = missing === 0 ? 0 : fill[row]!;
    const [numerator, denominator] = missing === 0 ? [0, 1] : nearestFraction(mu);
    terms[2 * at] = denominator;
    terms[2 * at + 1] = numerator;
    measures.unit[at] = 1 / denominator;
    measures.spread[at] = spreadOf(
      denominator * calls + numerator * missing,
      denominator * denominator * squares + numerator * numerator * missing,
      samples,
    );
    const off = Math.abs(mu - numerator / denominator) + Math.abs(mu) * 2 ** -50;
    measures.remainder[at] = off * Math.sqrt((missing * (samples - missing)) / samples) * (1 + 2 ** -20);
    measures.length[at] = Math.sqrt(squares + mu * mu * missing);
  }
}

/**
 * Measures of the real rows `from` to `to`, and their integers `integers[(row - from) * stride + sample]`:
 * 7 bits and a sign from the middle of the row's range.
 */
export function quantiseReal(
  { samples, values }: RealRows,
  from: number,
  to: number,
  measures: RowMeasures,
  integers: Int16Array | Int8Array,
  stride: number,
): void {
  for (let row = from; row < to; row += 1) {
    const at = row - from;
    const g = values.subarray(row * samples, (row + 1) * samples);
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    let length = 0;
    for (const x of g) {
      if (x < least) least = x;
      if (x > most) most = x;
      length += x * x;
    }
    const middle = least / 2 + most / 2;
    const unit = (most / 2 - least / 2) / ROW_LIMIT;
    const inverse = unit > 0 ? 1 / unit : 0;
    let sum = 0;
    let squares = 0;
    let restSum = 0;
    let restSquares = 0;
    for (let i = 0; i < samples; i += 1) {
      const offset = g[i]! - middle;
      const k = Math.max(-ROW_LIMIT, Math.min(ROW_LIMIT, Math.round(offset * inverse)));
      integers[at * stride + i] = k;
      const rest = offset - unit * k;
      sum += k;
      squares += k * k;
      restSum += rest;
      restSquares += rest * rest;
    }
    const rest = Math.max(0, restSquares - (restSum * restSum) / samples) + restSquares * 2 ** -24;
    measures.unit[at] = unit;
    measures.spread[at] = spreadOf(sum, squares, samples);
    measures.remainder[at] = Math.sqrt(rest) * (1 + 2 ** -20);
    // x - x is NaN for an infinite x.
    measures.length[at] = Math.sqrt(length) + (most - most) + (least - least);
  }
}

/** |k - mean(k)| from the sum and the sum of squares of n integers, outward. */
export function spreadOf(sum: number, squares: number, samples: number): number {
  const numerator = samples * squares - sum * sum;
  return Math.sqrt(Math.max(0, numerator / samples) + squares * 2 ** -50);
}

/** The fraction nearest to `value` with a denominator of at most 63 and a numerator that is a row's integer. */
export function nearestFraction(value: number): [numerator: number, denominator: number] {
  let best: [number, number] = [0, 1];
  let least = Number.POSITIVE_INFINITY;
  for (let denominator = 1; denominator <= DENOMINATOR_LIMIT; denominator += 1) {
    const numerator = Math.max(-ROW_LIMIT, Math.min(ROW_LIMIT, Math.round(value * denominator)));
    const error = Math.abs(value - numerator / denominator);
    if (error < least) {
      least = error;
      best = [numerator, denominator];
    }
  }
  return best;
}

/** Codes 1, 2 and 3 of each byte of four calls, in three fields of ten bits. */
const CODES = Uint32Array.from({ length: 256 }, (_, byte) => {
  let fields = 0;
  for (let shift = 0; shift < 8; shift += 2) {
    const code = (byte >> shift) & 3;
    if (code > 0) fields += 1 << (10 * (code - 1));
  }
  return fields;
});
/** Bytes whose four calls each cannot overflow a field of ten bits. */
const FIELD_BYTES = 255;

export interface CallCounts {
  readonly ones: number;
  readonly twos: number;
  readonly missing: number;
}

/** How many calls of a row are 1, 2 and missing. */
export function countCalls({ packed, stride }: Pick<CallRows, "packed" | "stride">, row: number): CallCounts {
  let ones = 0;
  let twos = 0;
  let missing = 0;
  const end = (row + 1) * stride;
  for (let from = row * stride; from < end; from += FIELD_BYTES) {
    const to = Math.min(end, from + FIELD_BYTES);
    let fields = 0;
    for (let i = from; i < to; i += 1) fields += CODES[packed[i]!]!;
    ones += fields & 1023;
    twos += (fields >> 10) & 1023;
    missing += fields >>> 20;
  }
  return { ones, twos, missing };
}

/** The same of the samples whose two bits are set in `mask`, which is laid out as a row. */
export function countMaskedCalls(
  { packed, stride }: Pick<CallRows, "packed" | "stride">,
  row: number,
  mask: Uint8Array,
): CallCounts {
  let ones = 0;
  let twos = 0;
  let missing = 0;
  const start = row * stride;
  for (let from = 0; from < stride; from += FIELD_BYTES) {
    const to = Math.min(stride, from + FIELD_BYTES);
    let fields = 0;
    for (let i = from; i < to; i += 1) fields += CODES[packed[start + i]! & mask[i]!]!;
    ones += fields & 1023;
    twos += (fields >> 10) & 1023;
    missing += fields >>> 20;
  }
  return { ones, twos, missing };
}
