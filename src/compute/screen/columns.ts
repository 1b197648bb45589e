import { LimitError, UsageError } from "../../errors.ts";
import type { Columns } from "../backend.ts";
import { padded } from "../exact.ts";

/** Largest |k| of a row's integers (7 bits and a sign). */
export const ROW_LIMIT = 127;
const INT32_LIMIT = 0x7fffffff;
/** Two digits: q = 256 q1 + q2 with int8 digits reaches 256 * 127 + 127. */
const TWO_DIGITS = 32_639;
const LANES = 8;
const FOUR = 4;
/** How far a column may be from sum 0 and norm 1 and still be called standardised. */
const TOLERANCE = 1e-6;

export type Digits = 1 | 2;

/**
 * What integers are to their columns: column j is `scale[j] * q + d`, sum(q) = 0 exactly. The rest describes what
 * the integers leave out; every number of it is rounded outward.
 */
export interface ColumnMeasures {
  readonly count: number;
  readonly samples: number;
  /** 0 where the column is all 0. */
  readonly scale: Float64Array;
  /** |d - mean(d)|. */
  readonly remainder: Float64Array;
  /** |e|: 1 up to rounding. */
  readonly length: Float64Array;
  /** |sum(e)|: 0 up to rounding. */
  readonly sum: Float64Array;
}

/** Columns as integers, one after the other. */
export interface ScreenColumns extends ColumnMeasures {
  /** int16 values a column takes: samples padded with 0 to whole vectors. */
  readonly stride: number;
  readonly digits: Digits;
  /** `integers[column * stride + sample]`, or as {@link interleaveFour} leaves them; columns of 0 make the last four whole. */
  readonly integers: Int16Array;
}

/** Room for the measures of `count` columns. */
export function emptyColumnMeasures(
  count: number,
  samples: number,
  buffer: (bytes: number) => ArrayBufferLike,
): ColumnMeasures {
  const numbers = () => new Float64Array(buffer(count * 8));
  return { count, samples, scale: numbers(), remainder: numbers(), length: numbers(), sum: numbers() };
}

/**
 * Largest |q| of a column's integers: what its digits hold, and no more than keeps the int32 sum of n
 * products with |k| <= 127 from overflowing. Throws {@link LimitError} beyond 16.9 million samples.
 */
export function columnLevels(samples: number, digits: Digits): number {
  const room = Math.floor(INT32_LIMIT / (ROW_LIMIT * Math.max(1, samples)));
  if (room < 1) throw new LimitError(`${samples} samples; the integer screen takes at most 16.9 million`);
  return Math.min(digits === 1 ? ROW_LIMIT : TWO_DIGITS, room);
}

/** Bytes of the result of `quantise`. */
export function bytesOfScreenColumns(count: number, samples: number): number {
  return padded(count, FOUR) * 2 * padded(samples, LANES) + count * 4 * 8;
}

/** Room for `quantiseColumn`; `array` makes the typed arrays (shared memory, where workers are to read them). */
export function emptyScreenColumns(
  { count, samples }: Columns,
  digits: Digits,
  buffer: (bytes: number) => ArrayBufferLike = (bytes) => new ArrayBuffer(bytes),
): ScreenColumns {
  const stride = padded(samples, LANES);
  return {
    ...emptyColumnMeasures(count, samples, buffer),
    stride,
    digits,
    integers: new Int16Array(buffer(padded(count, FOUR) * stride * 2)),
  };
}

/** All columns at once. Throws {@link UsageError} when one is not standardised. */
export function quantise(columns: Columns, digits: Digits): ScreenColumns {
  const out = emptyScreenColumns(columns, digits);
  for (let j = 0; j < columns.count; j += 1) quantiseColumn(columns, j, out);
  return out;
}

/**
 * Fills in column j: q = e / s rounded, s = max|e| / levels, balanced. Throws {@link UsageError} when the column
 * is not standardised (or holds a NaN).
 */
export function quantiseColumn({ values, samples }: Columns, j: number, out: ScreenColumns): void {
  const e = values.subarray(j * samples, (j + 1) * samples);
  const largest = inspectColumn(e, j, out);
  if (largest === 0) return;
  const levels = columnLevels(samples, out.digits);
  const q = out.integers.subarray(j * out.stride, j * out.stride + samples);
  roundColumn(e, largest / levels, levels, q);
  measureColumn(e, j, largest / levels, q, out);
}

/** Lays four columns from `first` on, a multiple of 4, out as a kernel takes them: their vectors of 8 samples take turns. */
export function interleaveFour({ integers, stride }: ScreenColumns, first: number): void {
  const four = integers.slice(first * stride, (first + FOUR) * stride);
  let to = first * stride;
  for (let s = 0; s < stride; s += LANES) {
    for (let j = 0; j < FOUR; j += 1, to += LANES) {
      integers.set(four.subarray(j * stride + s, j * stride + s + LANES), to);
    }
  }
}

/**
 * The largest |e| of a column, and its sum and norm into `out`. Throws {@link UsageError} when it is neither all 0 nor
 * standardised.
 */
export function inspectColumn(e: Float64Array, j: number, out: ColumnMeasures): number {
  const samples = e.length;
  let largest = 0;
  let total = 0;
  let squares = 0;
  for (let i = 0; i < samples; i += 1) {
    const x = e[i]!;
    largest = Math.max(largest, Math.abs(x));
    total += x;
    squares += x * x;
  }
  if (squares === 0 && largest === 0) return 0;
  const length = Math.sqrt(squares);
  if (!(Math.abs(length - 1) <= TOLERANCE && Math.abs(total) <= TOLERANCE * Math.sqrt(samples))) {
    throw new UsageError(
      `load: column ${j} is said to be standardised, but has sum ${total} and norm ${length}; they must be 0 and 1`,
    );
  }
  out.length[j] = length * (1 + 2 ** -20);
  // The sum's own f64 rounding is at most n 2^-53 sum|e|, and sum|e| <= sqrt(n) |e|.
  out.sum[j] = Math.abs(total) + samples * Math.sqrt(samples) * 2 ** -52;
  return largest;
}

/** q = e / scale rounded, |q| <= levels, then as few turned to the other side as make sum(q) = 0, at the least cost in |d|. */
export function roundColumn(e: Float64Array, scale: number, levels: number, q: Int16Array): void {
  let excess = 0;
  for (let i = 0; i < e.length; i += 1) {
    q[i] = Math.max(-levels, Math.min(levels, Math.round(e[i]! / scale)));
    excess += q[i]!;
  }
  balance(e, scale, levels, q, excess);
}

/** What the integers q at `scale` leave out of column j. */
export function measureColumn(
  e: Float64Array,
  j: number,
  scale: number,
  q: Int16Array,
  out: ColumnMeasures,
): void {
  out.scale[j] = scale;
  out.remainder[j] = spreadOfRemainder(e, scale, q) * (1 + 2 ** -20) + 2 ** -47;
}

/** Moves `excess` of the values q by one, the worst rounded first (equals by index), so that q sums to 0. */
function balance(e: Float64Array, scale: number, levels: number, q: Int16Array, excess: number): void {
  if (excess === 0) return;
  const sign = excess > 0 ? 1 : -1;
  const wanted = Math.abs(excess);
  // How far each value was rounded in the excess's direction, of those that may still move.
  const over = (i: number): number =>
    q[i]! * sign > -levels ? sign * (q[i]! - e[i]! / scale) : Number.NEGATIVE_INFINITY;
  // The worst roundings lie just under 1/2, about uniformly: look among few first.
  let worst: number[] = [];
  for (let share = (2 * wanted) / q.length; worst.length < wanted; share *= 2) {
    worst = [];
    for (let i = 0; i < q.length; i += 1) if (over(i) > 0.5 - share) worst.push(i);
    if (share > 2) break;
  }
  worst.sort((a, b) => over(b) - over(a) || a - b);
  for (const i of worst.slice(0, wanted)) q[i] = q[i]! - sign;
  if (worst.length < wanted) balance(e, scale, levels, q, excess - sign * worst.length);
}

/** |d - mean(d)| of d = e - scale * q. */
function spreadOfRemainder(e: Float64Array, scale: number, q: Int16Array): number {
  let sum = 0;
  for (let i = 0; i < e.length; i += 1) sum += e[i]! - scale * q[i]!;
  const mean = sum / e.length;
  let squares = 0;
  for (let i = 0; i < e.length; i += 1) {
    const d = e[i]! - scale * q[i]! - mean;
    squares += d * d;
  }
  return Math.sqrt(squares);
}
