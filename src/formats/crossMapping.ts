import { InputError } from "../errors.ts";
import { parseDecimal } from "./numbers.ts";
import type { ByteSource, Inflate } from "./source.ts";
import { decode, eachLine, emptyFile, type Separator, separatorOf, splitCells } from "./text.ts";
import { atLine, counted, listed, shown } from "./wording.ts";

/** `genes`: a score for two genes. `regions`, `variants`: the fraction of a gene's reads that map to a place, or near a variant. */
export type CrossMappingKind = "genes" | "regions" | "variants";

/** What a file says of genes whose reads map elsewhere too; only rows that count, of genes that are known. */
export interface CrossMappingTable {
  readonly name: string;
  readonly kind: CrossMappingKind;
  /** Rows read, and those of them below the threshold, and of a gene that is not known. */
  readonly read: number;
  readonly below: number;
  readonly unknown: number;
  /** Number of the gene that may be measured wrongly, row by row of those that count. */
  readonly gene: readonly number[];
  /** `genes`: the number of the other gene. */
  readonly other: readonly number[];
  /** `variants`: their ids. `regions`: their chromosomes. */
  readonly place: readonly string[];
  /** `regions`: 1-based first and last base. */
  readonly start: readonly number[];
  readonly end: readonly number[];
}

const GENE = /^#?(gene|gene_?id|phenotype|phenotype_?id|pid)$/i;
const VARIANT = /^#?(variant|variant_?id|snp|snp_?id|snps|marker)$/i;
const CHROMOSOME = /^#?(chr|chrom|chromosome)$/i;
const FRACTION = /^(fraction|score|cross_?map(ping|pability)?)$/i;

/** Fractions count from this on (METHODS 3.4), scores of two genes above 0 (Saha and Battle 2018). */
export const LEAST_FRACTION = 0.05;

/** Where the columns of a file are. */
interface Layout {
  readonly kind: CrossMappingKind;
  readonly header: boolean;
  readonly columns: readonly number[];
}

/**
 * Reads cross-mapping in one of three forms, told by the header: `gene1 gene2 score` (as Saha and Battle write
 * it, where the header may be left out), `chromosome start end gene fraction` (0-based, end exclusive, as BED) or
 * `variant_id gene fraction`. `numberOf` knows the genes: -1 for one that is not known. A row counts when its number is at
 * least `least` (default: a score above 0, a fraction of at least 0.05). Memory: the rows that count.
 * Throws {@link InputError} for other columns, and for a file none of whose genes is known.
 */
export async function readCrossMapping(
  source: ByteSource,
  inflate: Inflate,
  numberOf: (gene: string) => number,
  least?: number,
): Promise<CrossMappingTable> {
  const rows = {
    gene: [] as number[],
    other: [] as number[],
    place: [] as string[],
    start: [] as number[],
    end: [] as number[],
  };
  const counts = { read: 0, below: 0, unknown: 0 };
  const strangers = new Set<string>();
  let separator: Separator | undefined;
  let layout: Layout | undefined;
  await eachLine(source, inflate, (bytes, from, to, line) => {
    separator ??= separatorOf(bytes, from, to);
    const cells = splitCells(decode(bytes, from, to, source.name, line), separator);
    if (layout === undefined) {
      layout = layoutOf(source.name, line, cells);
      if (layout.header) return;
    }
    const where = (): string => atLine(source.name, line);
    const { kind, columns } = layout;
    if (Math.max(...columns) >= cells.length) {
      throw new InputError(
        where(),
        `has ${counted(cells.length, "column")}`,
        "every line needs the same columns",
      );
    }
    counts.read++;
    const value = parseDecimal(cells[columns.at(-1)!]!);
    if (Number.isNaN(value)) {
      throw new InputError(
        where(),
        `${shown(cells[columns.at(-1)!]!)} is not a number`,
        "the last column is the score or fraction",
      );
    }
    if (least === undefined ? (kind === "genes" ? value <= 0 : value < LEAST_FRACTION) : value < least) {
      counts.below++;
      return;
    }
    const known = (column: number): number => {
      const id = cells[columns[column]!]!;
      const number = numberOf(id);
      if (number < 0 && strangers.size < 3) strangers.add(id);
      return number;
    };
    if (kind === "genes") {
      const [gene, other] = [known(0), known(1)];
      if (gene < 0 || other < 0) counts.unknown++;
      else if (gene !== other) {
        rows.gene.push(gene);
        rows.other.push(other);
      }
      return;
    }
    const gene = known(columns.length - 2);
    if (gene < 0) {
      counts.unknown++;
      return;
    }
    rows.gene.push(gene);
    rows.place.push(cells[columns[0]!]!);
    if (kind === "variants") return;
    const [start, end] = [1, 2].map((c) => Number(cells[columns[c]!]!)) as [number, number];
    if (!(Number.isInteger(start) && Number.isInteger(end) && start >= 0 && end > start)) {
      throw new InputError(
        where(),
        `the region ${shown(`${cells[columns[1]!]} ${cells[columns[2]!]}`)} is none`,
        "start and end are whole numbers, as in a BED",
      );
    }
    rows.start.push(start + 1);
    rows.end.push(end);
  });
  if (layout === undefined) throw emptyFile(source);
  if (counts.read > 0 && counts.unknown === counts.read - counts.below && counts.unknown > 0) {
    throw new InputError(
      source.name,
      `none of its genes (${listed(strangers)}) is in the expression`,
      "use the ids of the expression file",
    );
  }
  return { name: source.name, kind: layout.kind, ...counts, ...rows };
}

function layoutOf(name: string, line: number, cells: readonly string[]): Layout {
  const find = (pattern: RegExp): number => cells.findIndex((cell) => pattern.test(cell));
  const [gene, value] = [find(GENE), find(FRACTION)];
  if (gene >= 0 && value >= 0) {
    const [variant, chromosome] = [find(VARIANT), find(CHROMOSOME)];
    if (variant >= 0) return { kind: "variants", header: true, columns: [variant, gene, value] };
    const [start, end] = [find(/^start$/i), find(/^end$/i)];
    if (chromosome >= 0 && start >= 0 && end >= 0) {
      return { kind: "regions", header: true, columns: [chromosome, start, end, gene, value] };
    }
  }
  const header = /^#?gene_?1$/i.test(cells[0]!);
  if (cells.length === 3 && (header || !Number.isNaN(parseDecimal(cells[2]!)))) {
    return { kind: "genes", header, columns: [0, 1, 2] };
  }
  throw new InputError(
    atLine(name, line),
    `${counted(cells.length, "column")} (${listed(cells)}) that are none of the three forms`,
    "give gene1 gene2 score, or a header chromosome start end gene fraction, or variant_id gene fraction",
  );
}
