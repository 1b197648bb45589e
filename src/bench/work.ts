/** The work that is timed, through the same calls as a map makes. */
import { candidatePairs, sliceRows } from "../association/dosageRows.ts";
import { inOrder } from "../association/pipeline.ts";
import { emptyTest, refine } from "../association/refine.ts";
import { decodeDosages } from "../cohort/dosages.ts";
import type { Backend, LoadedColumns } from "../compute/backend.ts";
import { canonicalDot } from "../compute/exact.ts";
import { studentT, thresholdR } from "../statistics/studentT.ts";
import { geneRows, type Operands } from "./operands.ts";

/** Rows that one product takes: what `trans` asks for at once is no more. */
const LARGEST_SLICE = 8192;
const LEAST_SLICE = 256;
/** Rows of genes that one product of a correlation takes. */
const GENE_SLICE = 128;

/** Pairs, by row, then column. */
export interface Pairs {
  readonly row: Uint32Array;
  readonly column: Uint32Array;
}

/** |r| of p at `samples` samples and no covariates. */
export function thresholdOf(log10P: number, samples: number): number {
  return thresholdR(log10P, samples - 2);
}

/** Screens all rows with all columns: threshold, bound and selection included. Pairs that may reach |r|, and a few more. */
export async function screen(
  backend: Backend,
  operands: Operands,
  columns: LoadedColumns,
  r: number,
  signal?: AbortSignal,
): Promise<Pairs> {
  const { rows, norm } = operands;
  const threshold = new Float64Array(columns.count).fill(r);
  const share = Math.ceil(rows.count / (4 * backend.parallelism));
  const step = Math.min(LARGEST_SLICE, Math.max(LEAST_SLICE, share));
  const row: number[] = [];
  const column: number[] = [];
  const slices = inOrder(starts(rows.count, step), backend.parallelism + 1, async (from) => {
    const to = Math.min(rows.count, from + step);
    const slice = sliceRows(rows, from, to);
    const found = await candidatePairs(backend, slice, norm.subarray(from, to), columns, threshold, signal);
    return { from, found };
  });
  for await (const { from, found } of slices) {
    for (const one of found.row) row.push(from + one);
    for (const one of found.column) column.push(one);
  }
  return { row: Uint32Array.from(row), column: Uint32Array.from(column) };
}

/** A pair with its statistics in f64. */
export interface Refined extends Pairs {
  readonly r: Float64Array;
  readonly log10P: Float64Array;
}

/** The f64 test of each pair, on this thread as in a map; those below |r| are left out. */
export function refinePairs({ rows, norm, columns }: Operands, pairs: Pairs, least: number): Refined {
  const { samples, values } = columns;
  const tester = { degreesOfFreedom: samples - 2, tails: studentT(samples - 2) };
  const g = new Float64Array(samples);
  const test = emptyTest();
  const kept: number[] = [];
  const r: number[] = [];
  const log10P: number[] = [];
  let read = -1;
  pairs.row.forEach((row, i) => {
    if (row !== read) decodeDosages(rows, row, rows.fill[row]!, g);
    read = row;
    refine(tester, canonicalDot(g, 0, values, pairs.column[i]! * samples, samples), norm[row]!, 1, test);
    if (Math.abs(test.r) < least) return;
    kept.push(i);
    r.push(test.r);
    log10P.push(test.log10P);
  });
  return {
    row: Uint32Array.from(kept, (i) => pairs.row[i]!),
    column: Uint32Array.from(kept, (i) => pairs.column[i]!),
    r: Float64Array.from(r),
    log10P: Float64Array.from(log10P),
  };
}

/** Every gene with every gene, each r in f64: `visit` gets them some rows at a time, `[column * rows + row]`. */
export async function correlate(
  backend: Backend,
  operands: Operands,
  columns: LoadedColumns,
  visit: (products: Float64Array, by: string, from: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const genes = geneRows(operands.columns);
  const { samples } = genes;
  const slices = inOrder(starts(genes.count, GENE_SLICE), backend.parallelism + 1, async (from) => {
    const count = Math.min(GENE_SLICE, genes.count - from);
    const rows = { ...genes, count, values: genes.values.subarray(from * samples, (from + count) * samples) };
    const factor = { rows, columns, norm: new Float64Array(0), weight: 1 };
    const { values, by } = await backend.product([factor], { kind: "dense" }, signal);
    return { products: values[0]!, by: by ?? backend.name, from };
  });
  for await (const { products, by, from } of slices) visit(products, by, from);
}

function starts(count: number, step: number): number[] {
  return Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
}
