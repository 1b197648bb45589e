import { InputError } from "../errors.ts";
import { parseDecimal } from "./numbers.ts";
import type { CovariateTable } from "./tables.ts";
import { counted, listed, shown } from "./wording.ts";

/** Covariates as numbers: `values[covariate * samples + sample]`. */
export interface NumericCovariates {
  readonly names: readonly string[];
  readonly values: Float64Array;
  /** How each category was coded and what was filled in, one line each. */
  readonly messages: readonly string[];
  /** Covariates left out because too many of their cells are missing; only where these are filled in. */
  readonly dropped: readonly { readonly name: string; readonly why: string }[];
}

/** What becomes of a missing cell: an error, or the mean of the covariate's (of a category, of each indicator's) others. */
export type MissingCovariates = "refuse" | "mean";

/** A covariate with more than this share of its cells missing is left out rather than filled in. */
const MOST_MISSING = 0.1;

/** A column of which more than this share are numbers is meant to be one, so a word in it is a mistake. */
const NUMBERS_MEANT = 0.9;
const MISSING = /^(|na|n\/a|\.|null|[+-]?nan)$/i;
const INFINITE = /^[+-]?inf(inity)?$/i;

/**
 * The covariates of the table's samples `sampleIndex`, in that order, as numbers. A covariate whose cells are all numbers is taken
 * as it is. Any other is a category: one column of 0 and 1 a level, named `batch=B`, but for the reference
 * level, which is the first in alphabetical (code unit) order. A category of one level comes back as one
 * column of 1, so that it can be reported as constant.
 * Missing cells are an error, or with `missing` "mean" filled in (see {@link MissingCovariates}) and counted in `messages`.
 * Throws {@link InputError} for missing (unless filled in) and infinite cells, a word among numbers, and a category in which
 * no two samples share a level (an id, not a covariate).
 */
export function numericCovariates(
  table: CovariateTable,
  sampleIndex: Uint32Array,
  missing: MissingCovariates = "refuse",
): NumericCovariates {
  const order = Array.from(sampleIndex);
  const samples = order.map((i) => {
    const sample = table.samples[i];
    if (sample === undefined)
      throw new RangeError(`sample ${i} asked of ${table.samples.length} (${table.name})`);
    return sample;
  });
  const names: string[] = [];
  const columns: Float64Array[] = [];
  const messages: string[] = [];
  const dropped: { name: string; why: string }[] = [];
  for (const [c, name] of table.covariates.entries()) {
    const cells = order.map((i) => table.cells[c]![i]!);
    const known = missing === "mean" ? knownCells(cells) : undefined;
    const absent = cells.length - (known?.length ?? cells.length);
    if (absent > MOST_MISSING * cells.length) {
      dropped.push({ name, why: `missing for ${absent} of ${cells.length} samples` });
      continue;
    }
    const at = (all: readonly string[]) => known?.map((i) => all[i]!) ?? all;
    const coded = codeCells(table.name, name, at(cells), at(samples));
    names.push(...coded.names);
    columns.push(...coded.columns.map((column) => filledIn(column, known, cells.length)));
    if (coded.message !== undefined) messages.push(`${table.name}: ${coded.message}`);
    if (absent > 0) messages.push(filledText(table.name, name, absent));
  }
  checkUnique(table.name, names);
  const values = new Float64Array(columns.length * samples.length);
  for (const [c, column] of columns.entries()) values.set(column, c * samples.length);
  return { names, values, messages, dropped };
}

/** The numbers of the cells that hold something, or undefined where all do. */
function knownCells(cells: readonly string[]): number[] | undefined {
  const known = Array.from(cells.keys()).filter((i) => !MISSING.test(cells[i]!));
  return known.length === cells.length ? undefined : known;
}

/** `column` of the `known` samples as one of all `samples`, the others at its mean. */
function filledIn(column: Float64Array, known: readonly number[] | undefined, samples: number): Float64Array {
  if (known === undefined) return column;
  const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
  const all = new Float64Array(samples).fill(mean);
  known.forEach((sample, i) => {
    all[sample] = column[i]!;
  });
  return all;
}

function filledText(table: string, name: string, absent: number): string {
  return `${table}: covariate ${name} is missing for ${counted(absent, "sample")}, counted as the mean of the others`;
}

/** One covariate as it is, or as the indicators of a category. */
function codeCells(
  table: string,
  name: string,
  cells: readonly string[],
  samples: readonly string[],
): { names: readonly string[]; columns: readonly Float64Array[]; message?: string } {
  const where = `${table}, covariate ${name}`;
  checkCells(where, cells, samples);
  const numbers = Float64Array.from(cells, parseDecimal);
  const words = numbers.reduce((count, value) => count + (Number.isNaN(value) ? 1 : 0), 0);
  if (words === 0) return { names: [name], columns: [checkedNumbers(where, numbers, cells, samples)] };
  checkCategory(where, cells, samples, words);
  return dummies(name, cells);
}

function checkCells(where: string, cells: readonly string[], samples: readonly string[]): void {
  for (const [i, cell] of cells.entries()) {
    if (MISSING.test(cell)) {
      throw new InputError(
        where,
        `${cell === "" ? "an empty cell" : shown(cell)} (missing) for sample ${samples[i]}`,
        "fill it in, take the sample out with --remove, or take the covariate out of the file",
      );
    }
    if (INFINITE.test(cell)) throw notFinite(where, cell, samples[i]!);
  }
}

function checkedNumbers(
  where: string,
  numbers: Float64Array,
  cells: readonly string[],
  samples: readonly string[],
): Float64Array {
  const bad = numbers.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw notFinite(where, cells[bad]!, samples[bad]!);
  return numbers;
}

function notFinite(where: string, cell: string, sample: string): InputError {
  return new InputError(
    where,
    `${shown(cell)} for sample ${sample} is not a finite number`,
    "correct it, take the sample out with --remove, or take the covariate out of the file",
  );
}

function checkCategory(
  where: string,
  cells: readonly string[],
  samples: readonly string[],
  words: number,
): void {
  const numbers = cells.length - words;
  if (numbers > NUMBERS_MEANT * cells.length) {
    const odd = cells.findIndex((cell) => Number.isNaN(parseDecimal(cell)));
    throw new InputError(
      where,
      `${shown(cells[odd]!)} for sample ${samples[odd]} is not a number, but ${numbers} of ${cells.length} cells are`,
      "correct it, or write words in all cells if it is a category",
    );
  }
  if (cells.length > 1 && new Set(cells).size === cells.length) {
    throw new InputError(
      where,
      `each of the ${cells.length} samples has a value of its own (${listed(cells)}): an id, not a category`,
      "take it out of the file",
    );
  }
}

function dummies(
  name: string,
  cells: readonly string[],
): { names: string[]; columns: Float64Array[]; message: string } {
  const levels = [...new Set(cells)].sort();
  const [reference, ...others] = levels;
  const coded = levels.length === 1 ? levels : others;
  const count = (level: string): number => cells.filter((cell) => cell === level).length;
  const counts = levels.map((level) => `${level} ${count(level)}`);
  return {
    names: coded.map((level) => `${name}=${level}`),
    columns: coded.map((level) => Float64Array.from(cells, (cell) => (cell === level ? 1 : 0))),
    message:
      `covariate ${name} is a category of ${counted(levels.length, "level")} (samples: ${listed(counts, 8)})` +
      (levels.length === 1
        ? ""
        : `; reference ${reference}, dummies ${listed(
            coded.map((l) => `${name}=${l}`),
            8,
          )}`),
  };
}

function checkUnique(table: string, names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) {
      throw new InputError(
        table,
        `${name} names a covariate and a level of a category`,
        "rename one of them",
      );
    }
    seen.add(name);
  }
}
