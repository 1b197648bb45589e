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
 * Since e is orthogonal to the constant and to the context, w sums to 0 as screened columns must.
 */

import { thresholdR } from "../../statistics/studentT.ts";
import { type CandidatePairs, candidatePairs, sliceRows } from "../dosageRows.ts";
import { GrowingIntegers } from "../growing.ts";
import { countingBackend } from "../run.ts";
import { type FoundPairs, type InteractionSlice, type PairFinder, type Search, SLACK } from "./found.ts";
import type { InteractionSurvey } from "./gram.ts";
import type { InteractionModel } from "./model.ts";
import { loadScreenColumns, type ScreenColumns } from "./screenColumns.ts";
import { TermProducts } from "./termProducts.ts";

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
  readonly #columns: ScreenColumns;
  readonly #terms: TermProducts;
  readonly #kappaScale: number;

  private constructor(search: Search, columns: ScreenColumns, terms: TermProducts, kappaScale: number) {
    this.#search = search;
    this.#main = mainLimit(search.model);
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
    const { genes, least, stretch } = this.#search;
    const { expression, products, scale } = this.#columns;
    const rows = sliceRows(part.rows, from, to);
    const norm = part.norm.slice(from, to);
    const productNorm = new Float64Array(to - from);
    const every: number[] = [];
    for (let row = 0; row < norm.length; row++) {
      if (norm[row] === 0 || this.#isScreened(part.records, from + row, productNorm, row)) continue;
      every.push(row);
      norm[row] = 0;
    }
    const stretched = (gene: number): number => stretch?.[gene] ?? 1;
    const main = Float64Array.from(genes, (_, gene) => this.#main * (1 - SLACK) * stretched(gene));
    const threshold = scale.map((one, gene) => (least * stretched(gene)) / one);
    const pairsBy = new Map<string, number>();
    const backend = countingBackend(this.#search.backend, pairsBy);
    const [byMain, byProduct] = await Promise.all([
      candidatePairs(backend, rows, norm, expression, main, signal),
      candidatePairs(backend, rows, productNorm, products, threshold, signal),
    ]);
    const found = union(byMain, byProduct, every, genes.length);
    return {
      ...this.#withProducts(part, from, found),
      pairs: byMain.pairs,
      passed: byMain.passed + byProduct.passed + every.length * genes.length,
      pairsBy,
    };
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

  /** The pairs' f64 products, formed here: one order of summation, whoever found them. */
  #withProducts(part: InteractionSurvey, from: number, found: { row: Uint32Array; column: Uint32Array }) {
    const { genes } = this.#search;
    const terms = this.#terms;
    const row = found.row.map((at) => at + from);
    const gene = found.column.map((column) => genes[column]!);
    const products = new Float64Array(2 * row.length);
    let current = -1;
    for (let i = 0; i < row.length; i++) {
      if (row[i] !== current) terms.read(part.rows, row[i]!);
      current = row[i]!;
      terms.of(gene[i]!, products, 2 * i);
    }
    return { row, gene, products };
  }

  dispose(): Promise<void> {
    return this.#columns.dispose();
  }
}

/** The correlation A. */
export function mainLimit({ tester }: InteractionModel): number {
  return Math.min(0.9, thresholdR(MAIN_LOG10_P, tester.degreesOfFreedom));
}

/** The pairs in either, and every pair of the rows `every`, in order of row, then column. */
function union(a: CandidatePairs, b: CandidatePairs, every: readonly number[], columns: number) {
  const row = new GrowingIntegers();
  const column = new GrowingIntegers();
  let [i, j, k] = [0, 0, 0];
  const key = (pairs: CandidatePairs, at: number): number =>
    at < pairs.row.length ? pairs.row[at]! * columns + pairs.column[at]! : Number.POSITIVE_INFINITY;
  for (;;) {
    const [first, second] = [key(a, i), key(b, j)];
    const next = Math.min(first, second);
    if (k < every.length && every[k]! * columns <= next) {
      for (let c = 0; c < columns; c++) {
        row.push(every[k]!);
        column.push(c);
      }
      k++;
      continue;
    }
    if (next === Number.POSITIVE_INFINITY) break;
    if (first === next) i++;
    if (second === next) j++;
    row.push(Math.floor(next / columns));
    column.push(next % columns);
  }
  return { row: row.take(), column: column.take() };
}
