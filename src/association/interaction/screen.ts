/**
 * The screen of an interaction with one context, made of two products that any backend has.
 *
 * With e the residual expression (norm 1), w = z x e (z the context about its mean, in standard deviations), a = g.e, b = g.w and the
 * variant's S = |residual g|^2, kappa = S_gh / S, D = S_hh - kappa S_gh (h = z x g): alpha = a / sqrt(S), beta = (b - kappa a) / sqrt(D), and
 * t = beta sqrt(df) / sqrt(1 - alpha^2 - beta^2) (METHODS 13). So
 *  1. |t| >= t0 exactly where beta^2 >= c (1 - alpha^2), c = t0^2 / (df + t0^2).
 *  2. For any limit A: either |alpha| >= A, or |beta| >= sqrt(c (1 - A^2)) and then, as |b - kappa a| <= |b| + |kappa| |alpha| sqrt(S),
 *     |b| >= sqrt(D) sqrt(c (1 - A^2)) - |kappa| sqrt(S) A.
 * The first is asked of g.e, the second of g.w, as `candidates` with a norm for each row: a backend misses none of either
 * (compute/screen/bound.ts), so no pair is missed. A is a correlation that chance seldom reaches, so that the first adds few pairs.
 * Of what passes either, both products are formed in f64, and the partial correlation is compared with sqrt(c) itself, so that A shows in no result.
 * Since e is orthogonal to the constant and to the context, w sums to 0 as screened columns must.
 */

import { inSharedMemory } from "../../compute/sharedMemory.ts";
import { thresholdR } from "../../statistics/studentT.ts";
import { candidatePairs, sliceRows } from "../dosageRows.ts";
import { countingBackend } from "../run.ts";
import { type FoundPairs, type InteractionSlice, type PairFinder, type Search, SLACK } from "./found.ts";
import type { InteractionSurvey } from "./gram.ts";
import type { InteractionModel } from "./model.ts";
import { loadScreenColumns, type ScreenColumns } from "./screenColumns.ts";
import { TermProducts } from "./termProducts.ts";
import { PairTester } from "./test.ts";

/** log10 of the share of pairs whose genotype alone correlates with expression by more than A by chance. */
const MAIN_LOG10_P = -5;
/** A row is screened where 2. asks for at least this share of sqrt(D c); else all its pairs are tested. */
const LEAST_SHARE = 0.25;
/** A smaller D is not screened by: its rounding would be within reach of SLACK. */
const SMALLEST_D = 1;

/**
 * |b| that a pair of the row must reach unless |alpha| reaches `main` (2. above); `least` is sqrt(c). `kappaScale` other than 1 breaks the
 * promise: for the test which proves that pairs would be missed.
 */
function leastProduct(
  records: Float64Array,
  record: number,
  least: number,
  main: number,
  kappaScale: number,
): number {
  // L^-1 is 1 / sqrt(S); -kappa / sqrt(D), 1 / sqrt(D).
  const rootS = 1 / records[record]!;
  const rootD = 1 / records[record + 2]!;
  const kappa = Math.abs(records[record + 1]!) * rootD * kappaScale;
  return rootD * least * Math.sqrt((1 - main) * (1 + main)) - kappa * rootS * main;
}

/** 1. and 2. above. */
export class Screen implements PairFinder {
  readonly #search: Search;
  readonly #main: number;
  /** By gene: what divides its products, and what |alpha| and |b| are compared with. */
  readonly #stretch: Float64Array;
  readonly #mainThreshold: Float64Array;
  readonly #threshold: Float64Array;
  /** Below this square of the partial correlation no pair passes. */
  readonly #leastSquare: number;
  readonly #tester: PairTester;
  readonly #columns: ScreenColumns;
  readonly #terms: TermProducts;
  readonly #kappaScale: number;

  private constructor(search: Search, columns: ScreenColumns, terms: TermProducts, kappaScale: number) {
    this.#search = search;
    this.#main = mainLimit(search.model);
    this.#stretch = search.stretch ?? new Float64Array(search.genes.length).fill(1);
    const main = this.#stretch.map((stretch) => this.#main * (1 - SLACK) * stretch);
    this.#mainThreshold = inSharedMemory(main);
    this.#threshold = inSharedMemory(
      columns.scale.map((one, gene) => (search.least * this.#stretch[gene]!) / one),
    );
    this.#leastSquare = search.least * search.least * (1 - SLACK);
    this.#tester = new PairTester(search.model);
    this.#columns = columns;
    this.#terms = terms;
    this.#kappaScale = kappaScale;
  }

  /** `search.least` above 0, one modifier. */
  static async open(search: Search, kappaScale = 1): Promise<Screen> {
    const terms = await TermProducts.load(search.model);
    return new Screen(search, await loadScreenColumns(search), terms, kappaScale);
  }

  async find({ part, from, to }: InteractionSlice, signal: AbortSignal | undefined): Promise<FoundPairs> {
    const { expression, products } = this.#columns;
    const rows = sliceRows(part.rows, from, to);
    const { norm, productNorm, every } = this.#norms(part, from, to);
    const pairsBy = new Map<string, number>();
    const backend = countingBackend(this.#search.backend, pairsBy);
    const [byMain, byProduct] = await Promise.all([
      candidatePairs(backend, rows, norm, expression, this.#mainThreshold, signal),
      candidatePairs(backend, rows, productNorm, products, this.#threshold, signal),
    ]);
    const genes = this.#search.genes.length;
    const { row, gene, product } = this.#measured(part, from, union(byMain, byProduct, every, genes));
    const passed = byMain.passed + byProduct.passed + every.length * genes;
    return { row, gene, products: product, pairs: byMain.pairs, passed, pairsBy };
  }

  /** What both questions divide by, of rows `from` to `to`; and those of the rows all of whose pairs are tested. */
  #norms({ norm: all, records }: InteractionSurvey, from: number, to: number) {
    const norm = all.slice(from, to);
    const productNorm = new Float64Array(to - from);
    const every: number[] = [];
    for (let row = 0; row < norm.length; row++) {
      if (norm[row] === 0 || this.#isScreened(records, from + row, productNorm, row)) continue;
      every.push(row);
      norm[row] = 0;
    }
    return { norm, productNorm, every };
  }

  /** Whether a row can be screened; then its norm for the second question, in `norm[at]`. */
  #isScreened(records: Float64Array, row: number, norm: Float64Array, at: number): boolean {
    const { least, layout } = this.#search;
    const record = row * layout.length;
    const product = leastProduct(records, record, least * (1 - SLACK), this.#main, this.#kappaScale);
    const rootD = 1 / records[record + 2]!;
    if (!(product >= LEAST_SHARE * least * rootD && rootD * rootD >= SMALLEST_D)) return false;
    norm[at] = product / least;
    return true;
  }

  /** Those of the pairs that may pass by their f64 products, which are formed here: in one order of summation, whoever found them. */
  #measured({ rows, records }: InteractionSurvey, from: number, found: PairList) {
    const { genes, layout } = this.#search;
    const terms = this.#terms;
    const { length } = found.row;
    const row = new Uint32Array(length);
    const gene = new Uint32Array(length);
    const product = new Float64Array(2 * length);
    let current = -1;
    let kept = 0;
    for (let i = 0; i < length; i++) {
      const at = from + found.row[i]!;
      const column = found.column[i]!;
      const g = genes[column]!;
      if (at !== current) terms.read(rows, at);
      current = at;
      terms.of(g, product, 2 * kept);
      const stretch = this.#stretch[column]!;
      const square = this.#tester.squareAlong(records, at * layout.length, stretch, product, 2 * kept, 1);
      // No pair is dropped for a number that cannot be compared.
      if (square < this.#leastSquare) continue;
      row[kept] = at;
      gene[kept++] = g;
    }
    return {
      row: row.subarray(0, kept),
      gene: gene.subarray(0, kept),
      product: product.subarray(0, 2 * kept),
    };
  }

  dispose(): Promise<void> {
    return this.#columns.dispose();
  }
}

/** The correlation A. */
export function mainLimit({ tester }: InteractionModel): number {
  return Math.min(0.9, thresholdR(MAIN_LOG10_P, tester.degreesOfFreedom));
}

/** Pairs in order of row, then column. */
interface PairList {
  readonly row: Uint32Array;
  readonly column: Uint32Array;
}

/** The pairs in either, and every pair of the rows `every`, of which neither has any. */
function union(a: PairList, b: PairList, every: readonly number[], columns: number): PairList {
  const room = a.row.length + b.row.length + every.length * columns;
  const row = new Uint32Array(room);
  const column = new Uint32Array(room);
  let [i, j, k, count] = [0, 0, 0, 0];
  while (i < a.row.length || j < b.row.length || k < every.length) {
    const first = keyAt(a, i, columns);
    const second = keyAt(b, j, columns);
    const next = Math.min(first, second);
    if (k < every.length && every[k]! * columns <= next) {
      row.fill(every[k++]!, count, count + columns);
      for (let c = 0; c < columns; c++) column[count++] = c;
      continue;
    }
    if (first === next) i++;
    if (second === next) j++;
    row[count] = Math.floor(next / columns);
    column[count++] = next % columns;
  }
  return { row: row.subarray(0, count), column: column.subarray(0, count) };
}

/** Where pair `at` comes in the order; after all where there is none. */
function keyAt({ row, column }: PairList, at: number, columns: number): number {
  return at < row.length ? row[at]! * columns + column[at]! : Number.POSITIVE_INFINITY;
}
