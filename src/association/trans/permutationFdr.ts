import type { Cohort } from "../../cohort/cohort.ts";
import type { VariantLabels } from "../../formats/genotypes.ts";
import { labelsOf } from "../batch.ts";
import { type QSteps, qAt, qSteps } from "../falseDiscovery.ts";
import type { LocusTable } from "./loci.ts";
import type { PermutedHits } from "./permuted.ts";

/** What the permutations say of one kind of hit: pairs, genes or loci. */
export interface LevelFdr {
  /** Hits of the real map, and of all permutations together. */
  readonly observed: number;
  readonly permuted: number;
  readonly steps: QSteps;
  /** Hits of the real map with an FDR of at most 0.05, and those that no permuted hit equals. */
  readonly significant: number;
  readonly unmatched: number;
}

/** Hits at or below this false discovery rate are called significant. */
export const SIGNIFICANT_FDR = 0.05;

/**
 * FDR(p) = (permuted hits with p' <= p / permutations) / real hits with p' <= p (METHODS 3.3), at most 1 and
 * made monotone: that of a hit is the least of all hits with as large a p. SORTS and takes over both arrays of log10 p.
 */
export function levelFdr(observed: Float64Array, permuted: Float64Array, permutations: number): LevelFdr {
  observed.sort();
  permuted.sort();
  const steps = qSteps(observed.slice(), (log10P) => upTo(permuted, log10P) / permutations, 0, 1);
  let significant = 0;
  while (significant < observed.length && qAt(steps, observed[significant]!) <= SIGNIFICANT_FDR)
    significant++;
  const first = permuted[0];
  const unmatched = first === undefined ? observed.length : below(observed, first);
  return { observed: observed.length, permuted: permuted.length, steps, significant, unmatched };
}

/** The FDR of hits with these log10 p; NaN for NaN. */
export function fdrOf({ steps }: LevelFdr, log10P: Float64Array): Float64Array {
  return log10P.map((value) => (Number.isNaN(value) ? value : qAt(steps, value)));
}

/** How many of the ascending values are <= `value`. */
function upTo(values: Float64Array, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many of the ascending values are < `value`. */
function below(values: Float64Array, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What permutations add to a trans map. */
export interface TransPermutations {
  readonly permutations: number;
  readonly locusDistance: number;
  readonly pair: LevelFdr;
  readonly gene: LevelFdr;
  readonly locus: LevelFdr;
  /** FDR of each gene by its best pair; NaN where it has none. */
  readonly fdrGene: Float64Array;
  readonly loci: LocusTable & { readonly fdr: Float64Array; readonly variant: VariantLabels };
}

/** Lays what was found beside what the permutations found. `pairs` is taken over. */
export async function transPermutations(
  cohort: Cohort,
  found: { readonly pairs: Float64Array; readonly genes: Float64Array; readonly loci: LocusTable },
  hits: PermutedHits,
  locusDistance: number,
): Promise<TransPermutations> {
  const { permutations } = hits;
  const { loci } = found;
  const pair = levelFdr(found.pairs, hits.pairs, permutations);
  const gene = levelFdr(
    found.genes.filter((value) => !Number.isNaN(value)),
    hits.genes,
    permutations,
  );
  const locus = levelFdr(loci.log10P.slice(), hits.loci, permutations);
  const distinct = Uint32Array.from(new Set(loci.lead)).sort();
  const labels = await labelsOf(cohort.tables.genotypes, distinct);
  const row = new Map(Array.from(distinct, (index, i) => [index, i]));
  const of = <T>(values: ArrayLike<T>): T[] => Array.from(loci.lead, (index) => values[row.get(index)!]!);
  const variant = {
    id: of(labels.id),
    chromosome: of(labels.chromosome),
    position: Int32Array.from(of(labels.position)),
    effectAllele: of(labels.effectAllele),
    otherAllele: of(labels.otherAllele),
  };
  return {
    ...{ permutations, locusDistance, pair, gene, locus },
    fdrGene: fdrOf(gene, found.genes),
    loci: { ...loci, fdr: fdrOf(locus, loci.log10P), variant },
  };
}
