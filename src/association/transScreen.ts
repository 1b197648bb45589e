import type { Backend, LoadedColumns } from "../compute/backend.ts";
import { thresholdR } from "../statistics/studentT.ts";
import { candidatePairs, denseProducts, sliceRows } from "./dosageRows.ts";
import { GrowingFloats, GrowingIntegers } from "./growing.ts";
import type { Survey } from "./survey.ts";
import type { TransJob } from "./transCollect.ts";

/** From this p on, so many pairs pass that f64 products of all of them are cheaper than screening. */
const DENSE_FROM = 0.05;
/** Covers the rounding of the inverted threshold and of r itself, both far below it. */
const THRESHOLD_SLACK = 1e-9;
/** Bytes of f64 products formed at once where all pairs are wanted. */
const DENSE_TILE = 2 ** 22;

/**
 * Pairs of a part that may pass, in order of row, then gene; `product` holds their f64 products g.e
 * where the screen formed them.
 */
export interface Screened {
  readonly row: Uint32Array;
  readonly gene: Uint32Array;
  readonly product: Float64Array | undefined;
  /** Pairs screened. */
  readonly pairs: number;
}

/** Finds the pairs of a part whose |r| may reach the threshold: a superset, none is missed. */
export async function screen(
  job: TransJob,
  backend: Backend,
  expression: LoadedColumns,
  part: Survey,
): Promise<Screened> {
  const { cohort } = job;
  const least = thresholdR(job.log10Threshold, cohort.degreesOfFreedom) * (1 - THRESHOLD_SLACK);
  const threshold = Float64Array.from(cohort.geneStatus, (status) =>
    status === "ok" ? least : Number.POSITIVE_INFINITY,
  );
  if (job.pValue >= DENSE_FROM) return dense(job, backend, expression, part, threshold);
  const { row, column, pairs } = await candidatePairs(
    backend,
    part.rows,
    part.norm,
    expression,
    threshold,
    job.signal,
  );
  return { row, gene: column, product: undefined, pairs };
}

async function dense(
  job: TransJob,
  backend: Backend,
  expression: LoadedColumns,
  part: Survey,
  threshold: Float64Array,
): Promise<Screened> {
  const genes = threshold.length;
  const step = Math.max(1, Math.floor(DENSE_TILE / (8 * Math.max(1, genes))));
  const row = new GrowingIntegers();
  const gene = new GrowingIntegers();
  const product = new GrowingFloats();
  for (let from = 0; from < part.rows.count; from += step) {
    const rows = sliceRows(part.rows, from, Math.min(part.rows.count, from + step));
    const products = await denseProducts(backend, rows, expression, undefined, job.signal);
    for (let v = 0; v < rows.count; v++) {
      const norm = part.norm[from + v]!;
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
  return { row: row.take(), gene: gene.take(), product: product.take(), pairs: part.rows.count * genes };
}
