import { padded } from "../exact.ts";
import { kernelBytes } from "./kernelBytes.ts";
import { instantiate, type Kernels, type Regions } from "./kernels.ts";

/** Variants read together: what is read once for all of them is twice the size of a cache. */
const LOT = 8;
/** Rows of the large matrix that meet all of a lot's columns before the next. */
const BLOCK = 32;
/** Below this share of its square a residual is projected once more. */
const SHARE = 1e-2;

/** Vectors one after the other, `values[vector * n + sample]`. */
interface Vectors {
  readonly count: number;
  readonly values: Float64Array;
}

/** What does not depend on the variant. */
export interface RobustShape {
  readonly n: number;
  /** Orthonormal, without the constant. */
  readonly basis: Vectors;
  /** The constant and the basis. */
  readonly fixed: Vectors;
  /** `[n * n]`: the square of each number of their hat matrix; undefined for so many samples that products with `fixed` are cheaper. */
  readonly squares: Float64Array | undefined;
  readonly leverage: Float64Array;
  /** What a genotype is multiplied by. */
  readonly modifiers: readonly Float64Array[];
  /** Of the last of the modifiers, the contexts. */
  readonly deviations: readonly number[];
  /** A rest below this is none. */
  readonly leastRest: number;
}

/** Sums of the squares d of a variant's weights: see `RobustReferences`. `most`: of the rest. */
export interface RobustMoments {
  readonly mean: number;
  readonly variance: number;
  readonly trace: number;
  readonly most: number;
}

function layoutOf({ n, basis, fixed, squares, modifiers, deviations }: RobustShape) {
  const width = padded(n, 4);
  const terms = modifiers.length + 1;
  const columns = LOT * deviations.length;
  const fixedRows = padded(fixed.count, 4);
  const few = squares === undefined ? padded(fixed.count, 2) : 0;
  return {
    g: ["f64", LOT * width],
    modifiers: ["f64", modifiers.length * width],
    basis: ["f64", (basis.count + 1) * n],
    leverage: ["f64", n],
    fixed: ["f64", fixedRows * width],
    squares: ["f64", squares === undefined ? 0 : width * width],
    vectors: ["f64", LOT * terms * width],
    triangle: ["f64", (terms * (terms + 1)) / 2],
    rest: ["f64", width],
    shares: ["f64", terms],
    weights: ["f64", columns * width],
    d: ["f64", padded(columns, 2) * width],
    weighted: ["f64", padded(columns * terms, 2) * width],
    moments: ["f64", 4],
    bySquares: ["f64", squares === undefined ? 0 : padded(columns, 2) * width],
    byFixed: ["f64", padded(columns * terms, 2) * fixedRows],
    fixedWeighted: ["f64", few * width],
    fixedProducts: ["f64", few * fixedRows],
    four: ["f64", 4 * n + 4],
    expression: ["f64", width],
    along: ["f64", terms],
  } as const;
}

/** What HC3 takes of variants, a lot of them at a time: `Design` and `RobustReferences` of association/interaction, to the bit. */
export class RobustVariants {
  readonly lot: number = LOT;
  readonly #run: Kernels["run"];
  readonly #shape: RobustShape;
  readonly #memory: Regions<ReturnType<typeof layoutOf>>;
  readonly #width: number;
  readonly #bytes: number;
  readonly #terms: number;
  readonly #contexts: number;
  /** Of each place's contexts; and |V' D V|^2 of the vectors V that have the variant in them. */
  readonly #moments: RobustMoments[] = [];
  readonly #between: number[] = [];

  constructor(kernels: Kernels, shape: RobustShape) {
    const { n, basis, modifiers, squares, fixed } = shape;
    this.#run = kernels.run;
    this.#shape = shape;
    this.#memory = kernels.lay(layoutOf(shape));
    this.#width = padded(n, 4);
    this.#bytes = 8 * this.#width;
    this.#terms = modifiers.length + 1;
    this.#contexts = shape.deviations.length;
    const memory = this.#memory;
    // A vector of ones before the basis.
    memory.basis.view.fill(1, 0, n);
    memory.basis.view.set(basis.values.subarray(0, basis.count * n), n);
    memory.leverage.view.set(shape.leverage);
    this.#setRows(memory.fixed.view, fixed.values, fixed.count);
    if (squares !== undefined) this.#setRows(memory.squares.view, squares, n);
    modifiers.forEach((values, m) => {
      memory.modifiers.view.set(values, m * this.#width);
    });
  }

  #setRows(view: Float64Array, values: Float64Array, count: number): void {
    const { n } = this.#shape;
    for (let row = 0; row < count; row++)
      view.set(values.subarray(row * n, (row + 1) * n), row * this.#width);
  }

  /** Where the dosages of the variant in `place` go before {@link read}. */
  genotypes(place: number): Float64Array {
    const start = place * this.#width;
    return this.#memory.g.view.subarray(start, start + this.#shape.n);
  }

  /** Goes to the variants in the first `count` places. */
  read(count: number): void {
    const { n, basis } = this.#shape;
    const { g, modifiers, vectors, four } = this.#memory;
    const [run, bytes, terms] = [this.#run, this.#bytes, this.#terms];
    for (let place = 0; place < count; place++) {
      const own = vectors.at + place * terms * bytes;
      run.spreadTerms(g.at + place * bytes, modifiers.at, terms, n, bytes, own);
    }
    const covariates = this.#memory.basis.at;
    const squares = four.at + 8 * 4 * n;
    run.residualise(vectors.at, count * terms, n, bytes, covariates, basis.count, SHARE, four.at, squares);
    for (let place = 0; place < count; place++) this.#weigh(place);
    this.#addTraces(count);
  }

  moments(place: number, context: number): RobustMoments {
    return this.#moments[place * this.#contexts + context]!;
  }

  /** Of a context's product in `place`: what its error weighs the residuals with, and the variant's orthonormal vectors, `stride` apart. */
  column(
    place: number,
    context: number,
  ): { readonly weights: Float64Array; readonly vectors: Float64Array; readonly stride: number } {
    const { weights, vectors } = this.#memory;
    const [width, terms] = [this.#width, this.#terms];
    const own = (place * this.#contexts + context) * width;
    return {
      weights: weights.view.subarray(own, own + this.#shape.n),
      vectors: vectors.view.subarray(place * terms * width, (place + 1) * terms * width),
      stride: width,
    };
  }

  /** The square of the error of a context's product in `place`, for the residual expression `[start + sample]` of norm 1 with these coordinates along the variant's vectors. */
  squaredError(
    place: number,
    context: number,
    residuals: Float64Array,
    start: number,
    along: Float64Array,
  ): number {
    const { expression, vectors, weights, along: coordinates } = this.#memory;
    const [bytes, terms] = [this.#bytes, this.#terms];
    expression.view.set(residuals.subarray(start, start + this.#shape.n));
    coordinates.view.set(along);
    const own = weights.at + (place * this.#contexts + context) * bytes;
    const vector = vectors.at + place * terms * bytes;
    return this.#run.squaredError(expression.at, vector, coordinates.at, terms, own, bytes);
  }

  /** Weights of a place's contexts, and what their moments have of the variant alone. */
  #weigh(place: number): void {
    const { n, deviations, leastRest } = this.#shape;
    const { leverage, triangle, rest, shares, weights, d, weighted, moments, vectors } = this.#memory;
    const [run, bytes, terms] = [this.#run, this.#bytes, this.#terms];
    const own = vectors.at + place * terms * bytes;
    run.orthonormalise(own, terms, bytes, triangle.at);
    const most = run.restOf(leverage.at, own, terms, n, bytes, leastRest, rest.at);
    for (let c = 0; c < deviations.length; c++) {
      const first = terms - deviations.length + c;
      inverseColumn(triangle.view, terms, first, shares.view);
      const at = place * deviations.length + c;
      const [w, squares] = [weights.at + at * bytes, d.at + at * bytes];
      const products = weighted.at + at * terms * bytes;
      const deviation = deviations[c]!;
      run.weigh(
        ...[own, first, terms, n, bytes, shares.at],
        ...[deviation, rest.at, w, squares, products, moments.at],
      );
      const [mean, variance, trace, between] = moments.view;
      this.#moments[at] = { mean: mean!, variance: variance!, trace: trace!, most };
      this.#between[at] = between!;
    }
  }

  /** Adds |Q' D Q|^2 to the traces of the first places. */
  #addTraces(count: number): void {
    const { fixed, squares, n } = this.#shape;
    const memory = this.#memory;
    const [run, bytes, terms, width] = [this.#run, this.#bytes, this.#terms, this.#width];
    const columns = count * this.#contexts;
    const rows = padded(fixed.count, 4);
    const [byFixed, bySquares] = [memory.byFixed.at, memory.bySquares.at];
    const all = padded(columns * terms, 2);
    run.dotTileF64(memory.fixed.at, memory.weighted.at, rows, all, bytes, byFixed, 8 * rows);
    for (let from = 0; squares !== undefined && from < width; from += BLOCK) {
      const [matrix, out] = [memory.squares.at + from * bytes, bySquares + 8 * from];
      const block = Math.min(BLOCK, width - from);
      run.dotTileF64(matrix, memory.d.at, block, padded(columns, 2), bytes, out, 8 * width);
    }
    for (let at = 0; at < columns; at++) {
      const d = memory.d.at + at * bytes;
      const products = byFixed + 8 * at * terms * rows;
      const mixed = run.inOrder(products, products, terms * rows);
      const ofFixed = squares === undefined ? this.#ofFixed(d) : run.inOrder(d, bySquares + at * bytes, n);
      const moments = this.#moments[at]!;
      this.#moments[at] = { ...moments, trace: moments.trace + (this.#between[at]! + 2 * mixed) + ofFixed };
    }
  }

  /** |C' D C|^2 of the constant and the covariates C. */
  #ofFixed(d: number): number {
    const { fixed, fixedWeighted, fixedProducts } = this.#memory;
    const { count } = this.#shape.fixed;
    const rows = padded(count, 4);
    const [run, bytes] = [this.#run, this.#bytes];
    const [columns, out] = [fixedWeighted.at, fixedProducts.at];
    run.multiplyEach(d, fixed.at, count, bytes, columns);
    run.dotTileF64(fixed.at, columns, rows, padded(count, 2), bytes, out, 8 * rows);
    return run.inOrder(out, out, count * rows);
  }
}

/** Column `c` of L^-1, L a lower triangle by rows. */
export function inverseColumn(l: Float64Array, size: number, c: number, out: Float64Array): void {
  for (let m = c; m < size; m++) {
    let value = m === c ? 1 : 0;
    for (let k = c; k < m; k++) value -= l[(m * (m + 1)) / 2 + k]! * out[k]!;
    out[m] = value / l[(m * (m + 1)) / 2 + m]!;
  }
}

/** Absent where the engine has no WebAssembly SIMD. */
export async function loadRobustVariants(shape: RobustShape): Promise<RobustVariants | undefined> {
  const kernels = await instantiate(kernelBytes()).catch(() => undefined);
  return kernels && new RobustVariants(kernels, shape);
}
