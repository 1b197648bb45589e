import { type FileMetaData, parquetMetadataAsync, parquetSchema } from "hyparquet";
import type { ByteSource } from "../../../formats/source.ts";
import { counted, thousands } from "../../../formats/wording.ts";
import type { FileRole } from "../protocol.ts";
import { assemblyOf, on } from "./builds.ts";
import { chromosomesIn } from "./chromosomes.ts";
import type { Sniffed } from "./facts.ts";
import type { Described, FileFacts } from "./fileFacts.ts";
import { bim, fam, vcf } from "./genotypeFacts.ts";
import { countLines, type Head, linesOf } from "./head.ts";
import { headerSamples, sampleTable, sex } from "./sampleTables.ts";
import { isStretch } from "./tables.ts";

/** Describes a file in a role, whether it was guessed or set by the person. */
export async function describe(sniffed: Sniffed, role: FileRole): Promise<FileFacts> {
  const other = wrongKind(sniffed, role);
  const own = other ?? (await ROLES[role](sniffed));
  return { role, ...own, problem: sniffed.problem ?? own.problem };
}

const BINARY: readonly FileRole[] = ["bed", "vcf-index"];

/** What is said where a file's bytes cannot be what the person takes it for. */
function wrongKind({ format, guess, head }: Sniffed, role: FileRole): Described | undefined {
  if (role === guess || role === "unknown") return undefined;
  const says = "Not readable as that";
  const instead = "choose again what it is, or leave it out";
  if (BINARY.includes(role)) {
    const what = role === "bed" ? "PLINK .bed" : "index of a VCF";
    return { says, problem: `is no ${what}; ${instead}` };
  }
  if (format === "parquet") {
    if (role === "result" || role === "expression") return undefined;
    return { says, problem: "is Parquet, which only expression and results are read from; write it as text" };
  }
  if (format === "text" && head.bytes.length > 0) return undefined;
  if (role === "result" && format !== "binary") return undefined;
  return { says, problem: format === "text" ? `is empty; ${instead}` : `is no text; ${instead}` };
}

const about = ({ lines, exact }: { lines: number; exact: boolean }, noun: string, header = 0): string =>
  `${exact ? "" : "about "}${counted(Math.max(0, lines - header), noun)}`;

/** 1 where the first row names columns, of which `column` holds numbers. */
function headerLines({ rows }: Sniffed["table"], column: number): number {
  return /^\d/.test(rows[0]?.[column] ?? "") ? 0 : 1;
}

const ROLES: Readonly<Record<FileRole, (file: Sniffed) => Promise<Described> | Described>> = {
  bed: () => ({ says: "PLINK genotypes" }),
  bim,
  fam,
  vcf,
  "vcf-index": () => ({ says: "Index of a VCF: where its regions lie" }),
  dosages: async (file) => {
    const lines = await countLines(file.head);
    const samples = headerSamples(file);
    const says = `Genotypes in a text table, ${about(lines, "variant", 1)} × ${counted(samples.length, "sample")}`;
    return { says, samples };
  },
  "variant-positions": async ({ head, table }) => ({
    says: `Positions of variants, ${about(await countLines(head), "variant", headerLines(table, 2))}`,
    chromosomes: chromosomesIn(head, 1),
  }),
  alleles: async ({ head }) => ({
    says: `Alleles of variants, ${about(await countLines(head), "variant", 1)}`,
  }),
  expression,
  "gene-positions": async ({ head, table }) => ({
    says: `Positions of genes, ${about(await countLines(head), "gene", headerLines(table, 2))}`,
    chromosomes: chromosomesIn(head, 1),
  }),
  covariates: (file) => sampleTable("Covariates", file),
  context: (file) => sampleTable("Context for interactions", file),
  sex,
  annotation,
  recombination: async ({ head }) => ({
    says: `Recombination map, ${about(await countLines(head), "row", 1)}`,
  }),
  gwas: async ({ head }) => ({
    says: `GWAS summary statistics, ${about(await countLines(head), "variant", 1)}`,
  }),
  result,
  unknown,
};

function unknown({ head, problem, table }: Sniffed): Described {
  if (problem !== undefined) return { says: "Not read here", problem };
  const why = ragged(table.rows) ?? `what it is cannot be told from its content${firstWords(head)}`;
  return { says: "Not recognised", problem: `${why}; choose what it is, or leave it out` };
}

/** The first row that is of another length than all others are. */
function ragged(rows: Sniffed["table"]["rows"]): string | undefined {
  const lengths = rows.slice(1).map(({ length }) => length);
  const usual = lengths.toSorted((a, b) => a - b)[lengths.length >> 1];
  const at = lengths.findIndex((length) => length !== usual);
  if (usual === undefined || at < 0 || lengths.filter((length) => length !== usual).length > 1) return;
  return `row ${at + 2} of the table has ${counted(lengths[at]!, "cell")}, the others ${thousands(usual)}`;
}

function firstWords(head: Head): string {
  const [line = ""] = linesOf(head, 1);
  const words = line
    .slice(0, 40)
    .replace(/[^\x20-\x7e]+/g, " ")
    .trim();
  return words === "" ? "" : ` (it begins with "${words}")`;
}

/** Columns of expression that are no samples. */
const PLACES = /^#?(chr|chrom|chromosome|start|end|strand|length|pid|gid|score)$/i;
const IDS = /^#?((phenotype|gene|transcript)(_?id)?|pid|id|__index_level_0__)$/i;

async function expression(file: Sniffed): Promise<Described> {
  if (file.format === "parquet") return parquetExpression(file.source);
  const [header = []] = file.table.rows;
  const lines = await countLines(file.head);
  const headless = file.table.rows.length > 0 && file.table.rows.every(isStretch);
  const bed = headless || /^#?chr/i.test(header[0] ?? "");
  const samples = bed
    ? header
        .slice(4)
        .filter((cell, c) => c > 1 || !PLACES.test(cell))
        .filter((cell) => !PLACES.test(cell))
    : headerSamples(file).filter((cell) => !PLACES.test(cell));
  const what = bed ? "Expression (BED)" : "Expression (table)";
  const genes = about(lines, "gene", 1 + file.table.comments.length);
  if (headless) {
    const problem =
      "has no header: its first line must name the columns (#chr start end phenotype_id) and the samples";
    return { says: "Expression (BED)", problem };
  }
  const chromosomes = bed ? chromosomesIn(file.head, 0) : undefined;
  return {
    says: `${what}, ${genes} × ${counted(samples.length, "sample")}`,
    samples,
    placed: bed,
    chromosomes,
  };
}

async function parquetExpression(source: ByteSource): Promise<Described> {
  const read = await parquetFacts(source);
  if (typeof read === "string") return { says: "Parquet table", problem: read };
  const names = parquetSchema(read).children.map(({ element }) => element.name);
  const samples = names.filter((name) => !PLACES.test(name) && !IDS.test(name));
  const says = `Expression (Parquet), ${counted(Number(read.num_rows), "gene")} × ${counted(samples.length, "sample")}`;
  return { says, samples, placed: names.some((name) => /^#?chr/i.test(name)) };
}

/** The footer, or what is wrong. */
async function parquetFacts(source: ByteSource): Promise<FileMetaData | string> {
  const slice = async (start: number, end = source.size): Promise<ArrayBuffer> =>
    new Uint8Array(await source.read(start, end)).buffer;
  try {
    return await parquetMetadataAsync({ byteLength: source.size, slice });
  } catch {
    return "is no whole Parquet file: its end is missing; copy it again";
  }
}

function chromosomeColumn({ rows }: Sniffed["table"]): number {
  return rows[0]?.findIndex((cell) => /^#?chr(om|omosome)?$/i.test(cell)) ?? -1;
}

async function annotation({ head, table }: Sniffed): Promise<Described> {
  const lines = await countLines(head);
  const gtf = table.rows[0]?.length === 9;
  const build = table.comments.map(assemblyOf).find((found) => found !== undefined);
  if (gtf && /^\s*ID=/.test(table.rows[0]?.[8] ?? "")) {
    return {
      says: "Gene annotation (GFF3)",
      problem: "is GFF3, which is not read; give the GTF of the same release",
    };
  }
  const { length } = table.comments;
  const column =
    gtf || (table.rows[0] !== undefined && isStretch(table.rows[0])) ? 0 : chromosomeColumn(table);
  const chromosomes = column < 0 ? undefined : chromosomesIn(head, column);
  if (gtf)
    return { says: `Gene annotation (GTF), ${about(lines, "line", length)}${on(build)}`, build, chromosomes };
  const header = table.rows[0] !== undefined && isStretch(table.rows[0]) ? 0 : 1;
  return {
    says: `Gene annotation, ${about(lines, "gene", length + header)}${on(build)}`,
    build,
    chromosomes,
  };
}

const TABLES =
  /^((cis|trans|eqts|anova|finemap)_\w+|independent_genes|chrx_variants|communities|edges|null_sample|variants_dropped|genes|modules|membership|eigengenes|dendrogram|soft_threshold)\.(parquet|tsv\.gz)$/;

/** Whether a file of that name is a table of a result. */
export function isResultName(name: string): boolean {
  return TABLES.test(name);
}

async function result({ source, format }: Sniffed): Promise<Described> {
  if (format === "json") return { says: "A result's manifest" };
  if (format === "page") return { says: "Report or picture of a result" };
  if (format !== "parquet") {
    return {
      says: "Table of a result",
      problem: "is text; results are opened from Parquet (run with --format parquet)",
    };
  }
  const read = await parquetFacts(source);
  if (typeof read === "string") return { says: "Table of a result", problem: read };
  return { says: `Table of a result, ${counted(Number(read.num_rows), "row")}` };
}
