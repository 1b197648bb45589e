import { sharedBuffer } from "../compute/sharedMemory.ts";
import { InputError } from "../errors.ts";
import type { ExpressionTable } from "../formats/tables.ts";
import { type OrthonormalBasis, residualiseOnce } from "../statistics/linalg.ts";
import { analysedExpression, isConstant, type Transform } from "./expression.ts";

/** A residual whose variance is below this share of the variance itself is rounding: `collinear`. */
export const COLLINEAR = 1e-8;
/** Where a residual has at least this share of the sum of squares, projecting it once has left nothing of the basis but rounding. */
const MUCH = 0.1;

/**
 * Replaces `values` by their deviations from the mean over `largest`, the largest deviation, so that no square under- or overflows; `total` is the
 * sum of their squares then. All 0 where they are constant. Where their sum overflows, `largest` is not finite.
 */
export function scaledDeviations(values: Float64Array): { largest: number; total: number } {
  const n = values.length;
  let sum = 0;
  for (let s = 0; s < n; s++) sum += values[s]!;
  const mean = sum / n;
  let largest = 0;
  for (let s = 0; s < n; s++) largest = Math.max(largest, Math.abs(values[s]! - mean));
  if (!(largest > 0)) {
    values.fill(0);
    return { largest: 0, total: 0 };
  }
  let total = 0;
  for (let s = 0; s < n; s++) {
    const value = (values[s]! - mean) / largest;
    values[s] = value;
    total += value * value;
  }
  return { largest, total };
}

/** What a gene's expression is when the covariates are taken out. */
export type ResidualStatus = "ok" | "constant" | "collinear";

/**
 * Residuals of the genes in rows `order` of the file on `basis`, each scaled to norm 1, and their norms before; or what `made` makes of a
 * gene's expression, in place, and returns (0: collinear). Throws {@link InputError} for values whose sum is no number.
 */
export function residualExpression(
  table: ExpressionTable,
  order: Uint32Array,
  sampleIndex: Uint32Array,
  transform: Transform,
  basis: OrthonormalBasis,
  made: (values: Float64Array, gene: number) => number = (values) => standardise(values, basis),
): { residuals: Float64Array; residualNorm: Float64Array; geneStatus: ResidualStatus[] } {
  const n = sampleIndex.length;
  // Where threads can read them: a backend that works on them needs no copy.
  const residuals = new Float64Array(sharedBuffer(8 * order.length * n));
  const residualNorm = new Float64Array(order.length);
  const geneStatus = Array.from(order, (row, gene): ResidualStatus => {
    const e = residuals.subarray(gene * n, (gene + 1) * n);
    analysedExpression(table, row, sampleIndex, transform, e);
    if (isConstant(e)) {
      e.fill(0);
      return "constant";
    }
    const norm = made(e, gene);
    if (!Number.isFinite(norm)) throw tooLarge(table, row);
    residualNorm[gene] = norm;
    return norm > 0 ? "ok" : "collinear";
  });
  return { residuals, residualNorm, geneStatus };
}

function tooLarge({ name, id }: ExpressionTable, row: number): InputError {
  return new InputError(
    `${name}, gene ${id[row]}`,
    "values so large that their sum passes the largest 64-bit number (1.8e308)",
    "write the expression in larger units",
  );
}

/**
 * Residualises `values` on `basis` and scales it to norm 1; returns the norm, or 0 (and all 0) when collinear.
 * Where their sum or their norm overflows, what it returns is not finite.
 */
export function standardise(values: Float64Array, basis: OrthonormalBasis): number {
  const n = values.length;
  const { largest, total } = scaledDeviations(values);
  if (largest === 0) return 0;
  residualiseOnce(values, 0, n, basis);
  let left = sumOfSquares(values);
  if (left < MUCH * total) {
    residualiseOnce(values, 0, n, basis);
    left = sumOfSquares(values);
  }
  if (left < COLLINEAR * total) {
    values.fill(0);
    return 0;
  }
  const norm = Math.sqrt(left);
  for (let s = 0; s < n; s++) values[s] = values[s]! / norm;
  return norm * largest;
}

function sumOfSquares(values: Float64Array): number {
  let sum = 0;
  for (let s = 0; s < values.length; s++) sum += values[s]! * values[s]!;
  return sum;
}
