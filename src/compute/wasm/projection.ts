import { kernelBytes } from "./kernelBytes.ts";
import { instantiate, type Kernels, type Regions } from "./kernels.ts";

/** Vectors side by side. */
const LANES = 4;

interface Basis {
  readonly n: number;
  readonly count: number;
  readonly values: Float64Array;
}

/** y - mean - QQ'y of up to four vectors at once: `project` of statistics/linalg.ts, to the bit. */
export class Projection {
  readonly lanes = LANES;
  readonly #kernels: Kernels;
  readonly #n: number;
  readonly #count: number;
  readonly #memory: Regions<{
    readonly basis: readonly ["f64", number];
    readonly vectors: readonly ["f64", number];
  }>;

  constructor(kernels: Kernels, { n, count, values }: Basis) {
    this.#kernels = kernels;
    this.#n = n;
    this.#count = count;
    // A vector of ones before the basis.
    this.#memory = kernels.lay({ basis: ["f64", (count + 1) * n], vectors: ["f64", LANES * n] });
    this.#memory.basis.view.fill(1, 0, n);
    this.#memory.basis.view.set(values.subarray(0, count * n), n);
  }

  /** Takes `count` vectors, one after the other from `start` on. */
  load(values: Float64Array, start: number, count: number): void {
    const n = this.#n;
    const { view } = this.#memory.vectors;
    for (let lane = 0; lane < count; lane++) {
      const from = start + lane * n;
      for (let s = 0; s < n; s++) view[LANES * s + lane] = values[from + s]!;
    }
  }

  run(): void {
    const { basis, vectors } = this.#memory;
    this.#kernels.run.projectFour(vectors.at, this.#n, basis.at, this.#count);
  }

  /** Writes one of the vectors to `out` from `start` on. */
  store(lane: number, out: Float64Array, start: number): void {
    const { view } = this.#memory.vectors;
    for (let s = 0; s < this.#n; s++) out[start + s] = view[LANES * s + lane]!;
  }
}

/** Absent where the engine has no WebAssembly SIMD. */
export async function loadProjection(basis: Basis): Promise<Projection | undefined> {
  const kernels = await instantiate(kernelBytes()).catch(() => undefined);
  return kernels && new Projection(kernels, basis);
}
