import { BackendError, LimitError, UsageError } from "../errors.ts";
import type { Columns, Epilogue, Factor, PermutedColumns, Windows } from "./backend.ts";

/** A row, or a column, of a product is numbered by 32 bits; a result's index must stay an exact integer. */
const COUNT_LIMIT = 0x7fffffff;

/** Shape of a product: what its factors have in common. */
export interface Shape {
  readonly rows: number;
  readonly columns: number;
  readonly cohorts: number;
  /** Pairs that meet. */
  readonly pairs: number;
}

/** Checks that factors and epilogue fit together. Throws {@link UsageError} with the numbers that do not. */
export function shapeOf(factors: readonly Factor[], epilogue: Epilogue): Shape {
  const [first] = factors;
  if (first === undefined) throw new UsageError("product: no cohorts were given; give at least one factor");
  const rows = first.rows.count;
  const columns = first.columns.count;
  factors.forEach((factor, c) => {
    checkFactor(factor, c, rows, columns, epilogue.kind !== "dense");
  });
  if (rows > COUNT_LIMIT || columns > COUNT_LIMIT) {
    throw new LimitError(`product: ${rows} rows x ${columns} columns; at most ${COUNT_LIMIT} of either`);
  }
  if (epilogue.kind === "candidates" && epilogue.threshold.length !== columns) {
    throw new UsageError(`product: ${epilogue.threshold.length} thresholds for ${columns} columns`);
  }
  const { windows } = epilogue;
  const pairs = windows === undefined ? rows * columns : pairsOf(windows, rows, columns);
  return { rows, columns, cohorts: factors.length, pairs };
}

/** Checks the shape of columns that are to be loaded. Throws {@link UsageError}. */
export function checkColumns({ count, samples, values }: Columns): void {
  if (values.length !== count * samples) {
    throw new UsageError(`load: ${values.length} values for ${count} columns of ${samples} samples`);
  }
}

/** The same of a recipe, whose orders are numbers of samples. */
export function checkPermuted({ genes, permutations, samples, values, order, basis }: PermutedColumns): void {
  if (
    values.length !== genes * samples ||
    order.length !== permutations * samples ||
    (basis !== undefined && basis.values.length !== basis.count * samples)
  ) {
    throw new UsageError(
      `load: ${values.length} values for ${genes} genes of ${samples} samples, ${order.length} places for ${permutations} permutations, ${basis?.values.length ?? 0} for ${basis?.count ?? 0} vectors`,
    );
  }
  for (const sample of order) {
    if (sample >= samples) throw new UsageError(`load: an order with sample ${sample} of ${samples}`);
  }
}

function checkFactor(
  { rows, columns, norm, weight }: Factor,
  c: number,
  count: number,
  width: number,
  needsNorm: boolean,
): void {
  const where = `product, cohort ${c + 1}`;
  if (rows.count !== count || columns.count !== width) {
    throw new UsageError(
      `${where}: ${rows.count} rows x ${columns.count} columns, but cohort 1 has ${count} x ${width}`,
    );
  }
  if (rows.samples !== columns.samples) {
    throw new UsageError(`${where}: rows of ${rows.samples} samples, columns of ${columns.samples}`);
  }
  if (needsNorm && norm.length !== count)
    throw new UsageError(`${where}: ${norm.length} norms for ${count} rows`);
  if (!Number.isFinite(weight)) throw new UsageError(`${where}: the weight is ${weight}; it must be finite`);
  if (rows.kind === "real") {
    if (rows.values.length < count * rows.samples) {
      throw new UsageError(`${where}: ${rows.values.length} values for ${count} rows of ${rows.samples}`);
    }
    return;
  }
  if (rows.stride !== Math.ceil(rows.samples / 4) || rows.packed.length < count * rows.stride) {
    throw new UsageError(
      `${where}: ${rows.packed.length} bytes of calls, ${rows.stride} a row, for ${count} rows of ${rows.samples} samples`,
    );
  }
  if (rows.fill.length !== count)
    throw new UsageError(`${where}: ${rows.fill.length} fills for ${count} rows`);
}

function pairsOf({ start, end }: Windows, rows: number, columns: number): number {
  if (start.length !== columns || end.length !== columns) {
    throw new UsageError(`product: ${start.length} and ${end.length} window ends for ${columns} columns`);
  }
  let pairs = 0;
  for (let j = 0; j < columns; j += 1) {
    if (start[j]! > end[j]! || end[j]! > rows) {
      throw new UsageError(`product: the window of column ${j} is ${start[j]} to ${end[j]} of ${rows} rows`);
    }
    pairs += end[j]! - start[j]!;
  }
  return pairs;
}

/** First row of column j's window, and the row after its last. */
export function windowOf(windows: Windows | undefined, column: number, rows: number): [number, number] {
  return windows === undefined ? [0, rows] : [windows.start[column]!, windows.end[column]!];
}

/** An f64 array of a result. Throws {@link LimitError} where the engine cannot make one so long. */
export function resultArray(length: number): Float64Array<ArrayBuffer> {
  try {
    return new Float64Array(length);
  } catch (cause) {
    throw new LimitError(`a result of ${length} numbers does not fit in memory; ask for fewer rows at once`, {
      cause,
    });
  }
}

/** What a product throws once its backend is gone. */
export function disposedError(): BackendError {
  return new BackendError("the backend was disposed of while, or before, a product was asked of it");
}
