import type { FileMetaData } from "hyparquet";
import { InputError } from "../errors.ts";
import { badValue, isMissing, type Missing } from "./expressionBed.ts";
import type { ExpressionMatrix } from "./expressionText.ts";
import type { ByteSource } from "./source.ts";
import type { ExpressionTable } from "./tables.ts";
import { checkName } from "./text.ts";
import { counted, listed, shown } from "./wording.ts";

/** Names of the columns that are no samples. pandas keeps a nameless index as `__index_level_0__`. */
const ID = /^(#?(phenotype|gene|transcript)_?id|pid|id|gene|phenotype|__index_level_0__)$/i;
const CHROMOSOME = /^#?chr(om|omosome)?$/i;
const STRANDS: readonly string[] = ["+", "-", "."];
const MAGIC = "PAR1";
/** Columns decoded at once. */
const COLUMNS = 64;
const LAST_POSITION = 2_147_483_647;

type Cells = ArrayLike<unknown>;

/** Whether a file starts as Parquet does. */
export async function isParquet(source: ByteSource): Promise<boolean> {
  if (source.size < 12) return false;
  return String.fromCharCode(...(await source.read(0, 4))) === MAGIC;
}

/**
 * Expression in Parquet: a column of gene ids (`phenotype_id`, `gene_id`, ..., or pandas' index), a column a
 * sample, and perhaps those of a BED (`chr`, `start` 0-based, `end`, `strand`): a table with places then, a matrix
 * without. Any compression that Parquet knows.
 * Throws {@link InputError} for other files, cells that are not finite numbers (nor missing, where these are kept), and
 * genes that occur twice.
 */
export async function readExpressionParquet(
  source: ByteSource,
  missing: Missing = "refuse",
): Promise<ExpressionTable | ExpressionMatrix> {
  try {
    return await new ParquetExpression(source, missing).read();
  } catch (error) {
    if (error instanceof InputError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new InputError(source.name, `cannot be read as Parquet (${why})`, "write it again", {
      cause: error,
    });
  }
}

/** Whether a matrix has its places already. */
export function hasPlaces(read: ExpressionTable | ExpressionMatrix): read is ExpressionTable {
  return "chromosome" in read;
}

class ParquetExpression {
  readonly #source: ByteSource;

  readonly #missing: Missing;

  constructor(source: ByteSource, missing: Missing) {
    this.#source = source;
    this.#missing = missing;
  }

  async read(): Promise<ExpressionTable | ExpressionMatrix> {
    const { name } = this.#source;
    // Loaded on demand, as the decompressors below: most expression is text.
    const { parquetMetadataAsync } = await import("hyparquet");
    const metadata = await parquetMetadataAsync(this.#file());
    const columns = metadata.schema.slice(1).map((element) => element.name);
    const idColumn = columns.find((column) => ID.test(column));
    if (idColumn === undefined) {
      throw new InputError(
        name,
        `no column of gene ids among ${listed(columns, 6)}`,
        "call it phenotype_id or gene_id",
      );
    }
    const chromosome = columns.find((column) => CHROMOSOME.test(column));
    const [start, end, strand] = ["start", "end", "strand"].map((wanted) =>
      columns.find((column) => column.toLowerCase() === wanted),
    );
    const placed = chromosome !== undefined && start !== undefined && end !== undefined;
    const leading = new Set([idColumn, ...(placed ? [chromosome, start, end] : []), strand]);
    const samples = columns.filter((column) => !leading.has(column));
    if (samples.length === 0) throw new InputError(name, "no samples: every column is one of the genes' own");
    for (const sample of samples) checkName(sample, "sample", name);
    const id = texts(await this.#column(metadata, idColumn));
    this.#checkGenes(id);
    const values = await this.#values(metadata, samples, id);
    if (!placed) return { name, samples, id, values };
    const positions = async (column: string): Promise<Int32Array> =>
      this.#positions(await this.#column(metadata, column), column, id);
    const starts = await positions(start);
    const ends = await positions(end);
    const wrong = id.findIndex((_, gene) => ends[gene]! < starts[gene]!);
    if (wrong >= 0) {
      throw new InputError(
        name,
        `gene ${id[wrong]}: end ${ends[wrong]} lies before start ${starts[wrong]}`,
        "a BED has start < end on both strands",
      );
    }
    return {
      ...{ name, samples, id, values },
      chromosome: texts(await this.#column(metadata, chromosome)),
      start: starts,
      end: ends,
      strand:
        strand === undefined
          ? id.map(() => ".")
          : texts(await this.#column(metadata, strand)).map((text) => (STRANDS.includes(text) ? text : ".")),
    };
  }

  async #values(
    metadata: FileMetaData,
    samples: readonly string[],
    id: readonly string[],
  ): Promise<Float64Array> {
    const values = new Float64Array(id.length * samples.length);
    const place = new Map(samples.map((sample, s) => [sample, s]));
    for (let from = 0; from < samples.length; from += COLUMNS) {
      await this.#read(metadata, samples.slice(from, from + COLUMNS), (column, cells, row) => {
        const s = place.get(column)!;
        for (let i = 0; i < cells.length; i++) {
          const cell = cells[i];
          const value = typeof cell === "bigint" ? Number(cell) : cell;
          if (typeof value !== "number" || !Number.isFinite(value)) {
            const text = cell === null || cell === undefined ? "NA" : String(cell);
            if (this.#missing === "keep" && isMissing(text)) {
              values[(row + i) * samples.length + s] = Number.NaN;
              continue;
            }
            throw badValue(this.#source.name, id[row + i]!, column, text, this.#missing);
          }
          values[(row + i) * samples.length + s] = value;
        }
      });
    }
    return values;
  }

  async #column(metadata: FileMetaData, column: string): Promise<unknown[]> {
    const all: unknown[] = [];
    await this.#read(metadata, [column], (_, cells, row) => {
      for (let i = 0; i < cells.length; i++) all[row + i] = cells[i];
    });
    return all;
  }

  async #read(
    metadata: FileMetaData,
    columns: string[],
    take: (column: string, cells: Cells, row: number) => void,
  ): Promise<void> {
    // Loaded on demand: most of it is the decompressors, which Parquet files here rarely need.
    const { compressors } = await import("hyparquet-compressors");
    const { parquetRead } = await import("hyparquet");
    let failure: unknown;
    let cells = 0;
    await parquetRead({
      ...{ file: this.#file(), metadata, columns, compressors },
      // What is thrown in here nobody catches.
      onChunk: ({ columnName, columnData, rowStart }) => {
        if (failure !== undefined) return;
        cells += columnData.length;
        try {
          take(columnName, columnData, rowStart);
        } catch (error) {
          failure = error;
        }
      },
    });
    if (failure !== undefined) throw failure;
    if (cells !== Number(metadata.num_rows) * columns.length) {
      throw new Error(`${cells} cells in ${columns.length} columns of ${metadata.num_rows} rows`);
    }
  }

  #file(): { byteLength: number; slice(start: number, end?: number): Promise<ArrayBuffer> } {
    const source = this.#source;
    return {
      byteLength: source.size,
      // A copy: the bytes may be a view of a larger buffer.
      slice: async (start, end = source.size) => new Uint8Array(await source.read(start, end)).buffer,
    };
  }

  #checkGenes(id: readonly string[]): void {
    const { name } = this.#source;
    if (id.length === 0) throw new InputError(name, "holds no genes", "give it a row a gene");
    const seen = new Set<string>();
    for (const gene of id) {
      checkName(gene, "gene", name);
      if (seen.has(gene)) throw new InputError(name, `gene ${gene} is there twice`, "keep one of them");
      seen.add(gene);
    }
  }

  #positions(cells: readonly unknown[], column: string, id: readonly string[]): Int32Array {
    return Int32Array.from(cells, (cell, gene) => {
      const value = Number(cell);
      if (cell !== null && Number.isInteger(value) && value >= 0 && value <= LAST_POSITION) return value;
      throw new InputError(
        this.#source.name,
        `gene ${id[gene]}: ${column} ${shown(String(cell))} is not an integer from 0 to ${LAST_POSITION}`,
        `${counted(cells.length, "row")} need a place in base pairs`,
      );
    });
  }
}

function texts(cells: readonly unknown[]): string[] {
  return cells.map((cell) => (cell === null || cell === undefined ? "" : String(cell)));
}
