import { DosageReader } from "../cohort/dosages.ts";
import {
  alleleStatistics,
  type CallCounts,
  centredSquare,
  countsOf,
  meanDosage,
  STATUS_CODE,
  type VariantScan,
} from "../cohort/variants.ts";
import type { SpareBuffers } from "../compute/spareBuffers.ts";
import type { GenotypeBlock } from "../formats/genotypes.ts";
import { type DosageRows, keptRemainders } from "./dosageRows.ts";
import { type NormMaker, noNorms, rowNorms } from "./norms.ts";

/**
 * The variants of a run of the source that pass the filters, packed tightly, with what every test of
 * them needs; and the status of the others.
 */
export interface Survey {
  /** The run of the source: `start` to `end` (exclusive). */
  readonly start: number;
  readonly end: number;
  /** Index in the source of each row, ascending. */
  readonly index: Uint32Array;
  readonly rows: DosageRows;
  /** What makes a product with a gene's column a correlation, by group of genes: see `normWith`. 0 for a collinear row, which is never tested. */
  readonly norms: readonly Float64Array[];
  /** Those of the first group: where samples are independent, there is no other, and they are norms of residual genotypes. */
  readonly norm: Float64Array;
  /** |g - mean(g)|^2 of each row, missing calls at the mean. */
  readonly square: Float64Array;
  readonly af: Float64Array;
  readonly maSamples: Int32Array;
  readonly maCount: Int32Array;
  /** Status code of every variant of the run, by offset from `start`. */
  readonly status: Uint8Array;
  /** Allele statistics of every variant of the run, tested or not: for the table of dropped ones. */
  readonly all: { readonly af: Float64Array; readonly maSamples: Int32Array; readonly maCount: Int32Array };
}

/** What a survey is made with. */
export interface Surveyor extends NormMaker {
  readonly scan: VariantScan;
  /** Where blocks are read into. */
  readonly spare?: SpareBuffers | undefined;
}

/**
 * Reads and surveys variants `start` to `end` (exclusive) of the source. Without `tests` the norms are left
 * 0 and collinear variants are not told apart: for variants that are only reported.
 */
export async function survey(
  surveyor: Surveyor,
  start: number,
  end: number,
  signal?: AbortSignal,
  tests = true,
): Promise<Survey> {
  const { cohort, scan, spare } = surveyor;
  const { genotypes } = cohort.tables;
  let room: ArrayBuffer | undefined;
  const block = await genotypes.read(start, end, cohort.report.genotypeIndex, (bytes) => {
    room = spare?.take(bytes) ?? new ArrayBuffer(bytes);
    return room;
  });
  const status = scan.status.slice(start, end);
  const { all, kept, fill, square } = statisticsOf(block, countsOf(scan, block), status);
  const tested = kept.length;
  const rows: DosageRows = {
    kind: "calls",
    count: tested,
    samples: block.samples,
    stride: block.stride,
    packed: keptCalls(block, kept),
    fill,
    remainder: keptRemainders(block.remainder, kept),
  };
  if (room !== undefined && rows.packed.buffer !== room) spare?.giveBack([room]);
  const norms = tests ? await rowNorms(surveyor, rows, square, signal) : noNorms(cohort, tested);
  const norm = norms[0]!;
  if (tests) {
    for (let row = 0; row < tested; row++) {
      if (norm[row] === 0) status[kept[row]!] = STATUS_CODE.collinear;
    }
  }
  const { index, af, maSamples, maCount } = statisticsOfRows(all, kept, start);
  return { start, end, index, rows, norms, norm, square, af, maSamples, maCount, status, all };
}

/**
 * Allele statistics of `all` variants of a block, and of those whose `status` is `ok`: their places in it, what a missing call counts
 * as, and |g - mean(g)|^2. Its own function, like those below, since the engine compiles {@link survey} as often as a block is found
 * to differ.
 */
function statisticsOf(block: GenotypeBlock, { one, two, missing }: CallCounts, status: Uint8Array) {
  const { count, samples } = block;
  const all = {
    af: new Float64Array(count),
    maSamples: new Int32Array(count),
    maCount: new Int32Array(count),
  };
  const dosages = new DosageReader(block);
  const numbers = new Uint32Array(count);
  const fills = new Float64Array(count);
  const squares = new Float64Array(count);
  let tested = 0;
  for (let v = 0; v < count; v++) {
    const sums = dosages.sums(v);
    const alleles = sums ?? alleleStatistics(one[v]!, two[v]!, missing[v]!, samples);
    all.af[v] = alleles.af;
    all.maSamples[v] = alleles.maSamples;
    all.maCount[v] = alleles.maCount;
    if (status[v] !== STATUS_CODE.ok) continue;
    numbers[tested] = v;
    fills[tested] = sums?.mean ?? meanDosage(one[v]!, two[v]!, missing[v]!, samples);
    squares[tested++] = sums?.centred ?? centredSquare(one[v]!, two[v]!, missing[v]!, samples);
  }
  return {
    all,
    kept: numbers.subarray(0, tested),
    fill: fills.subarray(0, tested),
    square: squares.subarray(0, tested),
  };
}

/** The allele statistics of the rows `kept`, and their numbers in the source, of which `start` is the block's first. */
function statisticsOfRows(all: Survey["all"], kept: Uint32Array, start: number) {
  const tested = kept.length;
  const own = {
    index: new Uint32Array(tested),
    af: new Float64Array(tested),
    maSamples: new Int32Array(tested),
    maCount: new Int32Array(tested),
  };
  for (let row = 0; row < tested; row++) {
    const v = kept[row]!;
    own.index[row] = start + v;
    own.af[row] = all.af[v]!;
    own.maSamples[row] = all.maSamples[v]!;
    own.maCount[row] = all.maCount[v]!;
  }
  return own;
}

/** The calls of the variants `kept`, ascending, packed tightly: runs of neighbours are copied at once. */
function keptCalls({ packed, stride, count }: GenotypeBlock, kept: Uint32Array): Uint8Array {
  if (kept.length === count) return packed;
  const out = new Uint8Array(kept.length * stride);
  for (let row = 0; row < kept.length; ) {
    const first = kept[row]!;
    let last = row + 1;
    while (last < kept.length && kept[last] === first + last - row) last++;
    out.set(packed.subarray(first * stride, (first + last - row) * stride), row * stride);
    row = last;
  }
  return out;
}
