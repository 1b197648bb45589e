import type { Candidates, ColumnMax, Dense, Epilogue, PermutedColumns, Rows } from "../backend.ts";
import type { CarrierTile, Tile } from "../plan.ts";
import type { ScreenColumns } from "../screen/columns.ts";
import type { Group, Panels } from "../screen/panels.ts";
import type { WholeGroups } from "./wholeRows.ts";

/** What the engine holds of loaded columns: the parts that a product has needed so far. */
export interface HeldColumns {
  /** In fours, see `interleaveFour`. */
  integers?: ScreenColumns | undefined;
  panels?: Panels | undefined;
  values?: Float64Array | undefined;
  /** Of columns that are made where they are screened: their recipe, and nothing else. */
  permuted?: PermutedColumns | undefined;
  /** Of rows of whole numbers: themselves, and nothing else. */
  whole?: WholeGroups | undefined;
}

export interface JobFactor<C> {
  readonly rows: Rows;
  /** The columns themselves, or on their way to a worker the number they are known by there. */
  readonly columns: C;
  readonly norm: Float64Array;
  readonly weight: number;
}

/** Settings that change nothing in a result, but for `boundScale` (see `rowFactors`), which tests spoil. */
export interface EngineSettings {
  /** The integer kernel's tile: rows a multiple of 2, columns of 4, `found` at least the columns. */
  readonly tile?: Tile | undefined;
  /** The f64 kernel's: rows a multiple of 4, columns of 2. */
  readonly denseTile?: Tile | undefined;
  /** How f64 products of calls are formed: by default over the carriers where these are few. */
  readonly products?: "dot" | undefined;
  readonly carrierTile?: CarrierTile | undefined;
  /** The screen's kernel, where the job leaves a choice; how many rows it adds at once, and samples of a stretch (a multiple of 32). */
  readonly kernel?: ScreenKernel | undefined;
  readonly group?: Group | undefined;
  readonly stretch?: number | undefined;
  /** Bytes of rows that a worker is sent at once, about: see pieces.ts. */
  readonly pieceBytes?: number | undefined;
  readonly boundScale?: number | undefined;
}

/**
 * What screens: the sums of an allele's carriers (calls of one cohort), or products of int16 integers (anything).
 */
export type ScreenKernel = "carriers" | "dot";

/** A checked product as an engine runs it. */
export interface Job<C> {
  readonly kind?: "product";
  /** Which integers of its columns a screen reads. */
  readonly kernel: ScreenKernel;
  readonly factors: readonly JobFactor<C>[];
  readonly epilogue: Epilogue;
  readonly columns: number;
  readonly pairs: number;
  /** Memory for the values of each factor's dense product; without it the engine makes its own. */
  readonly room?: readonly ArrayBuffer[] | undefined;
}

/** Products of rows `from` to `to` with all rows before `to`, as a Gram has them. */
export interface GramJob<C> {
  readonly kind: "gram";
  readonly rows: C;
  readonly from: number;
  readonly to: number;
}

export interface GramResult {
  readonly kind: "gram";
  readonly values: Float64Array;
}

export type JobResult = Candidates | ColumnMax | Dense | GramResult;
