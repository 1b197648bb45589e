import { InputError } from "../errors.ts";
import type { ContainerArray } from "../formats/container.ts";
import type { PairBatch } from "./tables.ts";

/** Columns by name. */
export type PartTable = Readonly<Record<string, ContainerArray>>;

/** What a part counted. */
export interface PartCounts {
  readonly tests: number;
  readonly hits: number;
  readonly candidates: number;
  readonly pairsScreened: number;
  readonly variantsTested: number;
  /** Variants that every `ok` gene was tested with; the table `leads` says what differs gene by gene. */
  readonly everyGene: number;
  /** Pairs by the backend that did the work. */
  readonly pairsBy: Readonly<Record<string, number>>;
}

/**
 * One part of a map's plan, or a piece of it where it has very many pairs: all that the finished map needs to
 * know of it, so that parts can be kept, done again, shared among machines and merged. Pieces come in order.
 */
export interface MapPart {
  /** In the plan. */
  readonly number: number;
  readonly piece: number;
  /** Whether it is the last piece; the pieces before have pairs only. */
  readonly last: boolean;
  readonly batch: PairBatch;
  readonly counts: PartCounts;
  /**
   * What the part adds to the results of the whole map, by name: `leads`, `sample`, and what a job of its own
   * has (a row a gene, say). Tables of one name are put one below the other, in part order.
   */
  readonly tables: Readonly<Record<string, PartTable>>;
  /** Says that nobody will look at the columns of the batch again: their memory is used for parts to come. */
  release?(): void;
}

/** What a plan says of its parts before any is done. */
export interface PartPlan {
  /** Pairs of each part, about: what shards are balanced by. */
  readonly pairs: Float64Array;
}

/** Which parts of a plan are to be done: numbers, ascending. */
export type ChooseParts = (plan: PartPlan) => readonly number[] | Promise<readonly number[]>;

export const NO_COUNTS: PartCounts = {
  tests: 0,
  hits: 0,
  candidates: 0,
  pairsScreened: 0,
  variantsTested: 0,
  everyGene: 0,
  pairsBy: {},
};

/** A column of a table that has it. */
export function doublesOf(table: PartTable, name: string): Float64Array {
  const values = table[name];
  return values instanceof Float64Array ? values : without(name);
}

export function int32sOf(table: PartTable, name: string): Int32Array {
  const values = table[name];
  return values instanceof Int32Array ? values : without(name);
}

export function uint32sOf(table: PartTable, name: string): Uint32Array {
  const values = table[name];
  return values instanceof Uint32Array ? values : without(name);
}

export function stringsOf(table: PartTable, name: string): readonly string[] {
  const values = table[name];
  return Array.isArray(values) ? values : without(name);
}

function without(name: string): never {
  throw new InputError("a part", `has no column ${name} of the right kind`, "it is of another version");
}

/** Tables of one name, one below the other. */
export function appendTables(tables: readonly PartTable[]): PartTable {
  const [first = {}] = tables;
  return Object.fromEntries(
    Object.keys(first).map((name): [string, ContainerArray] => [name, appended(tables, name)]),
  );
}

function appended(tables: readonly PartTable[], name: string): ContainerArray {
  const first = tables[0]![name]!;
  if (first instanceof Float64Array)
    return joined(
      tables.map((t) => doublesOf(t, name)),
      Float64Array,
    );
  if (first instanceof Int32Array)
    return joined(
      tables.map((t) => int32sOf(t, name)),
      Int32Array,
    );
  if (first instanceof Uint32Array)
    return joined(
      tables.map((t) => uint32sOf(t, name)),
      Uint32Array,
    );
  return tables.flatMap((t) => stringsOf(t, name));
}

function joined<Values extends Float64Array | Int32Array | Uint32Array>(
  runs: readonly Values[],
  Kind: new (length: number) => Values,
): Values {
  const out = new Kind(runs.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const run of runs) {
    out.set(run, at);
    at += run.length;
  }
  return out;
}
