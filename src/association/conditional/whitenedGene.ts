import type { Cohort } from "../../cohort/cohort.ts";
import type { CohortCovariance } from "../../cohort/covariance.ts";
import { decodeDosages } from "../../cohort/dosages.ts";
import { COLLINEAR } from "../../cohort/residuals.ts";
import type { Backend } from "../../compute/backend.ts";
import { dot } from "../../statistics/linalg.ts";
import { Projector } from "../../statistics/mixedModel.ts";
import { denseProducts } from "../dosageRows.ts";
import { concatenated } from "../permutation/groups.ts";
import { WhitenedPermutations } from "../permutation/whitened.ts";
import type { Survey } from "../survey.ts";

/** Below this share g'Pg - sum (g'Pd)^2 has lost digits: what is left of g is formed. */
const CANCELLATION = 0.01;

/** A variant that is given, d, of d'Pd = 1 and d'Pd* = 0 for all others; and Pd. */
interface Given {
  readonly own: Float64Array;
  readonly projected: Float64Array;
}

/**
 * A gene of samples that are not independent, beside covariates and given variants. With P of its covariance (cohort/covariance.ts) and d the given
 * variants, made orthonormal in P,
 *
 *   P' = P - sum Pd (Pd)',   g'P'g = g'Pg - sum (g.Pd)^2,   P'y = Py - sum Pd (d.Py),
 *
 * so that genotypes still meet columns and are never whitened themselves. The gene's share of the variance stays that of its model without variants.
 */
export class WhitenedGene {
  /** Variants given that are not collinear with covariates and others given. */
  readonly count: number;
  /** P'y, of norm 1; all 0 where covariates and given variants explain the expression. */
  readonly column: Float64Array;
  /** What slopes are in units of: y'P'y / |P'y|; 0 where nothing is left. */
  readonly norm: number;
  /** sqrt(y'P'y) / |P'y|: what divides the column's products beside the rows' norms. */
  readonly stretch: number;
  readonly #cohort: Cohort;
  readonly #group: number;
  readonly #projector: Projector;
  readonly #given: readonly Given[];

  /** `given`: dosages, missing calls at their mean. `projector`: that of the gene's group, where the caller has it. */
  constructor(
    cohort: Cohort,
    covariance: CohortCovariance,
    gene: number,
    given: readonly Float64Array[],
    projector?: Projector,
  ) {
    const { residuals, residualNorm, samples, genotypeBasis } = cohort;
    const n = samples.length;
    this.#cohort = cohort;
    this.#group = covariance.group[gene]!;
    this.#projector =
      projector ?? new Projector(covariance.projected, covariance.weights[this.#group]!, genotypeBasis);
    this.#given = this.#orthonormal(given);
    this.count = this.#given.length;
    this.column = residuals.slice(gene * n, (gene + 1) * n);
    const stretch = covariance.stretch[gene]!;
    if (this.count === 0) {
      this.norm = residualNorm[gene]!;
      this.stretch = stretch;
      return;
    }
    // In units where |Py| is 1: y'Py is the square of the stretch.
    const left = this.#beside(this.column, stretch);
    this.stretch = left.stretch;
    this.norm = (left.square / left.length) * (residualNorm[gene]! / (stretch * stretch));
    if (!(left.square > 0)) this.norm = 0;
  }

  /** sqrt(g'P'g) of the rows of a survey; 0 where next to nothing is left. */
  async norms(backend: Backend, found: Survey, abort: AbortSignal | undefined): Promise<Float64Array> {
    const plain = found.norms[this.#group]!;
    if (this.count === 0) return plain;
    const { samples, count } = found.rows;
    const values = concatenated(this.projected);
    const columns = await backend.load({ count: this.count, samples, values, standardised: false });
    try {
      const products = await denseProducts(backend, found.rows, columns, undefined, abort);
      return plain.map((norm, row) => {
        const whole = norm * norm;
        let left = whole;
        for (let c = 0; c < this.count; c++) left -= products[c * count + row]! * products[c * count + row]!;
        if (whole > 0 && left < CANCELLATION * whole) left = this.#leftOf(dosagesOf(found, row));
        return left < COLLINEAR * whole ? 0 : Math.sqrt(left);
      });
    } finally {
      await columns.dispose();
    }
  }

  /** P d of each variant given, d'Pd = 1. */
  get projected(): readonly Float64Array[] {
    return this.#given.map(({ projected }) => projected);
  }

  /** sqrt(g'P'g) of dosages `g`, where `norm` is sqrt(g'Pg); 0 where next to nothing is left. */
  normBeside(g: Float64Array, norm: number): number {
    const whole = norm * norm;
    let left = whole;
    for (const { projected } of this.#given) {
      const product = dot(g, 0, projected, 0, g.length);
      left -= product * product;
    }
    if (whole > 0 && left < CANCELLATION * whole) left = this.#leftOf(g.slice());
    return left < COLLINEAR * whole ? 0 : Math.sqrt(left);
  }

  /** Takes the given variants out of a permuted column whose stretch is given, in place, and returns its stretch now; 0 (and all 0) where nothing is left. */
  takeOut(values: Float64Array, stretch: number): number {
    return this.count === 0 || stretch === 0 ? stretch : this.#beside(values, stretch).stretch;
  }

  /** What is permuted, and how a permuted column is made; see `WhitenedPermutations`. */
  permutable(gene: number): { expression: Float64Array; make: (values: Float64Array) => number } {
    const whitened = WhitenedPermutations.of(this.#cohort)!;
    return {
      expression: whitened.expression(Uint32Array.of(gene)),
      make: (values) => this.takeOut(values, whitened.column(values, this.#group)),
    };
  }

  /** Takes the given variants out of Py, whose y'Py is `stretch` squared, and scales what is left to norm 1. */
  #beside(values: Float64Array, stretch: number): { square: number; length: number; stretch: number } {
    let square = stretch * stretch;
    for (const { own, projected } of this.#given) {
      const product = dot(own, 0, values, 0, values.length);
      square -= product * product;
      for (let s = 0; s < values.length; s++) values[s]! -= product * projected[s]!;
    }
    if (square < COLLINEAR * stretch * stretch) {
      values.fill(0);
      return { square: 0, length: 1, stretch: 0 };
    }
    const length = Math.sqrt(dot(values, 0, values, 0, values.length));
    for (let s = 0; s < values.length; s++) values[s]! /= length;
    return { square, length, stretch: Math.sqrt(square) / length };
  }

  /** g'P'g by what is left of g itself, which is lost. */
  #leftOf(g: Float64Array): number {
    this.#takeGivenOut(g, this.#given);
    return Math.max(0, this.#projector.apply(g));
  }

  #orthonormal(given: readonly Float64Array[]): Given[] {
    const kept: Given[] = [];
    for (const dosages of given) {
      const own = dosages.slice();
      const whole = this.#projector.apply(dosages.slice());
      this.#takeGivenOut(own, kept);
      const projected = own.slice();
      const square = this.#projector.apply(projected);
      if (!(square > COLLINEAR * whole)) continue;
      const length = Math.sqrt(square);
      kept.push({
        own: own.map((value) => value / length),
        projected: projected.map((value) => value / length),
      });
    }
    return kept;
  }

  /** Twice, so that nothing but rounding is left. */
  #takeGivenOut(values: Float64Array, given: readonly Given[]): void {
    for (const { own, projected } of [...given, ...given]) {
      const product = dot(values, 0, projected, 0, values.length);
      for (let s = 0; s < values.length; s++) values[s]! -= product * own[s]!;
    }
  }
}

function dosagesOf({ rows }: Survey, row: number): Float64Array {
  const g = new Float64Array(rows.samples);
  decodeDosages(rows, row, rows.fill[row]!, g);
  return g;
}
