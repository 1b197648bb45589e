import { COLLINEAR } from "../../cohort/residuals.ts";
import { type StudentT, studentT } from "../../statistics/studentT.ts";
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
  readonly #inverse: Float64Array;
  readonly #combination: Float64Array;
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
    this.#inverse = new Float64Array(triangle);
    this.#combination = new Float64Array(layout.terms);
    this.#column = new Float64Array(layout.contexts);
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

  write(norm: number, out: Float64Array): void {
    const layout = this.#layout;
    invertTriangle(this.triangle, layout.terms, this.#inverse);
    out.set(this.#inverse);
    const { modifiers, contexts } = this.#model;
    const plain = modifiers.length - contexts.length;
    const combination = this.#combination;
    for (let m = 0; m < layout.terms; m++) {
      combination.fill(0);
      combination[m] = 1;
      out[layout.variance + m] = this.#variance(combination);
    }
    combination.fill(0);
    combination[0] = 1;
    for (let k = plain; k < modifiers.length; k++) {
      combination[k + 1] = -modifiers[k]!.mean / modifiers[k]!.deviation;
    }
    out[layout.main] = this.#variance(combination);
    this.#writeContexts(norm, out);
  }

  #writeContexts(norm: number, out: Float64Array): void {
    const { contexts, terms, context, contextVar, log10PContext } = this.#layout;
    const { triangle } = this.#model;
    const vectors = this.#vectors;
    const first = vectors - contexts;
    const column = this.#column;
    for (let m = 0; m < terms; m++) {
      for (let c = 0; c < contexts; c++) column[c] = this.basis[m * vectors + first + c]!;
      solveTriangle(triangle, contexts, column);
      for (let c = 0; c < contexts; c++) out[context + c * terms + m] = column[c]!;
    }
    let square = norm * norm;
    for (let c = 0; c < contexts; c++) square += this.basis[first + c]! * this.basis[first + c]!;
    for (let c = 0; c < contexts; c++) {
      column.fill(0);
      // Row c of R^-1, from R^-1 e_j.
      let own = 0;
      for (let j = c; j < contexts; j++) {
        column.fill(0);
        column[j] = 1;
        solveTriangle(triangle, contexts, column);
        own += column[c]! * column[c]!;
      }
      out[contextVar + c] =
        own + this.#variance(out.subarray(context + c * terms, context + (c + 1) * terms));
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

  /** x' (L L')^-1 x. */
  #variance(x: Float64Array): number {
    let variance = 0;
    for (let m = 0; m < this.#layout.terms; m++) {
      let value = 0;
      for (let j = 0; j <= m; j++) value += this.#inverse[(m * (m + 1)) / 2 + j]! * x[j]!;
      variance += value * value;
    }
    return variance;
  }
}

/** `out` = L^-1, lower triangles by rows. */
function invertTriangle(l: Float64Array, size: number, out: Float64Array): void {
  for (let m = 0; m < size; m++) {
    const row = (m * (m + 1)) / 2;
    for (let j = 0; j <= m; j++) {
      let value = j === m ? 1 : 0;
      for (let k = j; k < m; k++) value -= l[row + k]! * out[(k * (k + 1)) / 2 + j]!;
      out[row + j] = value / l[row + m]!;
    }
  }
}
