import { canonicalChromosome } from "../../../cohort/chromosomes.ts";
import type { GeneColumns } from "../../engine/protocol.ts";

/** What rows of the gene table are wanted: everything that is set must hold. */
export interface GeneFilter {
  /** An id, symbol or variant or part of one, or a region: `4`, `chr4:100000-200000`. */
  readonly search: string;
  readonly status: string;
  readonly chromosome: string;
  /** At most; NaN: any. */
  readonly q: number;
  /** |slope| at least; NaN: any. */
  readonly slope: number;
}

export interface SoughtRegion {
  readonly chromosome: string;
  readonly start: number;
  readonly end: number;
}

/** `chr4:100,000-200,000`, `4:100000`, `4:1.5mb-2mb`; undefined for what is no region. */
export function regionOf(search: string): SoughtRegion | undefined {
  const match =
    /^\s*(?:chr)?(\d{1,2}|X|Y|XY|MT?)\s*:\s*([\d.,]+)\s*(kb?|mb?)?(?:\s*[-–]\s*([\d.,]+)\s*(kb?|mb?)?)?\s*$/i.exec(
      search,
    );
  if (match === null) return undefined;
  const [, chromosome = "", from = "", unit, to, lastUnit] = match;
  const start = basesOf(from, unit ?? lastUnit);
  const end = to === undefined ? start : basesOf(to, lastUnit);
  if (!(start >= 0) || !(end >= start)) return undefined;
  return { chromosome: canonicalChromosome(chromosome), start, end };
}

function basesOf(text: string, unit: string | undefined): number {
  const scale = unit === undefined ? 1 : /^k/i.test(unit) ? 1e3 : 1e6;
  return Math.round(Number(text.replaceAll(",", "")) * scale);
}

/** Whether a row of the table of genes is wanted. Genes whose number is not there fail a bound on it. */
export function genePredicate(genes: GeneColumns, filter: GeneFilter): (row: number) => boolean {
  const region = regionOf(filter.search);
  const text = region === undefined ? filter.search.trim().toLowerCase() : "";
  const chromosome = filter.chromosome === "" ? "" : canonicalChromosome(filter.chromosome);
  const has = (cell: string | undefined): boolean => cell?.toLowerCase().includes(text) ?? false;
  return (row) => {
    if (filter.status !== "" && genes.status[row] !== filter.status) return false;
    if (!Number.isNaN(filter.q) && !(genes.q[row]! <= filter.q)) return false;
    if (!Number.isNaN(filter.slope) && !(Math.abs(genes.slope[row]!) >= filter.slope)) return false;
    const on = canonicalChromosome(genes.chromosome[row] ?? "");
    if (chromosome !== "" && on !== chromosome) return false;
    if (region !== undefined)
      return on === region.chromosome && genes.start[row]! <= region.end && genes.end[row]! >= region.start;
    return text === "" || has(genes.id[row]) || has(genes.symbol[row]) || has(genes.variant[row]);
  };
}

export const SORTS = [
  ...(["gene", "position", "variant", "af", "slope", "afc", "p", "perm", "beta", "q", "limit"] as const),
  ...(["tested", "status"] as const),
] as const;
export type SortName = (typeof SORTS)[number];

export interface GeneSort {
  readonly by: SortName;
  readonly descending: boolean;
}

/** `q`, `-slope`: as it stands in the address; p, strongest first, for what is not understood. */
export function sortOf(text: string): GeneSort {
  const by = SORTS.find((name) => name === text.replace(/^-/, ""));
  return by === undefined ? { by: "p", descending: false } : { by, descending: text.startsWith("-") };
}

/** Order of two rows: what is missing comes last either way, ties stay in the table's order. Slopes and fold changes go by size. */
export function geneOrder(
  genes: GeneColumns,
  { by, descending }: GeneSort,
): (a: number, b: number) => number {
  const key = sortKey(genes, by);
  const sign = descending ? -1 : 1;
  return (a, b) => {
    const [x, y] = [key(a), key(b)];
    const [noX, noY] = [isMissing(x), isMissing(y)];
    if (noX || noY) return noX && noY ? a - b : noX ? 1 : -1;
    return x < y ? -sign : x > y ? sign : a - b;
  };
}

function isMissing(value: number | string): boolean {
  return value === "" || Number.isNaN(value);
}

function sortKey(genes: GeneColumns, by: SortName): (row: number) => number | string {
  const tested = (row: number) => genes.variant[row] !== "";
  const keys: Readonly<Record<SortName, (row: number) => number | string>> = {
    gene: (row) => (genes.symbol[row] || genes.id[row] || "").toLowerCase(),
    position: (row) => chromosomeRank(genes.chromosome[row] ?? "") * 1e10 + genes.start[row]!,
    variant: (row) =>
      tested(row) ? genes.position[row]! + 1e10 * chromosomeRank(genes.chromosome[row] ?? "") : Number.NaN,
    af: (row) => genes.af[row]!,
    slope: (row) => Math.abs(genes.slope[row]!),
    afc: (row) => Math.abs(genes.log2Afc[row]!),
    p: (row) => genes.log10P[row]!,
    perm: (row) => genes.pPerm[row]!,
    beta: (row) => genes.log10PBeta[row]!,
    limit: (row) => genes.log10Threshold[row]!,
    q: (row) => genes.q[row]!,
    tested: (row) => genes.numVariants[row]!,
    status: (row) => genes.status[row] ?? "",
  };
  return keys[by];
}

function chromosomeRank(name: string): number {
  const bare = canonicalChromosome(name);
  const at = ["X", "Y", "XY", "MT"].indexOf(bare);
  return /^\d+$/.test(bare) ? Number(bare) : at >= 0 ? 30 + at : 40;
}

/** Rows that pass, in order: without arquero, for those who only want the neighbours of a gene. */
export function geneOrderOf(genes: GeneColumns, filter: GeneFilter, sort: GeneSort): number[] {
  return [...genes.id.keys()].filter(genePredicate(genes, filter)).sort(geneOrder(genes, sort));
}
