import { separatorOf, splitCells } from "../../../formats/text.ts";
import type { FileRole } from "../protocol.ts";
import { type Head, linesOf } from "./head.ts";

/** The first rows of a text table. */
export interface TableHead {
  readonly rows: readonly (readonly string[])[];
  /** Comment lines before them (`##`, `#!`), and a genome browser's (`track`, `browser`). */
  readonly comments: readonly string[];
  /** Cells end at commas. */
  readonly commas?: boolean | undefined;
}

const ROWS = 24;

export function tableHead(head: Head): TableHead {
  const all = linesOf(head, 4000);
  const comments: string[] = [];
  let first = 0;
  while (first < all.length && (isComment(all[first]!, all[first + 1]) || all[first]!.trim() === "")) {
    if (all[first]!.trim() !== "") comments.push(all[first]!);
    first++;
  }
  const lines = all.slice(first, first + ROWS).filter((line) => line.trim() !== "");
  if (lines.length === 0) return { rows: [], comments };
  const encoded = new TextEncoder().encode(lines[0]!);
  const separator = separatorOf(encoded, 0, encoded.length);
  const commas = separator === "white" && lines[0]!.includes(",") && !/\s\S/.test(lines[0]!.trim());
  return {
    rows: lines.map((line) =>
      commas ? line.split(",").map((cell) => cell.trim()) : splitCells(line, separator),
    ),
    comments,
    ...(commas ? { commas } : {}),
  };
}

/** `# made by ...` is one, and `# id<tab>S1<tab>S2` a header. */
function isComment(line: string, next = ""): boolean {
  if (/^(#[#!]|track\s|browser\s)/.test(line)) return true;
  return /^#\s/.test(line) && !line.includes("\t") && next.includes("\t");
}

const isNumber = (cell: string): boolean =>
  /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(cell) || /^(na|nan|inf|-inf)$/i.test(cell);
const isInteger = (cell: string): boolean => /^\d+$/.test(cell);
const isAllele = (cell: string): boolean => /^([acgtn]+|\*|\.|0|<.+>|[id])$/i.test(cell);
const isChromosome = (cell: string): boolean =>
  /^(chr)?(\d{1,2}|x|y|xy|m|mt|par1|par2|un)(_.*)?$/i.test(cell);
const isSex = (cell: string): boolean => /^(m|f|male|female|[012]|-9|na|unknown)$/i.test(cell);

const CHROMOSOME = /^#?chr(om|omosome)?$/i;
const GWAS_P = /^(p|p_?value|pval|p-value|p\.value|z|z_?score|z-score)$/i;
const GWAS_EFFECT = /^(beta|or|odds_ratio|effect|log_odds|b|z|z_?score|z-score|t_stat|stat)$/i;
const GWAS_VARIANT =
  /^#?(snp|rsid|rs_id|hm_rsid|variant_id|variant|markername|id|chr|chrom|chromosome|pos|position|bp|base_pair_location)$/i;
const SEX = /^(sex|gender)$/i;
/** What a list of sexes has beside them; anything else makes covariates of it. */
const BESIDE_SEX =
  /^#?(fid|iid|id|sid|sample|sample_?id|donor|individual|pat|mat|pheno(type)?\d*|sex|gender)$/i;
/** Names of covariates that say so by themselves. */
const COVARIATE =
  /^(pc|pca|peer|cov|covariate|factor|inferred_?cov|(genotype|expression|geno|expr)_?pc)_?\d+$|^(age|sex|gender|batch|rin|bmi|pmi)$/i;
const VARIANT_ID = /^(rs\d+|(chr)?[\dxym]+[:_-]\d+([:_-].*)?|.*[:_][acgt]+[:_][acgt]+.*|snp[_.-]?\d+)$/i;
/** Columns of gene models that hold numbers and are no samples. */
const OF_GENES =
  /^(thick_?(start|end)|item_?rgb|block_?(count|sizes|starts)|score|strand|tss|tes|(gene_?)?length|len|gc.*|(num_?|n_?)?exons?(_?count)?|level)$/i;
const RATE = /rate|cm\/mb/i;
const MAP = /^(genetic_?map.*|map.*|.*\(?cm\)?)$/i;
const RESULT = ["phenotype_id", "slope_se"];

const COVARIATES_NAME = /cov|pcs?\b|peer|factor/i;
const DOSAGES_NAME = /geno|dosage|snps?\b|imput/i;
const EXPRESSION_NAME = /expr|tpm|rpkm|fpkm|counts|phenotype|\bge\b/i;

/** What a text table is by its columns, then by its name; undefined where neither tells. */
export function tableRole({ rows, comments }: TableHead, name: string): FileRole | undefined {
  const [header, ...body] = rows;
  if (header === undefined) return undefined;
  return (
    genomeRole(header, body, comments) ??
    familyRole(header, name) ??
    columnsRole(header, body, name) ??
    listRole(header, body, name) ??
    matrixRole(header, body, name)
  );
}

type Cells = readonly string[];

/** Formats of genomes: .bim, .fam, GTF, BED. */
function genomeRole(header: Cells, body: readonly Cells[], comments: Cells): FileRole | undefined {
  const all = (test: (row: Cells) => boolean): boolean => [header, ...body].every(test);
  if (header.length === 9 && all(isFeature)) return "annotation";
  if (comments.some((line) => /gff-version/.test(line))) return "annotation";
  if (header.length === 6) {
    const places = all((row) => isInteger(row[3] ?? "") && isAllele(row[4] ?? "") && isAllele(row[5] ?? ""));
    if (places && all((row) => !isNumber(row[5] ?? "") || row[5] === "0")) return "bim";
    if (all((row) => /^([012]|-9|other)$/i.test(row[4] ?? "") && isNumber(row[5] ?? ""))) return "fam";
  }
  if (
    CHROMOSOME.test(header[0] ?? "") &&
    /start/i.test(header[1] ?? "") &&
    /end|stop/i.test(header[2] ?? "")
  ) {
    if (header.some((cell) => RATE.test(cell))) return "recombination";
    return sampleColumns(header, body) > 2 ? "expression" : "annotation";
  }
  return all(isStretch) ? stretchRole(header, body) : undefined;
}

/** A line of GTF or GFF: source, feature, first and last base, score, strand, frame, attributes. */
function isFeature(row: Cells): boolean {
  return (
    isInteger(row[3] ?? "") &&
    isInteger(row[4] ?? "") &&
    /^[-+.?]$/.test(row[6] ?? "") &&
    /^[.012]$/.test(row[7] ?? "")
  );
}

/** A line of BED: its end lies beyond its start, which no row of numbers of samples keeps up. */
export function isStretch(row: Cells): boolean {
  const [name = "", start = "", end = ""] = row;
  return isChromosome(name) && isInteger(start) && isInteger(end) && Number(start) < Number(end);
}

/** Of a BED without a header: three columns say nothing of genes, and many numbers are a cohort's. */
function stretchRole(first: Cells, body: readonly Cells[]): FileRole | undefined {
  if (first.length < 4) return "unknown";
  const fractions = first.filter((cell, c) => c > 3 && isNumber(cell) && !isInteger(cell)).length;
  if (fractions > 2 && body.every((row) => row.slice(6).every(isNumber))) return "expression";
  if (first.length <= 12) return isNumber(first[3]!) ? "recombination" : "annotation";
  return undefined;
}

/** Columns of a BED with a header that hold a sample's numbers: beyond place, ids, length and strand. */
function sampleColumns(header: Cells, body: readonly Cells[]): number {
  return header.filter(
    (name, c) => c > 3 && !OF_GENES.test(name) && body.every((row) => isNumber(row[c] ?? "")),
  ).length;
}

/** What the names of columns say. */
function columnsRole(header: Cells, body: readonly Cells[], name: string): FileRole | undefined {
  const has = (test: RegExp): boolean => header.some((cell) => test.test(cell));
  if (RESULT.every((column) => header.includes(column))) return "result";
  if (has(RATE) && (has(MAP) || has(/pos|start/i)) && header.length <= 6) return "recombination";
  if (has(/^cm$/i) && has(/pos|bp/i) && header.length <= 5) return "recombination";
  if (has(/^effect_allele$/i) && has(/^other_allele$/i) && header.length === 3) return "alleles";
  if (has(GWAS_P) && has(GWAS_EFFECT) && has(GWAS_VARIANT) && header.length >= 3 && header.length <= 60)
    return "gwas";
  if (has(GWAS_P) && has(GWAS_VARIANT) && /gwas|sumstat|assoc/i.test(name)) return "gwas";
  if (has(SEX) && header.every((cell) => BESIDE_SEX.test(cell))) return "sex";
  return placesRole(header, body);
}

/** No table of places has only positions below this one; a table of dosages, ages or batches has only such. */
const FIRST_POSITIONS = 1000;

/** Id, chromosome and position, and of a gene its end: where the header says so or the numbers can be nothing else. */
function placesRole(header: Cells, body: readonly Cells[]): FileRole | undefined {
  const placed = body.every((row) => isChromosome(row[1] ?? "") && isInteger(row[2] ?? ""));
  if (body.length === 0 || !placed) return undefined;
  const named = CHROMOSOME.test(header[1] ?? "");
  if (!named && body.some((row) => row[1] === "0" || Number(row[2]) < FIRST_POSITIONS)) return undefined;
  if (header.length === 3) return "variant-positions";
  if (!body.every((row) => isInteger(row[3] ?? "") && Number(row[3]) >= Number(row[2]))) return undefined;
  return header.length === 4 ? "gene-positions" : "annotation";
}

/** A .fam that was given a header: no list of sexes by its name. */
function familyRole(header: Cells, name: string): FileRole | undefined {
  return /\.fam$/i.test(name) && /^#?FID$/i.test(header[0] ?? "") ? "fam" : undefined;
}

/** Lists of samples: sex, a context. */
function listRole(header: Cells, body: readonly Cells[], name: string): FileRole | undefined {
  if (header.length !== 2 || body.length === 0) return undefined;
  if (body.every((row) => isSex(row[1] ?? "")) && body.some((row) => !isNumber(row[1] ?? ""))) return "sex";
  if (/sex|gender/i.test(name) && body.every((row) => isSex(row[1] ?? ""))) return "sex";
  return body.every((row) => isNumber(row[1] ?? "")) ? "context" : undefined;
}

/** Whether a table is the records of a VCF, its header lost: place, alleles, and calls as the ninth column names them. */
export function isCalls({ rows }: TableHead): boolean {
  const records = rows.filter(([first]) => first?.startsWith("#") !== true);
  const call = (row: Cells): boolean =>
    row.length > 9 &&
    isInteger(row[1] ?? "") &&
    /^GT(:|$)/.test(row[8] ?? "") &&
    /^[\d.][/|:]?/.test(row[9]!);
  const header = rows[0]?.[0] === "#CHROM" && rows[0].includes("FORMAT");
  return records.length > 0 ? records.every(call) : header;
}

/** Matrices of samples: told by their values, then by their name, then by how many rows they have. */
function matrixRole(header: Cells, body: readonly Cells[], name: string): FileRole | undefined {
  if (header.length < 2 || body.length === 0) return undefined;
  const widths = new Set(body.map(({ length }) => length));
  if (widths.size !== 1 || ![header.length, header.length + 1].includes([...widths][0]!)) return undefined;
  if (/context|interaction|cell_?type|proportion/i.test(name)) return "context";
  const values = body.flatMap((row) => row.slice(1));
  const numbers = values.filter(isNumber).length / values.length;
  const ids = body.map((row) => row[0] ?? "");
  const dosages = numbers === 1 && values.every(isDosage);
  if (dosages && ids.every((id) => VARIANT_ID.test(id))) return "dosages";
  if (COVARIATES_NAME.test(name)) return "covariates";
  if (ids.every((id) => COVARIATE.test(id)) || header.slice(1).every((id) => COVARIATE.test(id)))
    return "covariates";
  if (dosages && header.length > 4 && areMostlyWhole(values)) return "dosages";
  if (EXPRESSION_NAME.test(name)) return "expression";
  if (dosages && DOSAGES_NAME.test(name)) return "dosages";
  if (numbers === 1 && ids.every((id) => /^ENS[A-Z]*[GT]\d/.test(id))) return "expression";
  // A line or two of words are prose.
  if (numbers === 0 && body.length < 3) return undefined;
  if (numbers < 1) return "covariates";
  return body.length >= ROWS - 1 ? "expression" : "covariates";
}

/** Whether the numbers of a matrix may be copies of an allele, from 0 to 2. */
export function mayBeDosages({ rows }: TableHead): boolean {
  const body = rows.slice(1);
  return body.length > 0 && body.every((row) => row.length > 1 && row.slice(1).every(isDosage));
}

/** Whether these are dosages by more than their range: the rows are named as variants alone are, or most numbers are whole. */
export function areClearlyDosages({ rows }: TableHead): boolean {
  const body = rows.slice(1);
  return (
    body.every((row) => VARIANT_ID.test(row[0] ?? "")) || areMostlyWhole(body.flatMap((row) => row.slice(1)))
  );
}

function areMostlyWhole(values: Cells): boolean {
  return values.filter((cell) => /^[012](\.0*)?$/.test(cell)).length > 0.5 * values.length;
}

function isDosage(cell: string): boolean {
  return /^(na|nan)$/i.test(cell) || (Number(cell) >= 0 && Number(cell) <= 2);
}
