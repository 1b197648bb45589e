import { LimitError, UsageError } from "../errors.ts";

/** Numbers of {@link WholeRows} are at most so large: two digits of 7 bits on a GPU, and eight products in 31 bits. */
export const LARGEST_WHOLE = 127 * 128;

/** Sums of products stay below 2^53, and those of the digits below 2^31. */
const LONGEST = 2 ** 16;

/** Rows of whole numbers from -{@link LARGEST_WHOLE} to {@link LARGEST_WHOLE}. */
export interface WholeRows {
  readonly count: number;
  /** Numbers of a row. */
  readonly length: number;
  /** Writes row i to `into` [length]; may be asked again, for as long as products are. */
  readonly row: (i: number, into: Int16Array) => void;
}

/** Dot products of whole-number rows with one another. They are exact, so the same in any order of summation. */
export interface Gram {
  /**
   * `[j * (to - from) + i - from]`: the product of rows j and i, for j from 0 to `to` and i from `from` to `to` (exclusive),
   * which is all that a symmetric matrix needs of these rows. f64.
   */
  products(from: number, to: number, signal?: AbortSignal): Promise<Float64Array>;
  dispose(): Promise<void>;
}

/** Throws {@link LimitError} for rows too long to be multiplied exactly. */
export function checkWhole({ length }: WholeRows): void {
  if (length > LONGEST) throw new LimitError(`gram: rows of ${length} numbers; at most ${LONGEST}`);
}

/** Throws {@link UsageError} where there are no such rows. */
export function checkRun({ count }: Pick<WholeRows, "count">, from: number, to: number): void {
  if (from >= 0 && from <= to && to <= count) return;
  throw new UsageError(`gram: rows ${from} to ${to} of ${count}`);
}
