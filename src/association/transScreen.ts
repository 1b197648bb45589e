import type { Cohort } from "../cohort/cohort.ts";
import type { Backend } from "../compute/backend.ts";
import { throwIfAborted } from "../errors.ts";
import { thresholdR } from "../statistics/studentT.ts";
import { candidatePairs, denseProducts, sliceRows } from "./dosageRows.ts";
import { GrowingFloats, GrowingIntegers } from "./growing.ts";
import { concatenated } from "./permutation/groups.ts";
import { inOrder } from "./pipeline.ts";
import { countingBackend, type Session } from "./run.ts";
import { type ColumnGroup, joinScreened, type LoadedScreen, type ScreenColumns } from "./screenGroups.ts";
import { type Survey, survey } from "./survey.ts";
import { type CisSignals, loweredThreshold } from "./trans/cisSignals.ts";
import type { TransJob } from "./transCollect.ts";

/** From this p on, so many pairs pass that f64 products of all of them are cheaper than screening. */
export const DENSE_FROM = 0.05;
/** Covers the rounding of the inverted threshold and of r itself, both far below it. */
const THRESHOLD_SLACK = 1e-9;
/** Bytes of f64 products formed at once where all pairs are wanted. */
export const DENSE_TILE = 2 ** 22;

/** Rows `from` to `to` (exclusive) of a part: what is screened at once. */
export interface Slice<Part extends Survey = Survey> {
  readonly part: Part;
  readonly from: number;
  readonly to: number;
}

/**
 * Pairs of a slice that may pass, in order of row (of the part), then gene; `product` holds their f64
 * products g.e where the screen formed them.
 */
export interface Screened {
  readonly row: Uint32Array;
  readonly gene: Uint32Array;
  readonly product: Float64Array | undefined;
  /** Pairs screened, and those of them that the screen let pass. */
  readonly pairs: number;
  readonly passed: number;
}

/** The |r| that a pair must reach to be looked at. */
export function thresholdOf(log10Threshold: number, degreesOfFreedom: number): number {
  return thresholdR(log10Threshold, degreesOfFreedom) * (1 - THRESHOLD_SLACK);
}

/** Those of a map: column `gene`, then the signals. */
export function screenColumns({ cohort, log10Threshold, signals }: TransJob): ScreenColumns {
  const least = cohort.geneStatus.map((status, gene) =>
    status === "ok" ? geneThreshold(log10Threshold, cohort, signals, gene) : Number.POSITIVE_INFINITY,
  );
  return withSignals(cohort.residuals, Float64Array.from(least), cohort.covariance?.group, signals);
}

/** What |g.e| / norm of a gene must reach in the screen: |r|, but see `CisSignals` and `CohortCovariance`. */
export function geneThreshold(
  log10Threshold: number,
  { degreesOfFreedom, covariance }: Pick<Cohort, "degreesOfFreedom" | "covariance">,
  signals: CisSignals | undefined,
  gene: number,
): number {
  const own = signals?.count(gene) ?? 0;
  const least = thresholdOf(log10Threshold, degreesOfFreedom - own) * (covariance?.stretch[gene] ?? 1);
  return own === 0 ? least : loweredThreshold(least);
}

/** `group` as of {@link ScreenColumns}. Adds the columns of the signals, which find the variants that they are linked with. */
export function withSignals(
  values: Float64Array,
  threshold: Float64Array,
  group: Uint8Array | undefined,
  signals: CisSignals | undefined,
): ScreenColumns {
  if (signals === undefined) return { values, threshold, group };
  const all = new Float64Array(values.length + signals.columns.length);
  all.set(values);
  all.set(signals.columns, values.length);
  const { owner, before } = signals;
  const own = Float64Array.from(owner.keys(), (row) => signals.threshold(row));
  const of = before.covariance?.group;
  return {
    values: all,
    threshold: concatenated([threshold, own]),
    group: group && Uint8Array.from([...group, ...Array.from(owner, (gene) => of![gene]!)]),
  };
}

/** Finds the pairs of a slice whose |r| may reach the threshold of their gene: a superset, none is missed. */
export async function screen(
  job: TransJob,
  backend: Backend,
  { groups }: LoadedScreen,
  slice: Slice,
): Promise<Screened> {
  const found = await Promise.all(groups.map((group) => screenGroup(job, backend, group, slice)));
  return joinScreened(found.map((one, g) => numbered(one, groups[g]!)));
}

function numbered(found: Screened, { number }: ColumnGroup): Screened {
  return number === undefined ? found : { ...found, gene: found.gene.map((column) => number[column]!) };
}

async function screenGroup(
  job: TransJob,
  backend: Backend,
  group: ColumnGroup,
  slice: Slice,
): Promise<Screened> {
  if (job.pValue >= DENSE_FROM) return dense(job, backend, group, slice);
  const { part, from, to } = slice;
  const { column, row, ...found } = await candidatePairs(
    backend,
    sliceRows(part.rows, from, to),
    part.norms[group.norms]!.subarray(from, to),
    group.columns,
    group.threshold,
    job.signal,
  );
  return { row: row.map((at) => at + from), gene: column, ...found };
}

async function dense(
  job: TransJob,
  backend: Backend,
  { columns, threshold, norms }: ColumnGroup,
  { part, from: first, to: end }: Slice,
): Promise<Screened> {
  const genes = threshold.length;
  const step = Math.max(1, Math.floor(DENSE_TILE / (8 * Math.max(1, genes))));
  const row = new GrowingIntegers();
  const gene = new GrowingIntegers();
  const product = new GrowingFloats();
  for (let from = first; from < end; from += step) {
    const rows = sliceRows(part.rows, from, Math.min(end, from + step));
    const products = await denseProducts(backend, rows, columns, undefined, job.signal);
    for (let v = 0; v < rows.count; v++) {
      const norm = part.norms[norms]![from + v]!;
      if (norm === 0) continue;
      for (let g = 0; g < genes; g++) {
        const value = products[g * rows.count + v]!;
        if (!(Math.abs(value) >= threshold[g]! * norm)) continue;
        row.push(from + v);
        gene.push(g);
        product.push(value);
      }
    }
  }
  const pairs = (end - first) * genes;
  return { row: row.take(), gene: gene.take(), product: product.take(), pairs, passed: row.length };
}

/** Variants surveyed, and reported on, together: a part. */
export const VARIANTS_PER_PART = 8192;

/**
 * The parts `numbers` (runs of variants, ascending) screened against `columns`, slice by slice in the order of the source,
 * with up to `ahead` slices in flight. A part ends with the slice that reaches its last row. `pairsBy`: who screened.
 */
export async function* screenedSlices(
  job: TransJob,
  { surveyor }: Session,
  columns: LoadedScreen,
  numbers: readonly number[],
  ahead: number,
): AsyncGenerator<{ slice: Slice; found: Screened; pairsBy: ReadonlyMap<string, number> }> {
  const { variantCount } = job.cohort.tables.genotypes;
  const slicer = new Slicer(columns.count);
  const surveys = inOrder(numbers, Math.min(2, ahead), (number) => {
    throwIfAborted(job.signal);
    const start = number * VARIANTS_PER_PART;
    return survey(surveyor, start, Math.min(variantCount, start + VARIANTS_PER_PART), job.signal);
  });
  const slices = inOrder(slicer.slices(surveys), ahead, async (slice) => {
    throwIfAborted(job.signal);
    const pairsBy = new Map<string, number>();
    const screener = countingBackend(surveyor.backend, pairsBy);
    const found = await screen(job, screener, columns, slice);
    slicer.learn(found);
    return { slice, found, pairsBy };
  });
  for await (const screened of slices) {
    throwIfAborted(job.signal);
    yield screened;
  }
}

/** Candidates that a slice may give, about. */
const CANDIDATES_PER_SLICE = 2 ** 18;
/** A slice is at most this much longer than the last results would have it. */
const GROWTH = 16;

/**
 * Cuts parts into slices so that what a screen returns stays small even where every pair passes (expression
 * that follows ancestry, or a threshold near 1): the first slices are short, and the share of pairs that
 * passed decides on the next. Where slices are cut shows in no result.
 */
export class Slicer {
  readonly #genes: number;
  #share = 1;

  constructor(genes: number) {
    this.#genes = Math.max(1, genes);
  }

  async *slices<Part extends Survey>(parts: AsyncIterable<Part>): AsyncGenerator<Slice<Part>> {
    for await (const part of parts) {
      let from = 0;
      do {
        const to = Math.min(part.rows.count, from + this.rows());
        yield { part, from, to };
        from = to;
      } while (from < part.rows.count);
    }
  }

  /** Rows of the next slice. */
  rows(): number {
    return Math.max(1, Math.floor(CANDIDATES_PER_SLICE / (this.#genes * this.#share)));
  }

  /** Learns from what a slice gave. */
  learn(found: Pick<Screened, "pairs" | "passed">): void {
    const share = found.pairs === 0 ? 0 : found.passed / found.pairs;
    this.#share = Math.max(share, this.#share / GROWTH, 1e-9);
  }
}
