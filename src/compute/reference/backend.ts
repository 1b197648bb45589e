/** The judge: plain f64, one pair after the other. It shares nothing with the screens but `exact.ts`. */
import { UsageError } from "../../errors.ts";
import type {
  Backend,
  Candidates,
  ColumnMax,
  Columns,
  Dense,
  Epilogue,
  Factor,
  LoadedColumns,
  ProductResult,
  Windows,
} from "../backend.ts";
import { CANDIDATE, canonicalDot, type ExactFactor, ExactRow, readRow } from "../exact.ts";
import { checkRun, checkWhole, type Gram, type WholeRows } from "../gram.ts";
import { Breather } from "../pause.ts";
import { checkColumns, disposedError, resultArray, type Shape, shapeOf, windowOf } from "../product.ts";

class ReferenceColumns implements LoadedColumns {
  readonly count: number;
  readonly samples: number;
  readonly standardised: boolean;
  private held: Float64Array | undefined;

  constructor({ count, samples, values, standardised }: Columns) {
    this.count = count;
    this.samples = samples;
    this.standardised = standardised;
    this.held = values;
  }

  get values(): Float64Array {
    if (this.held === undefined) throw new UsageError("product: its columns were disposed of");
    return this.held;
  }

  async dispose(): Promise<void> {
    this.held = undefined;
  }
}

/** The reference backend. Keeps the values of loaded columns as they are, without a copy. */
export function createReferenceBackend(): Backend {
  let disposed = false;
  return {
    name: "reference",
    description: "plain f64 reference, 1 thread",
    parallelism: 1,
    takesRemainders: true,
    async load(columns) {
      checkColumns(columns);
      return new ReferenceColumns(columns);
    },
    async product<E extends Epilogue>(factors: readonly Factor[], epilogue: E, signal?: AbortSignal) {
      if (disposed) throw disposedError();
      const shape = shapeOf(factors, epilogue);
      const exact = factors.map((factor) => exactFactor(factor, epilogue.kind !== "dense"));
      const result = await run(exact, epilogue, shape, new Breather(signal));
      return result as ProductResult<E>;
    },
    async gram(rows) {
      checkWhole(rows);
      return referenceGram(rows);
    },
    async dispose() {
      disposed = true;
    },
  };
}

function exactFactor({ rows, columns, norm, weight }: Factor, screened: boolean): ExactFactor {
  if (!(columns instanceof ReferenceColumns)) throw new UsageError("product: columns of another backend");
  if (screened && !columns.standardised) throw new UsageError("product: this needs standardised columns");
  return { rows, values: columns.values, norm, weight };
}

function run(factors: readonly ExactFactor[], epilogue: Epilogue, shape: Shape, breather: Breather) {
  switch (epilogue.kind) {
    case "candidates":
      return candidates(factors, epilogue.threshold, epilogue.windows, shape, breather);
    case "columnMax":
      return columnMax(factors, epilogue.windows, shape, breather);
    case "dense":
      return dense(factors, epilogue.windows, shape, breather);
  }
}

async function candidates(
  factors: readonly ExactFactor[],
  threshold: Float64Array,
  windows: Windows | undefined,
  { rows, columns, pairs }: Shape,
  breather: Breather,
): Promise<Candidates> {
  const exact = new ExactRow(factors);
  const row: number[] = [];
  const column: number[] = [];
  const silent = silentColumns(factors, columns);
  for (let i = 0; i < rows; i += 1) {
    await breather.pause();
    if (!exact.read(i)) continue;
    for (let j = 0; j < columns; j += 1) {
      const [start, end] = windowOf(windows, j, rows);
      if (i < start || i >= end || silent[j] === 1) continue;
      if (Math.abs(exact.statistic(j)) >= threshold[j]! * CANDIDATE) {
        row.push(i);
        column.push(j);
      }
    }
  }
  return { kind: "candidates", row: Uint32Array.from(row), column: Uint32Array.from(column), pairs };
}

/** 1 for each column that is all 0 in every cohort: it has no statistic, whatever the threshold. */
function silentColumns(factors: readonly ExactFactor[], columns: number): Uint8Array {
  const silent = new Uint8Array(columns).fill(1);
  for (const { rows, values } of factors) {
    for (let j = 0; j < columns; j += 1) {
      const from = j * rows.samples;
      if (values.subarray(from, from + rows.samples).some((v) => v !== 0)) silent[j] = 0;
    }
  }
  return silent;
}

async function columnMax(
  factors: readonly ExactFactor[],
  windows: Windows | undefined,
  { rows, columns, pairs }: Shape,
  breather: Breather,
): Promise<ColumnMax> {
  const exact = new ExactRow(factors);
  const value = resultArray(columns);
  const row = new Int32Array(columns).fill(-1);
  for (let i = 0; i < rows; i += 1) {
    await breather.pause();
    if (!exact.read(i)) continue;
    for (let j = 0; j < columns; j += 1) {
      const [start, end] = windowOf(windows, j, rows);
      if (i < start || i >= end) continue;
      const size = Math.abs(exact.statistic(j));
      if (row[j] === -1 || size > value[j]!) {
        value[j] = size;
        row[j] = i;
      }
    }
  }
  return { kind: "columnMax", value, row, pairs };
}

async function dense(
  factors: readonly ExactFactor[],
  windows: Windows | undefined,
  { rows, columns, pairs }: Shape,
  breather: Breather,
): Promise<Dense> {
  const values: Float64Array[] = [];
  for (const factor of factors) {
    const { samples } = factor.rows;
    const out = resultArray(pairs);
    const row = new Float64Array(samples);
    for (let i = 0; i < rows; i += 1) {
      await breather.pause();
      readRow(factor.rows, i, row);
      let offset = 0;
      for (let j = 0; j < columns; j += 1) {
        const [start, end] = windowOf(windows, j, rows);
        if (i >= start && i < end)
          out[offset + i - start] = canonicalDot(row, 0, factor.values, j * samples, samples);
        offset += end - start;
      }
    }
    values.push(out);
  }
  return { kind: "dense", values, pairs };
}

function referenceGram(rows: WholeRows): Gram {
  return {
    async products(from, to, signal) {
      checkRun(rows, from, to);
      const breather = new Breather(signal);
      const width = to - from;
      const own = Array.from({ length: width }, (_, i) => wholeRow(rows, from + i));
      const out = resultArray(width * to);
      for (let j = 0; j < to; j += 1) {
        const other = wholeRow(rows, j);
        for (const [i, row] of own.entries()) {
          let sum = 0;
          for (let u = 0; u < row.length; u += 1) sum += row[u]! * other[u]!;
          out[j * width + i] = sum;
        }
        await breather.pause();
      }
      return out;
    },
    async dispose() {},
  };
}

function wholeRow({ length, row }: WholeRows, i: number): Int16Array {
  const values = new Int16Array(length);
  row(i, values);
  return values;
}
