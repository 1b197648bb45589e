import type { CallRows, Candidates, Rows } from "../backend.ts";
import type { Job, JobFactor } from "./job.ts";

/** Bytes of rows that a worker is sent at once: what is longer would come in memory that is not used again (lentMemory.ts), new to the system page by page. */
export const PIECE_BYTES = 2 ** 24;
/** Rows of a piece at least: what a job does once is shared by as many. */
const LEAST_ROWS = 128;

/** A run of a job's rows, as a job. */
export interface Piece<C> {
  readonly from: number;
  readonly job: Job<C>;
}

/** The job in pieces of about `bytes` bytes of rows, in order; itself where it may not be cut or is no larger. */
export function piecesOf<C>(job: Job<C>, bytes: number): Piece<C>[] {
  const [factor] = job.factors;
  const { epilogue } = job;
  const whole = [{ from: 0, job }];
  if (epilogue.kind !== "candidates" || epilogue.windows !== undefined) return whole;
  if (factor === undefined || job.factors.length > 1) return whole;
  const { count } = factor.rows;
  const step = Math.max(LEAST_ROWS, Math.ceil(count / Math.max(1, Math.ceil(bytesOf(factor.rows) / bytes))));
  if (step >= count) return whole;
  const pieces: Piece<C>[] = [];
  for (let from = 0; from < count; from += step) {
    const to = Math.min(count, from + step);
    const own = { ...job, factors: [runOf(factor, from, to)], pairs: (to - from) * job.columns };
    pieces.push({ from, job: own });
  }
  return pieces;
}

/** What pieces found, as their whole job would have. */
export function joined(found: readonly Candidates[], pieces: readonly Piece<unknown>[]): Candidates {
  const row: number[] = [];
  const column: number[] = [];
  const product: number[] = [];
  let pairs = 0;
  let passed = 0;
  found.forEach((one, i) => {
    for (const at of one.row) row.push(at + pieces[i]!.from);
    for (const at of one.column) column.push(at);
    for (const value of one.product ?? []) product.push(value);
    pairs += one.pairs;
    passed += one.passed ?? one.row.length;
  });
  const formed = found.every((one) => one.product !== undefined);
  return {
    kind: "candidates",
    row: Uint32Array.from(row),
    column: Uint32Array.from(column),
    ...(formed ? { product: Float64Array.from(product) } : {}),
    pairs,
    passed,
  };
}

function bytesOf(rows: Rows): number {
  if (rows.kind === "real") return 8 * rows.samples * rows.count;
  const { remainder, count, stride } = rows;
  return (
    count * stride + (remainder === undefined ? 0 : 12 * (remainder.offset[count]! - remainder.offset[0]!))
  );
}

function runOf<C>(factor: JobFactor<C>, from: number, to: number): JobFactor<C> {
  const { rows, norm } = factor;
  return { ...factor, rows: rowsOf(rows, from, to), norm: norm.subarray(from, to) };
}

function rowsOf(rows: Rows, from: number, to: number): Rows {
  const count = to - from;
  if (rows.kind === "real") {
    return { ...rows, count, values: rows.values.subarray(from * rows.samples, to * rows.samples) };
  }
  const { packed, stride, fill, remainder } = rows;
  const own: CallRows = {
    ...rows,
    count,
    packed: packed.subarray(from * stride, to * stride),
    fill: fill.subarray(from, to),
  };
  if (remainder === undefined) return own;
  const first = remainder.offset[from]!;
  const last = remainder.offset[to]!;
  return {
    ...own,
    remainder: {
      offset: remainder.offset.subarray(from, to + 1).map((at) => at - first),
      sample: remainder.sample.subarray(first, last),
      value: remainder.value.subarray(first, last),
    },
  };
}
