import type { VariantLabels } from "../../formats/genotypes.ts";
import { type QSteps, qAt, qSteps } from "../falseDiscovery.ts";
import { doublesOf, int32sOf, type PartTable, stringsOf } from "../mapPart.ts";
import type { MapResult } from "../tables.ts";
import { joinLoci, type Locus } from "./loci.ts";

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

/** How a trans map is permuted. */
export interface Permuting {
  readonly permutations: number;
  /** Base pairs: see `Locus`. */
  readonly locusDistance: number;
}

/** What permutations add to a trans map. */
export interface TransPermutations extends Permuting {
  readonly pair: LevelFdr;
  readonly gene: LevelFdr;
  readonly locus: LevelFdr;
  /** FDR of each gene by its best pair; NaN where it has none. */
  readonly fdrGene: Float64Array;
  readonly loci: readonly Locus[];
  /** Of each locus: its FDR, and the names of its lead. */
  readonly fdrLocus: Float64Array;
  readonly lead: VariantLabels;
}

/** Lays what the parts of a map found beside what they found in its permutations. */
export function transPermutations({ leads, tables }: MapResult, permuting: Permuting): TransPermutations {
  const { permutations, locusDistance } = permuting;
  const table = tables["loci"] ?? NO_LOCI;
  const loci = joinLoci(table, locusDistance);
  const permutedLoci = joinLoci(tables["permutedLoci"] ?? NO_LOCI, locusDistance);
  const best = new Map<number, number>();
  for (const { gene, log10P } of permutedLoci) best.set(gene, Math.min(best.get(gene) ?? 0, log10P));
  const pairs = (name: string): Float64Array => doublesOf(tables[name] ?? NO_LOCI, "log10P");
  const locusP = Float64Array.from(loci, ({ log10P }) => log10P);
  const gene = levelFdr(
    leads.log10P.filter((value) => !Number.isNaN(value)),
    Float64Array.from(best.values()),
    permutations,
  );
  const locus = levelFdr(
    locusP.slice(),
    Float64Array.from(permutedLoci, ({ log10P }) => log10P),
    permutations,
  );
  const names = (name: string): string[] => {
    const values = stringsOf(
      { id: [], chromosomeName: [], effectAllele: [], otherAllele: [], ...table },
      name,
    );
    return loci.map(({ lead }) => values[lead]!);
  };
  const positions = int32sOf({ position: new Int32Array(0), ...table }, "position");
  return {
    ...permuting,
    pair: levelFdr(pairs("hits"), pairs("permutedHits"), permutations),
    gene,
    locus,
    fdrGene: fdrOf(gene, leads.log10P),
    loci,
    fdrLocus: fdrOf(locus, locusP),
    lead: {
      id: names("id"),
      chromosome: names("chromosomeName"),
      position: Int32Array.from(loci, ({ lead }) => positions[lead]!),
      effectAllele: names("effectAllele"),
      otherAllele: names("otherAllele"),
    },
  };
}

/** Of a map without a part that was permuted. */
const NO_LOCI: PartTable = {
  ...{ gene: new Uint32Array(0), chromosome: new Uint32Array(0), hits: new Uint32Array(0) },
  ...{ start: new Int32Array(0), end: new Int32Array(0) },
  ...{ log10P: new Float64Array(0), slope: new Float64Array(0), slopeSe: new Float64Array(0) },
};
