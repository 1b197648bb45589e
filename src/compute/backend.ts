/**
 * The one narrow operation that everything here is made of: the product of many rows (variants, or
 * genes) with many columns (derived expression), of one or several cohorts, ended by an epilogue.
 */
import type { Gram, WholeRows } from "./gram.ts";

/**
 * What dosages have beside their calls: entries `offset[row]` to `offset[row + 1]` say that the row's value of
 * `sample` is its call plus `value`. No sample without a call, and none twice, has an entry.
 */
export interface SparseRemainders {
  readonly offset: Uint32Array;
  readonly sample: Uint32Array;
  readonly value: Float64Array;
}

/**
 * Rows of hard calls: 2-bit codes 0, 1, 2 and 3 = missing, laid out as a GenotypeBlock; codes past the last sample are 0.
 * With a remainder they are dosages.
 */
export interface CallRows {
  readonly kind: "calls";
  readonly count: number;
  readonly samples: number;
  readonly stride: number;
  readonly packed: Uint8Array;
  /** What stands in for a missing call, one number a row (the mean of the called ones). */
  readonly fill: Float64Array;
  /** Only for backends that say `takesRemainders`. */
  readonly remainder?: SparseRemainders | undefined;
}

/** Rows of numbers (dosages, expression), `values[row * samples + sample]`. */
export interface RealRows {
  readonly kind: "real";
  readonly count: number;
  readonly samples: number;
  readonly values: Float64Array;
}

export type Rows = CallRows | RealRows;

/** The right-hand side, `values[column * samples + sample]`. */
export interface Columns {
  readonly count: number;
  readonly samples: number;
  readonly values: Float64Array;
  /**
   * Every column sums to 0 and has norm 1 (or is all 0: never a candidate). Screens need this;
   * `dense` does not.
   */
  readonly standardised: boolean;
}

/**
 * Columns by recipe: column `gene * permutations + p` is the expression of `gene`, permuted, residualised on the constant and the
 * basis, and divided by its norm (`standardise` of the cohort, bit for bit); all 0 where next to nothing is left.
 */
export interface PermutedColumns {
  readonly genes: number;
  readonly permutations: number;
  readonly samples: number;
  /** `values[gene * samples + sample]`. */
  readonly values: Float64Array;
  /** `order[p * samples + sample]`: whose value the sample gets. */
  readonly order: Uint32Array;
  /**
   * `count` orthonormal vectors of sum 0, `values[vector * samples + sample]`. Without a basis `values` are residuals of norm 1
   * already, and are only permuted.
   */
  readonly basis?: { readonly count: number; readonly values: Float64Array } | undefined;
}

/** Columns that a backend has taken over (quantised, uploaded); release with `dispose`. */
export interface LoadedColumns {
  readonly count: number;
  readonly samples: number;
  dispose(): Promise<void>;
}

/**
 * One cohort's part of a product. The statistic of (row, column) is
 * `sum over cohorts of weight * dot(row, column) / norm[row]`: a correlation when `norm` is the norm
 * of the residual row and there is one cohort of weight 1. A row whose norm is 0 counts as 0.
 */
export interface Factor {
  readonly rows: Rows;
  readonly columns: LoadedColumns;
  readonly norm: Float64Array;
  readonly weight: number;
}

/** Column j meets only the rows `start[j]` to `end[j]` (exclusive): a cis window. */
export interface Windows {
  readonly start: Uint32Array;
  readonly end: Uint32Array;
}

/**
 * `candidates`: every pair whose |statistic| reaches `threshold[column]`, and a few more; none is missed.
 * `columnMax`: per column the largest |statistic| and its row, exact (f64).
 * `dense`: the f64 dot products themselves, in the canonical order of `exact.ts`; norms are not used.
 */
export type Epilogue =
  | { readonly kind: "candidates"; readonly threshold: Float64Array; readonly windows?: Windows }
  | { readonly kind: "columnMax"; readonly windows?: Windows }
  | { readonly kind: "dense"; readonly windows?: Windows };

export type BackendName = "reference" | "wasm" | "webgpu" | "webgl";

interface Result {
  /** How many pairs met. */
  readonly pairs: number;
  /** The backend that did the work, where it is not the one that was asked. */
  readonly by?: BackendName;
}

/** Pairs in order of row, then column. */
export interface Candidates extends Result {
  readonly kind: "candidates";
  readonly row: Uint32Array;
  readonly column: Uint32Array;
  /** The f64 dot products of the pairs (of one cohort), where the backend has formed them anyway. */
  readonly product?: Float64Array;
  /** How many pairs the screen let pass, where fewer are returned. */
  readonly passed?: number;
}

/** `row[j]` is the lowest row that attains `value[j]`, or -1 when column j met no row with a norm. */
export interface ColumnMax extends Result {
  readonly kind: "columnMax";
  readonly value: Float64Array;
  readonly row: Int32Array;
}

/**
 * One array a cohort. Without windows `values[c][column * rows + row]`; with windows column j's run
 * of `end[j] - start[j]` values follows column j - 1's.
 */
export interface Dense extends Result {
  readonly kind: "dense";
  readonly values: readonly Float64Array[];
}

export type ProductResult<E extends Epilogue> = E["kind"] extends "candidates"
  ? Candidates
  : E["kind"] extends "columnMax"
    ? ColumnMax
    : Dense;

export interface Backend {
  readonly name: BackendName;
  /** For the status line: `WebAssembly SIMD, 2 threads`. */
  readonly description: string;
  /** How many products may usefully be in flight at once. */
  readonly parallelism: number;
  /** Whether rows of calls may have a remainder; others want dosages as real rows. */
  readonly takesRemainders: boolean;
  load(columns: Columns): Promise<LoadedColumns>;
  /** Where a backend makes permuted columns itself: for `columnMax` of one cohort's calls (and dosages), and nothing else. */
  loadPermuted?(columns: PermutedColumns): Promise<LoadedColumns>;
  product<E extends Epilogue>(
    factors: readonly Factor[],
    epilogue: E,
    signal?: AbortSignal,
  ): Promise<ProductResult<E>>;
  /** Takes rows of whole numbers over, for their products with one another; `dispose` of the result releases them. */
  gram(rows: WholeRows, signal?: AbortSignal): Promise<Gram>;
  /** Takes the values of a `dense` product back, which nobody may read any more: the next one is formed in their memory. */
  giveBack?(values: Float64Array): void;
  dispose(): Promise<void>;
}
