import { kernelBytes } from "./kernelBytes.ts";
import { instantiate, type Kernels, type Regions } from "./kernels.ts";

/** The dot product, in the order of exact.ts, of each row and a vector; good until it is asked for the next. */
export type RowProducts = (vector: Float64Array) => Float64Array;

/** A matrix by rows in a kernel's memory. Rows and columns of 0 fill both up to a multiple of four. */
class HeldRows {
  readonly #kernels: Kernels;
  readonly #rows: number;
  readonly #width: number;
  readonly #memory: Regions<{
    readonly matrix: readonly ["f64", number];
    readonly vector: readonly ["f64", number];
    readonly products: readonly ["f64", number];
  }>;

  constructor(kernels: Kernels, matrix: Float64Array, rows: number, n: number) {
    const width = upToFour(n);
    this.#kernels = kernels;
    this.#rows = upToFour(rows);
    this.#width = width;
    this.#memory = kernels.lay({
      matrix: ["f64", this.#rows * width],
      vector: ["f64", width],
      products: ["f64", this.#rows],
    });
    const { matrix: held, vector } = this.#memory;
    held.view.fill(0);
    vector.view.fill(0);
    for (let row = 0; row < rows; row++) held.view.set(matrix.subarray(row * n, (row + 1) * n), row * width);
  }

  times(values: Float64Array): Float64Array {
    const { matrix, vector, products } = this.#memory;
    vector.view.set(values);
    this.#kernels.run.dotRows64(matrix.at, this.#rows, 8 * this.#width, vector.at, products.at);
    return products.view;
  }
}

function upToFour(count: number): number {
  return 4 * Math.ceil(count / 4);
}

/** Of `rows` rows of `n` values. Absent where the engine has no WebAssembly SIMD. */
export async function loadRowProducts(
  matrix: Float64Array,
  rows: number,
  n: number,
): Promise<RowProducts | undefined> {
  const kernels = await instantiate(kernelBytes()).catch(() => undefined);
  if (kernels === undefined) return undefined;
  const held = new HeldRows(kernels, matrix, rows, n);
  return (vector) => held.times(vector);
}
