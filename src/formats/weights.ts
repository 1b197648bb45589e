import { InputError } from "../errors.ts";
import { parseDecimal } from "./numbers.ts";
import type { ByteSource, Inflate } from "./source.ts";
import { decode, eachLine, emptyFile, type Separator, separatorOf, splitCells } from "./text.ts";
import { atLine, listed, shown } from "./wording.ts";

/** One row of a file of weights or of GWAS summary statistics. */
export interface WeightRow {
  /** Variant id, empty where the file has none. */
  readonly id: string;
  readonly chromosome: string;
  /** 1-based; 0 where the file has none. */
  readonly position: number;
  readonly effect: string;
  readonly other: string | undefined;
  readonly weight: number;
  /** Of a GWAS. */
  readonly p: number;
  /** Frequency of the effect allele, where the file says it. */
  readonly frequency: number | undefined;
}

export interface WeightTable {
  readonly name: string;
  readonly rows: readonly WeightRow[];
  /** Rows without a number for weight or p. */
  readonly unusable: number;
}

const COLUMNS = {
  id: ["variant_id", "variant", "snp", "hm_rsid", "rsid", "rs_id", "id", "markername"],
  chromosome: ["hm_chr", "chr_name", "chromosome", "chr", "chrom", "#chrom"],
  position: ["hm_pos", "chr_position", "position", "pos", "base_pair_location", "bp"],
  effect: ["effect_allele", "a1", "ea", "alt"],
  other: ["other_allele", "hm_inferotherallele", "a2", "nea", "oa", "ref"],
  weight: ["effect_weight", "weight", "beta", "effect", "b"],
  p: ["p_value", "p", "pval", "pvalue", "p-value"],
  frequency: ["allelefrequency_effect", "effect_allele_frequency", "eaf", "af"],
} as const;

/**
 * Reads weights (or with `gwas` summary statistics, which need a column of p): a header, tabs or white space, plain or gzip. Lines that start with
 * `##`, or with `#` and hold `=`, are the notes of a PGS Catalog scoring file. A variant is named by id, by chromosome and position, or both.
 * Throws {@link InputError} for missing columns and ragged rows.
 */
export async function readWeights(source: ByteSource, inflate: Inflate, gwas: boolean): Promise<WeightTable> {
  const rows: WeightRow[] = [];
  let unusable = 0;
  let separator: Separator | undefined;
  let place: Record<keyof typeof COLUMNS, number> | undefined;
  await eachLine(source, inflate, (bytes, start, end, line) => {
    const text = decode(bytes, start, end, source.name, line);
    if (text.startsWith("##") || (place === undefined && text.startsWith("#") && text.includes("="))) return;
    separator ??= separatorOf(bytes, start, end);
    const cells = splitCells(text, separator);
    if (place === undefined) {
      place = placesOf(source.name, line, cells, gwas);
      return;
    }
    const at = place;
    const cell = (name: keyof typeof COLUMNS): string => {
      if (at[name] < 0) return "";
      const value = cells[at[name]];
      if (value === undefined)
        throw new InputError(
          atLine(source.name, line),
          "has fewer columns than the header",
          "every line needs the same columns",
        );
      return value === "NA" || value === "." ? "" : value;
    };
    const weight = parseDecimal(cell("weight"));
    const p = gwas ? parseDecimal(cell("p")) : 0;
    const effect = cell("effect").toUpperCase();
    if (!Number.isFinite(weight) || !(p >= 0 && p <= 1) || effect === "") {
      unusable++;
      return;
    }
    const position = cell("position") === "" ? 0 : Number(cell("position"));
    if (!Number.isInteger(position) || position < 0)
      throw new InputError(
        atLine(source.name, line),
        `position ${shown(cell("position"))} is not a whole number`,
      );
    const other = cell("other").toUpperCase();
    const frequency = parseDecimal(cell("frequency"));
    rows.push({
      ...{ id: cell("id"), chromosome: cell("chromosome"), position, effect, weight, p },
      // Of plink2's REF, ALT and A1, A1 may be REF: then the other allele is not told.
      other: other === "" || other === effect || other.includes("/") ? undefined : other,
      frequency: frequency >= 0 && frequency <= 1 ? frequency : undefined,
    });
  });
  if (place === undefined) throw emptyFile(source);
  if (rows.length === 0) throw new InputError(source.name, "holds no weight", "give it a row a variant");
  return { name: source.name, rows, unusable };
}

function placesOf(
  name: string,
  line: number,
  header: readonly string[],
  gwas: boolean,
): Record<keyof typeof COLUMNS, number> {
  const lower = header.map((cell) => cell.toLowerCase());
  const find = (names: readonly string[]): number => {
    const known = names.find((one) => lower.includes(one));
    return known === undefined ? -1 : lower.indexOf(known);
  };
  const place = {
    ...{ id: find(COLUMNS.id), chromosome: find(COLUMNS.chromosome), position: find(COLUMNS.position) },
    ...{ effect: find(COLUMNS.effect), other: find(COLUMNS.other), weight: find(COLUMNS.weight) },
    ...{ p: find(COLUMNS.p), frequency: find(COLUMNS.frequency) },
  };
  const named = place.id >= 0 || (place.chromosome >= 0 && place.position >= 0);
  const lacking = [
    named ? "" : "variant_id (or chromosome and position)",
    place.effect >= 0 ? "" : "effect_allele",
    place.weight >= 0 ? "" : gwas ? "beta" : "weight",
    gwas && place.p < 0 ? "p" : "",
  ].filter((column) => column !== "");
  if (lacking.length === 0) return place;
  throw new InputError(
    atLine(name, line),
    `no column ${lacking.join(", ")} among ${listed(header, 12)}`,
    "name the columns in a header",
  );
}
