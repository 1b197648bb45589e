import type {
  Backend,
  Candidates,
  ColumnMax,
  Dense,
  Epilogue,
  Factor,
  Rows,
} from "../../../src/compute/backend.ts";
import { readRow } from "../../../src/compute/exact.ts";
import type { TestProduct } from "./cohorts.ts";

/** Whether two arrays of f64 are the same bit by bit. */
export function sameBits(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((v, i) => Object.is(v, b[i]));
}

/** Rows with a remainder as numbers. */
function written(rows: Rows): Rows {
  if (rows.kind === "real" || rows.remainder === undefined) return rows;
  const { count, samples } = rows;
  const values = new Float64Array(count * samples);
  for (let row = 0; row < count; row += 1) readRow(rows, row, values.subarray(row * samples));
  return { kind: "real", count, samples, values };
}

/** Loads a test product's columns, runs `body`, and releases them. */
export async function withFactors<T>(
  backend: Backend,
  product: TestProduct,
  body: (factors: Factor[]) => Promise<T>,
): Promise<T> {
  const factors: Factor[] = [];
  for (const factor of product.factors) {
    const rows = backend.takesRemainders ? factor.rows : written(factor.rows);
    factors.push({ ...factor, rows, columns: await backend.load(factor.columns) });
  }
  try {
    return await body(factors);
  } finally {
    for (const { columns } of factors) await columns.dispose();
  }
}

export interface Results {
  readonly candidates: Candidates;
  readonly columnMax: ColumnMax;
  readonly dense: Dense;
}

/** All three epilogues of a product, asked for at once. */
export function allOf(backend: Backend, product: TestProduct): Promise<Results> {
  const windows = product.windows === undefined ? {} : { windows: product.windows };
  return withFactors(backend, product, async (factors) => {
    const ask = <E extends Epilogue>(epilogue: E) => backend.product(factors, epilogue);
    const [candidates, columnMax, dense] = await Promise.all([
      ask({ kind: "candidates", threshold: product.threshold, ...windows }),
      ask({ kind: "columnMax", ...windows }),
      ask({ kind: "dense", ...windows }),
    ]);
    return { candidates, columnMax, dense };
  });
}

/** What is wrong with a backend's results, the reference's beside them; empty when nothing is. */
export function faults(product: TestProduct, results: Results, reference: Results): string[] {
  return [
    ...candidateFaults(product, results.candidates, reference.candidates),
    ...maximumFaults(results.columnMax, reference.columnMax),
    ...denseFaults(results.dense, reference.dense),
  ];
}

function candidateFaults(product: TestProduct, own: Candidates, reference: Candidates): string[] {
  const { rows, columns } = product.factors[0]!;
  const found: string[] = [];
  if (own.pairs !== reference.pairs) found.push(`${own.pairs} pairs screened, not ${reference.pairs}`);
  const key = (list: Candidates, i: number) => list.row[i]! * columns.count + list.column[i]!;
  const keys = Array.from(own.row, (_, i) => key(own, i));
  if (own.column.length !== keys.length) found.push("as many rows as columns are expected");
  if (keys.some((k, i) => i > 0 && k <= keys[i - 1]!)) found.push("candidates are out of order");
  const set = new Set(keys);
  for (let i = 0; i < reference.row.length; i += 1) {
    if (!set.has(key(reference, i)))
      found.push(`missed row ${reference.row[i]}, column ${reference.column[i]}`);
  }
  const inside = (row: number, column: number) =>
    row < rows.count &&
    column < columns.count &&
    (product.windows === undefined ||
      (row >= product.windows.start[column]! && row < product.windows.end[column]!));
  own.row.forEach((row, i) => {
    const column = own.column[i]!;
    if (!inside(row, column)) found.push(`row ${row} and column ${column} do not meet`);
    if (product.factors.every(({ norm }) => !(norm[row]! > 0))) found.push(`row ${row} has no norm`);
    const silent = product.factors.every(({ columns: { values, samples } }) =>
      values.subarray(column * samples, (column + 1) * samples).every((v) => v === 0),
    );
    if (silent) found.push(`column ${column} is all 0`);
  });
  return found;
}

function maximumFaults(own: ColumnMax, reference: ColumnMax): string[] {
  const found: string[] = [];
  if (own.pairs !== reference.pairs) found.push(`${own.pairs} pairs met, not ${reference.pairs}`);
  reference.value.forEach((value, j) => {
    if (!Object.is(own.value[j], value) || own.row[j] !== reference.row[j]) {
      found.push(
        `column ${j} has its maximum ${own.value[j]} at ${own.row[j]}, not ${value} at ${reference.row[j]}`,
      );
    }
  });
  return found;
}

function denseFaults(own: Dense, reference: Dense): string[] {
  const same =
    own.pairs === reference.pairs &&
    own.values.length === reference.values.length &&
    own.values.every((values, c) => sameBits(values, reference.values[c]!));
  return same ? [] : ["dense products differ"];
}
