import { GrowingFloats, GrowingIntegers } from "../association/growing.ts";
import type { RunOptions } from "../association/run.ts";
import { DEFAULT_MEMORY } from "../association/run.ts";
import type { ExpressionSet } from "../cohort/expressionSet.ts";
import { LimitError } from "../errors.ts";
import { clamp } from "./cohortGenes.ts";
import { Correlator, emptyStatistic, type PairLimits, passes } from "./correlator.ts";
import type { Measure } from "./measure.ts";
import { PairScreen, type ScreenedPairs } from "./pairScreen.ts";
import { strongest } from "./strongest.ts";

export interface CorrelateOptions extends RunOptions, PairLimits {
  readonly measure: Measure;
  /** Only the pairs that are among the `top` of largest |r| of either gene. Default: all that pass the limits. */
  readonly top?: number | undefined;
}

/** The pairs of a correlation network, in order of `a`, then `b`; a < b. */
export interface CorrelatedPairs {
  readonly correlator: Correlator;
  readonly a: Uint32Array;
  readonly b: Uint32Array;
  readonly log10P: Float64Array;
  /** Pairs of genes that have a cohort in common: what q-values are over. */
  readonly tests: number;
  /** Of `top`: the gene's strongest partners, `neighbours[gene]` in order. */
  readonly top?: readonly Uint32Array[] | undefined;
}

/** Bytes that a pair takes until it is written: two numbers of genes, log10 p, and its rank among all. */
const BYTES_A_PAIR = 40;

/**
 * The pairs of genes whose correlation passes the limits, or each gene's strongest. A screen with a proven bound goes over
 * all pairs of genes without missing values; what may pass is computed in f64, and that decides. Pairs with missing values
 * are all computed.
 * Throws {@link LimitError} where more pairs pass than memory holds.
 */
export async function correlate(
  sets: readonly ExpressionSet[],
  options: CorrelateOptions,
): Promise<CorrelatedPairs> {
  const correlator = new Correlator(sets, options.measure);
  const screen = await PairScreen.open(correlator, options.backend);
  try {
    if (options.top !== undefined) return await strongest(correlator, screen, options.top, options);
    return await allPairs(correlator, screen, options);
  } finally {
    await screen.dispose();
  }
}

async function allPairs(
  correlator: Correlator,
  screen: PairScreen,
  options: CorrelateOptions,
): Promise<CorrelatedPairs> {
  const { memory = DEFAULT_MEMORY, signal, onProgress } = options;
  const a = new GrowingIntegers();
  const b = new GrowingIntegers();
  const log10P = new GrowingFloats();
  const most = Math.floor(memory / 2 / BYTES_A_PAIR);
  const all = (correlator.count * (correlator.count - 1)) / 2;
  let done = 0;
  for await (const run of screen.above(correlator.leastR(options), signal)) {
    for (const pair of passing(correlator, run, options)) {
      if (a.length === most) throw tooMany(most, correlator.count, run.to);
      a.push(pair.a);
      b.push(pair.b);
      log10P.push(pair.log10P);
    }
    for (let gene = run.from; gene < run.to; gene++) done += correlator.count - 1 - gene;
    onProgress?.({ done, total: all, phase: "testing" });
  }
  return { correlator, a: a.take(), b: b.take(), log10P: log10P.take(), tests: correlator.tests() };
}

/** The pairs of a run that pass, in order; those with missing values that no screen has seen among them. */
function* passing(
  correlator: Correlator,
  { from, to, row, column, r }: ScreenedPairs,
  limits: PairLimits,
): Generator<{ a: number; b: number; log10P: number }> {
  const out = emptyStatistic();
  const plain = correlator.cohorts.every(({ whole }) => whole);
  const [first] = correlator.cohorts;
  let at = 0;
  for (let a = from; a < to; a++) {
    let end = at;
    while (end < row.length && row[end] === a) end++;
    if (plain) {
      for (; at < end; at++) {
        const b = column[at]!;
        if (r === undefined) correlator.statistic(a, b, out);
        else correlator.single(first!.samples, clamp(r[at]!), out);
        if (passes(out, limits)) yield { a, b, log10P: out.log10P };
      }
      continue;
    }
    for (let b = a + 1; b < correlator.count; b++) {
      const screened = at < end && column[at] === b;
      if (screened) at++;
      if (!screened && correlator.isPlain(a, b)) continue;
      correlator.statistic(a, b, out);
      if (passes(out, limits)) yield { a, b, log10P: out.log10P };
    }
    at = end;
  }
}

function tooMany(most: number, genes: number, done: number): LimitError {
  return new LimitError(
    `more than ${most} pairs pass among the first ${done} of ${genes} genes; raise --min-r, lower --p-value, take the --top partners of each gene, or give more --memory`,
  );
}
