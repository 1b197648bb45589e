import { InputError, LimitError } from "../errors.ts";
import { cellValue, type Missing } from "./expressionBed.ts";
import { type GeneAnnotation, matchGenes } from "./genePlaces.ts";
import type { ByteSource, Inflate } from "./source.ts";
import type { ExpressionTable } from "./tables.ts";
import { checkName } from "./text.ts";
import { eachMatrixRow, type MatrixRow } from "./textMatrix.ts";
import { atLine, counted, listed, thousands } from "./wording.ts";

/** A matrix of expression whose genes have no places yet. */
export interface ExpressionMatrix {
  readonly name: string;
  readonly samples: readonly string[];
  readonly id: readonly string[];
  /** `values[gene * samples + sample]`. */
  readonly values: Float64Array;
}

/**
 * Genes x samples: a header of sample ids, then a gene a row, its id in the first column (MatrixEQTL's
 * `GE.txt`). Memory: 8 bytes a cell (up to three times that while it grows).
 * Throws {@link InputError} for ragged rows, cells that are not finite numbers (nor missing, where these are kept), and genes
 * or samples that occur twice; {@link LimitError} when the table does not fit into memory.
 */
export async function readExpressionMatrix(
  source: ByteSource,
  inflate: Inflate,
  missing: Missing = "refuse",
): Promise<ExpressionMatrix> {
  const line = new Map<string, number>();
  let samples: readonly string[] = [];
  let values = new Float64Array(1 << 12);
  let filled = 0;
  const begin = (ids: readonly string[]): void => {
    samples = ids;
  };
  await eachMatrixRow(source, inflate, begin, (row) => {
    const gene = row.text(0);
    const where = atLine(source.name, row.line);
    checkName(gene, "gene", where);
    const before = line.get(gene);
    if (before !== undefined) {
      throw new InputError(where, `gene ${gene} is there already (line ${before})`, "keep one of them");
    }
    line.set(gene, row.line);
    if (filled + samples.length > values.length) {
      values = grown(values, filled + samples.length, source.name, line.size);
    }
    readValues(row, gene, { name: source.name, samples, missing }, values, filled);
    filled += samples.length;
  });
  return { name: source.name, samples, id: [...line.keys()], values: values.subarray(0, filled) };
}

function readValues(
  row: MatrixRow,
  gene: string,
  { name, samples, missing }: { name: string; samples: readonly string[]; missing: Missing },
  values: Float64Array,
  offset: number,
): void {
  const { bytes, bounds } = row;
  for (let s = 0; s < samples.length; s++) {
    const where = () => ({ where: atLine(name, row.line), gene, sample: samples[s]!, text: row.text(s + 1) });
    values[offset + s] = cellValue(bytes, bounds[2 * s + 2]!, bounds[2 * s + 3]!, missing, where);
  }
}

function grown(values: Float64Array, needed: number, name: string, genes: number): Float64Array<ArrayBuffer> {
  const length = Math.max(needed, 2 * values.length);
  try {
    const larger = new Float64Array(length);
    larger.set(values);
    return larger;
  } catch (cause) {
    throw new LimitError(
      `${name}: ${thousands(Math.ceil((8 * length) / 2 ** 20))} MiB of memory are needed for the first ` +
        `${counted(genes, "gene")}; split the file by genes`,
      { cause },
    );
  }
}

/**
 * The genes of a matrix at their places. Genes without one are left out, and said.
 * Throws {@link InputError} when none has a place.
 */
export function placeGenes(matrix: ExpressionMatrix, places: GeneAnnotation): ExpressionTable {
  const { row, messages } = matchGenes(matrix.id, places, matrix.name);
  const kept = Array.from(row.keys()).filter((gene) => row[gene]! >= 0);
  if (kept.length === 0 && matchGenes(matrix.samples, places, "").row.some((at) => at >= 0)) {
    throw new InputError(
      matrix.name,
      `is transposed: its header (${listed(matrix.samples)}) holds the genes of ${places.name}`,
      "turn it so that genes are rows and samples columns",
    );
  }
  if (kept.length === 0) {
    throw new InputError(
      matrix.name,
      `none of its ${counted(matrix.id.length, "gene")} (${listed(matrix.id)}) has a place in ${places.name} ` +
        `(${listed(places.row.keys())})`,
      "the gene ids of both files must agree",
    );
  }
  const width = matrix.samples.length;
  const gene = (at: number) => places.genes[row[at]!]!;
  let values = matrix.values;
  if (kept.length < matrix.id.length) {
    // Moved up in place: the matrix may be most of what memory holds, and nobody needs the rest.
    kept.forEach((from, to) => {
      values.copyWithin(to * width, from * width, (from + 1) * width);
    });
    values = values.subarray(0, kept.length * width);
  }
  const unused = places.genes.length - new Set(kept.map((at) => row[at]!)).size;
  return {
    name: matrix.name,
    messages: [
      ...places.messages,
      ...messages.map((text) => (text.includes(" not in ") ? `${text}: left out` : text)),
      ...(places.own && unused > 0
        ? [`${places.name}: ${counted(unused, "gene")} not in ${matrix.name}`]
        : []),
    ],
    samples: matrix.samples,
    id: kept.map((at) => matrix.id[at]!),
    chromosome: kept.map((at) => gene(at).chromosome),
    start: Int32Array.from(kept, (at) => gene(at).start),
    end: Int32Array.from(kept, (at) => gene(at).end),
    strand: kept.map((at) => gene(at).strand),
    symbol: kept.map((at) => gene(at).symbol),
    biotype: kept.map((at) => gene(at).biotype),
    values,
  };
}

/** Symbols and biotypes of an annotation for expression that has its places already. */
export function withSymbols(table: ExpressionTable, known: GeneAnnotation): ExpressionTable {
  const { row, messages } = matchGenes(table.id, known, table.name);
  const gene = (at: number) => known.genes[at];
  return {
    ...table,
    messages: [...(table.messages ?? []), ...known.messages, ...messages],
    symbol: Array.from(row, (at) => gene(at)?.symbol ?? ""),
    biotype: Array.from(row, (at) => gene(at)?.biotype ?? ""),
  };
}
