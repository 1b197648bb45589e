import { readFileSync } from "node:fs";

/** Rows of test/data/`name`.tsv (made by scripts/tables) as text, without the header. */
export function referenceTable(name: string): string[][] {
  const text = readFileSync(new URL(`../../data/${name}.tsv`, import.meta.url), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.split("\t"));
}

/** A row's cell as a number; throws where there is none. */
export function numberAt(row: readonly string[], column: number): number {
  const value = Number(row[column] || Number.NaN);
  if (Number.isNaN(value)) throw new Error(`column ${column} of "${row.join(" ")}" is not a number`);
  return value;
}

/** |value - exact| / |exact|, or 0 where both are 0. */
export function relativeError(value: number, exact: number): number {
  return value === exact ? 0 : Math.abs(value - exact) / Math.abs(exact);
}

export interface Worst {
  readonly error: number;
  readonly at: string;
}

/** The row with the largest error (NaN counts as the largest), so that a failure names it. */
export function worst(rows: readonly string[][], error: (row: readonly string[]) => number): Worst {
  let largest: Worst = { error: -1, at: "no rows" };
  for (const row of rows) {
    const value = error(row);
    if (!(value <= largest.error)) largest = { error: value, at: row.join(" ") };
    if (Number.isNaN(value)) break;
  }
  return largest;
}
