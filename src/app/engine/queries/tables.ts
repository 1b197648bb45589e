import { type ColumnTable, openParquetColumns, type RowRange } from "../../../formats/parquetColumns.ts";
import type { ByteSource } from "../../../formats/source.ts";
import { log10 } from "../../../statistics/elementary.ts";

/** The tables of a result, each opened when it is first asked for. */
export class ResultTables {
  readonly #sources: ReadonlyMap<string, ByteSource>;
  readonly #opened = new Map<string, Promise<ColumnTable>>();

  constructor(sources: ReadonlyMap<string, ByteSource>) {
    this.#sources = sources;
  }

  /** Undefined where the result has no table of this name. Throws InputError for one that is no Parquet. */
  async open(name: string): Promise<ColumnTable | undefined> {
    const source = this.#sources.get(name);
    if (source === undefined) return undefined;
    const opened = this.#opened.get(name) ?? openParquetColumns(source);
    this.#opened.set(name, opened);
    return opened;
  }

  /** The first of `names` that is there. */
  async first(names: readonly string[]): Promise<ColumnTable | undefined> {
    const name = names.find((one) => this.#sources.has(one));
    return name === undefined ? undefined : this.open(name);
  }
}

export const allRows = ({ rows }: ColumnTable): RowRange => ({ start: 0, end: rows });

/** The first of `names` that the table has. */
export function columnOf({ columns }: ColumnTable, names: readonly string[]): string | undefined {
  return names.find((name) => columns.includes(name));
}

/** Cells of the first column of `names` that is there; empty without one. */
export async function textsOf(
  table: ColumnTable,
  names: readonly string[],
  rows: RowRange = allRows(table),
): Promise<string[]> {
  const column = columnOf(table, names);
  return column === undefined ? new Array<string>(rows.end - rows.start).fill("") : table.texts(column, rows);
}

/** The same of numbers; NaN without one. */
export async function numbersOf(
  table: ColumnTable,
  names: readonly string[],
  rows: RowRange = allRows(table),
): Promise<Float64Array> {
  const column = columnOf(table, names);
  return column === undefined
    ? new Float64Array(rows.end - rows.start).fill(Number.NaN)
    : table.numbers(column, rows);
}

/** Whole numbers; 0 where there is none. */
export async function integersOf(
  table: ColumnTable,
  names: readonly string[],
  rows: RowRange = allRows(table),
): Promise<Int32Array> {
  // What is no number becomes 0.
  return Int32Array.from(await numbersOf(table, names, rows));
}

/** What a test is called: in maps, and in maps of interactions (there, of the first context). */
export const LOG10_P = ["log10_p", "log10_p_gi", "log10_p_gi1"] as const;
export const P = ["pval_nominal", "pval_gi", "pval_gi1"] as const;
export const SLOPE = ["slope", "b_gi", "b_gi1"] as const;
export const SLOPE_SE = ["slope_se", "b_gi_se", "b_gi1_se"] as const;

/** log10 p of rows; of tables that have p alone its logarithm, exact until p underflows. */
export async function log10POf(table: ColumnTable, rows: RowRange = allRows(table)): Promise<Float64Array> {
  if (columnOf(table, LOG10_P) !== undefined) return numbersOf(table, LOG10_P, rows);
  return (await numbersOf(table, P, rows)).map((p) => log10(p));
}
