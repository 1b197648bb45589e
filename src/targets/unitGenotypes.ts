import type { Survey } from "../association/survey.ts";
import type { Cohort } from "../cohort/cohort.ts";
import { decodeDosages } from "../cohort/dosages.ts";
import { dot, residualise } from "../statistics/linalg.ts";
import { Projector, rootWeights } from "../statistics/mixedModel.ts";

/** Residual genotypes scaled to norm 1, and the norm before; of samples that are not independent P^1/2 g, whose norm is sqrt(g'Pg). */
export interface UnitGenotype {
  readonly unit: Float64Array;
  readonly norm: number;
}

/** The residual genotypes of the window in hand: the next gene's window mostly holds the same variants. */
export class UnitGenotypes {
  readonly #cohort: Cohort;
  /** By group of genes. */
  readonly #whitenings: readonly Projector[] | undefined;
  /** By index in the source; of genes of group `#group`. */
  #held = new Map<number, UnitGenotype>();
  #group = 0;

  constructor(cohort: Cohort) {
    const { covariance, genotypeBasis } = cohort;
    this.#cohort = cohort;
    this.#whitenings = covariance?.weights.map(
      (own) => new Projector(covariance.projected, rootWeights(own), genotypeBasis),
    );
  }

  /** Those of the rows of a survey, as `gene` meets them; forgets all others. */
  of(found: Survey, rows: readonly number[], gene: number): UnitGenotype[] {
    const group = this.#cohort.covariance?.group[gene] ?? 0;
    const before = group === this.#group ? this.#held : new Map<number, UnitGenotype>();
    this.#held = new Map();
    this.#group = group;
    return rows.map((row) => {
      const index = found.index[row]!;
      const one = before.get(index) ?? this.one(found, row);
      this.#held.set(index, one);
      return one;
    });
  }

  /** That of one row, which is not kept, as the group of genes asked for last meets it. */
  one({ rows }: Survey, row: number): UnitGenotype {
    const n = this.#cohort.samples.length;
    const unit = new Float64Array(n);
    decodeDosages(rows, row, rows.fill[row]!, unit);
    const whitening = this.#whitenings?.[this.#group];
    if (whitening === undefined) residualise(unit, 0, n, this.#cohort.genotypeBasis);
    else whitening.apply(unit);
    const norm = Math.sqrt(dot(unit, 0, unit, 0, n));
    for (let s = 0; s < n; s++) unit[s]! /= norm;
    return { unit, norm };
  }
}
