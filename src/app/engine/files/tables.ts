import { separatorOf, splitCells } from "../../../formats/text.ts";
import type { FileRole } from "../protocol.ts";
import { type Head, linesOf } from "./head.ts";

/** The first rows of a text table. */
export interface TableHead {
  readonly rows: readonly (readonly string[])[];
  /** Comment lines before them (`##`, `#!`). */
  readonly comments: readonly string[];
}

const ROWS = 24;

export function tableHead(head: Head): TableHead {
  const all = linesOf(head, 4000);
  const comments: string[] = [];
  let first = 0;
  while (first < all.length && (/^#[#!]/.test(all[first]!) || all[first]!.trim() === "")) {
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
  };
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
const RATE = /rate|cm\/mb/i;
const MAP = /^(genetic_?map.*|map.*|.*\(?cm\)?)$/i;
const RESULT = ["phenotype_id", "slope_se"];

const COVARIATES_NAME = /cov|pcs?\b|peer|factor/i;
const EXPRESSION_NAME = /expr|tpm|rpkm|fpkm|counts|phenotype|\bge\b/i;

/** What a text table is by its columns, then by its name; undefined where neither tells. */
export function tableRole({ rows, comments }: TableHead, name: string): FileRole | undefined {
  const [header, ...body] = rows;
  if (header === undefined) return undefined;
  return (
    genomeRole(header, body, comments) ??
    columnsRole(header, body, name) ??
    listRole(header, body, name) ??
    matrixRole(header, body, name)
  );
}

type Cells = readonly string[];

/** Formats of genomes: .bim, .fam, GTF, BED. */
function genomeRole(header: Cells, body: readonly Cells[], comments: Cells): FileRole | undefined {
  const all = (test: (row: Cells) => boolean): boolean => [header, ...body].every(test);
  if (header.length === 9 && all((row) => isInteger(row[3] ?? "") && isInteger(row[4] ?? "")))
    return "annotation";
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
    // Beyond place, ids, length and strand: samples.
    const values = header
      .map((_, c) => c)
      .filter((c) => c > 3 && body.every((row) => isNumber(row[c] ?? "")));
    return values.length > 2 ? "expression" : "annotation";
  }
  const bed = all((row) => isChromosome(row[0] ?? "") && isInteger(row[1] ?? "") && isInteger(row[2] ?? ""));
  if (bed && header.length >= 4 && header.length <= 12)
    return isNumber(header[3]!) ? "recombination" : "annotation";
  return undefined;
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
  if (has(SEX) && header.length <= 12) return "sex";
  const places =
    body.length > 0 && body.every((row) => isChromosome(row[1] ?? "") && isInteger(row[2] ?? ""));
  if (!places) return undefined;
  if (header.length === 3) return "variant-positions";
  if (body.every((row) => isInteger(row[3] ?? "")))
    return header.length === 4 ? "gene-positions" : "annotation";
  return undefined;
}

/** Lists of samples: sex, a context. */
function listRole(header: Cells, body: readonly Cells[], name: string): FileRole | undefined {
  if (header.length === 6 && body.every((row) => isSex(row[4] ?? "") && row.length === 6)) return "fam";
  if (header.length === 3 && body.every((row) => isChromosome(row[1] ?? "") && isInteger(row[2] ?? ""))) {
    return "variant-positions";
  }
  if (header.length !== 2 || body.length === 0) return undefined;
  if (body.every((row) => isSex(row[1] ?? "")) && body.some((row) => !isNumber(row[1] ?? ""))) return "sex";
  if (/sex|gender/i.test(name) && body.every((row) => isSex(row[1] ?? ""))) return "sex";
  return body.every((row) => isNumber(row[1] ?? "")) ? "context" : undefined;
}

/** Matrices of samples: told by their values, then by their name, then by how many rows they have. */
function matrixRole(header: Cells, body: readonly Cells[], name: string): FileRole | undefined {
  if (header.length < 2 || body.length === 0) return undefined;
  const widths = new Set(body.map(({ length }) => length));
  if (widths.size !== 1 || ![header.length, header.length + 1].includes([...widths][0]!)) return undefined;
  if (/context|interaction|cell_?type|proportion/i.test(name)) return "context";
  const values = body.flatMap((row) => row.slice(1));
  const numbers = values.filter(isNumber).length / values.length;
  if (COVARIATES_NAME.test(name)) return "covariates";
  if (
    numbers === 1 &&
    values.every((cell) => /^(na|nan)$/i.test(cell) || (Number(cell) >= 0 && Number(cell) <= 2))
  ) {
    const whole = values.filter((cell) => /^[012](\.0*)?$/.test(cell)).length / values.length;
    if (whole > 0.5 && header.length > 4) return "dosages";
  }
  if (EXPRESSION_NAME.test(name)) return "expression";
  if (numbers === 1 && body.every((row) => /^ENS[A-Z]*[GT]\d/.test(row[0] ?? ""))) return "expression";
  if (numbers < 1) return "covariates";
  return body.length >= ROWS - 1 ? "expression" : "covariates";
}
