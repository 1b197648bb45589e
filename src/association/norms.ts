import type { Cohort } from "../cohort/cohort.ts";
import type { CohortCovariance } from "../cohort/covariance.ts";
import { decodeDosages } from "../cohort/dosages.ts";
import { COLLINEAR } from "../cohort/residuals.ts";
import type { Backend, LoadedColumns } from "../compute/backend.ts";
import { residualise } from "../statistics/linalg.ts";
import { type DosageRows, denseProducts, sliceRows } from "./dosageRows.ts";

/** What norms are made with; `basis` holds {@link normColumns} on the backend, where there are some. */
export interface NormMaker {
  readonly cohort: Cohort;
  readonly backend: Backend;
  readonly basis: LoadedColumns | undefined;
}

/** The columns whose products with genotypes the norms are made of: the covariates' basis, and where samples are not independent the vectors of the covariance. */
export function normColumns({ covariance, genotypeBasis }: Cohort): { count: number; values: Float64Array } {
  if (covariance === undefined) return genotypeBasis;
  const { values, vectors, repeated } = covariance.projected;
  if (repeated === 0) return { count: values.length, values: vectors };
  const both = new Float64Array(genotypeBasis.values.length + vectors.length);
  both.set(genotypeBasis.values);
  both.set(vectors, genotypeBasis.values.length);
  return { count: genotypeBasis.count + values.length, values: both };
}

/**
 * What a product g.e of each row is divided by to be a correlation: |g - QQ'g|, one array; or sqrt(g'Pg) of each group of genes of a
 * covariance. 0 in all of them where less than COLLINEAR of |g - mean|^2, `centred`, is left beside the covariates.
 */
export async function rowNorms(
  maker: NormMaker,
  rows: DosageRows,
  centred: Float64Array,
  signal: AbortSignal | undefined,
): Promise<Float64Array[]> {
  const { covariance } = maker.cohort;
  if (covariance !== undefined) return groupNorms(maker, covariance, rows, centred, signal);
  return [await residualNorms(maker, rows, centred, signal)];
}

/** Norms of rows that are not tested. */
export function noNorms({ covariance }: Cohort, rows: number): Float64Array[] {
  return Array.from({ length: covariance?.weights.length ?? 1 }, () => new Float64Array(rows));
}

/** The norms of rows by group of genes. */
export interface RowNorms {
  readonly norms: readonly Float64Array[];
}

/** What the product of a row and a gene's column is divided by to be their correlation: 0 where the row is collinear. */
export function normWith(
  { covariance }: Pick<Cohort, "covariance">,
  { norms }: RowNorms,
  gene: number,
  row: number,
): number {
  const own = normsOf({ covariance }, { norms }, gene);
  return own.norms[row]! * own.stretch;
}

/** The norms of all rows for a gene, {@link normWith} but for a factor that they have in common. */
export function normsOf({ covariance }: Pick<Cohort, "covariance">, { norms }: RowNorms, gene: number) {
  if (covariance === undefined) return { norms: norms[0]!, stretch: 1 };
  return { norms: norms[covariance.group[gene]!]!, stretch: covariance.stretch[gene]! };
}

/** {@link normWith} of rows `start` to `end` (exclusive); the array may be the survey's own. */
export function normsWith(
  { covariance }: Pick<Cohort, "covariance">,
  { norms }: RowNorms,
  gene: number,
  start: number,
  end: number,
): Float64Array {
  if (covariance === undefined) return norms[0]!.subarray(start, end);
  const stretch = covariance.stretch[gene]!;
  return norms[covariance.group[gene]!]!.subarray(start, end).map((norm) => norm * stretch);
}

/** Products held at once, about: rows times columns. */
export const NORM_PRODUCTS = 2 ** 21;

/** sqrt(g'Pg) of each group: see `ProjectedCovariance`. */
async function groupNorms(
  maker: NormMaker,
  { weights, projected }: CohortCovariance,
  rows: DosageRows,
  centred: Float64Array,
  signal: AbortSignal | undefined,
): Promise<Float64Array[]> {
  const { cohort, backend, basis } = maker;
  const norms = weights.map(() => new Float64Array(rows.count));
  const step = Math.max(1, Math.floor(NORM_PRODUCTS / Math.max(1, basis?.count ?? 0)));
  const covariates = projected.repeated === 0 ? 0 : cohort.genotypeBasis.count;
  for (let from = 0; from < rows.count; from += step) {
    const to = Math.min(rows.count, from + step);
    const count = to - from;
    const tile = sliceRows(rows, from, to);
    const squares =
      basis === undefined
        ? new Float64Array(0)
        : await denseProducts(backend, tile, basis, undefined, signal);
    for (let i = 0; i < squares.length; i++) squares[i] = squares[i]! * squares[i]!;
    const total = centred.subarray(from, to);
    const others = squares.subarray(covariates * count);
    const left =
      projected.repeated === 0
        ? addWeighted(others, undefined, new Float64Array(count))
        : leftBeside(
            cohort,
            tile,
            total,
            addWeighted(squares.subarray(0, covariates * count), undefined, new Float64Array(count)),
          );
    weights.forEach((own, group) => {
      const sums = addWeighted(
        others,
        own.others,
        left.map((square) => own.common * square),
      );
      for (let row = 0; row < count; row++) {
        const tested = left[row]! > 0 && left[row]! >= COLLINEAR * total[row]!;
        norms[group]![from + row] = tested ? Math.sqrt(Math.max(0, sums[row]!)) : 0;
      }
    });
  }
  return norms;
}

/** Adds to `out` the squares `[column * rows + row]` of each row, times their column's weight (1 where there are none), and returns it. */
function addWeighted(
  squares: Float64Array,
  weights: Float64Array | undefined,
  out: Float64Array,
): Float64Array {
  const rows = out.length;
  for (let at = 0, column = 0; at < squares.length; at += rows, column++) {
    const weight = weights === undefined ? 1 : weights[column]!;
    for (let row = 0; row < rows; row++) out[row]! += weight * squares[at + row]!;
  }
  return out;
}

// Below this share |g|^2 - |Q'g|^2 has lost digits: the residual is formed and its norm taken.
const CANCELLATION = 0.01;

/** |g - QQ'g| of each row from |g - mean|^2 - |Q'g|^2, or 0 where less than COLLINEAR is left. */
async function residualNorms(
  { cohort, backend, basis }: NormMaker,
  rows: DosageRows,
  centred: Float64Array,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  if (basis === undefined || rows.count === 0) return centred.map(Math.sqrt);
  const products = await denseProducts(backend, rows, basis, undefined, signal);
  const explained = sumsOfSquares(products, rows.count);
  backend.giveBack?.(products);
  const left = leftBeside(cohort, rows, centred, explained);
  for (let row = 0; row < left.length; row++) {
    const square = left[row]!;
    left[row] = square < COLLINEAR * centred[row]! ? 0 : Math.sqrt(square);
  }
  return left;
}

/** The sum over columns of the squares of each of `rows` rows' products, `[column * rows + row]`. */
function sumsOfSquares(products: Float64Array, rows: number): Float64Array {
  const sums = new Float64Array(rows);
  for (let first = 0; first < products.length; first += rows) {
    for (let row = 0; row < rows; row++) {
      const product = products[first + row]!;
      sums[row]! += product * product;
    }
  }
  return sums;
}

/** |g - QQ'g|^2 of each row, where `explained` is |Q'g|^2. */
function leftBeside(
  cohort: Cohort,
  rows: DosageRows,
  centred: Float64Array,
  explained: Float64Array,
): Float64Array {
  const g = new Float64Array(rows.samples);
  const all = new Float64Array(rows.count);
  for (let row = 0; row < rows.count; row++) {
    const total = centred[row]!;
    let left = total - explained[row]!;
    if (left < CANCELLATION * total) {
      decodeDosages(rows, row, rows.fill[row]!, g);
      residualise(g, 0, rows.samples, cohort.genotypeBasis);
      left = 0;
      for (const value of g) left += value * value;
    }
    all[row] = left;
  }
  return all;
}
