import { inOrder } from "../association/pipeline.ts";
import type { Backend, LoadedColumns, RealRows } from "../compute/backend.ts";
import { sharedBuffer } from "../compute/sharedMemory.ts";
import { throwIfAborted } from "../errors.ts";
import type { CohortGenes } from "./cohortGenes.ts";
import type { Correlator } from "./correlator.ts";

/** Rows of genes that a product takes at once. */
const ROWS = 512;

/** What may pass of a run of genes with other genes: `row` is a gene, `column` another one, in order of row, then column. */
export interface ScreenedPairs {
  readonly from: number;
  readonly to: number;
  readonly row: Uint32Array;
  readonly column: Uint32Array;
  /** The pairs' correlations, where there is one cohort and the screen has formed them anyway. */
  readonly r: Float64Array | undefined;
}

/**
 * The certified screen of genes against genes: every pair of which some cohort's |r| reaches the threshold is among those it
 * returns, whatever the backend. It sees genes without missing values only.
 */
export class PairScreen {
  private readonly correlator: Correlator;
  private readonly backend: Backend;
  private readonly cohorts: readonly CohortScreen[];

  private constructor(correlator: Correlator, backend: Backend, cohorts: readonly CohortScreen[]) {
    this.correlator = correlator;
    this.backend = backend;
    this.cohorts = cohorts;
  }

  /** Hands the genes of every cohort to the backend; {@link dispose} takes them back. */
  static async open(correlator: Correlator, backend: Backend): Promise<PairScreen> {
    const cohorts: CohortScreen[] = [];
    try {
      for (const cohort of correlator.cohorts) cohorts.push(await CohortScreen.open(cohort, backend));
    } catch (error) {
      await Promise.all(cohorts.map(({ columns }) => columns.dispose()));
      throw error;
    }
    return new PairScreen(correlator, backend, cohorts);
  }

  get parallelism(): number {
    return this.backend.parallelism;
  }

  async dispose(): Promise<void> {
    for (const { columns } of this.cohorts) await columns.dispose();
  }

  /** Every unordered pair once, row < column, a run of rows at a time. */
  async *above(threshold: number, signal?: AbortSignal): AsyncGenerator<ScreenedPairs> {
    const { count } = this.correlator;
    const runs: [number, number][] = [];
    for (let from = 0; from < count; from += ROWS) runs.push([from, Math.min(count, from + ROWS)]);
    const thresholds = new Float64Array(count).fill(threshold);
    yield* inOrder(runs, this.backend.parallelism + 1, ([from, to]) =>
      this.screen(from, to, thresholds, true, signal),
    );
  }

  /**
   * The pairs of rows `from` to `to` with every column (itself too) that reach the column's threshold; or with `upper` only
   * columns beyond the row.
   */
  async screen(
    from: number,
    to: number,
    thresholds: Float64Array,
    upper: boolean,
    signal?: AbortSignal,
  ): Promise<ScreenedPairs> {
    throwIfAborted(signal);
    const windows = upper ? this.windows(from, to) : undefined;
    const found = await Promise.all(
      this.cohorts.map((cohort) =>
        cohort.candidates(this.backend, { from, to, thresholds, windows }, signal),
      ),
    );
    if (found.length === 1) return { from, to, ...found[0]! };
    return { from, to, ...unionOf(found, this.correlator.count), r: undefined };
  }

  /** Column j meets the rows before it. */
  private windows(from: number, to: number) {
    const { count } = this.correlator;
    const start = new Uint32Array(count);
    const end = Uint32Array.from(start, (_, j) => Math.max(0, Math.min(to - from, j - from)));
    return { start, end };
  }
}

interface ScreenJob {
  readonly from: number;
  readonly to: number;
  readonly thresholds: Float64Array;
  readonly windows: { readonly start: Uint32Array; readonly end: Uint32Array } | undefined;
}

/**
 * A cohort on the backend. The screen wants columns of sum 0 and norm 1. Biweight vectors have norm 1 but some sum m: they get
 * one more value, -m, which meets a 0 in every row, and are divided by their new norm sqrt(1 + m^2); so are thresholds.
 */
class CohortScreen {
  readonly columns: LoadedColumns;
  private readonly cohort: CohortGenes;
  private readonly width: number;
  /** By what a column was shortened. */
  private readonly factor: Float64Array;

  private constructor(cohort: CohortGenes, columns: LoadedColumns, width: number, factor: Float64Array) {
    this.cohort = cohort;
    this.columns = columns;
    this.width = width;
    this.factor = factor;
  }

  static async open(cohort: CohortGenes, backend: Backend): Promise<CohortScreen> {
    const { samples, standard, centred } = cohort;
    const count = cohort.row.length;
    const factor = new Float64Array(count).fill(1);
    if (centred) {
      const columns = await backend.load({ count, samples, values: standard, standardised: true });
      return new CohortScreen(cohort, columns, samples, factor);
    }
    const width = samples + 1;
    const values = new Float64Array(sharedBuffer(8 * count * width));
    for (let gene = 0; gene < count; gene++) {
      let sum = 0;
      for (let s = 0; s < samples; s++) sum += standard[gene * samples + s]!;
      const shrink = 1 / Math.sqrt(1 + sum * sum);
      factor[gene] = shrink;
      for (let s = 0; s < samples; s++) values[gene * width + s] = standard[gene * samples + s]! * shrink;
      values[gene * width + samples] = -sum * shrink;
    }
    const columns = await backend.load({ count, samples: width, values, standardised: true });
    return new CohortScreen(cohort, columns, width, factor);
  }

  async candidates(
    backend: Backend,
    { from, to, thresholds, windows }: ScreenJob,
    signal: AbortSignal | undefined,
  ): Promise<Omit<ScreenedPairs, "from" | "to">> {
    const { cohort, columns, width, factor } = this;
    const norm = Float64Array.from({ length: to - from }, (_, i) => cohort.complete[from + i]!);
    const threshold = thresholds.map((value, gene) =>
      cohort.complete[gene] === 1 ? value * factor[gene]! : Number.POSITIVE_INFINITY,
    );
    const factors = [{ rows: this.rows(from, to), columns, norm, weight: 1 }];
    const epilogue = { kind: "candidates" as const, threshold, ...(windows && { windows }) };
    const { row, column, product } = await backend.product(factors, epilogue, signal);
    for (let i = 0; i < row.length; i++) row[i] = row[i]! + from;
    return { row, column, r: width === cohort.samples ? product : undefined };
  }

  private rows(from: number, to: number): RealRows {
    const { cohort, width } = this;
    const { samples, standard } = cohort;
    const count = to - from;
    if (width === samples) {
      return { kind: "real", count, samples, values: standard.subarray(from * samples, to * samples) };
    }
    const values = new Float64Array(count * width);
    for (let i = 0; i < count; i++) {
      values.set(standard.subarray((from + i) * samples, (from + i + 1) * samples), i * width);
    }
    return { kind: "real", count, samples: width, values };
  }
}

/** Pairs that any of the lists has, once, in order of row, then column. */
function unionOf(
  lists: readonly Omit<ScreenedPairs, "from" | "to">[],
  genes: number,
): { row: Uint32Array; column: Uint32Array } {
  const all = new Float64Array(lists.reduce((sum, { row }) => sum + row.length, 0));
  let at = 0;
  for (const { row, column } of lists) {
    for (let i = 0; i < row.length; i++) all[at++] = row[i]! * genes + column[i]!;
  }
  all.sort();
  const kept = all.filter((key, i) => i === 0 || key !== all[i - 1]);
  return {
    row: Uint32Array.from(kept, (key) => Math.floor(key / genes)),
    column: Uint32Array.from(kept, (key) => key % genes),
  };
}
