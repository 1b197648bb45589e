import { windowOf } from "../../../association/conditional/memory.ts";
import { chromosomeRuns } from "../../../association/geometry.ts";
import { pairValues } from "../../../association/pairValues.ts";
import type { Cohort } from "../../../cohort/cohort.ts";
import { decodeDosages } from "../../../cohort/dosages.ts";
import { dot } from "../../../statistics/linalg.ts";
import type { PairKey, SampleValues } from "../answers.ts";
import { VariantFinder, type VariantRun } from "./variantFinder.ts";

/** Variants read at a time. */
const RUN = 1024;
/** A variant that is not this far from the gene is looked for everywhere. */
const NEAR = 1_000_000;

/** What is asked of the samples of the open cohort. */
export class CohortSamples {
  readonly cohort: Cohort;
  readonly finder: VariantFinder;
  readonly #genes: ReadonlyMap<string, number>;

  constructor(cohort: Cohort) {
    this.cohort = cohort;
    this.finder = new VariantFinder(cohort.tables.genotypes);
    this.#genes = new Map(cohort.genes.id.map((id, gene) => [id, gene]));
  }

  /** The gene's number in the cohort, or undefined. */
  gene(id: string): number | undefined {
    return this.#genes.get(id);
  }

  /** The variants within `window` base pairs of a gene. */
  windowOf(gene: number, window = NEAR): VariantRun {
    const run = chromosomeRuns(this.cohort.tables.genotypes)[this.cohort.geneChromosome[gene]!];
    return run === undefined ? { start: 0, end: 0 } : windowOf(this.cohort, gene, run, window);
  }

  /** The pair's samples; undefined where the cohort lacks the gene or the variant. */
  async values({ gene: geneId, variant: id }: PairKey): Promise<SampleValues | undefined> {
    const { cohort } = this;
    const gene = this.gene(geneId);
    if (gene === undefined) return undefined;
    const [variant] = await this.finder.find([id], this.windowOf(gene));
    if (variant === undefined || variant < 0) return undefined;
    const labels = await cohort.tables.genotypes.labels(variant, variant + 1);
    return {
      samples: [...cohort.samples],
      ...(await pairValues(cohort, variant, gene)),
      effectAllele: labels.effectAllele[0]!,
      otherAllele: labels.otherAllele[0]!,
    };
  }

  /**
   * r2 of the dosages of `variant` with those of each of `others`, missing calls at the variant's mean; NaN for variants that the cohort lacks and
   * those without variance. Covariates are left in: it is the LD of the samples.
   */
  async ld(variant: string, others: readonly string[]): Promise<Float64Array> {
    const out = new Float64Array(others.length).fill(Number.NaN);
    const [lead] = await this.finder.find([variant]);
    if (lead === undefined || lead < 0) return out;
    const unit = await this.#unit(lead);
    if (unit === undefined) return out;
    const index = await this.finder.find(others, around(lead, this.cohort));
    for await (const { rows, of } of this.#units(index)) {
      const r = dot(unit, 0, of, 0, unit.length);
      for (const row of rows) out[row] = Math.min(1, r * r);
    }
    return out;
  }

  async #unit(variant: number): Promise<Float64Array | undefined> {
    for await (const { of } of this.#units(Int32Array.of(variant))) return of;
    return undefined;
  }

  /** Centred dosages of norm 1 of the variants `index` (those below 0 left out), in source order, with the places they are asked at. */
  async *#units(
    index: Int32Array,
  ): AsyncGenerator<{ readonly rows: readonly number[]; readonly of: Float64Array }> {
    const rows = new Map<number, number[]>();
    index.forEach((variant, row) => {
      if (variant < 0) return;
      const known = rows.get(variant);
      if (known === undefined) rows.set(variant, [row]);
      else known.push(row);
    });
    const wanted = Uint32Array.from(rows.keys()).sort();
    const { genotypes } = this.cohort.tables;
    const of = new Float64Array(this.cohort.samples.length);
    for (let from = 0; from < wanted.length; ) {
      let to = from + 1;
      while (to < wanted.length && wanted[to]! < wanted[from]! + RUN) to++;
      const start = wanted[from]!;
      const block = await genotypes.read(start, wanted[to - 1]! + 1, this.cohort.report.genotypeIndex);
      for (; from < to; from++) {
        const variant = wanted[from]!;
        decodeDosages(block, variant - start, Number.NaN, of);
        if (standardise(of)) yield { rows: rows.get(variant)!, of: of.slice() };
      }
    }
  }
}

/** Variants that are likely to be asked for beside one: those of its chromosome within {@link NEAR} base pairs. */
function around(variant: number, { tables: { genotypes } }: Cohort): VariantRun {
  const { position, chromosomeCode, variantCount } = genotypes;
  const near = (other: number): boolean =>
    chromosomeCode.at(other) === chromosomeCode.at(variant) &&
    Math.abs(position.at(other)! - position.at(variant)!) <= NEAR;
  let [start, end] = [variant, variant + 1];
  while (start > 0 && near(start - 1)) start--;
  while (end < variantCount && near(end)) end++;
  return { start, end };
}

/** Missing values at the mean, mean 0, norm 1. False where nothing varies. */
function standardise(values: Float64Array): boolean {
  let [sum, called] = [0, 0];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    called++;
  }
  const mean = sum / called;
  for (let s = 0; s < values.length; s++) values[s] = Number.isNaN(values[s]!) ? 0 : values[s]! - mean;
  const norm = Math.sqrt(dot(values, 0, values, 0, values.length));
  // A constant dosage leaves rounding of its mean.
  if (!(norm > 1e-9 * Math.sqrt(values.length))) return false;
  for (let s = 0; s < values.length; s++) values[s]! /= norm;
  return true;
}
