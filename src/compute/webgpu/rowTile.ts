import { type CohortRows, type RowFactors, rowFactors } from "../screen/bound.ts";
import { emptyMeasures, measureCalls, quantiseReal } from "../screen/rows.ts";
import type { ScreenCohort, ScreenJob } from "./job.ts";
import type { Dispatch, Session } from "./session.ts";
import { STORAGE } from "./usage.ts";
import { dispatchGrid } from "./work.ts";

export type Take = (label: string, bytes: number, usage: number) => Promise<GPUBuffer>;

/** Rows `from` to `to` of a product on a device, as shaders/lib/screen.wgsl reads them. */
export interface RowTile {
  readonly from: number;
  readonly to: number;
  readonly integers: GPUBuffer;
  readonly factors: GPUBuffer;
  /** Word from which a cohort's rows start, one a cohort. */
  readonly offsets: readonly number[];
}

/** Puts rows `from` to `to` on the device: integers of all cohorts, and what bounds them. */
export async function loadRows(
  session: Session,
  take: Take,
  job: ScreenJob,
  from: number,
  to: number,
): Promise<RowTile> {
  const rows = to - from;
  const name = `rows ${from} to ${to}`;
  const total = job.cohorts.reduce((sum, { words }) => sum + words * rows, 0);
  const integers = await take(`${name}: integers`, 4 * total, STORAGE);
  const bounds: CohortRows[] = [];
  const offsets: number[] = [];
  const unpacking: Dispatch[] = [];
  let at = 0;
  for (const cohort of job.cohorts) {
    const { factor, words, columns } = cohort;
    const measures = emptyMeasures(rows);
    if (factor.rows.kind === "real") {
      const bytes = new Int8Array(4 * words * rows);
      quantiseReal(factor.rows, from, to, measures, bytes, 4 * words);
      session.write(integers, bytes, 4 * at);
    } else {
      const terms = new Int16Array(2 * rows);
      measureCalls(factor.rows, from, to, measures, terms);
      unpacking.push(await unpackCalls(session, take, cohort, terms, integers, at, from, to));
    }
    bounds.push({ measures, norm: factor.norm, weight: factor.weight, columns });
    offsets.push(at);
    at += words * rows;
  }
  const factors = await take(`${name}: factors`, 4 * rows * (1 + 2 * job.cohorts.length), STORAGE);
  session.write(factors, factorsOf(bounds, from, to, job.settings.boundScale));
  if (unpacking.length > 0) {
    await session.submit(`unpacking the calls of ${name}`, (encoder) => session.record(encoder, unpacking));
  }
  return { from, to, integers, factors, offsets };
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

async function unpackCalls(
  session: Session,
  take: Take,
  { factor: { rows }, words }: ScreenCohort,
  terms: Int16Array,
  integers: GPUBuffer,
  at: number,
  from: number,
  to: number,
): Promise<Dispatch> {
  if (rows.kind !== "calls") throw new Error("only calls are unpacked");
  const name = `calls of rows ${from} to ${to}`;
  // A byte of four calls makes a word of four integers, so a row has as many bytes as it gets words.
  const count = (to - from) * words;
  const packed = await take(name, Math.ceil(count / 4) * 4, STORAGE);
  session.write(packed, rows.packed.subarray(from * rows.stride, to * rows.stride));
  const termWords = await take(`terms of ${name}`, 4 * (to - from), STORAGE);
  session.write(termWords, terms);
  const params = await session.params(take, name, [count, words, at, 0]);
  const kernel = await session.guard(session.pipelines.get("unpack_calls"));
  const grid = dispatchGrid(Math.ceil(count / 256), session.device.limits.maxComputeWorkgroupsPerDimension);
  return { kernel, buffers: [params, packed, termWords, integers], grid };
}
