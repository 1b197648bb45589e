import { type FileMetaData, parquetMetadataAsync, parquetSchema } from "hyparquet";
import { canonicalChromosome } from "../../../cohort/chromosomes.ts";
import type { ByteSource } from "../../../formats/source.ts";
import { decode, eachLine } from "../../../formats/text.ts";
import { counted, thousands } from "../../../formats/wording.ts";
import { inflateInPage } from "../../inflate.ts";
import type { FileRole } from "../protocol.ts";
import { assemblyOf, buildOfLength } from "./builds.ts";
import type { Sniffed } from "./facts.ts";
import { countLines, type Head, linesOf } from "./head.ts";
import { isStretch } from "./tables.ts";

/** What is known of a file in its role. */
export interface FileFacts {
  readonly role: FileRole;
  /** One line: `PLINK samples, 358 samples`. */
  readonly says: string;
  readonly problem?: string | undefined;
  /** Sample ids; of tables that lie either way, the ones across and the ones down. */
  readonly samples?: readonly string[] | undefined;
  readonly across?: readonly string[] | undefined;
  readonly down?: readonly string[] | undefined;
  readonly variants?: number | undefined;
  /** Last position met of a chromosome, by its bare name. */
  readonly reach?: ReadonlyMap<string, number> | undefined;
  readonly build?: string | undefined;
  /** Expression has the places of its genes. */
  readonly placed?: boolean | undefined;
}

type Described = Omit<FileFacts, "role">;

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
  }),
  alleles: async ({ head }) => ({
    says: `Alleles of variants, ${about(await countLines(head), "variant", 1)}`,
  }),
  expression,
  "gene-positions": async ({ head, table }) => ({
    says: `Positions of genes, ${about(await countLines(head), "gene", headerLines(table, 2))}`,
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

async function bim({ head, source }: Sniffed): Promise<Described> {
  if (head.packing !== "plain") {
    return { says: "PLINK variants", problem: "a .bim is read unpacked; gunzip it" };
  }
  const { lines } = await countLines(head);
  const tail = await lastLines(source);
  const reach = new Map<string, number>();
  for (const line of [...linesOf(head, 100_000), ...tail]) {
    const cells = line.trim().split(/\s+/);
    if (cells.length !== 6) continue;
    const name = canonicalChromosome(cells[0]!);
    reach.set(name, Math.max(reach.get(name) ?? 0, Number(cells[3]) || 0));
  }
  return { says: `PLINK variants, ${counted(lines, "variant")}`, variants: lines, reach };
}

const TAIL = 1 << 16;

async function lastLines(source: ByteSource): Promise<string[]> {
  const bytes = await source.read(Math.max(0, source.size - TAIL), source.size);
  return new TextDecoder().decode(bytes).split("\n").slice(1);
}

async function fam(file: Sniffed): Promise<Described> {
  if (file.head.packing !== "plain")
    return { says: "PLINK samples", problem: "a .fam is read unpacked; gunzip it" };
  if (/^#?FID$/i.test(file.table.rows[0]?.[0] ?? ""))
    return { says: "PLINK samples", problem: "has a header, and a .fam has none; delete its first line" };
  const samples = await idsDown(file, 1);
  return { says: `PLINK samples, ${counted(samples.length, "sample")}`, samples };
}

function vcf({ head, problem }: Sniffed): Described {
  const lines = linesOf(head, 1_000_000);
  const header = lines.find((line) => line.startsWith("#CHROM"));
  if (header === undefined) {
    // Records without a header are said to be so already.
    const cut = head.whole
      ? "has no header line #CHROM: the file is cut; copy it again"
      : "has a header longer than is looked at (1 MiB); leave out its ##contig lines";
    return { says: "Genotypes in VCF", problem: problem ?? cut };
  }
  const samples = header.split("\t").slice(9);
  const dosages = lines.some((line) => line.startsWith("##FORMAT=<ID=DS,")) ? ", with dosages" : "";
  const build = vcfBuild(lines);
  const says = `Genotypes in VCF, ${counted(samples.length, "sample")}${dosages}${on(build)}`;
  const facts = { says, reach: vcfReach(lines), build };
  if (samples.length > 0) return { ...facts, samples };
  return { ...facts, problem: "has no samples, only sites; give a VCF with genotypes" };
}

/** By the chromosomes' lengths where they are there, else by the name of the reference. */
function vcfBuild(lines: readonly string[]): string | undefined {
  const builds = new Set<string>();
  let named: string | undefined;
  for (const line of lines) {
    if (!line.startsWith("##")) break;
    const id = /^##contig=<(?:.*,)?ID=([^,>]+)/.exec(line)?.[1];
    const length = /^##contig=<(?:.*,)?length=(\d+)/.exec(line)?.[1];
    const build =
      id === undefined || length === undefined
        ? undefined
        : buildOfLength(canonicalChromosome(id), Number(length));
    if (build !== undefined) builds.add(build);
    if (/^##(reference|contig|assembly)/.test(line)) named ??= assemblyOf(line);
  }
  return builds.size > 0 ? only(builds) : named;
}

const on = (build: string | undefined): string => (build === undefined ? "" : `, on ${build}`);

const only = (builds: ReadonlySet<string>): string | undefined =>
  builds.size === 1 ? [...builds][0] : undefined;

/** Of the records that are within the beginning. */
function vcfReach(lines: readonly string[]): Map<string, number> {
  const reach = new Map<string, number>();
  for (const line of lines) {
    if (line.startsWith("#")) continue;
    const [name, position] = line.slice(0, 100).split("\t", 2);
    if (name === undefined || position === undefined) continue;
    const chromosome = canonicalChromosome(name);
    reach.set(chromosome, Math.max(reach.get(chromosome) ?? 0, Number(position) || 0));
  }
  return reach;
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
  return { says: `${what}, ${genes} × ${counted(samples.length, "sample")}`, samples, placed: bed };
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
  if (gtf) return { says: `Gene annotation (GTF), ${about(lines, "line", length)}${on(build)}`, build };
  const header = table.rows[0] !== undefined && isStretch(table.rows[0]) ? 0 : 1;
  return { says: `Gene annotation, ${about(lines, "gene", length + header)}${on(build)}`, build };
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

/** Ids across and down, without the corner and what PLINK puts before the individual's id. */
async function sampleTable(what: string, file: Sniffed): Promise<Described> {
  const [header = [], ...body] = file.table.rows;
  const family = /^#?FID$/i.test(header[0] ?? "") && /^IID$/i.test(header[1] ?? "");
  const ids = await idsDown(file, family ? 1 : 0);
  const down = isHeaded(header, body) ? ids.slice(1) : ids;
  const across = down.length === ids.length ? [] : headerSamples(file).slice(family ? 1 : 0);
  const size = `${counted(down.length, "row")} × ${counted(across.length || header.length - 1, "column")}`;
  return { says: `${what}, ${size}`, across, down };
}

/** A list of samples and numbers may begin with a sample. */
function isHeaded(header: readonly string[], body: Sniffed["table"]["rows"]): boolean {
  const isNumber = (cell = ""): boolean => cell !== "" && !Number.isNaN(Number(cell));
  return header.length !== 2 || !(isNumber(header[1]) && body.every((row) => isNumber(row[1])));
}

/** Samples of a list of sexes, a .fam or any table with a column of that name. */
async function sex(file: Sniffed): Promise<Described> {
  const [header = []] = file.table.rows;
  const named = header.some((cell) => /^(sex|gender)$/i.test(cell));
  const iid = named ? header.findIndex((cell) => /^#?IID$/i.test(cell)) : header.length === 6 ? 1 : 0;
  const ids = await idsDown(file, Math.max(0, iid));
  const headed = named || !SEX_WORD.test(header[header.length === 6 ? 4 : 1] ?? "");
  const down = headed ? ids.slice(1) : ids;
  return { says: `Sex of samples, ${counted(down.length, "sample")}`, down };
}

const SEX_WORD = /^([012]|-9|m|f|u|male|female|na|nan|unknown|\.|)$/i;

/** The names in the header, with or without its first cell. */
function headerSamples({ table }: Sniffed): readonly string[] {
  const [header = [], body] = table.rows;
  return body !== undefined && body.length === header.length + 1 ? header : header.slice(1);
}

/** Longer files than this are no lists of samples: their ids are those of the beginning. */
const LISTED = { plain: 2 ** 26, gzip: 2 ** 23, bgzf: 2 ** 23 };

/** The cells of a column, through the whole of a file that is not too long. */
async function idsDown({ head, source, problem }: Sniffed, column: number): Promise<string[]> {
  const tabs = linesOf(head, 1)[0]?.includes("\t") === true;
  const cell = (line: string): string =>
    (tabs ? line.split("\t", column + 1) : line.trim().split(/\s+/, column + 1))[column]?.trim() ?? "";
  if (head.whole || problem !== undefined || source.size > LISTED[head.packing])
    return linesOf(head, 10_000_000)
      .filter((line) => line.trim() !== "")
      .map(cell);
  const ids: string[] = [];
  await eachLine(source, inflateInPage, (bytes, start, end, line) => {
    const text = decode(bytes, start, end, source.name, line);
    if (text.trim() !== "") ids.push(cell(text));
  });
  return ids;
}
