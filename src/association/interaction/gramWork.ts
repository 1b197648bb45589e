import { COLLINEAR } from "../../cohort/residuals.ts";
import { type StudentT, studentT } from "../../statistics/studentT.ts";
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
  /** (g - mean) x (g - mean) x modifier x modifier, the constant's modifier being 1, and sums of (g - mean) x modifier. */
  readonly #squares: Float64Array;
  readonly #sums: Float64Array;
  readonly #inverse: Float64Array;
  /** 1 and the modifiers, `[sample * terms + term]`. */
  readonly #values: Float64Array;
  /** Of the test of g on a context beside the covariates: n - 2 - k degrees of freedom. */
  readonly #tails: StudentT;

  constructor(model: InteractionModel, layout: GramLayout) {
    const triangle = layout.variance;
    this.#model = model;
    this.#layout = layout;
    this.basis = new Float64Array(layout.terms * model.cohort.genotypeBasis.count);
    this.triangle = new Float64Array(triangle);
    this.#squares = new Float64Array(triangle);
    this.#sums = new Float64Array(layout.terms);
    this.#inverse = new Float64Array(triangle);
    const { terms } = layout;
    this.#values = new Float64Array(model.cohort.samples.length * terms).fill(1);
    model.modifiers.forEach(({ values }, k) => {
      for (let s = 0; s < values.length; s++) this.#values[s * terms + k + 1] = values[s]!;
    });
    this.#tails = studentT(model.cohort.degreesOfFreedom + model.contexts.length);
  }

  squares(g: Float64Array, mean: number): void {
    const { terms } = this.#layout;
    const n = g.length;
    if (terms === 2) {
      this.#squaresOfOne(g, mean);
      return;
    }
    this.#squares.fill(0);
    this.#sums.fill(0);
    const values = this.#values;
    for (let s = 0; s < n; s++) {
      const d = g[s]! - mean;
      let at = 0;
      for (let m = 0; m < terms; m++) {
        const a = d * values[s * terms + m]!;
        this.#sums[m]! += a;
        for (let k = 0; k <= m; k++) this.#squares[at++]! += a * d * values[s * terms + k]!;
      }
    }
  }

  /** The same with one modifier, which is most of what a screened map does here. */
  #squaresOfOne(g: Float64Array, mean: number): void {
    const { values } = this.#model.modifiers[0]!;
    let [sum, one, mixed, square] = [0, 0, 0, 0];
    for (let s = 0; s < g.length; s++) {
      const d = g[s]! - mean;
      const a = d * values[s]!;
      sum += a;
      one += d * d;
      mixed += a * d;
      square += a * a;
    }
    this.#sums[1] = sum;
    this.#squares[0] = one;
    this.#squares[1] = mixed;
    this.#squares[2] = square;
  }

  /** The Gram matrix of the residual columns: squares less what the constant and the basis explain. */
  gram(norm: number, mean: number, columnSums: Float64Array, vectors: number): void {
    const { basis, triangle } = this;
    const n = this.#model.cohort.samples.length;
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

  /** Cholesky in place; false where a pivot is below the share `least` of its column's square. */
  factorise(least: number): boolean {
    const { triangle } = this;
    for (let m = 0; m < this.#layout.terms; m++) {
      const row = (m * (m + 1)) / 2;
      for (let k = 0; k <= m; k++) {
        const other = (k * (k + 1)) / 2;
        let value = triangle[row + k]!;
        for (let j = 0; j < k; j++) value -= triangle[row + j]! * triangle[other + j]!;
        if (k < m) triangle[row + k] = value / triangle[other + k]!;
        else if (!(value >= least * this.#squares[row + m]!)) return false;
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

  write(norm: number, vectors: number, out: Float64Array): void {
    const layout = this.#layout;
    invertTriangle(this.triangle, layout.terms, this.#inverse);
    out.set(this.#inverse);
    const { modifiers, contexts } = this.#model;
    const plain = modifiers.length - contexts.length;
    const combination = new Float64Array(layout.terms);
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
    this.#writeContexts(norm, vectors, out);
  }

  #writeContexts(norm: number, vectors: number, out: Float64Array): void {
    const { contexts, terms, context, contextVar, log10PContext } = this.#layout;
    const { triangle } = this.#model;
    const first = vectors - contexts;
    const column = new Float64Array(contexts);
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
