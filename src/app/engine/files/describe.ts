import { type FileMetaData, parquetMetadataAsync, parquetSchema } from "hyparquet";
import { canonicalChromosome } from "../../../cohort/chromosomes.ts";
import type { ByteSource } from "../../../formats/source.ts";
import { counted, thousands } from "../../../formats/wording.ts";
import type { FileRole } from "../protocol.ts";
import { assemblyOf, buildOfLength } from "./builds.ts";
import type { Sniffed } from "./facts.ts";
import { countLines, type Head, linesOf } from "./head.ts";

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
  const own = await ROLES[role](sniffed);
  return { role, ...own, problem: sniffed.problem ?? own.problem };
}

const about = ({ lines, exact }: { lines: number; exact: boolean }, noun: string, header = 0): string =>
  `${exact ? "" : "about "}${counted(Math.max(0, lines - header), noun)}`;

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
  "variant-positions": async ({ head }) => ({
    says: `Positions of variants, ${about(await countLines(head), "line")}`,
  }),
  alleles: async ({ head }) => ({ says: `Alleles of variants, ${about(await countLines(head), "line", 1)}` }),
  expression,
  "gene-positions": async ({ head }) => ({
    says: `Positions of genes, ${about(await countLines(head), "line", 1)}`,
  }),
  covariates: (file) => sampleTable("Covariates", file),
  context: (file) => sampleTable("Context for interactions", file),
  sex: (file) => sampleTable("Sex of samples", file),
  annotation,
  recombination: async ({ head }) => ({
    says: `Recombination map, ${about(await countLines(head), "row", 1)}`,
  }),
  gwas: async ({ head }) => ({
    says: `GWAS summary statistics, ${about(await countLines(head), "variant", 1)}`,
  }),
  result,
  unknown: ({ head, problem }) => ({
    says: "Not recognised",
    problem:
      problem ??
      `what it is cannot be told from its content${firstWords(head)}; choose what it is, or leave it out`,
  }),
};

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
  const samples = await idsDown(file, 1);
  return { says: `PLINK samples, ${counted(samples.length, "sample")}`, samples };
}

function vcf({ head }: Sniffed): Described {
  const lines = linesOf(head, 1_000_000);
  const reach = new Map<string, number>();
  let build: string | undefined;
  for (const line of lines) {
    const contig = /^##contig=<.*?ID=([^,>]+)(?:.*?length=(\d+))?/.exec(line);
    if (contig?.[2] !== undefined)
      build ??= buildOfLength(canonicalChromosome(contig[1]!), Number(contig[2]));
    if (/^##(reference|contig|assembly)/.test(line)) build ??= assemblyOf(line);
    if (line.startsWith("#CHROM")) break;
  }
  const header = lines.find((line) => line.startsWith("#CHROM"));
  if (header === undefined) {
    const problem = "ends before its header line #CHROM: the file is cut; copy it again";
    return { says: "Genotypes in VCF", problem };
  }
  const samples = header.split("\t").slice(9);
  const first = lines.find((line) => !line.startsWith("#"))?.split("\t");
  if (first !== undefined) reach.set(canonicalChromosome(first[0]!), Number(first[1]) || 0);
  const dosages = lines.some((line) => line.startsWith("##FORMAT=<ID=DS,")) ? ", with dosages" : "";
  const says = `Genotypes in VCF, ${counted(samples.length, "sample")}${dosages}`;
  if (samples.length > 0) return { says, samples, reach, build };
  return { says, reach, build, problem: "has no samples, only sites; give a VCF with genotypes" };
}

/** Columns of expression that are no samples. */
const PLACES = /^#?(chr|chrom|chromosome|start|end|strand|length|pid|gid|score)$/i;
const IDS = /^#?((phenotype|gene|transcript)(_?id)?|pid|id|__index_level_0__)$/i;

async function expression(file: Sniffed): Promise<Described> {
  if (file.format === "parquet") return parquetExpression(file.source);
  const [header = []] = file.table.rows;
  const lines = await countLines(file.head);
  const bed = /^#?chr/i.test(header[0] ?? "");
  const samples = bed
    ? header
        .slice(4)
        .filter((cell, c) => c > 1 || !PLACES.test(cell))
        .filter((cell) => !PLACES.test(cell))
    : headerSamples(file).filter((cell) => !PLACES.test(cell));
  const what = bed ? "Expression (BED)" : "Expression (table)";
  const genes = about(lines, "gene", 1 + file.table.comments.length);
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
  const says = gtf
    ? `Gene annotation (GTF), ${about(lines, "line")}`
    : `Gene annotation, ${about(lines, "gene", 1)}`;
  return { says, build };
}

const TABLES =
  /^((cis|trans|eqts|anova)_\w+|null_sample|variants_dropped|genes|modules|membership|eigengenes|dendrogram|soft_threshold)\.(parquet|tsv\.gz)$/;

/** Whether a file of that name is a table of a result. */
export function isResultName(name: string): boolean {
  return TABLES.test(name);
}

async function result({ source, format }: Sniffed): Promise<Described> {
  if (format === "json") return { says: "A result's manifest" };
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

async function sampleTable(what: string, file: Sniffed): Promise<Described> {
  const [header = [], ...body] = file.table.rows;
  const across = headerSamples(file);
  const down = await idsDown(file, /^#?FID$/i.test(header[0] ?? "") ? 1 : 0);
  const size = `${thousands(down.length)} rows × ${thousands(body[0]?.length ?? header.length)} columns`;
  return { says: `${what}, ${size}`, across, down };
}

/** The names in the header, with or without its first cell. */
function headerSamples({ table }: Sniffed): readonly string[] {
  const [header = [], body] = table.rows;
  return body !== undefined && body.length === header.length + 1 ? header : header.slice(1);
}

/** The cells of a column, through the whole of a small file. */
async function idsDown({ head, table }: Sniffed, column: number): Promise<string[]> {
  const { whole, source } = head;
  const all: Head =
    whole || head.packing !== "plain"
      ? head
      : { ...head, bytes: await source.read(0, source.size), whole: true };
  const tabs = table.rows[0] !== undefined && linesOf(head, 1)[0]?.includes("\t") === true;
  return linesOf(all, 10_000_000)
    .filter((line) => line.trim() !== "")
    .map((line) => (tabs ? line.split("\t") : line.trim().split(/\s+/))[column]?.trim() ?? "");
}
