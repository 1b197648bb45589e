import { InputError } from "../errors.ts";
import { type AnnotatedGene, annotation, basePosition, type GeneAnnotation } from "./genePlaces.ts";
import type { ByteSource, Inflate } from "./source.ts";
import {
  checkName,
  decode,
  eachLine,
  emptyFile,
  firstCells,
  type Row,
  separatorOf,
  splitCells,
} from "./text.ts";
import { atLine, counted, shown } from "./wording.ts";

const STRANDS: readonly string[] = ["+", "-", "."];
const HASH = 35;

/** Names under which the columns of a table go. */
const COLUMNS: Readonly<Record<keyof AnnotatedGene, RegExp>> = {
  id: /^(id|gene_?id|phenotype_id|geneid|gene)$/i,
  chromosome: /^(chr|chrom|chromosome)$/i,
  start: /^start$/i,
  end: /^end$/i,
  strand: /^strand$/i,
  symbol: /^(symbol|gene_?symbol|gene_?name|name)$/i,
  biotype: /^(biotype|gene_?biotype|gene_?type)$/i,
};

/**
 * Places, strands, symbols and biotypes of genes, from
 * - a GTF (1-based): the lines of feature `gene`; the place is the transcription start site, which is the
 *   first base on + and the last on -;
 * - a BED (`chr start end id [score strand] [symbol biotype]`, 0-based), with or without a header of `#`;
 * - a table whose header names id, chr, start, end (1-based, inclusive) and perhaps strand, symbol, biotype.
 * Places of the latter two are taken as they are. With `wholeGenes` a GTF's are too. Plain or gzip. What a file is, its lines say.
 * Throws {@link InputError} for anything else, positions that are no numbers, and genes that occur twice.
 */
export async function readAnnotation(
  source: ByteSource,
  inflate: Inflate,
  wholeGenes = false,
): Promise<GeneAnnotation> {
  let parse: ((row: Row) => AnnotatedGene | undefined) | undefined;
  let separator: "tab" | "white" = "tab";
  const genes: AnnotatedGene[] = [];
  let lines = 0;
  let gtf = false;
  await eachLine(source, inflate, (bytes, start, end, line) => {
    lines++;
    // `##` and `#!` are comments; `#chr` is a header.
    if (bytes[start] === HASH && (bytes[start + 1] === HASH || bytes[start + 1] === 33)) return;
    if (lines === 1 || parse === undefined) separator = separatorOf(bytes, start, end);
    const row = { line, cells: splitCells(decode(bytes, start, end, source.name, line), separator) };
    if (parse === undefined) {
      gtf = isGtf(row);
      const table = gtf ? undefined : tableParser(source.name, row);
      parse = gtf ? (each) => gtfGene(source.name, each, wholeGenes) : (table ?? bedParser(source.name, row));
      if (table !== undefined || bytes[start] === HASH) return;
    }
    const gene = parse(row);
    if (gene === undefined) return;
    checkName(gene.id, "gene", atLine(source.name, line));
    genes.push(gene);
  });
  if (lines === 0) throw emptyFile(source);
  if (gtf && genes.length === 0) {
    throw new InputError(
      source.name,
      'is a GTF without a line of feature "gene"',
      "give it one that has genes",
    );
  }
  return annotation(source.name, ...onePlaceEach(source.name, genes));
}

function isGtf({ cells }: Row): boolean {
  return (
    cells.length === 9 && /^\d+$/.test(cells[3]!) && /^\d+$/.test(cells[4]!) && /gene_id/.test(cells[8]!)
  );
}

function gtfGene(name: string, { line, cells }: Row, whole: boolean): AnnotatedGene | undefined {
  const where = atLine(name, line);
  if (cells.length !== 9) {
    throw new InputError(
      where,
      `has ${counted(cells.length, "column")}, a GTF has 9`,
      "separate them by tabs",
    );
  }
  if (cells[2] !== "gene") return undefined;
  const attributes = cells[8]!;
  const attribute = (key: RegExp): string => key.exec(attributes)?.[1] ?? "";
  const id = attribute(/(?:^|[; ])gene_id "?([^";]*)/);
  const strand = strandOf(cells[6]!, where, id);
  const first = basePosition(cells[3]!, where, id, 1);
  const last = basePosition(cells[4]!, where, id, 1);
  const site = strand === "-" ? last : first;
  return {
    id,
    chromosome: cells[0]!,
    start: (whole ? Math.min(first, last) : site) - 1,
    end: whole ? Math.max(first, last) : site,
    strand,
    symbol: attribute(/(?:^|[; ])gene_name "?([^";]*)/),
    biotype: attribute(/(?:^|[; ])gene_(?:bio)?type "?([^";]*)/),
  };
}

/** Undefined where the row is no header that names id, chromosome, start and end. */
function tableParser(name: string, header: Row): ((row: Row) => AnnotatedGene) | undefined {
  const at = (key: keyof AnnotatedGene): number =>
    header.cells.findIndex((cell) => COLUMNS[key].test(cell.replace(/^#/, "")));
  const [id, chromosome, start, end] = [at("id"), at("chromosome"), at("start"), at("end")];
  if (id < 0 || chromosome < 0 || start < 0 || end < 0) return undefined;
  const [strand, symbol, biotype] = [at("strand"), at("symbol"), at("biotype")];
  // A header of a BED (chr start end first, # or not): its positions are a BED's, 0-based.
  const bed = chromosome === 0 && start === 1 && end === 2;
  return ({ line, cells }) => {
    const where = atLine(name, line);
    if (cells.length !== header.cells.length) {
      throw new InputError(
        where,
        `has ${counted(cells.length, "cell")} where the header has ${header.cells.length}`,
      );
    }
    return placed(where, bed, {
      id: cells[id]!,
      chromosome: cells[chromosome]!,
      start: cells[start]!,
      end: cells[end]!,
      strand: cells[strand] ?? ".",
      symbol: cells[symbol] ?? "",
      biotype: cells[biotype] ?? "",
    });
  };
}

function bedParser(name: string, first: Row): (row: Row) => AnnotatedGene {
  const data = first.cells[0]!.startsWith("#") ? undefined : first;
  if (first.cells.length < 4 || (data && !/^\d+$/.test(first.cells[1]!))) {
    throw new InputError(
      atLine(name, first.line),
      `neither a GTF, nor a BED, nor a header: the first cells are ${firstCells(first.cells)}`,
      "give a GTF, a BED (chr start end id), or a table whose header names id, chr, start, end, strand, symbol, biotype",
    );
  }
  let stranded: boolean | undefined;
  return ({ line, cells }) => {
    const where = atLine(name, line);
    if (cells.length !== first.cells.length) {
      throw new InputError(
        where,
        `has ${counted(cells.length, "cell")} where the first line has ${first.cells.length}`,
      );
    }
    const [chromosome, start, end, id] = cells as [string, string, string, string];
    // What the columns are, the first gene says for all.
    stranded ??= STRANDS.includes(cells[5] ?? "");
    return placed(where, true, {
      ...{ id, chromosome, start, end },
      strand: stranded ? cells[5]! : ".",
      symbol: (stranded ? cells[6] : cells[4]) ?? "",
      biotype: (stranded ? cells[7] : cells[5]) ?? "",
    });
  };
}

function placed(
  where: string,
  zeroBased: boolean,
  text: Readonly<Record<keyof AnnotatedGene, string>>,
): AnnotatedGene {
  const start = basePosition(text.start, where, text.id, zeroBased ? 0 : 1);
  const end = basePosition(text.end, where, text.id, zeroBased ? 0 : 1);
  if (end < start) {
    throw new InputError(
      where,
      `gene ${text.id}: end ${end} lies before start ${start}`,
      "start comes first on both strands",
    );
  }
  return {
    ...text,
    start: zeroBased ? start : start - 1,
    end,
    strand: strandOf(text.strand, where, text.id),
  };
}

function strandOf(text: string, where: string, gene: string): string {
  if (STRANDS.includes(text)) return text;
  if (text === "1" || text === "-1") return text === "1" ? "+" : "-";
  if (text === "" || /^na$/i.test(text)) return ".";
  throw new InputError(where, `gene ${gene}: strand ${shown(text)} is not +, - or .`);
}

/** A gene that an annotation places twice (both pseudoautosomal copies, patches) keeps its first place. */
function onePlaceEach(name: string, genes: readonly AnnotatedGene[]): [AnnotatedGene[], string[]] {
  const seen = new Set<string>();
  const kept = genes.filter(({ id }) => !seen.has(id) && seen.add(id));
  const more = genes.length - kept.length;
  const messages =
    more === 0 ? [] : [`${name}: ${counted(more, "line")} of genes that are there already left out`];
  return [kept, messages];
}
