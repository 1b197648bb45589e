import type { GeneTable } from "../association/tables.ts";
import { canonicalChromosome } from "../cohort/chromosomes.ts";
import type { GenotypeSource } from "../formats/genotypes.ts";

/** One chromosome on a genome axis: positions `first` to `last` lie at `offset` to `offset + last - first`. */
export interface GenomeSpan {
  /** Without `chr`. */
  readonly name: string;
  readonly first: number;
  readonly last: number;
  readonly offset: number;
}

/** Chromosomes laid end to end, with a small gap between them, in karyotype order. */
export interface GenomeLayout {
  readonly spans: readonly GenomeSpan[];
  readonly length: number;
}

/** Share of the axis that all gaps between chromosomes take together. */
const GAPS = 0.06;

/** The axis that holds every variant of a genotype source. */
export function variantLayout(
  source: Pick<GenotypeSource, "chromosomes" | "chromosomeCode" | "position">,
): GenomeLayout {
  const first = new Float64Array(source.chromosomes.length).fill(Number.POSITIVE_INFINITY);
  const last = new Float64Array(source.chromosomes.length).fill(Number.NEGATIVE_INFINITY);
  for (let v = 0; v < source.position.length; v++) {
    const code = source.chromosomeCode.at(v)!;
    const position = source.position.at(v)!;
    if (position < first[code]!) first[code] = position;
    if (position > last[code]!) last[code] = position;
  }
  const ranges = source.chromosomes.map((name, i) => ({ name, first: first[i]!, last: last[i]! }));
  return layOut(ranges.filter((range) => range.last >= range.first));
}

/** The axis that holds every gene of a table. */
export function geneLayout(genes: GeneTable): GenomeLayout {
  return layOut(
    genes.id.map((_, i) => ({ name: genes.chromosome[i]!, first: genes.start[i]!, last: genes.end[i]! })),
  );
}

/** Where a position lies on the axis, or NaN when its chromosome or the position is not on it. */
export function genomePlacer(layout: GenomeLayout): (chromosome: string, position: number) => number {
  const byName = new Map(layout.spans.map((span) => [span.name, span]));
  const cache = new Map<string, GenomeSpan | undefined>();
  // Most variants lie on the chromosome of the one before.
  let last: string | undefined;
  let span: GenomeSpan | undefined;
  return (chromosome, position) => {
    if (chromosome !== last) {
      span = cache.get(chromosome) ?? byName.get(canonicalChromosome(chromosome));
      if (span !== undefined) cache.set(chromosome, span);
      last = chromosome;
    }
    if (span === undefined || position < span.first || position > span.last) return Number.NaN;
    return span.offset + position - span.first;
  };
}

/** The index in `layout.spans` of the chromosome that holds axis coordinate `x`. */
export function spanAt(layout: GenomeLayout, x: number): number {
  let low = 0;
  let high = layout.spans.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (layout.spans[middle]!.offset <= x) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Bases of a chromosome, under any of its names. */
export interface GenomeRange {
  readonly name: string;
  readonly first: number;
  readonly last: number;
}

/** The axis that holds all of `ranges`, which may overlap and come in any order. */
export function layOut(ranges: readonly GenomeRange[]): GenomeLayout {
  const byName = new Map<string, GenomeRange>();
  for (const range of ranges) {
    const name = canonicalChromosome(range.name);
    const seen = byName.get(name) ?? range;
    byName.set(name, {
      name,
      first: Math.min(seen.first, range.first),
      last: Math.max(seen.last, range.last),
    });
  }
  const sorted = [...byName.values()].sort((a, b) => compareChromosomes(a.name, b.name));
  const bases = sorted.reduce((sum, range) => sum + (range.last - range.first), 0);
  const gap = sorted.length < 2 ? 0 : (bases * GAPS) / (sorted.length - 1);
  let offset = 0;
  const spans = sorted.map((range) => {
    const span = { ...range, offset };
    offset += range.last - range.first + gap;
    return span;
  });
  return { spans, length: Math.max(1, offset - gap) };
}

/** 1, 2, ..., 22, X, Y, XY, MT, then the rest by name. */
function compareChromosomes(a: string, b: string): number {
  return rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0);
}

function rank(name: string): number {
  if (/^[0-9]+$/.test(name)) return Number(name);
  const letter = ["X", "Y", "XY", "MT"].indexOf(name);
  return letter >= 0 ? 1e6 + letter : 2e6;
}
