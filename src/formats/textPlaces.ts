import { InputError } from "../errors.ts";
import { IdTable } from "./idTable.ts";
import { parseDecimalBytes } from "./numbers.ts";
import type { ByteSource, Inflate } from "./source.ts";
import { checkName, decode, eachLine, emptyFile, findCells, type Separator, separatorOf } from "./text.ts";
import { atLine, counted, shown } from "./wording.ts";

const LAST_POSITION = 2_147_483_647;
const MOST_CHROMOSOMES = 65_535;

/** Where variants lie: a `snpsloc` of MatrixEQTL. Numbers go by the order of its rows. */
export interface VariantPlaces {
  readonly ids: IdTable;
  readonly chromosomes: readonly string[];
  readonly chromosomeCode: readonly number[];
  /** 1-based. */
  readonly position: readonly number[];
}

/** Alleles of variants; numbers go by the order of the rows. */
export interface VariantAlleles {
  readonly ids: IdTable;
  readonly names: readonly string[];
  /** Indices of `names`. */
  readonly effect: readonly number[];
  readonly other: readonly number[];
}

/**
 * Reads `id chr pos` (1-based), a variant a line, with or without a header (told by the first position).
 * Throws {@link InputError} for other columns, positions that are no numbers, and ids that occur twice.
 */
export async function readVariantPlaces(source: ByteSource, inflate: Inflate): Promise<VariantPlaces> {
  const ids = new IdTable();
  const chromosomes = new Names(source.name, MOST_CHROMOSOMES, "chromosomes");
  const chromosomeCode: number[] = [];
  const position: number[] = [];
  await eachRow(source, inflate, 3, "variant id, chromosome, position", (row) => {
    // R writes 100000 as 1e+05.
    const at = parseDecimalBytes(row.bytes, row.bounds[4]!, row.bounds[5]!);
    if (!(Number.isInteger(at) && at >= 0 && at <= LAST_POSITION)) {
      if (row.first && Number.isNaN(at)) return;
      throw new InputError(
        atLine(source.name, row.line),
        `position ${shown(row.text(2))} is not an integer from 0 to ${LAST_POSITION}`,
        "the third column is the position in base pairs",
      );
    }
    addId(ids, row, source.name);
    chromosomeCode.push(chromosomes.code(row.text(1)));
    position.push(at);
  });
  if (ids.count === 0) throw new InputError(source.name, "holds no variants (only a header)");
  return { ids, chromosomes: chromosomes.names, chromosomeCode, position };
}

/**
 * Reads `id effect_allele other_allele` under a header that says which is which.
 * Throws {@link InputError} for another header, other columns, and ids that occur twice.
 */
export async function readVariantAlleles(source: ByteSource, inflate: Inflate): Promise<VariantAlleles> {
  const ids = new IdTable();
  const names = new Names(source.name, 2 ** 31 - 1, "alleles");
  const effect: number[] = [];
  const other: number[] = [];
  await eachRow(source, inflate, 3, "id, effect_allele, other_allele", (row) => {
    if (row.first) {
      const header = [1, 2].map((cell) => row.text(cell).toLowerCase());
      if (header[0] === "effect_allele" && header[1] === "other_allele") return;
      throw new InputError(
        atLine(source.name, row.line),
        `no header: the first cells are ${[0, 1, 2].map((cell) => shown(row.text(cell))).join(", ")}`,
        "the first line must be id effect_allele other_allele, so that it is said whose copies are counted",
      );
    }
    addId(ids, row, source.name);
    effect.push(names.code(row.text(1)));
    other.push(names.code(row.text(2)));
  });
  return { ids, names: names.names, effect, other };
}

/** Texts that come again and again, each kept once. */
class Names {
  readonly names: string[] = [];
  readonly #code = new Map<string, number>();
  readonly #file: string;
  readonly #most: number;
  readonly #what: string;

  constructor(file: string, most: number, what: string) {
    this.#file = file;
    this.#most = most;
    this.#what = what;
  }

  code(name: string): number {
    const known = this.#code.get(name);
    if (known !== undefined) return known;
    if (this.names.length === this.#most) {
      throw new InputError(this.#file, `more than ${counted(this.#most, this.#what, this.#what)}`);
    }
    this.#code.set(name, this.names.length);
    return this.names.push(name) - 1;
  }
}

interface Cells {
  readonly bytes: Uint8Array;
  readonly bounds: Int32Array;
  readonly line: number;
  /** Whether it is the first line with content: a header, perhaps. */
  readonly first: boolean;
  text(cell: number): string;
}

async function eachRow(
  source: ByteSource,
  inflate: Inflate,
  columns: number,
  wanted: string,
  visit: (row: Cells) => void,
): Promise<void> {
  const bounds = new Int32Array(2 * columns);
  let separator: Separator | undefined;
  await eachLine(source, inflate, (bytes, start, end, line) => {
    const first = separator === undefined;
    separator ??= separatorOf(bytes, start, end);
    const cells = findCells(bytes, start, end, separator, bounds);
    if (cells !== columns) {
      throw new InputError(
        atLine(source.name, line),
        `has ${counted(cells, "column")}, ${columns} expected (${wanted})`,
        "separate them by tabs",
      );
    }
    const text = (cell: number): string =>
      decode(bytes, bounds[2 * cell]!, bounds[2 * cell + 1]!, source.name, line);
    visit({ bytes, bounds, line, first, text });
  });
  if (separator === undefined) throw emptyFile(source);
}

function addId(ids: IdTable, row: Cells, name: string): void {
  if (ids.add(row.bytes, row.bounds[0]!, row.bounds[1]!) >= 0) {
    if (row.bounds[0] === row.bounds[1]) checkName("", "variant", atLine(name, row.line));
    const first = row.bytes[row.bounds[0]!];
    if (first === 34 || first === 39) checkName(row.text(0), "variant", atLine(name, row.line));
    return;
  }
  throw new InputError(
    atLine(name, row.line),
    `variant ${row.text(0)} is there already`,
    "variants are told apart by their id here: make these unique",
  );
}
