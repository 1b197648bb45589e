import { UsageError } from "../../errors.ts";
import type { CallRows, Dense, Rows, Windows } from "../backend.ts";
import { padded } from "../exact.ts";
import { carriersTile64, denseTile, type Tile } from "../plan.ts";
import { resultArray, windowOf } from "../product.ts";
import type { EngineSettings, HeldColumns, Job, JobFactor } from "./job.ts";
import type { Kernels, Regions } from "./kernels.ts";
import { type Products, SparseProducts, sparseLayout } from "./sparse.ts";

/** The f64 values of loaded columns. */
export function valuesOf({ values }: HeldColumns): Float64Array {
  if (values === undefined) throw new UsageError("product: the values of its columns are not loaded");
  return values;
}

function layoutOf(stride: number, samples: number, { rows, columns }: Tile, sparse: boolean) {
  const most = sparse ? Math.max(rows, carriersTile64(samples).rows) : rows;
  return {
    packed: ["u8", (most * stride) / 4],
    fills: ["f64", most],
    rows: ["f64", rows * stride],
    columns: ["f64", columns * stride],
    products: ["f64", rows * columns],
    ...sparseLayout(sparse ? samples : 0),
  } as const;
}

type Memory = Regions<ReturnType<typeof layoutOf>>;

/** Runs the `dense` epilogue, one row tile of one cohort a step. */
export function* dense(
  kernels: Kernels,
  job: Job<HeldColumns>,
  rows: number,
  windows: Windows | undefined,
  settings: EngineSettings,
): Generator<void, Dense> {
  const values: Float64Array[] = [];
  for (const [cohort, factor] of job.factors.entries()) {
    const room = job.room?.[cohort];
    const out = room === undefined ? resultArray(job.pairs) : new Float64Array(room, 0, job.pairs);
    values.push(yield* denseCohort(kernels, job, factor, rows, windows, settings, out));
  }
  return { kind: "dense", values, pairs: job.pairs };
}

function* denseCohort(
  kernels: Kernels,
  job: Job<HeldColumns>,
  factor: JobFactor<HeldColumns>,
  rows: number,
  windows: Windows | undefined,
  settings: EngineSettings,
  out: Float64Array,
): Generator<void, Float64Array> {
  const { samples } = factor.rows;
  const stride = padded(samples, 8);
  const tile = settings.denseTile ?? denseTile(samples);
  const calls = settings.products === "dot" ? undefined : callsOf(factor.rows);
  const memory = kernels.lay(layoutOf(stride, samples, tile, calls !== undefined));
  const values = valuesOf(factor.columns);
  const { columns } = job;
  const products = { values, columns, windows, rows, offset: offsetsOf(columns, windows, rows), out };
  const sparse = calls && new SparseProducts(kernels, memory, calls, products);
  const step = sparse?.rows ?? tile.rows;
  for (let from = 0; from < rows; from += step) {
    const to = Math.min(rows, from + step);
    if (sparse?.load(from, to)) sparse.multiply(from, to);
    else {
      for (let first = from; first < to; first += tile.rows) {
        const last = Math.min(to, first + tile.rows);
        multiplyTile(kernels, memory, tile, factor.rows, products, first, last);
      }
    }
    yield;
  }
  return out;
}

/** Rows that may be lists of carriers: calls without dosages beside them, of few enough samples. */
function callsOf(rows: Rows): CallRows | undefined {
  const listed =
    rows.kind === "calls" && rows.remainder === undefined && carriersTile64(rows.samples).rows > 0;
  return listed ? rows : undefined;
}

/** The products of rows `from` to `to`, written out as numbers, with the columns they meet. */
function multiplyTile(
  kernels: Kernels,
  memory: Memory,
  tile: Tile,
  factorRows: Rows,
  { values, columns, windows, rows, offset, out }: Products,
  from: number,
  to: number,
): void {
  const { samples } = factorRows;
  const stride = padded(samples, 8);
  loadRows(kernels, memory, factorRows, stride, from, to);
  let staged: number[] = [];
  const flush = () => {
    if (staged.length === 0) return;
    const width = Math.ceil(staged.length / 2) * 2;
    const height = Math.ceil((to - from) / 4) * 4;
    kernels.run.dotTileF64(
      memory.rows.at,
      memory.columns.at,
      height,
      width,
      stride * 8,
      memory.products.at,
      tile.rows * 8,
    );
    staged.forEach((j, at) => {
      const [start, end] = windowOf(windows, j, rows);
      const first = Math.max(start, from);
      const last = Math.min(end, to);
      const column = at * tile.rows - from;
      out.set(memory.products.view.subarray(column + first, column + last), offset[j]! + first - start);
    });
    staged = [];
  };
  for (let j = 0; j < columns; j += 1) {
    const [start, end] = windowOf(windows, j, rows);
    if (start >= to || end <= from) continue;
    memory.columns.view.set(values.subarray(j * samples, (j + 1) * samples), staged.length * stride);
    staged.push(j);
    if (staged.length === tile.columns) flush();
  }
  flush();
}

/** Where each column's run of values starts in the result. */
function offsetsOf(columns: number, windows: Windows | undefined, rows: number): Float64Array {
  const offset = new Float64Array(columns);
  let next = 0;
  for (let j = 0; j < columns; j += 1) {
    offset[j] = next;
    const [start, end] = windowOf(windows, j, rows);
    next += end - start;
  }
  return offset;
}

function loadRows(
  kernels: Kernels,
  memory: Memory,
  rows: Rows,
  stride: number,
  from: number,
  to: number,
): void {
  if (rows.kind === "calls") {
    const bytes = rows.stride;
    memory.packed.view.set(rows.packed.subarray(from * bytes, to * bytes));
    memory.fills.view.set(rows.fill.subarray(from, to));
    kernels.run.unpackDosages(
      memory.packed.at,
      bytes,
      to - from,
      memory.fills.at,
      memory.rows.at,
      stride * 8,
    );
    addRemainders(rows, from, to, memory.rows.view, stride);
    return;
  }
  const { samples, values } = rows;
  for (let row = from; row < to; row += 1) {
    memory.rows.view.set(values.subarray(row * samples, (row + 1) * samples), (row - from) * stride);
  }
}

function addRemainders(
  { remainder }: CallRows,
  from: number,
  to: number,
  out: Float64Array,
  stride: number,
): void {
  if (remainder === undefined) return;
  const { offset, sample, value } = remainder;
  for (let row = from; row < to; row += 1) {
    for (let i = offset[row]!; i < offset[row + 1]!; i += 1) {
      const at = (row - from) * stride + sample[i]!;
      out[at] = out[at]! + value[i]!;
    }
  }
}
