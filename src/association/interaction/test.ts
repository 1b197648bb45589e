import { logBetaTails } from "../../statistics/beta.ts";
import { LOG10_E, log, log1p } from "../../statistics/elementary.ts";
import { type GramLayout, gramLayout } from "./gramLayout.ts";
import type { InteractionModel } from "./model.ts";

/** 1 - (what is explained) below this is rounding. */
const SMALLEST_RESIDUAL = Number.EPSILON;

/** One pair's test, written into by {@link PairTester.test}: reused. Effects are in units of the expression analysed, a copy, a unit of the context. */
export interface InteractionTest {
  /** Coordinates of the residual expression (norm 1) along the design's vectors. */
  readonly along: Float64Array;
  /** What the whole model leaves of it, squared. */
  unexplained: number;
  /** Effect of g where every context is 0. */
  bG: number;
  bGSe: number;
  log10PG: number;
  /** Of each context: its effect at 0 copies, and that of its product with g. */
  readonly bI: Float64Array;
  readonly bISe: Float64Array;
  readonly log10PI: Float64Array;
  readonly bGI: Float64Array;
  readonly bGISe: Float64Array;
  readonly log10PGI: Float64Array;
  /** The pair's p: that of its product with the context; of several contexts, of the F test of all products together. */
  log10P: number;
  /** Size to rank pairs of a gene by: the partial correlation of the products with the expression. */
  partial: number;
}

/** Tests pairs from their products with the expression and the variant's record. */
export class PairTester {
  readonly #model: InteractionModel;
  readonly #layout: GramLayout;
  readonly #solution: Float64Array;

  constructor(model: InteractionModel) {
    this.#model = model;
    this.#layout = gramLayout(model);
    this.#solution = new Float64Array(this.#layout.terms);
  }

  empty(): InteractionTest {
    const { contexts, terms } = this.#layout;
    const numbers = (): Float64Array => new Float64Array(contexts);
    return {
      along: new Float64Array(terms),
      unexplained: 0,
      bG: 0,
      bGSe: 0,
      log10PG: 0,
      bI: numbers(),
      bISe: numbers(),
      log10PI: numbers(),
      bGI: numbers(),
      bGISe: numbers(),
      log10PGI: numbers(),
      log10P: 0,
      partial: 0,
    };
  }

  /** The pair's partial correlation alone, squared; arguments as of {@link test}. */
  partialSquare(
    gene: number,
    records: Float64Array,
    record: number,
    products: Float64Array,
    at: number,
    step: number,
  ): number {
    return this.squareAlong(records, this.#blockOf(gene, record), this.#stretchOf(gene), products, at, step);
  }

  /** The same from the block of the gene's group and what divides the gene's products. */
  squareAlong(
    records: Float64Array,
    block: number,
    stretch: number,
    products: Float64Array,
    at: number,
    step: number,
  ): number {
    const { terms, contexts } = this.#layout;
    let before = 0;
    let after = 0;
    for (let m = 0; m < terms; m++) {
      const row = block + (m * (m + 1)) / 2;
      let value = 0;
      for (let j = 0; j <= m; j++) value += records[row + j]! * products[j * step + at]!;
      value /= stretch;
      if (m < terms - contexts) before += value * value;
      else after += value * value;
    }
    return after / Math.max(1 - before, SMALLEST_RESIDUAL);
  }

  /**
   * `products[m * step + at]`: g.e, then g.(modifier x e), of the residual expression e of norm 1. With u = L^-1 products: the effects are
   * L^-T u, their variances those of the record times N^2 (1 - |u|^2) / df, N the norm of the residual expression (METHODS 13). Where
   * samples are not independent the products are with another column: see sharedErrors.ts.
   */
  test(
    gene: number,
    records: Float64Array,
    start: number,
    products: Float64Array,
    at: number,
    step: number,
    out: InteractionTest,
  ): void {
    const { terms, contexts, variance, main } = this.#layout;
    const { tester, modifiers, cohort, errors } = this.#model;
    const { along } = out;
    const record = this.#blockOf(gene, start);
    const stretch = this.#stretchOf(gene);
    const plain = terms - contexts;
    let before = 0;
    let after = 0;
    for (let m = 0; m < terms; m++) {
      const row = record + (m * (m + 1)) / 2;
      let value = 0;
      for (let j = 0; j <= m; j++) value += records[row + j]! * products[j * step + at]!;
      value /= stretch;
      along[m] = value;
      if (m < plain) before += value * value;
      else after += value * value;
    }
    const df = tester.degreesOfFreedom;
    const unexplained = Math.max(1 - before - after, SMALLEST_RESIDUAL);
    out.unexplained = unexplained;
    const norm = (errors?.norm ?? cohort.residualNorm)[gene]!;
    const sigma = norm * Math.sqrt(unexplained / df);
    this.#solve(records, record, along, norm);
    const x = this.#solution;
    let bG = x[0]!;
    for (let c = 0; c < contexts; c++) {
      const { mean, deviation } = modifiers[plain - 1 + c]!;
      const scaled = x[plain + c]!;
      bG -= (mean / deviation) * scaled;
      out.bGI[c] = scaled / deviation;
      out.bGISe[c] = (sigma * Math.sqrt(records[record + variance + plain + c]!)) / deviation;
      out.log10PGI[c] = tester.tails.log10P(out.bGI[c]! / out.bGISe[c]!);
    }
    out.bG = bG;
    out.bGSe = sigma * Math.sqrt(records[record + main]!);
    out.log10PG = tester.tails.log10P(bG / out.bGSe);
    this.#contexts(gene, records, record, sigma, out);
    const left = unexplained + after;
    out.partial = Math.sqrt(Math.min(1, after / left));
    out.log10P = contexts === 1 ? out.log10PGI[0]! : log10PofF(after, unexplained, contexts, df);
  }

  /** Where the block of a gene's group is in the record that begins at `record`. */
  #blockOf(gene: number, record: number): number {
    const { errors } = this.#model;
    return errors === undefined ? record : record + this.#layout.block * errors.group[gene]!;
  }

  #stretchOf(gene: number): number {
    return this.#model.errors?.stretch[gene] ?? 1;
  }

  /** L^-T u times `norm` into the solution. */
  #solve(records: Float64Array, record: number, along: Float64Array, norm: number): void {
    const { terms } = this.#layout;
    for (let m = 0; m < terms; m++) {
      let value = 0;
      for (let k = m; k < terms; k++) value += records[record + (k * (k + 1)) / 2 + m]! * along[k]!;
      this.#solution[m] = value * norm;
    }
  }

  #contexts(gene: number, records: Float64Array, record: number, sigma: number, out: InteractionTest): void {
    const { terms, contexts, context, contextVar } = this.#layout;
    const { contextEffects, tester } = this.#model;
    for (let c = 0; c < contexts; c++) {
      let effect = contextEffects[gene * contexts + c]!;
      const from = record + context + c * terms;
      for (let m = 0; m < terms; m++) effect -= records[from + m]! * this.#solution[m]!;
      out.bI[c] = effect;
      out.bISe[c] = sigma * Math.sqrt(records[record + contextVar + c]!);
      out.log10PI[c] = tester.tails.log10P(effect / out.bISe[c]!);
    }
  }
}

/**
 * log10 of P(F >= (explained / numerator) / (unexplained / denominator)): I_y(denominator / 2, numerator / 2) at
 * y = unexplained / (unexplained + explained) (Abramowitz and Stegun 26.6.2).
 */
export function log10PofF(
  explained: number,
  unexplained: number,
  numerator: number,
  denominator: number,
): number {
  if (explained === 0) return 0;
  const logY = -log1p(explained / unexplained);
  const log1mY = log(explained / (explained + unexplained));
  return Math.min(0, LOG10_E * logBetaTails(logY, Math.min(0, log1mY), denominator / 2, numerator / 2).lower);
}
