import { join } from "node:path";
import { InputError } from "../errors.ts";
import { readNamedColumns } from "../formats/namedColumns.ts";
import { readParquet } from "../formats/parquetReader.ts";
import { fileSource } from "./files.ts";
import { inflateGzip } from "./inflate.ts";
import { readManifest } from "./manifest.ts";

/** What a table's file is called beside its name, the first that is there. */
const ENDINGS = [".parquet", ".tsv.gz"] as const;

/**
 * A table of arquero (https://idl.uw.edu/arquero), to filter, join and sum up: the verbs that results want most have their types here, so that
 * no program needs arquero's own declarations. The others are there too.
 */
export interface ResultTable {
  numRows(): number;
  columnNames(): string[];
  /** The value of a column in a row, from 0. */
  get(column: string, row?: number): unknown;
  array(column: string): ArrayLike<unknown>;
  /** An object a row. */
  objects(): object[];
  /** Writes its first rows to the console. */
  print(): unknown;
  select(...columns: unknown[]): ResultTable;
  filter(criterion: unknown): ResultTable;
  derive(values: object): ResultTable;
  orderby(...keys: unknown[]): ResultTable;
  groupby(...keys: unknown[]): ResultTable;
  rollup(values: object): ResultTable;
  count(): ResultTable;
  /** Rows of both with equal keys: a column's name, or `[["name here"], ["name there"]]`. */
  join(other: ResultTable, on?: unknown): ResultTable;
  join_left(other: ResultTable, on?: unknown): ResultTable;
}

/** What a result says of how it was made; `manifest.json` has more. */
export interface ResultManifest {
  readonly version: string;
  readonly command: readonly string[];
  readonly inputs: readonly { readonly role: string; readonly path: string; readonly sha256: string }[];
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
}

/** The folder that a command wrote. */
export interface Result {
  readonly manifest: ResultManifest;
  /** Names of its tables, without endings. */
  readonly tables: readonly string[];
  /**
   * A table, read into memory whole: of
   * `pairs` of a genome take columns. Numbers are numbers, what is missing is null. Text (`.tsv.gz`) does not say which is which: there names that are
   * all numbers, of chromosomes 1 to 22 say, are numbers too. Throws InputError for a table, or column, that is not there.
   */
  table(name: string, columns?: readonly string[]): Promise<ResultTable>;
}

/** Opens the result of a command. Throws {@link InputError} for a folder that holds none. */
export async function openResult(folder: string): Promise<Result> {
  const manifest = await readManifest(folder);
  if (manifest === undefined)
    throw new InputError(folder, "holds no finished result", "give the folder that a command wrote");
  const files = new Map<string, string>();
  for (const ending of ENDINGS) {
    for (const { name } of manifest.files) {
      const table = name.slice(0, -ending.length);
      if (name.endsWith(ending) && !files.has(table)) files.set(table, name);
    }
  }
  return {
    manifest,
    tables: [...files.keys()],
    async table(name, columns) {
      const file = files.get(name);
      if (file === undefined)
        throw new InputError(folder, `has no table ${name}`, `it has ${[...files.keys()].join(", ")}`);
      return readTable(join(folder, file), columns);
    },
  };
}

async function readTable(path: string, names: readonly string[] | undefined): Promise<ResultTable> {
  const { table } = await import("arquero");
  const source = await fileSource(path);
  try {
    if (path.endsWith(".parquet"))
      return table({ ...(await readParquet(source, names)).columns }) as unknown as ResultTable;
    const read = await readNamedColumns(source, inflateGzip);
    const columns = (names ?? read.titles).map((name) => {
      const cells = read.column([name]);
      if (cells === undefined) throw new InputError(path, `has no column ${name}`);
      return [name, valuesOf(cells)] as const;
    });
    return table(Object.fromEntries(columns)) as unknown as ResultTable;
  } finally {
    await source.close();
  }
}

/** As the program writes numbers; `Number` also takes what is a name: blanks, `0x1F`, `007`. */
const NUMBER = /^-?(?:(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?|Infinity)$/;

/** Cells of text as numbers where all that are there are numbers, as they stand else; null where there is none. */
function valuesOf(cells: readonly string[]): (string | number | null)[] {
  const isMissing = (cell: string) => cell === "" || cell === "NA";
  const numeric = cells.every((cell) => isMissing(cell) || NUMBER.test(cell));
  return cells.map((cell) => (isMissing(cell) ? null : numeric ? Number(cell) : cell));
}
