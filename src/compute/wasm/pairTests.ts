import { kernelBytes } from "./kernelBytes.ts";
import { instantiate, type Kernels, type Regions } from "./kernels.ts";

/** What log10 p of Student's t is computed from, for one number of degrees of freedom (statistics/studentT.ts). */
export interface TailConstants {
  readonly df: number;
  readonly centreSquare: number;
  readonly largestX: number;
  readonly seriesScale: number;
  readonly tailScale: number;
  /** Of the centre: an even number of coefficients. */
  readonly series: Float64Array;
  /** Of the tail: three numbers a level. */
  readonly levels: Float64Array;
}

/** Where the tests of a run of pairs go: r from 0 on, the others from some start on. */
export interface TestArrays {
  readonly r: Float64Array;
  readonly slope: Float64Array;
  readonly slopeSe: Float64Array;
  readonly log10P: Float64Array;
}

/** Pairs in WASM memory at once: all their columns stay in the processor's second cache. */
const CHUNK = 2048;
const CONSTANTS = 6;
/** Degrees of freedom whose arithmetic stays far from the ends of a double. */
const FEWEST_DF = 0.5;
const MOST_DF = 1e9;

const LAYOUT = {
  products: ["f64", CHUNK],
  norms: ["f64", CHUNK],
  r: ["f64", CHUNK],
  slope: ["f64", CHUNK],
  slopeSe: ["f64", CHUNK],
  log10P: ["f64", CHUNK],
  odd: ["u32", CHUNK],
} as const;

/** Two pairs an instruction: the numbers of `refine` of association/refine.ts, to the bit. */
export class PairTests {
  readonly #kernels: Kernels;
  readonly #memory: Regions<typeof LAYOUT & { readonly constants: readonly ["f64", number] }>;

  constructor(kernels: Kernels, constants: TailConstants) {
    const { df, centreSquare, largestX, seriesScale, tailScale, series, levels } = constants;
    const length = CONSTANTS + series.length + levels.length;
    this.#kernels = kernels;
    this.#memory = kernels.lay({ ...LAYOUT, constants: ["f64", length] });
    const { view } = this.#memory.constants;
    view.set([df, centreSquare, largestX, seriesScale, tailScale, series.length]);
    view.set(series, CONSTANTS);
    view.set(levels, CONSTANTS + series.length);
  }

  /**
   * The tests of pairs of one gene. Calls `odd` with the place of each whose t is 0, tiny, huge or no number: the
   * caller has to make its log10 p.
   */
  run(
    products: Float64Array,
    norms: Float64Array,
    expressionNorm: number,
    out: TestArrays,
    start: number,
    odd: (pair: number) => void,
  ): void {
    const memory = this.#memory;
    for (let from = 0; from < products.length; from += CHUNK) {
      const count = Math.min(CHUNK, products.length - from);
      memory.products.view.set(products.subarray(from, from + count));
      memory.norms.view.set(norms.subarray(from, from + count));
      const found = this.#kernels.run.testPairs(
        memory.products.at,
        memory.norms.at,
        // What lies past the last pair is whatever was there before, and is not read back.
        4 * Math.ceil(count / 4),
        expressionNorm,
        memory.constants.at,
        memory.r.at,
        memory.slope.at,
        memory.slopeSe.at,
        memory.log10P.at,
        memory.odd.at,
      );
      copy(memory.r.view, count, out.r, from);
      copy(memory.slope.view, count, out.slope, start + from);
      copy(memory.slopeSe.view, count, out.slopeSe, start + from);
      copy(memory.log10P.view, count, out.log10P, start + from);
      for (let i = 0; i < found; i++) {
        const pair = memory.odd.view[i]!;
        if (pair < count) odd(from + pair);
      }
    }
  }
}

/** 10^x of numbers that are at most 0 or NaN: `pow10` of statistics/elementary.ts, to the bit. */
export class Powers {
  readonly #kernels: Kernels;
  readonly #memory: Regions<typeof Powers.LAYOUT>;
  static readonly LAYOUT = { x: ["f64", CHUNK], out: ["f64", CHUNK] } as const;

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
    this.#memory = kernels.lay(Powers.LAYOUT);
  }

  of10(x: Float64Array, out: Float64Array): void {
    const memory = this.#memory;
    for (let from = 0; from < x.length; from += CHUNK) {
      const count = Math.min(CHUNK, x.length - from);
      memory.x.view.set(x.subarray(from, from + count));
      this.#kernels.run.powersOf10(memory.x.at, count + (count & 1), memory.out.at);
      copy(memory.out.view, count, out, from);
    }
  }
}

function copy(from: Float64Array, count: number, to: Float64Array, at: number): void {
  to.set(count === CHUNK ? from : from.subarray(0, count), at);
}

/** Absent where the engine has no WebAssembly SIMD, and for degrees of freedom that the kernel is not made for. */
export async function loadPairTests(constants: TailConstants): Promise<PairTests | undefined> {
  if (!(constants.df >= FEWEST_DF && constants.df <= MOST_DF)) return undefined;
  const kernels = await ownKernels();
  return kernels && new PairTests(kernels, constants);
}

/** Absent where the engine has no WebAssembly SIMD. */
export async function loadPowers(): Promise<Powers | undefined> {
  const kernels = await ownKernels();
  return kernels && new Powers(kernels);
}

function ownKernels(): Promise<Kernels | undefined> {
  return instantiate(kernelBytes()).catch(() => undefined);
}
