import { InputError } from "../errors.ts";
import type { ByteSource, Inflate } from "./source.ts";
import {
  checkName,
  decode,
  eachLineIn,
  emptyFile,
  findCells,
  type LineVisitor,
  raggedRow,
  type Separator,
  separatorOf,
  splitCells,
  textBytes,
} from "./text.ts";
import { atLine, counted } from "./wording.ts";

/** A row of a matrix: cell 0 is its id, cell 1 + s the value of sample s. Valid during the call only. */
export interface MatrixRow {
  readonly bytes: Uint8Array;
  /** Cell i is the bytes `bounds[2 i]` to `bounds[2 i + 1]`. */
  readonly bounds: Int32Array;
  readonly line: number;
  text(cell: number): string;
}

/**
 * Streams a table whose first column are ids and whose header names the samples (MatrixEQTL's SlicedData;
 * a header without its first cell, as R writes it, is taken too). `begin` gets the samples before the
 * first row; `between` is awaited now and then, and at the end. Throws {@link InputError} for ragged rows, samples that occur twice and an empty table.
 */
export async function eachMatrixRow(
  source: ByteSource,
  inflate: Inflate,
  begin: (samples: readonly string[]) => void,
  visit: (row: MatrixRow) => void,
  between: () => Promise<void> = async () => {},
): Promise<void> {
  let separator: Separator | undefined;
  let header: { readonly cells: readonly string[]; readonly line: number } | undefined;
  let bounds = new Int32Array(0);
  let width = 0;
  const visitLine: LineVisitor = (bytes, start, end, line) => {
    if (header === undefined || separator === undefined) {
      separator = separatorOf(bytes, start, end);
      header = { cells: splitCells(decode(bytes, start, end, source.name, line), separator), line };
      bounds = new Int32Array(2 * (header.cells.length + 1));
      return;
    }
    const cells = findCells(bytes, start, end, separator, bounds);
    if (width === 0) {
      const cornerless = cells === header.cells.length + 1;
      width = header.cells.length + (cornerless ? 1 : 0);
      const samples = cornerless ? header.cells : header.cells.slice(1);
      checkSamples(source.name, header.line, samples, cornerless ? 1 : 2);
      begin(samples);
    }
    if (cells !== width) throw raggedRow(source.name, line, cells, width);
    visit({
      bytes,
      bounds,
      line,
      text: (cell) => decode(bytes, bounds[2 * cell]!, bounds[2 * cell + 1]!, source.name, line),
    });
  };
  await eachLineIn(await textBytes(source, inflate), source.name, visitLine, async () => {
    await between();
    return false;
  });
  await between();
  if (header === undefined) throw emptyFile(source);
  if (width === 0)
    throw new InputError(source.name, "holds only a header", "give it a row a variant or gene");
}

function checkSamples(name: string, line: number, samples: readonly string[], first: number): void {
  const where = atLine(name, line);
  if (samples.length === 0) {
    throw new InputError(
      where,
      `no samples: the header has ${counted(1, "cell")}`,
      "give it a column a sample",
    );
  }
  const column = new Map<string, number>();
  for (const [i, sample] of samples.entries()) {
    checkName(sample, "sample", `${where}, column ${first + i}`);
    const before = column.get(sample);
    if (before !== undefined) {
      throw new InputError(
        where,
        `sample ${sample} is there twice (columns ${before} and ${first + i})`,
        "keep one of them",
      );
    }
    column.set(sample, first + i);
  }
}
