/** Tables in memory, column by column, from Parquet, TSV and space-separated files, gzipped or not. */
import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { pairKey } from "./collect.ts";

export interface Table {
  /** What failures call it: the path. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: number;
  /** A column as text; null in Parquet is "". Throws when there is no such column. */
  strings(column: string): readonly string[];
  /** A column as numbers; null in Parquet and an empty cell are NaN, another text throws. */
  numbers(column: string): Float64Array;
}

type Cell = string | number | null;

function tableOf(name: string, columns: readonly string[], cells: readonly (readonly Cell[])[]): Table {
  const at = new Map(columns.map((column, index) => [column, index]));
  const values = (column: string): readonly Cell[] => {
    const index = at.get(column);
    if (index === undefined) throw new Error(`${name} has no column ${column}, only ${columns.join(", ")}`);
    return cells[index] as readonly Cell[];
  };
  return {
    name,
    columns,
    rows: cells[0]?.length ?? 0,
    strings: (column) => values(column).map((cell) => (cell === null ? "" : String(cell))),
    numbers: (column) => Float64Array.from(values(column), (cell, row) => toNumber(cell, name, column, row)),
  };
}

function toNumber(cell: Cell, name: string, column: string, row: number): number {
  if (cell === null || cell === "" || cell === "NA") return Number.NaN;
  const value = Number(cell);
  if (Number.isNaN(value) && cell !== "NaN") {
    throw new Error(`${name}: row ${row} of ${column} is ${cell}, not a number`);
  }
  return value;
}

/** The text of a file, inflated when its name ends in .gz. */
export async function readText(path: string): Promise<string> {
  const bytes = await readFile(path);
  return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
}

/** A text table; `header` gives the names of the columns where the file itself has none. */
export async function readTextTable(path: string, header?: readonly string[]): Promise<Table> {
  const lines = (await readText(path)).split("\n").filter((line) => line !== "");
  const separator = lines[0]?.includes("\t") ? "\t" : " ";
  const columns = header ?? (lines.shift() ?? "").split(separator);
  const cells: string[][] = columns.map(() => []);
  for (const [index, line] of lines.entries()) {
    const fields = line.split(separator);
    if (fields.length !== columns.length) {
      throw new Error(`${path}: data row ${index} has ${fields.length} fields, ${columns.length} expected`);
    }
    for (const [column, field] of fields.entries()) cells[column]?.push(field);
  }
  return tableOf(path, columns, cells);
}

/** A Parquet file that Qortex wrote. */
export async function readParquetTable(path: string): Promise<Table> {
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
  const columns = Object.keys(rows[0] ?? {});
  return tableOf(
    path,
    columns,
    columns.map((column) => rows.map((row) => row[column] as Cell)),
  );
}

/** One table with the rows of all, which must have the same columns. */
export function concatenate(tables: readonly Table[]): Table {
  const first = tables[0];
  if (first === undefined) throw new Error("no tables to concatenate");
  const cells = first.columns.map((column) => tables.flatMap((table) => table.strings(column)));
  return tableOf(tables.map((table) => table.name).join(" + "), first.columns, cells);
}

/** The name of each row's pair. */
export function pairsOf(table: Table, variantColumn: string, geneColumn: string): string[] {
  const gene = table.strings(geneColumn);
  return table.strings(variantColumn).map((variant, i) => pairKey(variant, gene[i]!));
}
