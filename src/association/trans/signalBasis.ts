/** A gene's cis signals as what is taken out of its expression and of variants: of independent samples, and of relatives. */

import type { Cohort } from "../../cohort/cohort.ts";
import { decodeDosages } from "../../cohort/dosages.ts";
import { analysedExpression } from "../../cohort/expression.ts";
import { COLLINEAR, standardise } from "../../cohort/residuals.ts";
import { canonicalDot } from "../../compute/exact.ts";
import { type OrthonormalBasis, orthonormalBasis, residualise } from "../../statistics/linalg.ts";
import { Projector } from "../../statistics/mixedModel.ts";
import { WhitenedGene } from "../conditional/whitenedGene.ts";

/** The signals of one gene, those kept. */
export interface SignalBasis {
  readonly count: number;
  /** What is screened to find the variants that are linked with them: of norm 1, one after the other. */
  readonly columns: Float64Array;
  /** What |column . g| / norm of a row is to be multiplied by to be the root of the share of g that the signal explains. */
  readonly lengths: Float64Array;
  /** What is left of the gene's expression: of norm 1, or all 0. */
  readonly column: Float64Array;
  /** Its norm; 0 where nothing is left. */
  readonly norm: number;
  /** What divides products with the column beside the norms of rows. */
  readonly stretch: number;
  /** Norm of the dosages `g` beside covariates and signals, where `norm` is theirs beside the covariates; 0: collinear. */
  normBeside(g: Float64Array, norm: number): number;
  /** Takes the signals out of a permuted column of the gene, in place, whose stretch is given; its stretch now: 0 (and all 0) where nothing is left. */
  takeOut(values: Float64Array, stretch: number): number;
}

/** Makes the bases of one cohort's genes. */
export class SignalBases {
  readonly #cohort: Cohort;
  readonly #projectors = new Map<number, Projector>();

  constructor(cohort: Cohort) {
    this.#cohort = cohort;
  }

  /** Of a gene of status `ok` and variants of the source, as they are; one that covariates or earlier ones explain adds nothing. */
  async of(gene: number, variants: readonly number[]): Promise<SignalBasis> {
    const cohort = this.#cohort;
    const n = cohort.samples.length;
    const dosages: Float64Array[] = [];
    for (const variant of variants) dosages.push(await dosagesOf(cohort, variant));
    const { covariance } = cohort;
    if (covariance === undefined) return new PlainSignals(cohort, gene, dosages);
    // Beside the covariates: what they explain would be rounding, made as long as any other.
    const own = dosages.filter((g) => standardise(g.slice(), cohort.expressionBasis) > 0);
    const group = covariance.group[gene]!;
    let projector = this.#projectors.get(group);
    if (projector === undefined) {
      projector = new Projector(covariance.projected, covariance.weights[group]!, cohort.genotypeBasis);
      this.#projectors.set(group, projector);
    }
    return whitenedSignals(new WhitenedGene(cohort, covariance, gene, own, projector), n);
  }
}

async function dosagesOf(cohort: Cohort, variant: number): Promise<Float64Array> {
  const block = await cohort.tables.genotypes.read(variant, variant + 1, cohort.report.genotypeIndex);
  const g = new Float64Array(cohort.samples.length);
  decodeDosages(block, 0, Number.NaN, g);
  const called = g.filter((dosage) => !Number.isNaN(dosage));
  const mean = called.reduce((sum, dosage) => sum + dosage, 0) / Math.max(1, called.length);
  for (let s = 0; s < g.length; s++) if (Number.isNaN(g[s]!)) g[s] = mean;
  return g;
}

/** Of independent samples: an orthonormal basis beside the covariates. */
class PlainSignals implements SignalBasis {
  readonly count: number;
  readonly columns: Float64Array;
  readonly lengths: Float64Array;
  readonly column: Float64Array;
  readonly norm: number;
  readonly stretch = 1;
  readonly #covariates: OrthonormalBasis;

  constructor(cohort: Cohort, gene: number, dosages: readonly Float64Array[]) {
    const n = cohort.samples.length;
    this.#covariates = cohort.expressionBasis;
    const values = new Float64Array(dosages.length * n);
    dosages.forEach((g, i) => {
      standardise(g, cohort.expressionBasis);
      values.set(g, i * n);
    });
    const names = dosages.map((_, i) => `signal ${i + 1}`);
    const basis = orthonormalBasis(values, names, n);
    this.count = basis.count;
    this.columns = basis.values.slice(0, basis.count * n);
    // Beside the covariates to the last digit, whatever the signals share.
    for (let j = 0; j < this.count; j++) {
      standardise(this.columns.subarray(j * n, (j + 1) * n), cohort.expressionBasis);
    }
    this.lengths = new Float64Array(this.count).fill(1);
    const { tables, geneRow, report, transform } = cohort;
    this.column = cohort.residuals.slice(gene * n, (gene + 1) * n);
    if (this.count === 0) {
      this.norm = cohort.residualNorm[gene]!;
      return;
    }
    analysedExpression(tables.expression, geneRow[gene]!, report.expressionIndex, transform, this.column);
    this.norm = standardise(this.column, this.#both());
  }

  normBeside(g: Float64Array, norm: number): number {
    const n = g.length;
    const whole = norm * norm;
    let left = whole;
    for (let row = 0; row < this.count; row++) {
      const product = canonicalDot(g, 0, this.columns, row * n, n);
      left -= product * product;
    }
    // Below a share of 0.01 the difference has lost digits: the residual itself is formed.
    if (left < 0.01 * whole) {
      const work = g.slice();
      residualise(work, 0, n, this.#both());
      left = canonicalDot(work, 0, work, 0, n);
    }
    return left < COLLINEAR * whole ? 0 : Math.sqrt(left);
  }

  takeOut(values: Float64Array): number {
    return standardise(values, this.#both()) > 0 ? 1 : 0;
  }

  /** The covariates and the signals. */
  #both(): OrthonormalBasis {
    const { n, count, values } = this.#covariates;
    const all = new Float64Array((count + this.count) * n);
    all.set(values);
    all.set(this.columns, count * n);
    return { ...this.#covariates, count: count + this.count, values: all };
  }
}

/**
 * Of samples that are not independent, P d of signals d made orthonormal in P (see {@link WhitenedGene}): with g'Pg = norm^2 the share that
 * a signal explains is (g.Pd)^2 / g'Pg, and g.Pd is |Pd| times the product with the column of norm 1.
 */
function whitenedSignals(gene: WhitenedGene, n: number): SignalBasis {
  const columns = new Float64Array(gene.count * n);
  const lengths = new Float64Array(gene.count);
  gene.projected.forEach((values, row) => {
    const length = Math.sqrt(canonicalDot(values, 0, values, 0, n));
    lengths[row] = length;
    columns.set(
      values.map((value) => value / length),
      row * n,
    );
  });
  return {
    ...{ count: gene.count, columns, lengths },
    ...{ column: gene.column, norm: gene.norm, stretch: gene.stretch },
    normBeside: (g, norm) => gene.normBeside(g, norm),
    takeOut: (values, stretch) => gene.takeOut(values, stretch),
  };
}
