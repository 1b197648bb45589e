import { InputError } from "../errors.ts";
import { parseDecimalBytes } from "./numbers.ts";
import type { ByteSource, Inflate } from "./source.ts";
import type { SampleMatrix } from "./tables.ts";
import {
  checkName,
  decode,
  eachLine,
  emptyFile,
  findCells,
  raggedRow,
  type Separator,
  separatorOf,
  splitCells,
} from "./text.ts";
import { atLine, counted, shown } from "./wording.ts";

/** Two entries that ought to be equal may differ by this share of the larger: what six digits of text make of them. */
const SAME = 1e-5;

/**
 * A symmetric matrix of samples in text: sample ids in the header and in the first column, in the same order or another; or, as MatrixEQTL's
 * errorCovariance, numbers alone. The first line is a header where a cell of it is one of `known` or is no number.
 * Throws {@link InputError} for a cell that is no number, sizes and ids that do not fit, and entries that differ from their mirror.
 */
export async function readSampleMatrix(
  source: ByteSource,
  inflate: Inflate,
  known: ReadonlySet<string>,
): Promise<SampleMatrix> {
  const reader = new MatrixReader(source.name, known);
  await eachLine(source, inflate, reader.line);
  if (reader.width === 0) throw emptyFile(source);
  return reader.matrix();
}

class MatrixReader {
  /** Numbers of a row. */
  width = 0;
  readonly #name: string;
  readonly #known: ReadonlySet<string>;
  #header: readonly string[] | undefined;
  #separator: Separator = "tab";
  #bounds = new Int32Array(0);
  #values = new Float64Array(0);
  #rows = 0;
  readonly #rowIds: string[] = [];
  readonly #lines: number[] = [];

  constructor(name: string, known: ReadonlySet<string>) {
    this.#name = name;
    this.#known = known;
  }

  /** Takes in a line: a visitor of `eachLine`. */
  readonly line = (bytes: Uint8Array, start: number, end: number, line: number): void => {
    if (this.width === 0 && this.#header === undefined) {
      this.#separator = separatorOf(bytes, start, end);
      const cells = splitCells(decode(bytes, start, end, this.#name, line), this.#separator);
      const isNumber = (cell: string): boolean =>
        cell !== "" && (!Number.isNaN(Number(cell)) || /^[+-]?(na|nan|inf)$/i.test(cell));
      if (cells.some((cell) => this.#known.has(cell)) || !cells.every(isNumber)) {
        this.#header = cells;
        return;
      }
      this.#begin(cells.length);
    }
    if (this.width === 0) {
      // A header without its first cell, as R writes it, has as many cells as the matrix has columns.
      const cells = findCells(bytes, start, end, this.#separator, this.#bounds);
      const header = this.#header!;
      const columns = cells === header.length + 1 ? header.length : header.length - 1;
      this.#header = header.slice(header.length - columns);
      if (columns === 0) throw new InputError(atLine(this.#name, line), "has no number");
      this.#begin(columns);
    }
    this.#row(bytes, start, end, line);
  };

  #begin(width: number): void {
    this.width = width;
    this.#bounds = new Int32Array(2 * (width + 2));
    this.#values = new Float64Array(width * width);
  }

  #row(bytes: Uint8Array, start: number, end: number, line: number): void {
    const { width } = this;
    const ids = this.#header === undefined ? 0 : 1;
    const bounds = this.#bounds;
    const cells = findCells(bytes, start, end, this.#separator, bounds);
    if (cells !== width + ids) throw raggedRow(this.#name, line, cells, width + ids);
    if (this.#rows === width) throw this.#notSquare(line, "more");
    if (ids === 1) {
      const id = decode(bytes, bounds[0]!, bounds[1]!, this.#name, line);
      checkName(id, "sample", atLine(this.#name, line));
      this.#rowIds.push(id);
    }
    for (let column = 0; column < width; column++) {
      const at = 2 * (column + ids);
      const value = parseDecimalBytes(bytes, bounds[at]!, bounds[at + 1]!);
      if (!Number.isFinite(value)) {
        const text = decode(bytes, bounds[at]!, bounds[at + 1]!, this.#name, line);
        throw new InputError(
          `${atLine(this.#name, line)}, column ${column + ids + 1}`,
          `${shown(text)} is not a finite number`,
          "a covariance has no missing values",
        );
      }
      this.#values[this.#rows * width + column] = value;
    }
    this.#lines.push(line);
    this.#rows++;
  }

  #notSquare(line: number, which: string): InputError {
    const what =
      which === "more"
        ? `is row ${this.width + 1} of a matrix of`
        : `ends a matrix of ${counted(this.#rows, "row")} and`;
    return new InputError(
      atLine(this.#name, line),
      `${what} ${counted(this.width, "column")}`,
      "it must be square: a row and a column a sample",
    );
  }

  matrix(): SampleMatrix {
    if (this.#rows < this.width) throw this.#notSquare(this.#lines.at(-1) ?? 1, "fewer");
    const samples = this.#header;
    if (samples !== undefined) this.#arrangeRows(samples);
    this.#checkSymmetric(samples);
    return { name: this.#name, samples, size: this.width, values: this.#values, absent: "error" };
  }

  /** Puts the rows into the order of the columns. */
  #arrangeRows(samples: readonly string[]): void {
    const { width } = this;
    const place = new Map<string, number>();
    for (const [column, id] of samples.entries()) {
      checkName(id, "sample", this.#name);
      if (place.has(id)) throw new InputError(this.#name, `sample ${id} has two columns`, "give each one");
      place.set(id, column);
    }
    const arranged = new Float64Array(width * width);
    const seen = new Set<string>();
    for (const [row, id] of this.#rowIds.entries()) {
      const to = place.get(id);
      const where = atLine(this.#name, this.#lines[row]!);
      if (to === undefined) throw new InputError(where, `sample ${id} has a row and no column`);
      if (seen.has(id)) throw new InputError(where, `sample ${id} has a row already`, "give each one");
      seen.add(id);
      arranged.set(this.#values.subarray(row * width, (row + 1) * width), to * width);
    }
    this.#values = arranged;
  }

  /** Entries that differ from their mirror by rounding only are both set to their mean. */
  #checkSymmetric(samples: readonly string[] | undefined): void {
    const { width } = this;
    const values = this.#values;
    const named = (i: number): string => samples?.[i] ?? String(i + 1);
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < i; j++) {
        const [a, b] = [values[i * width + j]!, values[j * width + i]!];
        if (a === b) continue;
        if (Math.abs(a - b) > SAME * Math.max(Math.abs(a), Math.abs(b), 1e-6)) {
          throw new InputError(
            this.#name,
            `is not symmetric: ${named(i)} with ${named(j)} is ${a}, ${named(j)} with ${named(i)} is ${b}`,
          );
        }
        values[i * width + j] = values[j * width + i] = (a + b) / 2;
      }
    }
  }
}
