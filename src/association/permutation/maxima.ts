/**
 * The largest |r| of each gene and permutation over the gene's window: what a beta distribution is fitted to.
 *
 * Definition. With P the permutation, (P y)[i] = y[order[i]], and M the residual on the constant and the covariates:
 *   r = g.e / |M g|,  e = M P y / |M P y|   (`ols`, as tensorQTL: raw expression permuted, and projected again)
 *   r = g.e / |g - mean g|,  e = P (M y / |M y|)   (`qtltools`)
 * e is `standardise` of P y, to the bit; g.e is `canonicalDot` of compute/exact.ts; both are what the map itself does, so the identity
 * gives the observed maximum bit for bit. Variants of norm 0 (not tested) count for nothing.
 */
import { standardise } from "../../cohort/residuals.ts";
import type { Backend, LoadedColumns, Windows } from "../../compute/backend.ts";
import { bytesOfColumns, bytesOfMaximaTile, bytesOfPermutedTile } from "../../compute/plan.ts";
import { CancelledError, UsageError } from "../../errors.ts";
import type { OrthonormalBasis } from "../../statistics/linalg.ts";
import { columnMaxima, type DosageRows, sliceRows } from "../dosageRows.ts";
import type { DonorPermutations } from "./donors.ts";

/** Some genes and their permutations `from` to `to` (exclusive). */
export interface PermutationWork {
  /** The genotypes of a part, over which the windows are spread. */
  readonly rows: DosageRows;
  /** Norm of each residual row; 0: not tested. */
  readonly norm: Float64Array;
  /** Of each gene, its rows. */
  readonly windows: Windows;
  /** `expression[gene * samples + sample]`: see `permutableExpression`. */
  readonly expression: Float64Array;
  /** What permuted expression is residualised on; none: it is of norm 1 already, and only permuted. */
  readonly basis: OrthonormalBasis | undefined;
  /**
   * In place of `basis`: makes a permuted column, in place, of norm 1 and sum 0 (or all 0), and returns what its statistics are divided by
   * beside the rows' norms; see `WhitenedPermutations`.
   */
  readonly make?: ((values: Float64Array) => number) | undefined;
  readonly permutations: DonorPermutations;
  readonly from: number;
  readonly to: number;
}

/** Bytes of permuted expression, or of orders of donors, made at once. */
const COLUMN_BYTES = 2 ** 22;
const ORDER_BYTES = 2 ** 23;

/** What permutations will ask of memory. */
export interface PermutationDemand {
  readonly samples: number;
  /** Vectors that permuted expression is residualised on. */
  readonly covariates: number;
  /** Of the part with the most of each. */
  readonly genes: number;
  readonly variants: number;
  readonly permutations: number;
  /** Whether columns are made here, one gene after the other: see `PermutationWork.make`. */
  readonly whitened?: boolean | undefined;
}

/**
 * Bytes that {@link permutationMaxima} of one part holds at its peak, beside the part: on each thread the columns in the making and
 * the rows that they meet; the orders of donors and the windows of all columns, here and as they are handed over; the maxima twice.
 */
export function bytesOfMaxima(
  { samples, covariates, genes, variants, permutations, whitened = false }: PermutationDemand,
  { loadPermuted, parallelism }: Pick<Backend, "loadPermuted" | "parallelism">,
): number {
  const own = loadPermuted !== undefined && !whitened;
  const together = Math.min(permutations, permutationsAtOnce(samples, own));
  const rows = variants * (Math.ceil(samples / 4) + 16);
  const spread = 8 * together * (own ? Math.ceil(genes / parallelism) : 1);
  const columns = own
    ? bytesOfPermutedTile(samples, covariates, variants) + 2 * 4 * together * samples
    : bytesOfColumns(together, samples) + bytesOfMaximaTile(samples, variants);
  const runs = own ? Math.min(parallelism, Math.max(1, genes)) : 1;
  // Of columns made here the maxima come gene by gene.
  const found = 2 * 8 * (own ? genes : 1) * together;
  return runs * (rows + columns + 2 * spread) + found + 8 * genes * permutations;
}

/** How many permutations are made at once. */
function permutationsAtOnce(samples: number, own: boolean): number {
  const [bytes, most] = own ? [4, ORDER_BYTES] : [8, COLUMN_BYTES];
  return Math.max(1, Math.floor(most / (bytes * Math.max(1, samples))));
}

/**
 * The maximum of |r| of each gene and permutation, `[gene * (to - from) + p - from]`; 0 for a gene whose window has no tested
 * variant, or whose permuted expression is collinear with the covariates. It depends on its own gene, window and permutation
 * alone: genes, `from` and `to` may be cut anywhere. Same bits on every backend.
 */
export async function permutationMaxima(
  backend: Backend,
  work: PermutationWork,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const genes = checkWork(work);
  const { rows, from, to } = work;
  const count = to - from;
  const maxima = new Float64Array(genes * count);
  const own = backend.loadPermuted !== undefined && work.make === undefined;
  const step = permutationsAtOnce(rows.samples, own);
  // As many runs of genes as there are threads; columns that are made here are made for one gene at a time.
  const run = Math.max(1, own ? Math.ceil(genes / backend.parallelism) : 1);
  for (let first = from; first < to; first += step) {
    const last = Math.min(to, first + step);
    const runs: Promise<void>[] = [];
    for (let gene = 0; gene < genes; gene += run) {
      if (signal?.aborted) throw new CancelledError();
      const slice = sliceOf(work, gene, Math.min(genes, gene + run), first, last);
      const done = runMaxima(backend, slice, signal).then((values) => {
        for (let at = 0; at < values.length; at += last - first) {
          const to = (gene + at / (last - first)) * count + first - from;
          maxima.set(values.subarray(at, at + last - first), to);
        }
      });
      runs.push(done);
      if (!own) await done;
    }
    await settled(runs);
  }
  return maxima;
}

/** Waits for all, then throws the first error there was: nothing goes on behind the caller's back. */
async function settled(runs: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(runs)) if (result.status === "rejected") throw result.reason;
}

function checkWork({ rows, norm, windows, expression, permutations, from, to }: PermutationWork): number {
  const genes = windows.start.length;
  const { samples, count } = permutations;
  if (
    rows.samples !== samples ||
    norm.length !== rows.count ||
    expression.length !== genes * samples ||
    !(0 <= from && from <= to && to <= count)
  ) {
    throw new UsageError(
      `permutations ${from} to ${to} of ${count} of ${samples} donors: ${rows.samples} samples, ${norm.length} norms for ${rows.count} rows, ${expression.length} values for ${genes} genes`,
    );
  }
  return genes;
}

/** The work of genes `first` to `last` and permutations `from` to `to`, with the rows of their windows alone. */
function sliceOf(
  work: PermutationWork,
  first: number,
  last: number,
  from: number,
  to: number,
): PermutationWork {
  const { samples } = work.rows;
  const start = work.windows.start.subarray(first, last);
  const end = work.windows.end.subarray(first, last);
  let low = work.rows.count;
  let high = 0;
  for (let i = 0; i < start.length; i++) {
    if (start[i]! >= end[i]!) continue;
    low = Math.min(low, start[i]!);
    high = Math.max(high, end[i]!);
  }
  low = Math.min(low, high);
  const inside = (row: number): number => Math.min(Math.max(row, low), high) - low;
  return {
    ...work,
    rows: sliceRows(work.rows, low, high),
    norm: work.norm.subarray(low, high),
    windows: { start: start.map(inside), end: end.map(inside) },
    expression: work.expression.subarray(first * samples, last * samples),
    from,
    to,
  };
}

/** The maxima of all genes and permutations of a slice. */
async function runMaxima(
  backend: Backend,
  work: PermutationWork,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const { rows, norm, windows, from, to } = work;
  const stretch = new Float64Array(windows.start.length * (to - from)).fill(1);
  const columns = await loadColumns(backend, work, stretch);
  try {
    const each = (ends: Uint32Array): Uint32Array => {
      const all = new Uint32Array(ends.length * (to - from));
      ends.forEach((row, i) => {
        all.fill(row, i * (to - from), (i + 1) * (to - from));
      });
      return all;
    };
    const spread = { start: each(windows.start), end: each(windows.end) };
    const maxima = await columnMaxima(backend, rows, norm, columns, spread, signal);
    return work.make === undefined
      ? maxima
      : maxima.map((value, j) => (stretch[j] === 0 ? 0 : value / stretch[j]!));
  } finally {
    await columns.dispose();
  }
}

/** Columns made by `work.make` say in `stretch` what it returned. */
function loadColumns(backend: Backend, work: PermutationWork, stretch: Float64Array): Promise<LoadedColumns> {
  const { expression, basis, permutations, from, to } = work;
  const { samples } = permutations;
  const genes = work.windows.start.length;
  if (backend.loadPermuted === undefined || work.make !== undefined) {
    const values = permutedColumns(work, stretch);
    return backend.load({ count: genes * (to - from), samples, values, standardised: true });
  }
  const order = new Uint32Array((to - from) * samples);
  for (let p = from; p < to; p++) order.set(permutations.of(p), (p - from) * samples);
  return backend.loadPermuted({ genes, permutations: to - from, samples, values: expression, order, basis });
}

/** e of all genes and permutations, one after the other. */
function permutedColumns(
  { expression, basis, make, permutations, windows, from, to }: PermutationWork,
  stretch: Float64Array,
): Float64Array {
  const n = permutations.samples;
  const genes = windows.start.length;
  const values = new Float64Array(genes * (to - from) * n);
  for (let column = 0; column < genes * (to - from); column++) {
    const gene = Math.floor(column / (to - from));
    const order = permutations.of(from + (column % (to - from)));
    const e = values.subarray(column * n, (column + 1) * n);
    for (let i = 0; i < n; i++) e[i] = expression[gene * n + order[i]!]!;
    if (make !== undefined) stretch[column] = make(e);
    else if (basis !== undefined) standardise(e, basis);
  }
  return values;
}
