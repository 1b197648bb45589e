import type { Candidates, ColumnMax, Dense, Epilogue, Rows } from "../backend.ts";
import type { Tile } from "../plan.ts";
import type { ScreenColumns } from "../screen/columns.ts";

/** What the engine holds of loaded columns: the parts that a product has needed so far. */
export interface HeldColumns {
  integers?: ScreenColumns | undefined;
  values?: Float64Array | undefined;
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
  readonly boundScale?: number | undefined;
}

/** A checked product as an engine runs it. */
export interface Job<C> {
  readonly factors: readonly JobFactor<C>[];
  readonly epilogue: Epilogue;
  readonly columns: number;
  readonly pairs: number;
}

export type JobResult = Candidates | ColumnMax | Dense;
