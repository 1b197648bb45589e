import { InputError } from "../errors.ts";
import { parseDecimal } from "./numbers.ts";
import type { ByteSource, Inflate } from "./source.ts";
import { decode, eachLine, emptyFile, type Separator, separatorOf, splitCells } from "./text.ts";
import { atLine, listed, shown } from "./wording.ts";

/** One variant of GWAS summary statistics. Alleles are in capitals, empty where the file has none. */
export interface GwasRow {
  /** Variant id; empty where the file has none. */
  readonly id: string;
  readonly chromosome: string;
  /** 1-based; 0 where the file has none. */
  readonly position: number;
  readonly effect: string;
  readonly other: string;
  /** Of the effect allele; NaN where the file has none. */
  readonly frequency: number;
  /** z score of the effect allele, from a column of z, or beta / se; NaN where the file has p only. */
  readonly z: number;
  /** NaN where the file has none. */
  readonly p: number;
}

const COLUMNS = {
  id: ["variant_id", "variant", "snp", "hm_rsid", "rsid", "rs_id", "id", "markername"],
  chromosome: ["hm_chrom", "hm_chr", "chr_name", "chromosome", "chr", "chrom", "#chrom"],
  position: ["hm_pos", "chr_position", "position", "pos", "base_pair_location", "bp"],
  effect: ["effect_allele", "a1", "ea", "alt"],
  other: ["other_allele", "a2", "nea", "oa", "ref"],
  frequency: ["hm_effect_allele_frequency", "effect_allele_frequency", "eaf", "a1_freq", "a1freq", "freq1"],
  z: ["z", "zscore", "z_score", "z-score", "t_stat", "stat"],
  beta: ["beta", "effect", "b", "hm_beta", "log_odds"],
  se: ["se", "standard_error", "stderr", "beta_se"],
  p: ["p_value", "p", "pval", "pvalue", "p-value", "p.value"],
} as const;

/** What was read of a file, beside its rows. */
export interface GwasCounts {
  readonly rows: number;
  /** Rows without a finite z and without a p above 0 (one that is 0 has underflowed). */
  readonly unusable: number;
}

/**
 * Reads GWAS summary statistics line by line: a header, then tabs, white space or commas; plain or gzip. A variant is named by chromosome and
 * position, by id, or both; its strength is a column of z, of beta and se, or of p. Each usable row is handed to `visit`.
 * Throws {@link InputError} for missing columns, ragged rows, and a file without a usable row.
 */
export async function readGwas(
  source: ByteSource,
  inflate: Inflate,
  visit: (row: GwasRow) => void,
): Promise<GwasCounts> {
  let rows = 0;
  let unusable = 0;
  let cut: ((text: string) => string[]) | undefined;
  let place: Places | undefined;
  await eachLine(source, inflate, (bytes, start, end, line) => {
    const text = decode(bytes, start, end, source.name, line);
    if (text.startsWith("##")) return;
    cut ??= cutter(text, separatorOf(bytes, start, end));
    const cells = cut(text);
    if (place === undefined) {
      place = placesOf(source.name, line, cells);
      return;
    }
    rows++;
    const row = rowOf(place, cells, atLine(source.name, line));
    if (Number.isFinite(row.z) || row.p > 0) visit(row);
    else unusable++;
  });
  if (place === undefined) throw emptyFile(source);
  if (rows === unusable) {
    throw new InputError(source.name, "holds no variant with a z, a beta and se, or a p above 0");
  }
  return { rows, unusable };
}

interface Places {
  readonly at: Record<keyof typeof COLUMNS, number>;
  readonly width: number;
}

function cutter(header: string, separator: Separator): (text: string) => string[] {
  const comma = separator === "white" && header.includes(",") && !/\s\S/.test(header.trim());
  return comma ? (text) => text.split(",").map((cell) => cell.trim()) : (text) => splitCells(text, separator);
}

function rowOf({ at, width }: Places, cells: readonly string[], where: string): GwasRow {
  if (cells.length !== width) {
    throw new InputError(
      where,
      `has ${cells.length} columns where the header has ${width}`,
      "every line needs the same columns",
    );
  }
  const cell = (name: keyof typeof COLUMNS): string => {
    const value = at[name] < 0 ? "" : cells[at[name]]!;
    return value === "NA" || value === "." ? "" : value;
  };
  const position = cell("position") === "" ? 0 : Number(cell("position"));
  if (!Number.isInteger(position) || position < 0) {
    throw new InputError(where, `position ${shown(cell("position"))} is not a whole number`);
  }
  const given = parseDecimal(cell("z"));
  const se = parseDecimal(cell("se"));
  const z = Number.isFinite(given) ? given : se > 0 ? parseDecimal(cell("beta")) / se : Number.NaN;
  const p = parseDecimal(cell("p"));
  if (p < 0 || p > 1) throw new InputError(where, `p is ${shown(cell("p"))}; it must be from 0 to 1`);
  const frequency = parseDecimal(cell("frequency"));
  return {
    ...{ id: cell("id"), chromosome: cell("chromosome"), position, z, p },
    frequency: frequency >= 0 && frequency <= 1 ? frequency : Number.NaN,
    ...{ effect: cell("effect").toUpperCase(), other: cell("other").toUpperCase() },
  };
}

function placesOf(name: string, line: number, header: readonly string[]): Places {
  const lower = header.map((cell) => cell.toLowerCase());
  const find = (names: readonly string[]): number => {
    const known = names.find((one) => lower.includes(one));
    return known === undefined ? -1 : lower.indexOf(known);
  };
  const entries = Object.entries(COLUMNS).map(([role, names]) => [role, find(names)] as const);
  const at = Object.fromEntries(entries) as Record<keyof typeof COLUMNS, number>;
  const lacking = [
    at.id >= 0 || (at.chromosome >= 0 && at.position >= 0) ? "" : "variant_id (or chromosome and position)",
    at.z >= 0 || at.p >= 0 || (at.beta >= 0 && at.se >= 0) ? "" : "z (or beta and se, or p_value)",
  ].filter((column) => column !== "");
  if (lacking.length === 0) return { at, width: header.length };
  throw new InputError(
    atLine(name, line),
    `no column ${lacking.join(", ")} among ${listed(header, 12)}`,
    "name the columns in a header",
  );
}
