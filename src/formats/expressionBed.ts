import { InputError, LimitError } from "../errors.ts";
import { parseCountBytes, parseDecimal, parseDecimalBytes } from "./numbers.ts";
import type { ByteSource, Inflate } from "./source.ts";
import type { ExpressionTable } from "./tables.ts";
import {
  checkName,
  decode,
  eachLine,
  emptyFile,
  findCells,
  firstCells,
  raggedRow,
  type Separator,
  separatorOf,
  splitCells,
} from "./text.ts";
import { atLine, counted, shown, thousands } from "./wording.ts";

const LAST_POSITION = 2_147_483_647;
const STRANDS: readonly string[] = ["+", "-", "."];

/**
 * Expression as tensorQTL and FastQTL write it (4 leading columns: `#chr start end gene_id`) and as
 * QTLtools does (6: `#chr start end pid gid strand`, or `... gene length strand`), BED or BED.gz. It has 6
 * when the sixth header cell is `strand`, or when the sixth column holds strands; the gene id is the
 * fourth column in both. Genes stay in the order of the file.
 *
 * Memory: 8 bytes a cell (up to three times that while it grows).
 * Throws {@link InputError} for a missing header, ragged rows, cells that are not finite numbers (nor missing, where
 * these are kept), and genes or samples that occur twice; {@link LimitError} when the table does not fit into memory.
 */
export async function readExpressionBed(
  source: ByteSource,
  inflate: Inflate,
  missing: Missing = "refuse",
): Promise<ExpressionTable> {
  const reader = new ExpressionReader(source.name, missing);
  await eachLine(source, inflate, reader.visit);
  if (!reader.started) throw emptyFile(source);
  return reader.table();
}

class ExpressionReader {
  started = false;
  readonly #name: string;
  #separator: Separator = "tab";
  #header: readonly string[] = [];
  #samples: readonly string[] = [];
  /** 4 or 6; 0 before the first gene where the header does not tell. */
  #leading = 0;
  #bounds = new Int32Array(0);
  readonly #geneLine = new Map<string, number>();
  readonly #chromosomeNames = new Map<string, string>();
  readonly #chromosome: string[] = [];
  readonly #strand: string[] = [];
  readonly #start: number[] = [];
  readonly #end: number[] = [];
  #values = new Float64Array(1 << 12);
  #filled = 0;
  #empty = 0;

  readonly #missing: Missing;

  constructor(name: string, missing: Missing) {
    this.#name = name;
    this.#missing = missing;
  }

  readonly visit = (bytes: Uint8Array, start: number, end: number, line: number): void => {
    if (this.started) this.#readGene(bytes, start, end, line);
    else if (bytes[start] !== 35 || bytes[start + 1] !== 35) this.#readHeader(bytes, start, end, line);
  };

  table(): ExpressionTable {
    const genes = this.#geneLine.size;
    if (genes === 0)
      throw new InputError(this.#name, "holds no genes (only a header)", "give it a row a gene");
    return {
      name: this.#name,
      messages: this.#messages(),
      samples: this.#samples,
      id: [...this.#geneLine.keys()],
      chromosome: this.#chromosome,
      start: Int32Array.from(this.#start),
      end: Int32Array.from(this.#end),
      strand: this.#strand,
      values: this.#values.slice(0, this.#filled),
    };
  }

  #readHeader(bytes: Uint8Array, start: number, end: number, line: number): void {
    this.started = true;
    this.#separator = separatorOf(bytes, start, end);
    const header = splitCells(decode(bytes, start, end, this.#name, line), this.#separator);
    const named =
      /^#?chr(om|omosome)?$/i.test(header[0]!) && header.slice(1, 3).every((cell) => !/^\d/.test(cell));
    if (!named) {
      throw new InputError(
        atLine(this.#name, line),
        `no header: the first cells are ${firstCells(header)}`,
        "the first line must be #chr start end gene_id SAMPLES, or #chr start end gene_id group strand SAMPLES",
      );
    }
    this.#header = header;
    this.#bounds = new Int32Array(2 * header.length);
    if (header[5]?.toLowerCase() === "strand") this.#nameSamples(6, line);
  }

  /** The samples are the columns after the `leading` ones. */
  #nameSamples(leading: number, line: number): void {
    const where = atLine(this.#name, line);
    const samples = this.#header.slice(leading);
    if (samples.length === 0) {
      throw new InputError(
        where,
        `no samples: the header has ${counted(this.#header.length, "cell")} and the samples come after the first ${leading}`,
        "give it a column a sample",
      );
    }
    const column = new Map<string, number>();
    for (const [i, sample] of samples.entries()) {
      checkName(sample, "sample", `${where}, column ${leading + i + 1}`);
      const before = column.get(sample);
      if (before !== undefined) {
        throw new InputError(
          where,
          `sample ${sample} is there twice (columns ${before} and ${leading + i + 1})`,
          "keep one of them",
        );
      }
      column.set(sample, leading + i + 1);
    }
    this.#leading = leading;
    this.#samples = samples;
  }

  #readGene(bytes: Uint8Array, start: number, end: number, line: number): void {
    const cells = findCells(bytes, start, end, this.#separator, this.#bounds);
    if (cells !== this.#header.length) {
      throw raggedRow(this.#name, line, cells, this.#header.length);
    }
    const text = (cell: number): string =>
      decode(bytes, this.#bounds[2 * cell]!, this.#bounds[2 * cell + 1]!, this.#name, line);
    if (this.#leading === 0) {
      // Strands are no numbers, so in a file of 4 columns the first gene has none here either.
      this.#nameSamples(cells > 5 && STRANDS.includes(text(5)) ? 6 : 4, 1);
    }
    const gene = text(3);
    this.#addGene(gene, line);
    this.#addPlace(bytes, gene, line);
    const chromosome = text(0);
    const known = this.#chromosomeNames.get(chromosome) ?? chromosome;
    this.#chromosomeNames.set(known, known);
    this.#chromosome.push(known);
    this.#strand.push(this.#leading === 6 ? this.#checkStrand(text(5), gene, line) : ".");
    this.#addValues(bytes, gene, line);
  }

  #addGene(gene: string, line: number): void {
    const where = atLine(this.#name, line);
    checkName(gene, "gene", where);
    const before = this.#geneLine.get(gene);
    if (before !== undefined) {
      throw new InputError(where, `gene ${gene} is there already (line ${before})`, "keep one of them");
    }
    this.#geneLine.set(gene, line);
  }

  #addPlace(bytes: Uint8Array, gene: string, line: number): void {
    const start = parseCountBytes(bytes, this.#bounds[2]!, this.#bounds[3]!, LAST_POSITION - 1);
    const end = parseCountBytes(bytes, this.#bounds[4]!, this.#bounds[5]!, LAST_POSITION);
    if (start < 0 || end < 0) {
      const cell = start < 0 ? 1 : 2;
      const text = decode(bytes, this.#bounds[2 * cell]!, this.#bounds[2 * cell + 1]!, this.#name, line);
      throw new InputError(
        atLine(this.#name, line),
        `gene ${gene}: ${start < 0 ? "start" : "end"} ${shown(text)} is not an integer from 0 to ${LAST_POSITION}`,
        "the second and third columns are the place of the gene in base pairs",
      );
    }
    if (end < start) {
      throw new InputError(
        atLine(this.#name, line),
        `gene ${gene}: end ${end} lies before start ${start}`,
        "a BED has start < end on both strands",
      );
    }
    if (end === start) this.#empty++;
    this.#start.push(start);
    this.#end.push(end);
  }

  #checkStrand(strand: string, gene: string, line: number): string {
    if (STRANDS.includes(strand)) return strand;
    throw new InputError(
      atLine(this.#name, line),
      `gene ${gene}: strand ${shown(strand)} is not +, - or .`,
      "the sixth column is the strand",
    );
  }

  #addValues(bytes: Uint8Array, gene: string, line: number): void {
    const samples = this.#samples.length;
    if (this.#filled + samples > this.#values.length) this.#grow(this.#filled + samples);
    for (let sample = 0; sample < samples; sample++) {
      const cell = 2 * (this.#leading + sample);
      const [from, to] = [this.#bounds[cell]!, this.#bounds[cell + 1]!];
      this.#values[this.#filled + sample] = cellValue(bytes, from, to, this.#missing, () => ({
        where: atLine(this.#name, line),
        gene,
        sample: this.#samples[sample]!,
        text: decode(bytes, from, to, this.#name, line),
      }));
    }
    this.#filled += samples;
  }

  #grow(needed: number): void {
    const length = Math.max(needed, 2 * this.#values.length);
    try {
      const larger = new Float64Array(length);
      larger.set(this.#values);
      this.#values = larger;
    } catch (cause) {
      throw new LimitError(
        `${this.#name}: ${thousands(Math.ceil((8 * length) / 2 ** 20))} MiB of memory are needed for the first ` +
          `${counted(this.#geneLine.size, "gene")} of ${counted(this.#samples.length, "sample")}; ` +
          "split the file by genes",
        { cause },
      );
    }
  }

  #messages(): string[] {
    if (this.#empty === 0) return [];
    return [
      `${this.#name}: ${counted(this.#empty, "gene")} with start = end (a BED has start < end); ` +
        "start + 1 is taken as the first base",
    ];
  }
}

/** What becomes of a cell that says that its value is missing: an error, or NaN. */
export type Missing = "refuse" | "keep";

const MISSING = /^(nan|na|n\/a|null|none|\.|)$/i;

/** Whether a cell says that its value is missing. */
export function isMissing(text: string): boolean {
  return MISSING.test(text);
}

/** Bytes `from` to `to` as a number; NaN for a missing one that is kept. Throws {@link badValue} for anything else. */
export function cellValue(
  bytes: Uint8Array,
  from: number,
  to: number,
  missing: Missing,
  place: () => { where: string; gene: string; sample: string; text: string },
): number {
  const value = parseDecimalBytes(bytes, from, to);
  if (Number.isFinite(value)) return value;
  const { where, gene, sample, text } = place();
  if (missing === "keep" && isMissing(text)) return Number.NaN;
  throw badValue(where, gene, sample, text, missing);
}

/** How a cell of expression that is no finite number is said. */
export function badValue(
  where: string,
  gene: string,
  sample: string,
  text: string,
  missing: Missing = "refuse",
): InputError {
  const at = `gene ${gene}, sample ${sample}`;
  if (/^([+-]?(nan|inf|infinity)|na|n\/a|null|none|\.|)$/i.test(text)) {
    return new InputError(
      where,
      `${at}: ${text === "" ? "the cell is empty" : `${shown(text)} is not a finite number`}`,
      missing === "keep"
        ? "leave the cell empty or write NA if the value is missing; else take out the gene or the sample"
        : "Qortex does not impute expression: take out the gene or the sample, or fill it in",
    );
  }
  const infinite = Number.isNaN(parseDecimal(text)) ? "" : " that fits into 64 bits";
  return new InputError(
    where,
    `${at}: ${shown(text)} is not a number${infinite}`,
    "write plain decimal numbers, as 0.25 or 1e-3",
  );
}
