import { InputError } from "../errors.ts";
import { readParquet } from "./parquetReader.ts";
import type { ByteSource, Inflate } from "./source.ts";
import { raggedRow, readRows } from "./text.ts";

/** A table whose columns are asked for by name; cells are text, empty where there is none. */
export interface NamedColumns {
  readonly name: string;
  readonly rows: number;
  /** Of its columns, in order, as the file has them. */
  readonly titles: readonly string[];
  /** Of a Parquet file. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** The first column that has one of `names`, whatever its case; undefined where none has. */
  column(names: readonly string[]): readonly string[] | undefined;
}

/**
 * A table with a header in the file's first line, tabs or white space between cells, plain or gzip; or Parquet.
 * Holds all of it. Throws {@link InputError} for ragged rows and files that are neither.
 */
export async function readNamedColumns(source: ByteSource, inflate: Inflate): Promise<NamedColumns> {
  const [header, columns, metadata] = (await isParquet(source))
    ? await parquetColumns(source)
    : await textColumns(source, inflate);
  const place = new Map(header.map((title, i) => [title.toLowerCase(), i]));
  return {
    name: source.name,
    rows: columns[0]?.length ?? 0,
    titles: header,
    metadata,
    column(names) {
      const known = names.find((name) => place.has(name.toLowerCase()));
      return known === undefined ? undefined : columns[place.get(known.toLowerCase())!];
    },
  };
}

async function isParquet(source: ByteSource): Promise<boolean> {
  const magic = await source.read(0, Math.min(4, source.size));
  return String.fromCharCode(...magic) === "PAR1";
}

type Read = [titles: string[], columns: string[][], metadata?: Readonly<Record<string, string>>];

async function parquetColumns(source: ByteSource): Promise<Read> {
  const { columns, metadata } = await readParquet(source);
  const entries = Object.entries(columns);
  const cells = entries.map(([, values]) => values.map((value) => (value === null ? "" : String(value))));
  return [entries.map(([title]) => title), cells, metadata];
}

async function textColumns(source: ByteSource, inflate: Inflate): Promise<Read> {
  const [header, ...rows] = await readRows(source, inflate);
  if (header === undefined || rows.length === 0)
    throw new InputError(source.name, "has no row below its header");
  const titles = header.cells.map((cell, i) => (i === 0 ? cell.replace(/^#/, "") : cell));
  const columns = titles.map((): string[] => []);
  for (const row of rows) {
    if (row.cells.length !== titles.length)
      throw raggedRow(source.name, row.line, row.cells.length, titles.length);
    row.cells.forEach((cell, c) => {
      columns[c]!.push(cell);
    });
  }
  return [titles, columns];
}
