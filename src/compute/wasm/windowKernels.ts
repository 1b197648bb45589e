import { padded } from "../exact.ts";
import { kernelBytes } from "./kernelBytes.ts";
import { instantiate, type Kernels, type Regions } from "./kernels.ts";

/** Some vectors in the kernels' memory, whose products and whose matrices' tridiagonal forms they make. */
export class WindowKernels {
  /** Vector `slot` starts at `slot * stride`; what is beyond its samples is 0 and stays so. */
  readonly rows: Float64Array;
  readonly stride: number;
  readonly #kernels: Kernels;
  readonly #memory: Regions<
    Readonly<Record<"rows" | "matrix" | "diagonal" | "below" | "scratch", readonly ["f64", number]>>
  >;

  constructor(kernels: Kernels, slots: number, samples: number) {
    this.#kernels = kernels;
    this.stride = padded(samples, 4);
    this.#memory = kernels.lay({
      rows: ["f64", slots * this.stride],
      matrix: ["f64", slots * slots],
      diagonal: ["f64", slots],
      below: ["f64", slots],
      scratch: ["f64", slots],
    });
    this.rows = this.#memory.rows.view;
  }

  /** The product of two vectors: `canonicalDot` of exact.ts. */
  dot(a: number, b: number): number {
    const { at } = this.#memory.rows;
    const bytes = 8 * this.stride;
    return this.#kernels.run.dotOne64(at + a * bytes, at + b * bytes, bytes);
  }

  /** `tridiagonal` of statistics/symmetricEigen.ts, of an order up to the number of slots. */
  readonly reduce = (matrix: Float64Array, n: number) => {
    const memory = this.#memory;
    memory.matrix.view.set(matrix);
    this.#kernels.run.tridiagonalise(
      memory.matrix.at,
      n,
      memory.diagonal.at,
      memory.below.at,
      memory.scratch.at,
    );
    return { diagonal: memory.diagonal.view.slice(0, n), below: memory.below.view.slice(0, n) };
  };
}

/** For `slots` vectors of `samples`; absent where the engine has no WebAssembly SIMD. */
export async function loadWindowKernels(slots: number, samples: number): Promise<WindowKernels | undefined> {
  const kernels = await instantiate(kernelBytes()).catch(() => undefined);
  return kernels && new WindowKernels(kernels, slots, samples);
}
