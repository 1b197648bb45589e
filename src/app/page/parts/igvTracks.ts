import { canonicalChromosome } from "../../../cohort/chromosomes.ts";
import { spanAt } from "../../../report/layout.ts";
import type { GeneColumns, PairColumns } from "../../engine/protocol.ts";
import type { MapPoints } from "./mapPoints.ts";

/**
 * What igv.js shows, made of what the page has in memory: igv itself reads nothing. Positions are 0-based and half-open, as igv has them, and
 * chromosomes are named as the layout names them: genes and pairs have the names of their own files (`chr2`, `23`).
 */

export interface IgvFeature {
  readonly chr: string;
  readonly start: number;
  readonly end: number;
  readonly [column: string]: string | number | undefined;
}

/** Features of a stretch in ascending order, as igv's readers answer. */
export interface IgvReader {
  readFeatures(chr: string, start: number, end: number): Promise<readonly IgvFeature[]>;
}

/** `22<TAB>51240000`, a chromosome a line: the genome, as far as the result knows it. */
export function chromosomeSizes({ layout, genes }: Pick<MapPoints, "layout" | "genes">): string {
  const last = new Map(layout.spans.map((span) => [span.name, span.last]));
  genes.chromosome.forEach((own, g) => {
    const name = canonicalChromosome(own);
    if (last.has(name)) last.set(name, Math.max(last.get(name)!, genes.end[g]!));
  });
  // Room after the last variant, so that it does not stand on the edge.
  return [...last].map(([name, at]) => `${name}\t${Math.ceil(at * 1.01) + 1_000}\n`).join("");
}

/** Each gene's body, its status and lead. */
export function geneFeatures(genes: GeneColumns, significantQ: number): IgvFeature[] {
  return ordered(
    [...genes.id.keys()]
      .filter((g) => genes.start[g]! > 0)
      .map((g) => ({
        ...{ chr: canonicalChromosome(genes.chromosome[g]!), start: genes.start[g]! - 1, end: genes.end[g]! },
        ...{ name: genes.symbol[g] || genes.id[g], id: genes.id[g], strand: strandOf(genes.strand[g]) },
        ...{ color: genes.q[g]! <= significantQ ? "#1f5582" : "#8a96a5", status: genes.status[g] },
        ...{ lead: genes.variant[g], q: Number.isNaN(genes.q[g]) ? undefined : genes.q[g] },
      })),
  );
}

/** The chromosome of each gene's lead: that of its point; where no point of it was kept, that of its gene. */
export function leadChromosomes({
  columns,
  layout,
  genes,
}: Pick<MapPoints, "columns" | "layout" | "genes">): (gene: number) => string {
  const rows = new Map(columns.variants.map((id, v) => [id, v] as const));
  const first = new Map<number, number>();
  columns.variant.forEach((v, i) => {
    if (!first.has(v)) first.set(v, i);
  });
  return (gene) => {
    const x = columns.x[first.get(rows.get(genes.variant[gene]!) ?? -1) ?? -1];
    return x === undefined ? canonicalChromosome(genes.chromosome[gene]!) : chromosomeAt({ layout }, x);
  };
}

/** Where igv looks for a gene: `pad` bases to either side of it; of a trans map, whose pairs lie elsewhere, to either side of its lead. */
export function locusAround(
  map: Pick<MapPoints, "columns" | "layout" | "genes">,
  gene: number,
  pad: number,
): string {
  const { genes, columns } = map;
  const position = genes.position[gene]!;
  if (columns.geneX !== undefined && genes.variant[gene] !== "")
    return locusOf(leadChromosomes(map)(gene), position - pad, position + pad);
  return locusOf(
    canonicalChromosome(genes.chromosome[gene]!),
    genes.start[gene]! - pad,
    genes.end[gene]! + pad,
  );
}

/** The lead variant of each gene, at its -log10 p. */
export function leadFeatures(genes: GeneColumns, chromosomeOf: (variant: number) => string): IgvFeature[] {
  return ordered(
    [...genes.id.keys()]
      .filter((g) => genes.variant[g] !== "" && Number.isFinite(genes.log10P[g]))
      .map((g) => ({
        ...{ chr: chromosomeOf(g), start: genes.position[g]! - 1, end: genes.position[g]! },
        ...{ value: -genes.log10P[g]!, variant: genes.variant[g], gene: genes.id[g] },
      })),
  );
}

/** All pairs of a gene that the result holds. */
export function pairFeatures(pairs: PairColumns): IgvFeature[] {
  return ordered(
    [...pairs.position.keys()]
      .filter((i) => Number.isFinite(pairs.log10P[i]))
      .map((i) => ({
        ...{
          chr: canonicalChromosome(pairs.chromosome[i]!),
          start: pairs.position[i]! - 1,
          end: pairs.position[i]!,
        },
        ...{ value: -pairs.log10P[i]!, variant: pairs.variant[i], slope: pairs.slope[i] },
      })),
  );
}

/** The map's points, of all genes, where igv looks. */
export function pointReader({ columns, layout }: MapPoints): IgvReader {
  return {
    async readFeatures(chr, start, end) {
      const span = layout.spans.find(({ name }) => name === chr);
      if (span === undefined) return [];
      const axis = (position: number): number =>
        span.offset + Math.min(span.last, Math.max(span.first, position)) - span.first;
      const from = lowerBound(columns.x, axis(start));
      const to = lowerBound(columns.x, axis(end) + 1);
      return Array.from({ length: to - from }, (_, k) => {
        const i = from + k;
        const position = Math.round(columns.x[i]! - span.offset + span.first);
        return {
          chr,
          start: position - 1,
          end: position,
          value: columns.y[i]!,
          variant: columns.variants[columns.variant[i]!],
        };
      }).filter(({ value }) => Number.isFinite(value));
    },
  };
}

/** Where a reader has all its features at once. */
export function readerOf(features: readonly IgvFeature[]): IgvReader {
  return {
    readFeatures: async (chr, start, end) =>
      features.filter((feature) => feature.chr === chr && feature.end >= start && feature.start <= end),
  };
}

/** `chr22:17,000,001-17,400,000` of a stretch. */
export function locusOf(chr: string, start: number, end: number): string {
  return `${chr}:${Math.max(1, Math.round(start))}-${Math.round(end)}`;
}

/** The chromosome of an axis coordinate. */
export function chromosomeAt({ layout }: Pick<MapPoints, "layout">, x: number): string {
  return layout.spans[spanAt(layout, x)]?.name ?? "";
}

function strandOf(strand: string | undefined): string | undefined {
  return strand === "+" || strand === "-" ? strand : undefined;
}

function ordered(features: IgvFeature[]): IgvFeature[] {
  return features.sort((a, b) => (a.chr < b.chr ? -1 : a.chr > b.chr ? 1 : a.start - b.start));
}

/** First index whose value is not below `wanted`. */
function lowerBound(values: ArrayLike<number>, wanted: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
