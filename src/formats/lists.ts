import { InputError } from "../errors.ts";
import type { ByteSource, Inflate } from "./source.ts";
import type { Coupling, PairList } from "./tables.ts";
import { checkName, type Row, readRows } from "./text.ts";
import { atLine, counted, listed } from "./wording.ts";

/**
 * Sample ids, each once, in the order of the file: one a line, or PLINK's `FID IID` (with or without its
 * header). Of several columns, that is taken which the header calls IID, else that of the first two which
 * holds more of `known`, else the second.
 */
export async function readSampleList(
  source: ByteSource,
  inflate: Inflate,
  known: ReadonlySet<string>,
): Promise<string[]> {
  const rows = await readRows(source, inflate);
  const header = rows[0]!.cells[0]!.startsWith("#") ? rows.shift() : undefined;
  const named = header?.cells.findIndex((cell) => /^#?IID$/i.test(cell)) ?? -1;
  const column = named >= 0 ? named : sampleColumn(rows, known);
  return uniqueIds(source, rows, column, "sample");
}

/** Variant ids, each once, in the order of the file: one a line, or the ID column under a header with `#`. */
export async function readVariantList(source: ByteSource, inflate: Inflate): Promise<string[]> {
  const rows = await readRows(source, inflate);
  const header = rows[0]!.cells[0]!.startsWith("#") ? rows.shift() : undefined;
  const named = header?.cells.findIndex((cell) => /^#?(ID|SNP|variant_id)$/i.test(cell)) ?? -1;
  const wide = rows.find((row) => row.cells.length > 1);
  if (named < 0 && wide !== undefined) {
    throw new InputError(
      atLine(source.name, wide.line),
      `has ${counted(wide.cells.length, "column")}`,
      "a list of variants has one id a line, or a header with # and a column ID",
    );
  }
  return uniqueIds(source, rows, Math.max(named, 0), "variant");
}

/**
 * Gene ids, each once, in the order of the file: one a line, or the phenotype_id column under a header.
 * Throws {@link InputError} for several columns of which none is named.
 */
export async function readGeneList(source: ByteSource, inflate: Inflate): Promise<string[]> {
  const rows = await readRows(source, inflate);
  const named = rows[0]!.cells.findIndex((cell) => /^#?(phenotype_id|gene_id|gene)$/i.test(cell));
  const wide = rows.find((row) => row.cells.length > 1);
  if (named < 0 && wide !== undefined) {
    throw new InputError(
      atLine(source.name, wide.line),
      `has ${counted(wide.cells.length, "column")}`,
      "a list of genes has one id a line, or a header with a column phenotype_id",
    );
  }
  if (named >= 0) rows.shift();
  return uniqueIds(source, rows, Math.max(named, 0), "gene");
}

/**
 * A coupling file: genotype id, expression id and, if wanted, donor (else the genotype id), a line a
 * sample. A first line without any known id is its header.
 * Throws {@link InputError} for other numbers of columns, ids that occur twice, and a file that holds no
 * known id or has its two columns the other way round.
 */
export async function readCoupling(
  source: ByteSource,
  inflate: Inflate,
  genotypeSamples: ReadonlySet<string>,
  expressionSamples: ReadonlySet<string>,
): Promise<Coupling> {
  const all = await readRows(source, inflate);
  const width = all[0]!.cells.length;
  for (const row of all) checkCouplingRow(source.name, row, width);
  const known = (row: Row): boolean =>
    genotypeSamples.has(row.cells[0]!) || expressionSamples.has(row.cells[1]!);
  if (!all.some(known)) throw noneKnown(source.name, all, genotypeSamples, expressionSamples);
  const rows = known(all[0]!) ? all : all.slice(1);
  return {
    name: source.name,
    genotypeSample: uniqueColumn(source.name, rows, 0, "genotype sample"),
    expressionSample: uniqueColumn(source.name, rows, 1, "expression sample"),
    donor: rows.map((row) => row.cells[2] ?? row.cells[0]!),
  };
}

const VARIANT_HEADER = /^#?(variant|variant_?id|snp|snp_?id|snps|rs_?id|marker)$/i;
const GENE_HEADER = /^#?(gene|gene_?id|phenotype|phenotype_?id|pid)$/i;

/**
 * Pairs to test: variant id and gene id in the first two columns, or in the columns that a header calls
 * variant_id and phenotype_id (or gene, snp, ...), so that a table of results is a list too. Without a header
 * the genes are the column that holds more of `genes`.
 * Throws {@link InputError} for rows of one column.
 */
export async function readPairs(
  source: ByteSource,
  inflate: Inflate,
  genes: ReadonlySet<string>,
): Promise<PairList> {
  const rows = await readRows(source, inflate);
  const header = rows[0]!.cells;
  let variantColumn = header.findIndex((cell) => VARIANT_HEADER.test(cell));
  let geneColumn = header.findIndex((cell) => GENE_HEADER.test(cell));
  if (variantColumn >= 0 && geneColumn >= 0) rows.shift();
  else {
    if (header[0]!.startsWith("#")) rows.shift();
    const known = (column: number): number =>
      rows.reduce((sum, { cells }) => sum + (genes.has(cells[column] ?? "") ? 1 : 0), 0);
    geneColumn = known(0) > known(1) ? 0 : 1;
    variantColumn = 1 - geneColumn;
  }
  const seen = new Set<string>();
  const variant: string[] = [];
  const gene: string[] = [];
  for (const { line, cells } of rows) {
    const [v, g] = [cells[variantColumn] ?? "", cells[geneColumn] ?? ""];
    if (v === "" || g === "") {
      throw new InputError(
        atLine(source.name, line),
        `has ${counted(cells.length, "column")} and no ${v === "" ? "variant" : "gene"} in it`,
        "every line needs a variant id and a gene id",
      );
    }
    const size = seen.size;
    if (seen.add(`${v}\t${g}`).size === size) continue;
    variant.push(v);
    gene.push(g);
  }
  if (variant.length === 0) throw new InputError(source.name, "holds no pairs (only a header)");
  return { name: source.name, variant, gene, repeated: rows.length - variant.length };
}

function sampleColumn(rows: readonly Row[], known: ReadonlySet<string>): number {
  if (rows.every((row) => row.cells.length === 1)) return 0;
  const matches = (column: number): number => rows.filter((row) => known.has(row.cells[column] ?? "")).length;
  return matches(0) > matches(1) ? 0 : 1;
}

function uniqueIds(source: ByteSource, rows: readonly Row[], column: number, what: string): string[] {
  const ids = new Set<string>();
  for (const row of rows) {
    const where = atLine(source.name, row.line);
    const id = row.cells[column];
    if (id === undefined) {
      throw new InputError(
        where,
        `has ${counted(row.cells.length, "column")}, the ${what} ids are in column ${column + 1}`,
        "every line needs the same columns",
      );
    }
    checkName(id, what, where);
    ids.add(id);
  }
  if (ids.size === 0) throw new InputError(source.name, `holds no ${what} ids`, "give it one id a line");
  return [...ids];
}

function checkCouplingRow(name: string, row: Row, width: number): void {
  const { length } = row.cells;
  if (length === width && (length === 2 || length === 3)) return;
  throw new InputError(
    atLine(name, row.line),
    `has ${counted(length, "column")}${length === width ? "" : ` where the first line has ${width}`}`,
    "a coupling file has two or three: genotype id, expression id, donor",
  );
}

function noneKnown(
  name: string,
  rows: readonly Row[],
  genotypeSamples: ReadonlySet<string>,
  expressionSamples: ReadonlySet<string>,
): InputError {
  if (rows.some((row) => genotypeSamples.has(row.cells[1]!) && expressionSamples.has(row.cells[0]!))) {
    return new InputError(
      name,
      "its columns are the other way round",
      "the genotype id comes first, then the expression id",
    );
  }
  return new InputError(
    name,
    `none of its ids (${listed(rows.map((row) => `${row.cells[0]} ${row.cells[1]}`))}) is in the genotypes ` +
      `(${listed(genotypeSamples)}) or the expression (${listed(expressionSamples)})`,
    "it needs genotype id, expression id a line",
  );
}

function uniqueColumn(name: string, rows: readonly Row[], column: number, what: string): string[] {
  const lineOf = new Map<string, number>();
  for (const row of rows) {
    const id = row.cells[column]!;
    const where = atLine(name, row.line);
    checkName(id, what, where);
    const before = lineOf.get(id);
    if (before !== undefined) {
      throw new InputError(
        where,
        `${what} ${id} is there already (line ${before})`,
        "couple each sample once",
      );
    }
    lineOf.set(id, row.line);
  }
  return [...lineOf.keys()];
}
