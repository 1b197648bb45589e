/**
 * The largest |r| of each gene and permutation over the gene's window: what a beta distribution is fitted to.
 *
 * Definition. With P the permutation, (P y)[i] = y[order[i]], and M the residual on the constant and the covariates:
 *   r = g.e / |M g|,  e = M P y / |M P y|   (`ols`, as tensorQTL: raw expression permuted, and projected again)
 *   r = g.e / |g - mean g|,  e = P (M y / |M y|)   (`qtltools`)
 * e is `standardise` of P y, to the bit; g.e is `dot` of compute/exact.ts; both are what the map itself does, so the identity
 * gives the observed maximum bit for bit. Variants of norm 0 (not tested) count for nothing.
 */
import { standardise } from "../../cohort/cohort.ts";
import type { Backend, Windows } from "../../compute/backend.ts";
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
  readonly permutations: DonorPermutations;
  readonly from: number;
  readonly to: number;
}

/** Bytes of permuted expression made at once. */
const COLUMN_BYTES = 2 ** 22;

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
  const maxima = new Float64Array(genes * (to - from));
  const step = Math.max(1, Math.floor(COLUMN_BYTES / (8 * Math.max(1, rows.samples))));
  for (let gene = 0; gene < genes; gene++) {
    for (let first = from; first < to; first += step) {
      if (signal?.aborted) throw new CancelledError();
      const last = Math.min(to, first + step);
      const values = await geneMaxima(backend, work, gene, first, last, signal);
      maxima.set(values, gene * (to - from) + first - from);
    }
  }
  return maxima;
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

/** One gene's maxima of permutations `from` to `to`. */
async function geneMaxima(
  backend: Backend,
  work: PermutationWork,
  gene: number,
  from: number,
  to: number,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const { samples } = work.rows;
  const start = work.windows.start[gene]!;
  const end = work.windows.end[gene]!;
  const count = to - from;
  const values = permutedColumns(work, gene, from, to);
  const columns = await backend.load({ count, samples, values, standardised: true });
  try {
    const rows = sliceRows(work.rows, start, end);
    return await columnMaxima(backend, rows, work.norm.subarray(start, end), columns, signal);
  } finally {
    await columns.dispose();
  }
}

/** e of permutations `from` to `to`, one after the other. */
function permutedColumns(
  { expression, basis, permutations }: PermutationWork,
  gene: number,
  from: number,
  to: number,
): Float64Array {
  const n = permutations.samples;
  const values = new Float64Array((to - from) * n);
  for (let p = from; p < to; p++) {
    const order = permutations.of(p);
    const e = values.subarray((p - from) * n, (p - from + 1) * n);
    for (let i = 0; i < n; i++) e[i] = expression[gene * n + order[i]!]!;
    if (basis !== undefined) standardise(e, basis);
  }
  return values;
}
