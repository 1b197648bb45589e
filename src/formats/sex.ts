import { InputError } from "../errors.ts";
import type { ByteSource, Inflate } from "./source.ts";
import { checkName, type Row, readRows } from "./text.ts";
import { atLine, counted, listed, shown } from "./wording.ts";

/** PLINK's codes of a sample's sex. */
export const UNKNOWN_SEX = 0;
export const MALE = 1;
export const FEMALE = 2;

/** The sex of samples, by their id. */
export interface SexTable {
  readonly name: string;
  /** {@link MALE}, {@link FEMALE} or {@link UNKNOWN_SEX}. */
  readonly sex: ReadonlyMap<string, number>;
}

/** PLINK's code in the fifth column of a .fam: what is neither 1 nor 2 is unknown. */
export function famSex(text: string): number {
  return text === "1" ? MALE : text === "2" ? FEMALE : UNKNOWN_SEX;
}

const WORDS: Readonly<Record<string, number>> = {
  ...{ "1": MALE, m: MALE, male: MALE },
  ...{ "2": FEMALE, f: FEMALE, female: FEMALE },
  ...{ "0": UNKNOWN_SEX, "-9": UNKNOWN_SEX, na: UNKNOWN_SEX, nan: UNKNOWN_SEX, "": UNKNOWN_SEX },
  ...{ ".": UNKNOWN_SEX, u: UNKNOWN_SEX, unknown: UNKNOWN_SEX },
};
const ID_HEADER = /^#?(IID|sample|sample_?id|id|donor|individual)$/i;
const SEX_HEADER = /^(sex|gender)$/i;
const FAM_COLUMNS = 6;

/**
 * Sex of samples: sample and sex, a line each, with or without a header; a .psam or any table whose header has a column SEX (or
 * gender); or a .fam. Sex is 1 or 2 (PLINK's male and female), M or F, male or female; 0, NA and the like are unknown.
 * `known` are the sample ids of the other files. Throws InputError for another word, sex in 0 and 1, an id of two sexes, and a
 * file that holds none of `known`.
 */
export async function readSex(
  source: ByteSource,
  inflate: Inflate,
  known: ReadonlySet<string>,
): Promise<SexTable> {
  // Ids hold no blanks here: cells end at any white space, as in a .fam.
  const all = (await readRows(source, inflate)).map(({ line, cells }) => ({
    line,
    cells: cells.flatMap((cell) => cell.split(/[ \t]+/)),
  }));
  const { idColumn, sexColumn, rows } = columnsOf(source.name, all, known);
  const sex = new Map<string, number>();
  const words = new Set<string>();
  for (const { line, cells } of rows) {
    const where = atLine(source.name, line);
    const [id, text] = [cells[idColumn], cells[sexColumn]];
    if (id === undefined || text === undefined) {
      throw new InputError(
        where,
        `has ${counted(cells.length, "column")}, the sex is in column ${sexColumn + 1}`,
        "every line needs the same columns",
      );
    }
    checkName(id, "sample", where);
    const code = WORDS[text.toLowerCase()];
    if (code === undefined) {
      throw new InputError(
        where,
        `sex ${shown(text)} of sample ${id}`,
        "write 1 or M, 2 or F, or 0 for unknown",
      );
    }
    if ((sex.get(id) ?? code) !== code) {
      throw new InputError(where, `sample ${id} has another sex here than before`, "keep one line of it");
    }
    words.add(text);
    sex.set(id, code);
  }
  if (words.has("0") && words.has("1") && !words.has("2") && words.size === 2) {
    throw new InputError(
      source.name,
      "has sexes 0 and 1 only, where 0 is unknown and 1 male",
      "write 1 for male and 2 for female, or M and F",
    );
  }
  if (![...sex.keys()].some((id) => known.has(id))) {
    throw new InputError(
      source.name,
      `none of its samples (${listed(sex.keys())}) is in the genotypes or the expression (${listed(known)})`,
      "it needs sample and sex a line",
    );
  }
  return { name: source.name, sex };
}

function columnsOf(
  name: string,
  all: readonly Row[],
  known: ReadonlySet<string>,
): { idColumn: number; sexColumn: number; rows: readonly Row[] } {
  const header = all[0]!.cells;
  const named = header.findIndex((cell) => SEX_HEADER.test(cell));
  if (named >= 0) {
    const iid = header.findIndex((cell) => /^#?IID$/i.test(cell));
    const id = iid >= 0 ? iid : header.findIndex((cell) => ID_HEADER.test(cell));
    return { idColumn: Math.max(id, 0), sexColumn: named, rows: all.slice(1) };
  }
  const width = header.length;
  if (width === FAM_COLUMNS) return { idColumn: 1, sexColumn: 4, rows: all };
  if (width === 2) {
    // A first line of words that are no sex is a header.
    const headed = !known.has(header[0]!) && WORDS[header[1]!.toLowerCase()] === undefined;
    return { idColumn: 0, sexColumn: 1, rows: headed ? all.slice(1) : all };
  }
  throw new InputError(
    atLine(name, all[0]!.line),
    `has ${counted(width, "column")} and none is called SEX`,
    "give sample and sex a line, a table with a column SEX, or a .fam",
  );
}
