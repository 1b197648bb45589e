import { InputError } from "../errors.ts";
import type { ByteSource, Inflate } from "./source.ts";
import { eachLine, readRows } from "./text.ts";
import { atLine, counted } from "./wording.ts";

/** Which group each phenotype belongs to, a line a phenotype, in the order of the file. */
export interface GroupList {
  readonly name: string;
  readonly phenotype: readonly string[];
  readonly group: readonly string[];
}

const HEADER = /^#?(phenotype|phenotype_?id|gene|gene_?id|pid|intron|transcript|transcript_?id)$/i;

/**
 * A file of groups as tensorQTL and GTEx have it: phenotype id and group id, no header or one that says `phenotype_id`.
 * Throws {@link InputError} for other numbers of columns and a phenotype that is named twice.
 */
export async function readGroups(source: ByteSource, inflate: Inflate): Promise<GroupList> {
  const rows = await readRows(source, inflate);
  if (HEADER.test(rows[0]!.cells[0]!)) rows.shift();
  const lineOf = new Map<string, number>();
  for (const { line, cells } of rows) {
    if (cells.length !== 2 || cells.includes("")) {
      throw new InputError(
        atLine(source.name, line),
        `has ${counted(cells.length, "column")}`,
        "every line needs a phenotype id and a group id",
      );
    }
    const before = lineOf.get(cells[0]!);
    if (before !== undefined) {
      throw new InputError(
        atLine(source.name, line),
        `phenotype ${cells[0]} is on line ${before} too`,
        "give each phenotype one group",
      );
    }
    lineOf.set(cells[0]!, line);
  }
  if (rows.length === 0) throw new InputError(source.name, "holds no phenotypes (only a header)");
  return {
    name: source.name,
    phenotype: rows.map(({ cells }) => cells[0]!),
    group: rows.map(({ cells }) => cells[1]!),
  };
}

/** Whole numbers in lines, as they stand in a file. */
export interface IndexTable {
  readonly name: string;
  readonly rows: readonly Uint32Array[];
}

const ZERO = 48;
const NINE = 57;

/** A table of whole numbers, tabs, blanks or commas between them; all lines of one length. */
export async function readIndices(source: ByteSource, inflate: Inflate): Promise<IndexTable> {
  const rows: Uint32Array[] = [];
  await eachLine(source, inflate, (bytes, start, end, line) => {
    const row = numbersOf(bytes, start, end, source.name, line);
    const width = rows[0]?.length ?? row.length;
    if (row.length !== width) {
      const what = `has ${counted(row.length, "number")}, the first line ${width}`;
      throw new InputError(atLine(source.name, line), what, "all lines must have the same");
    }
    rows.push(row);
  });
  if (rows.length === 0) throw new InputError(source.name, "is empty");
  return { name: source.name, rows };
}

function numbersOf(bytes: Uint8Array, start: number, end: number, name: string, line: number): Uint32Array {
  const numbers: number[] = [];
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === 32 || byte === 9 || byte === 44) continue;
    let value = 0;
    const first = at;
    for (; at < end && bytes[at]! >= ZERO && bytes[at]! <= NINE; at++) value = value * 10 + bytes[at]! - ZERO;
    const after = at < end ? bytes[at]! : 32;
    if (at === first || value >= 2 ** 32 || !(after === 32 || after === 9 || after === 44)) {
      const what = `number ${numbers.length + 1} is no whole number from 0 on`;
      throw new InputError(atLine(name, line), what, "a line has indices from 0, and no header stands above");
    }
    numbers.push(value);
  }
  return Uint32Array.from(numbers);
}
