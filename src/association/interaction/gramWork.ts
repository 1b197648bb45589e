import { COLLINEAR } from "../../cohort/residuals.ts";
import { type StudentT, studentT } from "../../statistics/studentT.ts";
import { BlockWriter } from "./gramBlock.ts";
import type { GramColumns } from "./gramColumns.ts";
import type { GramLayout } from "./gramLayout.ts";
import { type InteractionModel, solveTriangle } from "./model.ts";

/** Scratch of one variant's Gram matrix. */
export class GramWork {
  /** Products with the vectors of the basis: g.Q, then (g x modifier).Q of each modifier. */
  readonly basis: Float64Array;
  /** Lower triangles by rows: the Gram matrix, then its Cholesky factor. */
  readonly triangle: Float64Array;
  readonly #model: InteractionModel;
  readonly #layout: GramLayout;
  readonly #columnSums: Float64Array;
  readonly #samples: number;
  readonly #vectors: number;
  /** Of term x term, the constant's term being 1: sums of g x g, and of (g - mean) x (g - mean); sums of (g - mean) x term. */
  readonly #raw: Float64Array;
  readonly #squares: Float64Array;
  readonly #sums: Float64Array;
  #mean = 0;
  readonly #block: BlockWriter;
  /** What the effects of g and g x modifier take off a context's effect, `[context * terms + term]`, and its variance without them. */
  readonly #shares: Float64Array;
  readonly #own: Float64Array;
  readonly #column: Float64Array;
  /** Of the test of g on a context beside the covariates: n - 2 - k degrees of freedom. */
  readonly #tails: StudentT;

  constructor(model: InteractionModel, layout: GramLayout, { sums }: Pick<GramColumns, "sums">) {
    const triangle = layout.variance;
    this.#model = model;
    this.#layout = layout;
    this.#columnSums = sums;
    this.#samples = model.cohort.samples.length;
    this.#vectors = model.cohort.genotypeBasis.count;
    this.basis = new Float64Array(layout.terms * this.#vectors);
    this.triangle = new Float64Array(triangle);
    this.#raw = new Float64Array(triangle);
    this.#squares = new Float64Array(triangle);
    this.#sums = new Float64Array(layout.terms);
    this.#block = new BlockWriter(model, layout);
    this.#shares = new Float64Array(layout.contexts * layout.terms);
    this.#column = new Float64Array(layout.contexts);
    this.#own = this.#contextVariances();
    this.#tails = studentT(model.cohort.degreesOfFreedom + model.contexts.length);
  }

  /** Takes over row `row` of `rows`: its products with the columns of {@link GramColumns}, `[column * rows + row]`. */
  read(copies: Float64Array, pairs: Float64Array, row: number, rows: number): void {
    const { basis } = this;
    for (let i = 0; i < basis.length; i++) basis[i] = copies[i * rows + row]!;
    const own = basis.length;
    const mean = copies[own * rows + row]! / this.#samples;
    this.#mean = mean;
    for (let m = 0, at = 0; m < this.#layout.terms; m++) {
      const first = own + at;
      this.#sums[m] = copies[first * rows + row]! - mean * this.#columnSums[first]!;
      for (let k = 0; k <= m; k++, at++) {
        const once = copies[(own + at) * rows + row]!;
        const square = once + 2 * pairs[at * rows + row]!;
        this.#raw[at] = square;
        this.#squares[at] = square - 2 * mean * once + mean * mean * this.#columnSums[own + at]!;
      }
    }
  }

  /** The Gram matrix of the residual columns: squares less what the constant and the basis explain. `norm`: of the residual g. */
  gram(norm: number): void {
    const { basis, triangle } = this;
    const vectors = this.#vectors;
    const columnSums = this.#columnSums;
    const mean = this.#mean;
    const n = this.#samples;
    let at = 0;
    for (let m = 0; m < this.#layout.terms; m++) {
      for (let k = 0; k <= m; k++) {
        // The first sum is that of deviations from the mean.
        const sums = k === 0 ? 0 : this.#sums[m]! * this.#sums[k]!;
        let left = this.#squares[at]! - sums / n;
        for (let j = 0; j < vectors; j++) {
          const a = basis[m * vectors + j]! - mean * columnSums[m * vectors + j]!;
          const b = basis[k * vectors + j]! - mean * columnSums[k * vectors + j]!;
          left -= a * b;
        }
        triangle[at++] = left;
      }
    }
    triangle[0] = norm * norm;
  }

  /** Cholesky in place; false where a pivot is below the share `least` of its column's square, about the mean or not. */
  factorise(least: number): boolean {
    const { triangle } = this;
    for (let m = 0; m < this.#layout.terms; m++) {
      const row = (m * (m + 1)) / 2;
      for (let k = 0; k <= m; k++) {
        const other = (k * (k + 1)) / 2;
        let value = triangle[row + k]!;
        for (let j = 0; j < k; j++) value -= triangle[row + j]! * triangle[other + j]!;
        if (k < m) triangle[row + k] = value / triangle[other + k]!;
        else if (!(value >= least * Math.max(this.#raw[row + m]!, this.#squares[row + m]!))) return false;
        else triangle[row + m] = Math.sqrt(value);
      }
    }
    return true;
  }

  /** Whether every product with g has something of its own. */
  isRegular(): boolean {
    for (let m = 1; m < this.#layout.terms; m++) {
      const at = (m * (m + 1)) / 2 + m;
      const pivot = this.triangle[at]!;
      if (!(pivot * pivot >= COLLINEAR * this.#squares[at]! && pivot > 0)) return false;
    }
    return this.triangle[0]! > 0;
  }

  /** The block of a record where samples are independent, and what is in common. */
  write(norm: number, out: Float64Array): void {
    this.#setShares();
    this.#block.write(this.triangle, this.#shares, this.#own, out, 0);
    this.writeContexts(norm, out);
  }

  #setShares(): void {
    const { contexts, terms } = this.#layout;
    const vectors = this.#vectors;
    const first = vectors - contexts;
    const column = this.#column;
    for (let m = 0; m < terms; m++) {
      for (let c = 0; c < contexts; c++) column[c] = this.basis[m * vectors + first + c]!;
      solveTriangle(this.#model.triangle, contexts, column);
      for (let c = 0; c < contexts; c++) this.#shares[c * terms + m] = column[c]!;
    }
  }

  /** The variance of each context's effect beside the covariates. */
  #contextVariances(): Float64Array {
    const { contexts } = this.#layout;
    const { triangle } = this.#model;
    const column = this.#column;
    return Float64Array.from({ length: contexts }, (_, c) => {
      // Row c of R^-1, from R^-1 e_j.
      let own = 0;
      for (let j = c; j < contexts; j++) {
        column.fill(0);
        column[j] = 1;
        solveTriangle(triangle, contexts, column);
        own += column[c]! * column[c]!;
      }
      return own;
    });
  }

  /** The p of g on each context, samples taken as independent. */
  writeContexts(norm: number, out: Float64Array): void {
    const { contexts, log10PContext } = this.#layout;
    const { triangle } = this.#model;
    const first = this.#vectors - contexts;
    let square = norm * norm;
    for (let c = 0; c < contexts; c++) square += this.basis[first + c]! * this.basis[first + c]!;
    for (let c = 0; c < contexts; c++) {
      let length = 0;
      let product = 0;
      for (let j = 0; j <= c; j++) {
        const r = triangle[c * contexts + j]!;
        length += r * r;
        product += r * this.basis[first + j]!;
      }
      const r2 = (product * product) / (length * square);
      const { df } = this.#tails;
      out[log10PContext + c] = this.#tails.log10P(Math.sqrt((r2 * df) / Math.max(1 - r2, Number.EPSILON)));
    }
  }
}
