import type { Cohort } from "../../cohort/cohort.ts";
import type { NumberByVariant } from "../../formats/genotypes.ts";
import { chromosomeRuns, inRuns, joinedRuns, lowerBound, reachOf } from "../geometry.ts";
import type { PassedVariants } from "./passedVariants.ts";

/** For each gene, variants of the source as ascending runs that do not overlap: `[from, to, from, to, ...]`, ends exclusive. */
export class VariantRuns {
  readonly #runs: readonly Uint32Array[];

  /** `spans[gene]` may overlap and come in any order. */
  constructor(spans: readonly (readonly (readonly [from: number, to: number])[])[]) {
    this.#runs = spans.map(joinedRuns);
  }

  /** The runs of one gene. */
  of(gene: number): Uint32Array {
    return this.#runs[gene]!;
  }

  has(gene: number, variant: number): boolean {
    return inRuns(this.#runs[gene]!, variant);
  }

  /** How many of the ascending variants `index` lie in the gene's runs. */
  count(gene: number, index: Uint32Array): number {
    const runs = this.#runs[gene]!;
    let count = 0;
    for (let i = 0; i < runs.length; i += 2) {
      const from = firstFrom(index, runs[i]!);
      count += firstFrom(index, runs[i + 1]!, from) - from;
    }
    return count;
  }

  /** How many of the variants that pass the filters lie in the gene's runs. */
  countPassed(gene: number, passed: PassedVariants): number {
    const runs = this.#runs[gene]!;
    let count = 0;
    for (let i = 0; i < runs.length; i += 2) count += passed.between(runs[i]!, runs[i + 1]!);
    return count;
  }

  /** The variants in either. */
  with(other: VariantRuns): VariantRuns {
    const pairs = (runs: Uint32Array): [number, number][] =>
      Array.from({ length: runs.length / 2 }, (_, i) => [runs[2 * i]!, runs[2 * i + 1]!]);
    return new VariantRuns(this.#runs.map((runs, gene) => [...pairs(runs), ...pairs(other.of(gene))]));
  }
}

/** The variants within `reach` base pairs of each gene (see `reachOf`); none at all where it is below 0. */
export function nearRuns(cohort: Cohort, reach: number): VariantRuns {
  const source = cohort.tables.genotypes;
  const chromosomes = chromosomeRuns(source);
  return new VariantRuns(
    Array.from(cohort.geneChromosome, (code, gene) => {
      const chromosome = chromosomes[code];
      if (reach < 0 || chromosome === undefined) return [];
      const { low, high } = reachOf(cohort, gene, reach);
      return [placesBetween(source.position, chromosome, low, high)];
    }),
  );
}

/** The run of a chromosome's variants placed from `low` to `high`, both included. */
export function placesBetween(
  position: NumberByVariant,
  chromosome: { readonly start: number; readonly end: number },
  low: number,
  high: number,
): [from: number, to: number] {
  const from = lowerBound(position, low, chromosome.start, chromosome.end);
  return [from, lowerBound(position, high + 1, from, chromosome.end)];
}

/** First place of the ascending `index` from `start` on whose value is >= `value`, or its length. */
function firstFrom(index: Uint32Array, value: number, start = 0): number {
  let low = start;
  let high = index.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (index[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
