import { parquetMetadataAsync, parquetReadObjects, parquetSchema } from "hyparquet";
import { InputError } from "../errors.ts";
import type { ByteSource } from "./source.ts";

/** A small Parquet table in memory, column by column. */
export interface ReadTable {
  readonly rows: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly columns: Readonly<Record<string, readonly (string | number | null)[]>>;
}

/**
 * Reads a Parquet table (or the named columns of it) back into memory, for summaries, reports and
 * tests; not for large tables. Throws {@link InputError} when `source` is not a Parquet file or lacks a column.
 */
export async function readParquet(source: ByteSource, names?: readonly string[]): Promise<ReadTable> {
  const file = {
    byteLength: source.size,
    async slice(start: number, end = source.size): Promise<ArrayBuffer> {
      const bytes = await source.read(start, end);
      // A copy: the bytes may be a view of a larger buffer (slice of a Buffer is one too).
      return new Uint8Array(bytes).buffer;
    },
  };
  try {
    const metadata = await parquetMetadataAsync(file);
    // A column of lists has elements of its own below it.
    const all = parquetSchema(metadata).children.map(({ element }) => element.name);
    const lacking = names?.find((name) => !all.includes(name));
    if (lacking !== undefined) throw new InputError(source.name, `has no column ${lacking}`);
    const wanted = names === undefined ? all : [...names];
    const columns: Record<string, (string | number | null)[]> = {};
    for (const name of wanted) columns[name] = [];
    const records = await parquetReadObjects({ file, metadata, columns: wanted });
    for (const record of records) {
      for (const name of wanted) columns[name]?.push(record[name] ?? null);
    }
    const pairs = metadata.key_value_metadata ?? [];
    return {
      rows: records.length,
      metadata: Object.fromEntries(pairs.map(({ key, value }) => [key, value ?? ""])),
      columns,
    };
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(source.name, `cannot be read as Parquet (${String(error)})`, "", { cause: error });
  }
}
