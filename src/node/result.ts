import { join } from "node:path";
import type { ColumnTable } from "arquero";
import { InputError } from "../errors.ts";
import { readNamedColumns } from "../formats/namedColumns.ts";
import { readParquet } from "../formats/parquetReader.ts";
import { fileSource } from "./files.ts";
import { inflateGzip } from "./inflate.ts";
import { type Manifest, readManifest } from "./manifest.ts";

/** What a table's file is called beside its name, the first that is there. */
const ENDINGS = [".parquet", ".tsv.gz"] as const;

/** The folder that a command wrote. */
export interface Result {
  /** Command, options, inputs with their hashes, counts, files. */
  readonly manifest: Manifest;
  /** Names of its tables, without endings. */
  readonly tables: readonly string[];
  /**
   * A table as arquero has it, to filter, join and sum up (https://idl.uw.edu/arquero). It is read into memory whole: of
   * `pairs` of a genome take columns. Numbers are numbers, what is missing is null. Text (`.tsv.gz`) does not say which is which: there names that are
   * all numbers, of chromosomes 1 to 22 say, are numbers too. Throws InputError for a table, or column, that is not there.
   */
  table(name: string, columns?: readonly string[]): Promise<ColumnTable>;
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

async function readTable(path: string, names: readonly string[] | undefined): Promise<ColumnTable> {
  const { table } = await import("arquero");
  const source = await fileSource(path);
  try {
    if (path.endsWith(".parquet")) return table({ ...(await readParquet(source, names)).columns });
    const read = await readNamedColumns(source, inflateGzip);
    const columns = (names ?? read.titles).map((name) => {
      const cells = read.column([name]);
      if (cells === undefined) throw new InputError(path, `has no column ${name}`);
      return [name, valuesOf(cells)] as const;
    });
    return table(Object.fromEntries(columns));
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
