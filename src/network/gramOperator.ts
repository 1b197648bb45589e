import type { Backend } from "../compute/backend.ts";
import { throwIfAborted } from "../errors.ts";

/** Features multiplied at once. Fixed, whatever the memory: it sets the order of the sum, and so its last bits. */
const BLOCK = 1024;

/** Rows of numbers, `values[row * length + i]`. */
export interface Matrix {
  readonly rows: number;
  readonly length: number;
  readonly values: Float64Array;
}

/** Products in f64 on a backend: `result[k * a.rows + row]`, row of `a` with row k of `x`. */
export async function products(
  a: Matrix,
  x: Matrix,
  backend: Backend,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const samples = a.length;
  const columns = await backend.load({ count: x.rows, samples, values: x.values, standardised: false });
  try {
    const rows = { kind: "real", count: a.rows, samples, values: a.values } as const;
    const factor = { rows, columns, norm: new Float64Array(0), weight: 1 };
    return (await backend.product([factor], { kind: "dense" }, signal)).values[0]!;
  } finally {
    await columns.dispose();
  }
}

export function transposed({ rows, length, values }: Matrix): Matrix {
  const out = new Float64Array(rows * length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < length; c++) out[c * rows + r] = values[r * length + c]!;
  }
  return { rows: length, length: rows, values: out };
}

/** A'A of a matrix, applied to vectors without being formed: 2 rows length multiplications a vector. */
export class GramOperator {
  readonly order: number;
  readonly backend: Backend;
  readonly signal: AbortSignal | undefined;
  readonly #matrix: Matrix;

  constructor(matrix: Matrix, backend: Backend, signal?: AbortSignal | undefined) {
    this.order = matrix.length;
    this.backend = backend;
    this.signal = signal;
    this.#matrix = matrix;
  }

  /** A'(A x) of each row of `x`, in the same layout. */
  async apply(x: Matrix): Promise<Float64Array> {
    const { order, backend, signal } = this;
    const { rows, values } = this.#matrix;
    const total = new Float64Array(x.rows * order);
    for (let start = 0; start < rows; start += BLOCK) {
      throwIfAborted(signal);
      const count = Math.min(BLOCK, rows - start);
      const part = {
        rows: count,
        length: order,
        values: values.subarray(start * order, (start + count) * order),
      };
      const there = { rows: x.rows, length: count, values: await products(part, x, backend, signal) };
      const back = await products(transposed(part), there, backend, signal);
      for (let i = 0; i < total.length; i++) total[i]! += back[i]!;
    }
    return total;
  }
}
