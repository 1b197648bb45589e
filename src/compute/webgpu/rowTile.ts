import { type CohortRows, type RowFactors, rowFactors } from "../screen/bound.ts";
import type { ScreenCohort, ScreenJob } from "../screen/job.ts";
import { emptyMeasures, measureCalls, quantiseReal, type RowMeasures } from "../screen/rows.ts";
import { type WebGpuColumns, wordsOf } from "./columns.ts";
import type { Take } from "./lease.ts";
import type { Session } from "./session.ts";
import { STORAGE } from "./usage.ts";

/** In place of where terms start: a cohort's rows are bytes (BYTES of shaders/lib/lines.wgsl). */
const NO_TERMS = 0xffffffff;

export type GpuJob = ScreenJob<WebGpuColumns>;

/** Where a cohort's rows start in `integers`, in words, and the terms of its calls. */
export interface RowPlace {
  readonly rows: number;
  readonly terms: number;
}

/** Rows `from` to `to` of a product on a device, as the shaders read them. */
export interface RowTile {
  readonly from: number;
  readonly to: number;
  /** Calls as they are, 2 bits each, with their terms; numbers as bytes (shaders/lib/lines.wgsl). */
  readonly integers: GPUBuffer;
  readonly factors: GPUBuffer;
  /** One a cohort. */
  readonly places: readonly RowPlace[];
}

/** Bytes that a row takes in `integers`, over all cohorts. */
export function bytesOfRow({ cohorts }: GpuJob): number {
  return cohorts.reduce((sum, { factor: { rows } }) => {
    return sum + (rows.kind === "calls" ? wordsOf(rows) + 4 : 4 * wordsOf(rows));
  }, 0);
}

/** Uploads rows `from` to `to`: integers of all cohorts, and what bounds them. */
export async function loadRows(
  session: Session,
  take: Take,
  job: GpuJob,
  from: number,
  to: number,
): Promise<RowTile> {
  const rows = to - from;
  const name = `rows ${from} to ${to}`;
  const places = placesOf(job, rows);
  const integers = await take(`${name}: integers`, 4 * places.words, STORAGE);
  const bounds = job.cohorts.map((cohort, c): CohortRows => {
    const { factor, columns } = cohort;
    const measures = emptyMeasures(rows);
    writeRows(session, integers, cohort, places.all[c]!, measures, from, to);
    return { measures, norm: factor.norm, weight: factor.weight, columns };
  });
  const factors = await take(`${name}: factors`, 4 * rows * (1 + 2 * job.cohorts.length), STORAGE);
  session.write(factors, factorsOf(bounds, from, to, job.boundScale));
  return { from, to, integers, factors, places: places.all };
}

function placesOf({ cohorts }: GpuJob, rows: number) {
  let words = 0;
  const all = cohorts.map(({ factor }): RowPlace => {
    const start = words;
    const perRow = wordsOf(factor.rows);
    words += factor.rows.kind === "calls" ? Math.ceil((rows * perRow) / 4) : rows * perRow;
    if (factor.rows.kind === "real") return { rows: start, terms: NO_TERMS };
    words += rows;
    return { rows: start, terms: words - rows };
  });
  return { all, words };
}

/** Uploads a cohort's rows and fills in their measures. */
function writeRows(
  session: Session,
  target: GPUBuffer,
  { factor: { rows } }: ScreenCohort,
  place: RowPlace,
  measures: RowMeasures,
  from: number,
  to: number,
): void {
  if (rows.kind === "real") {
    const width = 4 * wordsOf(rows);
    const bytes = new Int8Array(width * (to - from));
    quantiseReal(rows, from, to, measures, bytes, width);
    session.write(target, bytes, 4 * place.rows);
    return;
  }
  const terms = new Int16Array(2 * (to - from));
  measureCalls(rows, from, to, measures, terms);
  session.write(target, rows.packed.subarray(from * rows.stride, to * rows.stride), 4 * place.rows);
  session.write(target, terms, 4 * place.terms);
}

/** base [row], then per cohort scale [row] and spread [row]. */
function factorsOf(
  bounds: readonly CohortRows[],
  from: number,
  to: number,
  boundScale: number | undefined,
): Float32Array<ArrayBuffer> {
  const rows = to - from;
  const all = new Float32Array(rows * (1 + 2 * bounds.length));
  const line = (i: number) => all.subarray(i * rows, (i + 1) * rows);
  const out: RowFactors = {
    base: line(0),
    scale: bounds.map((_, c) => line(2 * c + 1)),
    spread: bounds.map((_, c) => line(2 * c + 2)),
  };
  rowFactors(bounds, from, to, out, boundScale);
  return all;
}
