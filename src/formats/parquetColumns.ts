import { type FileMetaData, type ParquetScan, parquetMetadataAsync, parquetScan } from "hyparquet";
import { InputError } from "../errors.ts";
import { WRITER } from "./parquetFooter.ts";
import type { ByteSource } from "./source.ts";

/** Rows `start` to `end` (exclusive) of a table. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/**
 * A Parquet table of any size, of which runs of rows are read column by column. Holds its footer and, of each column, the
 * row group that was read last. Reads throw InputError for a column that is not there or bytes that are no Parquet.
 */
export interface ColumnTable {
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly string[];
  /** Those of text; the others are numbers. */
  readonly textColumns: ReadonlySet<string>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Its row groups, in order. */
  readonly groups: readonly RowRange[];
  /** Cells as text, "" for null. */
  texts(column: string, rows: RowRange): Promise<string[]>;
  /** Cells as numbers, NaN for null. */
  numbers(column: string, rows: RowRange): Promise<Float64Array>;
  /** Least and greatest value of a column's row group, as its statistics have them; undefined where there are none. */
  span(column: string, group: number): readonly [least: string | number, most: string | number] | undefined;
}

/** Reads the footer alone. Throws {@link InputError} where `source` is no Parquet file. */
export async function openParquetColumns(source: ByteSource): Promise<ColumnTable> {
  const file = {
    byteLength: source.size,
    async slice(start: number, end = source.size): Promise<ArrayBuffer> {
      const bytes = await source.read(start, end);
      // A copy: the bytes may be a view of a larger buffer.
      return new Uint8Array(bytes).buffer;
    },
  };
  try {
    const metadata = await parquetMetadataAsync(file);
    return new ParquetColumns(source, metadata, await parquetScan({ file, metadata }));
  } catch (error) {
    throw unreadable(source, error);
  }
}

type Chunk = NonNullable<FileMetaData["row_groups"][number]["columns"][number]["meta_data"]>;

class ParquetColumns implements ColumnTable {
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly string[];
  readonly textColumns: ReadonlySet<string>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly groups: readonly RowRange[];
  readonly #source: ByteSource;
  readonly #scan: ParquetScan;
  readonly #chunks: readonly ReadonlyMap<string, Chunk>[];
  /** Whether each column chunk is one page: our own writer's are. */
  readonly #onePage: boolean;

  constructor(source: ByteSource, metadata: FileMetaData, scan: ParquetScan) {
    this.name = source.name;
    this.rows = Number(metadata.num_rows);
    this.#source = source;
    this.#scan = scan;
    this.#onePage = metadata.created_by === WRITER;
    this.groups = groupsOf(metadata);
    this.#chunks = metadata.row_groups.map(
      ({ columns }) =>
        new Map(
          columns.flatMap(({ meta_data: chunk }) =>
            chunk === undefined ? [] : [[chunk.path_in_schema[0]!, chunk] as const],
          ),
        ),
    );
    this.columns = metadata.schema.slice(1).map(({ name }) => name);
    const texts = metadata.schema.filter(({ type }) => type === "BYTE_ARRAY");
    this.textColumns = new Set(texts.map(({ name }) => name));
    const pairs = metadata.key_value_metadata ?? [];
    this.metadata = Object.fromEntries(pairs.map(({ key, value }) => [key, value ?? ""]));
  }

  async texts(column: string, rows: RowRange): Promise<string[]> {
    const out: string[] = [];
    await this.#each(column, rows, async (group, own) => {
      const cells = await this.#group(column, group);
      const first = this.groups[group]!.start;
      for (let i = own.start - first; i < own.end - first; i++) out.push(String(cells[i] ?? ""));
    });
    return out;
  }

  async numbers(column: string, rows: RowRange): Promise<Float64Array> {
    const out = new Float64Array(Math.max(0, rows.end - rows.start));
    await this.#each(column, rows, async (group, own) => {
      const into = out.subarray(own.start - rows.start, own.end - rows.start);
      if (await this.#plain(column, group, own, into)) return;
      const cells = await this.#group(column, group);
      const skipped = own.start - this.groups[group]!.start;
      for (let i = 0; i < into.length; i++) {
        const cell = cells[skipped + i];
        into[i] = cell === null || cell === undefined || cell === "" ? Number.NaN : Number(cell);
      }
    });
    return out;
  }

  span(column: string, group: number): readonly [string | number, string | number] | undefined {
    const statistics = this.#chunks[group]?.get(column)?.statistics;
    const least = statistics?.min_value;
    const most = statistics?.max_value;
    if ((typeof least === "number" || typeof least === "string") && typeof most === typeof least)
      return [least, most as typeof least];
    return undefined;
  }

  /** The parts of `rows` that lie in each row group. */
  async #each(
    column: string,
    rows: RowRange,
    visit: (group: number, rows: RowRange) => Promise<void>,
  ): Promise<void> {
    if (!this.columns.includes(column)) throw new InputError(this.name, `has no column ${column}`);
    for (const [number, group] of this.groups.entries()) {
      const start = Math.max(rows.start, group.start);
      const end = Math.min(rows.end, group.end);
      if (start < end) await visit(number, { start, end });
    }
  }

  /** All cells of a row group; the scan keeps those of each column's last one. */
  async #group(column: string, group: number): Promise<ArrayLike<unknown>> {
    const { start, end } = this.groups[group]!;
    try {
      return await this.#scan.readColumn({ column, rowStart: start, rowEnd: end });
    } catch (error) {
      throw unreadable(this.#source, error);
    }
  }

  /**
   * Doubles that lie in the file as they are, without a null among them: only the rows asked for are read, 8 bytes each. They are the
   * last bytes of a chunk of one page. False where the chunk is not of that kind.
   */
  async #plain(column: string, group: number, rows: RowRange, into: Float64Array): Promise<boolean> {
    const chunk = this.#chunks[group]!.get(column);
    if (!this.#onePage || chunk === undefined || chunk.type !== "DOUBLE") return false;
    if (chunk.codec !== "UNCOMPRESSED" || chunk.dictionary_page_offset !== undefined) return false;
    if (Number(chunk.statistics?.null_count ?? 1) !== 0) return false;
    const { end } = this.groups[group]!;
    const last = Number(chunk.data_page_offset) + Number(chunk.total_compressed_size);
    const bytes = await this.#source.read(last - 8 * (end - rows.start), last - 8 * (end - rows.end));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < into.length; i++) into[i] = view.getFloat64(8 * i, true);
    return true;
  }
}

function groupsOf(metadata: FileMetaData): RowRange[] {
  let end = 0;
  return metadata.row_groups.map(({ num_rows }) => {
    const start = end;
    end += Number(num_rows);
    return { start, end };
  });
}

function unreadable(source: ByteSource, cause: unknown): InputError {
  if (cause instanceof InputError) return cause;
  return new InputError(source.name, `cannot be read as Parquet (${String(cause)})`, "copy it again", {
    cause,
  });
}
