import type { PairTests } from "../compute/wasm/pairTests.ts";
import type { StudentT } from "../statistics/studentT.ts";

/** What turns a dot product into a test of one gene. */
export interface Tester {
  readonly degreesOfFreedom: number;
  readonly tails: StudentT;
  /** Tests many pairs at once, to the same bits, where the engine can. */
  readonly vector?: PairTests | undefined;
}

/** 1 - r^2 below this is rounding: r is as good as 1. */
const SMALLEST_RESIDUAL = Number.EPSILON;

/** One test, written into by {@link refine}: reused, so that millions of pairs allocate nothing. */
export interface Test {
  r: number;
  slope: number;
  slopeSe: number;
  log10P: number;
}

export function emptyTest(): Test {
  return { r: 0, slope: 0, slopeSe: 0, log10P: 0 };
}

/**
 * The f64 test of one pair from `product` = g.e (e of norm 1), the norm of the residual genotypes and
 * that of the residual expression (METHODS: linear model): r = g.e / |g|, slope = r |y| / |g|,
 * SE = |y| / |g| sqrt((1 - r^2) / df), t = r sqrt(df / (1 - r^2)).
 */
export function refine(
  tester: Tester,
  product: number,
  genotypeNorm: number,
  expressionNorm: number,
  out: Test,
): void {
  const r = product / genotypeNorm;
  const absolute = Math.abs(r);
  const unexplained = Math.max((1 - absolute) * (1 + absolute), SMALLEST_RESIDUAL);
  const scale = expressionNorm / genotypeNorm;
  const df = tester.degreesOfFreedom;
  out.r = r;
  out.slope = r * scale;
  out.slopeSe = scale * Math.sqrt(unexplained / df);
  out.log10P = tester.tails.log10P(r * Math.sqrt(df / unexplained));
}

/** Tests of many pairs, a column a number. */
export interface TestColumns {
  readonly slope: Float64Array;
  readonly slopeSe: Float64Array;
  readonly log10P: Float64Array;
}

/**
 * {@link refine} of a run of pairs of one gene, to the bit: pair i has `products[i]` and `norms[i]`. Writes
 * the correlations to `r` (and uses `t` to work in) and the tests to `out` from `start` on. No number is
 * handed from function to function, which would put it on the heap.
 */
export function refineRun(
  tester: Tester,
  products: Float64Array,
  norms: Float64Array,
  expressionNorm: number,
  work: { readonly r: Float64Array; readonly t: Float64Array },
  out: TestColumns,
  start: number,
): void {
  const { vector, tails } = tester;
  if (vector !== undefined) {
    const arrays = { r: work.r, slope: out.slope, slopeSe: out.slopeSe, log10P: out.log10P };
    const odd = emptyTest();
    vector.run(products, norms, expressionNorm, arrays, start, (pair) => {
      refine(tester, products[pair]!, norms[pair]!, expressionNorm, odd);
      out.log10P[start + pair] = odd.log10P;
    });
    return;
  }
  const count = products.length;
  const df = tester.degreesOfFreedom;
  const { r: rs, t } = work;
  const { slope, slopeSe, log10P } = out;
  for (let i = 0; i < count; i++) {
    const norm = norms[i]!;
    const r = products[i]! / norm;
    const absolute = Math.abs(r);
    const unexplained = Math.max((1 - absolute) * (1 + absolute), SMALLEST_RESIDUAL);
    const scale = expressionNorm / norm;
    rs[i] = r;
    slope[start + i] = r * scale;
    slopeSe[start + i] = scale * Math.sqrt(unexplained / df);
    t[i] = r * Math.sqrt(df / unexplained);
  }
  tails.log10PInto(t.subarray(0, count), log10P.subarray(start, start + count));
}
