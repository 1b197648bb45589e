import { type DosageRows, joinRemainders } from "./dosageRows.ts";
import type { Survey } from "./survey.ts";

/** Variants surveyed at once: windows overlap, so surveys are shared by neighbouring parts. */
const BLOCK = 2048;

/** Surveys by block of the source, made when first asked for and dropped when the parts have passed them. */
export class SurveyCache<Made extends Survey = Survey> {
  readonly #variants: number;
  readonly #make: (start: number, end: number) => Promise<Made>;
  readonly #blocks = new Map<number, Promise<Made>>();

  /** `make` surveys variants `start` to `end` (exclusive) of the source's `variants`. */
  constructor(variants: number, make: (start: number, end: number) => Promise<Made>) {
    this.#variants = variants;
    this.#make = make;
  }

  /** The surveys of the blocks that cover variants `start` to `end` (exclusive), in order. */
  range(start: number, end: number): Promise<Made[]> {
    const surveys: Promise<Made>[] = [];
    for (let block = Math.floor(start / BLOCK); block * BLOCK < end; block++) surveys.push(this.#get(block));
    return Promise.all(surveys);
  }

  /** Forgets the blocks that end at or before variant `start`. */
  forgetBefore(start: number): void {
    for (const block of this.#blocks.keys()) if ((block + 1) * BLOCK <= start) this.#blocks.delete(block);
  }

  #get(block: number): Promise<Made> {
    const known = this.#blocks.get(block);
    if (known !== undefined) return known;
    const made = this.#make(block * BLOCK, Math.min(this.#variants, (block + 1) * BLOCK));
    made.catch(() => {});
    this.#blocks.set(block, made);
    return made;
  }
}

/** Tested variants of several surveys as one. */
export type JoinedSurveys = Pick<Survey, "index" | "norms" | "norm" | "af" | "maSamples" | "maCount"> & {
  readonly rows: DosageRows & { readonly packed: Uint8Array<ArrayBuffer> };
};

/**
 * The tested variants of several neighbouring surveys whose index lies in `start` to `end` (exclusive), as one; the calls in memory
 * that `take` gives.
 */
export function joinSurveys(
  surveys: readonly Survey[],
  start: number,
  end: number,
  take: (bytes: number) => ArrayBuffer = (bytes) => new ArrayBuffer(bytes),
): JoinedSurveys {
  const runs = surveys.map((part) => {
    const from = part.index.findIndex((index) => index >= start);
    let to = part.index.length;
    while (to > 0 && part.index[to - 1]! >= end) to--;
    return { part, from: from < 0 ? part.index.length : Math.min(from, to), to };
  });
  const count = runs.reduce((sum, { from, to }) => sum + Math.max(0, to - from), 0);
  const model = surveys[0]!.rows;
  const norms = surveys[0]!.norms.map(() => new Float64Array(count));
  const index = new Uint32Array(count);
  const af = new Float64Array(count);
  const maSamples = new Int32Array(count);
  const maCount = new Int32Array(count);
  const bytes = count * model.stride;
  const packed = new Uint8Array(take(bytes), 0, bytes);
  const fill = new Float64Array(count);
  let at = 0;
  for (const { part, from, to } of runs) {
    if (to <= from) continue;
    index.set(part.index.subarray(from, to), at);
    for (const [group, norm] of norms.entries()) norm.set(part.norms[group]!.subarray(from, to), at);
    af.set(part.af.subarray(from, to), at);
    maSamples.set(part.maSamples.subarray(from, to), at);
    maCount.set(part.maCount.subarray(from, to), at);
    packed.set(part.rows.packed.subarray(from * model.stride, to * model.stride), at * model.stride);
    fill.set(part.rows.fill.subarray(from, to), at);
    at += to - from;
  }
  const remainder = joinRemainders(
    runs.filter(({ from, to }) => to > from).map(({ part, from, to }) => ({ rows: part.rows, from, to })),
    count,
  );
  const { kind, samples, stride } = model;
  // Field by field: objects that are spread get a shape of their own each time the engine learns more of them, and what reads them is compiled again.
  const rows = { kind, count, samples, stride, packed, fill, remainder };
  return { index, norms, norm: norms[0]!, af, maSamples, maCount, rows };
}
