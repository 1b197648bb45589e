import { InputError } from "../errors.ts";
import type { ByteSource, Inflate } from "./source.ts";
import type { CovariateTable } from "./tables.ts";
import { checkName, type Row, raggedRow, readRows } from "./text.ts";
import { atLine, listed } from "./wording.ts";

export { type MissingCovariates, type NumericCovariates, numericCovariates } from "./covariateNumbers.ts";

/** A table with a header, not yet turned: which way it lies is for its reader to find out. */
interface Grid {
  /** Names of the columns after the first. */
  readonly header: readonly string[];
  /** The first cell of the header; empty in a header without it. */
  readonly corner: string;
  readonly cornerless: boolean;
  readonly headerLine: number;
  readonly rows: readonly Row[];
}

/**
 * Covariates as text cells, from a table separated by tabs or white space that lies either way: rows =
 * covariates and columns = samples (tensorQTL, FastQTL, QTLtools, MatrixEQTL), or rows = samples (PLINK's
 * `#IID C1 C2 ...` or `#FID IID C1 ...`, R). It lies as `samples`, the ids that expression and genotype
 * files know, say. A header without its first cell (as R writes it) is taken too.
 * Throws {@link InputError} for ragged rows, names that occur twice, a table without a header and one that holds none of `samples`.
 */
export async function readCovariates(
  source: ByteSource,
  inflate: Inflate,
  samples: ReadonlySet<string>,
): Promise<CovariateTable> {
  const grid = checkedGrid(source.name, await readRows(source, inflate));
  if (samples.has(grid.corner) && !grid.cornerless) {
    throw new InputError(
      atLine(source.name, grid.headerLine),
      `begins with a sample (${grid.corner}): the table has no header`,
      "add a first line with the names of the covariates",
    );
  }
  const idColumn = plinkIdColumn(grid);
  const ids = grid.rows.map((row) => row.cells[idColumn]!);
  const inHeader = grid.header.filter((name) => samples.has(name)).length;
  const inColumn = ids.filter((name) => samples.has(name)).length;
  if (inHeader === 0 && inColumn === 0) {
    throw new InputError(
      source.name,
      `no sample of the expression or genotypes (${listed(samples)}) in its header (${listed(grid.header)}) ` +
        `or its first column (${listed(ids)})`,
      "one of the two must hold sample ids",
    );
  }
  return inHeader >= inColumn
    ? samplesAcross(source.name, grid)
    : samplesDown(source.name, grid, idColumn, ids);
}

function checkedGrid(name: string, rows: readonly Row[]): Grid {
  const [first, ...rest] = rows;
  if (first === undefined || rest.length === 0) {
    throw new InputError(name, "holds no covariates (only a header)", "leave it out, or give it rows");
  }
  const cornerless = rest.every((row) => row.cells.length === first.cells.length + 1);
  const width = first.cells.length + (cornerless ? 1 : 0);
  for (const row of rest) {
    if (row.cells.length !== width) throw raggedRow(name, row.line, row.cells.length, width);
  }
  return {
    header: cornerless ? first.cells : first.cells.slice(1),
    cornerless,
    corner: cornerless ? "" : first.cells[0]!,
    headerLine: first.line,
    rows: rest,
  };
}

/** The column that holds sample ids where these go down: the second after a family id, else the first. */
function plinkIdColumn(grid: Grid): number {
  const family = /^#?FID$/i.test(grid.corner) && /^IID$/i.test(grid.header[0] ?? "");
  return family ? 1 : 0;
}

function samplesAcross(name: string, grid: Grid): CovariateTable {
  const covariates = grid.rows.map((row) => row.cells[0]!);
  checkNames(name, grid.header, "sample", (i) => columnOf(grid, i));
  checkNames(name, covariates, "covariate", (i) => `line ${grid.rows[i]!.line}`);
  return { name, samples: grid.header, covariates, cells: grid.rows.map((row) => row.cells.slice(1)) };
}

function samplesDown(name: string, grid: Grid, idColumn: number, ids: readonly string[]): CovariateTable {
  const covariates = grid.header.slice(idColumn);
  if (covariates.length === 0) {
    throw new InputError(
      atLine(name, grid.headerLine),
      "no covariates: the table has only sample ids",
      "leave it out, or give it columns",
    );
  }
  checkNames(name, ids, "sample", (i) => `line ${grid.rows[i]!.line}`);
  checkNames(name, covariates, "covariate", (i) => columnOf(grid, idColumn + i));
  const cells = covariates.map((_, c) => grid.rows.map((row) => row.cells[idColumn + 1 + c]!));
  return { name, samples: ids, covariates, cells };
}

/** Where name `i` of the header stands, whose first cell may be missing. */
function columnOf(grid: Grid, i: number): string {
  return `line ${grid.headerLine} column ${i + (grid.cornerless ? 1 : 2)}`;
}

/** Throws {@link InputError} for a name that is empty or occurs twice; `place` says where it stands. */
export function checkNames(
  table: string,
  names: readonly string[],
  what: string,
  place: (index: number) => string,
): void {
  const first = new Map<string, number>();
  for (const [i, name] of names.entries()) {
    checkName(name, what, `${table}, ${place(i)}`);
    const before = first.get(name);
    if (before !== undefined) {
      throw new InputError(
        `${table}, ${place(i)}`,
        `${what} ${name} is there already (${place(before)})`,
        "keep one of them",
      );
    }
    first.set(name, i);
  }
}
