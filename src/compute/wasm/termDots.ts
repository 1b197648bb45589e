import { padded } from "../exact.ts";
import { kernelBytes } from "./kernelBytes.ts";
import { instantiate, type Kernels, type Regions } from "./kernels.ts";

/** g.e and g.(modifier x e) of one g and one e after the other, in the order of `dot` of exact.ts. */
export class TermDots {
  /** The genotypes, which whoever asks writes here. */
  readonly g: Float64Array;
  readonly #kernels: Kernels;
  readonly #terms: number;
  readonly #bytes: number;
  readonly #memory: Regions<{
    readonly g: readonly ["f64", number];
    readonly modifiers: readonly ["f64", number];
    readonly e: readonly ["f64", number];
    readonly product: readonly ["f64", number];
    readonly out: readonly ["f64", number];
  }>;

  constructor(kernels: Kernels, n: number, modifiers: readonly Float64Array[]) {
    const width = padded(n, 4);
    this.#kernels = kernels;
    this.#terms = modifiers.length + 1;
    this.#bytes = 8 * width;
    this.#memory = kernels.lay({
      g: ["f64", width],
      modifiers: ["f64", modifiers.length * width],
      e: ["f64", width],
      product: ["f64", width],
      out: ["f64", this.#terms],
    });
    this.g = this.#memory.g.view.subarray(0, n);
    modifiers.forEach((values, m) => {
      this.#memory.modifiers.view.set(values, m * width);
    });
  }

  /** With e = `residuals[start + sample]`, into `out` from `at` on. */
  run(residuals: Float64Array, start: number, out: Float64Array, at: number): void {
    const { g, modifiers, e, product, out: found } = this.#memory;
    e.view.set(residuals.subarray(start, start + this.g.length));
    this.#kernels.run.termDots(g.at, e.at, modifiers.at, this.#terms, this.#bytes, product.at, found.at);
    for (let m = 0; m < this.#terms; m++) out[at + m] = found.view[m]!;
  }
}

/** Of vectors of `n` values. Absent where the engine has no WebAssembly SIMD. */
export async function loadTermDots(
  n: number,
  modifiers: readonly Float64Array[],
): Promise<TermDots | undefined> {
  const kernels = await instantiate(kernelBytes()).catch(() => undefined);
  return kernels && new TermDots(kernels, n, modifiers);
}
