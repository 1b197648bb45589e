import { throwIfAborted } from "../../errors.ts";
import { Breather } from "../pause.ts";
import { windowOf } from "../product.ts";
import { type RowFactors, rowFactors } from "../screen/bound.ts";
import type { ScreenCohort, ScreenJob } from "../screen/job.ts";
import { emptyMeasures, measureCalls, quantiseReal } from "../screen/rows.ts";
import { type Dots, SAMPLES_A_RUN } from "./dots.ts";

/** Rows of a tile at most, and columns: with the samples of a run a texture of 2048 x 2048 holds it, which WebGL 2 has. */
const SIDE = 1024;
/** Milliseconds that a run may keep the GPU. */
const FAST = 25;
const SLOW = 100;
const LEAST_WORK = 2 ** 16;
const MOST_WORK = 2 ** 32;

/** Multiply-adds of one run; it follows what the last ones took. */
export interface Pace {
  work: number;
}

/** Rows `from` to `to`: per cohort their integers `[row][sample]`, and what bounds them. */
interface RowTile {
  readonly from: number;
  readonly to: number;
  readonly integers: readonly Float32Array[];
  readonly factors: RowFactors;
}

/** Sums over the cohorts where a row tile meets columns `from` to `to`, `[row * columns + column]`. */
export interface TileSums {
  readonly rowFrom: number;
  readonly rows: number;
  readonly columnFrom: number;
  readonly columns: number;
  /** |estimate|, and how far off it may be; a bound below 0 marks a row without a norm. */
  readonly estimate: Float64Array;
  readonly bound: Float64Array;
}

/** All tiles of a job: row tiles in order, in each the column tiles in order. */
export async function* screenTiles(
  job: ScreenJob,
  dots: Dots,
  pace: Pace,
  signal: AbortSignal | undefined,
): AsyncGenerator<TileSums> {
  const breather = new Breather(signal);
  const longest = Math.min(
    SAMPLES_A_RUN,
    Math.max(1, ...job.cohorts.map(({ integers }) => integers.samples)),
  );
  for (let from = 0; from < job.rows; ) {
    const side = Math.min(SIDE, Math.max(1, Math.floor(Math.sqrt(pace.work / longest))));
    const to = Math.min(job.rows, from + side);
    const rows = loadRows(job, from, to);
    for (let column = 0; column < job.columns; ) {
      const width = Math.floor(pace.work / (longest * (to - from)));
      const end = Math.min(job.columns, column + Math.min(SIDE, Math.max(1, width)));
      throwIfAborted(signal);
      yield await sumsOf(job, dots, pace, rows, column, end);
      await breather.pause();
      column = end;
    }
    from = to;
  }
}

function loadRows(job: ScreenJob, from: number, to: number): RowTile {
  const rows = to - from;
  const integers: Float32Array[] = [];
  const bounds = job.cohorts.map(({ factor, columns }) => {
    const measures = emptyMeasures(rows);
    const { samples } = factor.rows;
    if (factor.rows.kind === "real") {
      const whole = new Int16Array(rows * samples);
      quantiseReal(factor.rows, from, to, measures, whole, samples);
      integers.push(new Float32Array(whole));
    } else {
      const terms = new Int16Array(2 * rows);
      measureCalls(factor.rows, from, to, measures, terms);
      integers.push(callIntegers(factor.rows, from, to, terms));
    }
    return { measures, norm: factor.norm, weight: factor.weight, columns };
  });
  const line = () => new Float32Array(rows);
  const factors: RowFactors = { base: line(), scale: bounds.map(line), spread: bounds.map(line) };
  rowFactors(bounds, from, to, factors, job.boundScale);
  return { from, to, integers, factors };
}

type CallRows = Extract<ScreenCohort["factor"]["rows"], { kind: "calls" }>;

/** `terms[2 * row]` times the call, `terms[2 * row + 1]` where it is missing. */
function callIntegers(
  { samples, packed, stride }: CallRows,
  from: number,
  to: number,
  terms: Int16Array,
): Float32Array {
  const out = new Float32Array((to - from) * samples);
  for (let row = from; row < to; row += 1) {
    const at = row - from;
    const values = [0, terms[2 * at]!, 2 * terms[2 * at]!, terms[2 * at + 1]!];
    for (let s = 0; s < samples; s += 1) {
      const code = (packed[row * stride + (s >> 2)]! >> (2 * (s & 3))) & 3;
      out[at * samples + s] = values[code]!;
    }
  }
  return out;
}

/** One tile, in f64: no less exact than the f32 that bound.ts allows for. */
async function sumsOf(
  job: ScreenJob,
  dots: Dots,
  pace: Pace,
  tile: RowTile,
  from: number,
  to: number,
): Promise<TileSums> {
  const rows = tile.to - tile.from;
  const columns = to - from;
  const estimate = new Float64Array(rows * columns);
  const bound = new Float64Array(rows * columns);
  const { base, scale, spread } = tile.factors;
  for (let at = 0; at < bound.length; at += 1) bound[at] = base[Math.floor(at / columns)]!;
  for (const [c, cohort] of job.cohorts.entries()) {
    const products = await integerDots(cohort, dots, pace, tile.integers[c]!, rows, from, to);
    const { scale: columnScale, remainder } = cohort.columns;
    for (let row = 0, at = 0; row < rows; row += 1) {
      for (let j = from; j < to; j += 1, at += 1) {
        estimate[at] = estimate[at]! + scale[c]![row]! * columnScale[j]! * products[at]!;
        bound[at] = bound[at]! + spread[c]![row]! * remainder[j]!;
      }
    }
  }
  for (let at = 0; at < estimate.length; at += 1) estimate[at] = Math.abs(estimate[at]!);
  return { rowFrom: tile.from, rows, columnFrom: from, columns, estimate, bound };
}

/** k.q of all pairs of a tile, exact: runs of samples and digits are put together in f64. */
async function integerDots(
  { integers }: ScreenCohort,
  dots: Dots,
  pace: Pace,
  rowIntegers: Float32Array,
  rows: number,
  from: number,
  to: number,
): Promise<Float64Array> {
  const { samples, stride, digits } = integers;
  const columns = to - from;
  const sums = new Float64Array(rows * columns);
  for (let start = 0; start < samples; start += SAMPLES_A_RUN) {
    const length = Math.min(SAMPLES_A_RUN, samples - start);
    const left = samples === length ? rowIntegers : new Float32Array(rows * length);
    for (let row = 0; left !== rowIntegers && row < rows; row += 1) {
      const at = row * samples + start;
      left.set(rowIntegers.subarray(at, at + length), row * length);
    }
    for (let digit = 0; digit < digits; digit += 1) {
      const right = new Float32Array(columns * length);
      for (let j = 0, at = 0; j < columns; j += 1) {
        const line = (from + j) * stride + start;
        for (let i = 0; i < length; i += 1, at += 1)
          right[at] = digitOf(integers.integers[line + i]!, digits, digit);
      }
      addRun(
        sums,
        await timed(dots, pace, left, right, length),
        digits === 2 && digit === 0 ? 256 : 1,
        columns,
      );
    }
  }
  return sums;
}

/** q = 256 high + low, low from -128 to 127, and |high| <= 127 since |q| <= 32,639. */
function digitOf(q: number, digits: number, digit: number): number {
  if (digits === 1) return q;
  const high = (q + 128) >> 8;
  return digit === 0 ? high : q - 256 * high;
}

function addRun(sums: Float64Array, run: readonly Float32Array[], factor: number, columns: number): void {
  run.forEach((line, row) => {
    for (let j = 0; j < columns; j += 1) {
      const at = row * columns + j;
      sums[at] = sums[at]! + factor * line[j]!;
    }
  });
}

async function timed(
  dots: Dots,
  pace: Pace,
  rows: Float32Array,
  columns: Float32Array,
  samples: number,
): Promise<readonly Float32Array[]> {
  const { lines, milliseconds } = await dots.run(rows, columns, samples);
  const work = (rows.length / samples) * columns.length;
  // A tile at the job's edge says nothing of larger ones.
  if (milliseconds < FAST && work > pace.work / 2) pace.work = Math.min(MOST_WORK, 2 * pace.work);
  if (milliseconds > SLOW) pace.work = Math.max(LEAST_WORK, pace.work / 2);
  return lines;
}

/** The part of a tile's rows, by offset, that column j of the job meets. */
export function meetingRows(job: ScreenJob, column: number, { rowFrom, rows }: TileSums): [number, number] {
  const [start, end] = windowOf(job.windows, column, job.rows);
  return [Math.max(0, start - rowFrom), Math.min(rows, end - rowFrom)];
}
