import type { RunOptions } from "../association/run.ts";
import { DEFAULT_MEMORY } from "../association/run.ts";
import { LimitError } from "../errors.ts";
import { clamp } from "./cohortGenes.ts";
import type { CorrelatedPairs } from "./correlate.ts";
import { type Correlator, emptyStatistic, type PairLimits, passes } from "./correlator.ts";
import type { PairScreen, ScreenedPairs } from "./pairScreen.ts";

/** Rows of the first product, of which nothing is known yet; each next one is twice as long. */
const FIRST_ROWS = 32;
const MOST_ROWS = 512;
/** Bytes that a partner takes: its number, |r|, and its place in the result. */
const BYTES_A_PARTNER = 36;

/**
 * Each gene's `top` partners of largest |r| among the pairs that pass the limits; of equal |r| those that come first in the
 * input. The screen's threshold of a gene is the least |r| it holds, and rises as partners are found: so each ordered pair
 * is screened, which is twice the work of all pairs above one limit.
 */
export async function strongest(
  correlator: Correlator,
  screen: PairScreen,
  top: number,
  options: RunOptions & PairLimits,
): Promise<CorrelatedPairs> {
  const { count } = correlator;
  const { memory = DEFAULT_MEMORY, signal, onProgress } = options;
  const size = Math.min(top, Math.max(1, count - 1));
  if (count * size * BYTES_A_PARTNER > memory / 2) {
    throw new LimitError(
      `the ${top} strongest partners of ${count} genes take ${Math.ceil((count * size * BYTES_A_PARTNER) / 2 ** 20)} MiB; lower --top or give more --memory`,
    );
  }
  const partners = new Partners(count, size);
  const least = correlator.leastR(options);
  const out = emptyStatistic();
  const whole = correlator.cohorts.every((cohort) => cohort.whole);
  const offer = (gene: number, partner: number, r?: number): void => {
    if (r === undefined) correlator.statistic(gene, partner, out);
    else correlator.single(correlator.cohorts[0]!.samples, clamp(r), out);
    if (passes(out, options)) partners.offer(gene, partner, Math.abs(out.r));
  };
  for (let from = 0, rows = FIRST_ROWS; from < count; rows = Math.min(MOST_ROWS, 2 * rows)) {
    const thresholds = partners.thresholds(least);
    const wave: Promise<ScreenedPairs>[] = [];
    for (let i = 0; i < screen.parallelism && from < count; i++, from += rows) {
      wave.push(screen.screen(from, Math.min(count, from + rows), thresholds, false, signal));
    }
    for (const { row, column, r } of await Promise.all(wave)) {
      for (let i = 0; i < row.length; i++) {
        // A pair with missing values in some cohort is computed below, whatever the screen of another one says.
        if (row[i] !== column[i] && (whole || correlator.isPlain(row[i]!, column[i]!))) {
          offer(column[i]!, row[i]!, r?.[i]);
        }
      }
    }
    onProgress?.({ done: Math.min(count, from) * count, total: count * count, phase: "testing" });
  }
  if (!whole) {
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < count; b++) if (a !== b && !correlator.isPlain(a, b)) offer(a, b);
    }
  }
  return pairsOf(correlator, partners);
}

/** For each gene the partners of largest |r| so far, sorted, the strongest first. */
class Partners {
  readonly size: number;
  readonly filled: Uint32Array;
  readonly partner: Uint32Array;
  private readonly r: Float64Array;

  constructor(genes: number, size: number) {
    this.size = size;
    this.filled = new Uint32Array(genes);
    this.partner = new Uint32Array(genes * size);
    this.r = new Float64Array(genes * size);
  }

  offer(gene: number, partner: number, r: number): void {
    const start = gene * this.size;
    let at = this.filled[gene]!;
    if (at < this.size) this.filled[gene] = at + 1;
    else if (!this.isBefore(r, partner, start + at - 1)) return;
    else at--;
    for (; at > 0 && this.isBefore(r, partner, start + at - 1); at--) {
      this.partner[start + at] = this.partner[start + at - 1]!;
      this.r[start + at] = this.r[start + at - 1]!;
    }
    this.partner[start + at] = partner;
    this.r[start + at] = r;
  }

  private isBefore(r: number, partner: number, at: number): boolean {
    return r > this.r[at]! || (r === this.r[at]! && partner < this.partner[at]!);
  }

  /** What a cohort's |r| must reach to be among a gene's partners, a little below. */
  thresholds(least: number): Float64Array {
    return Float64Array.from(this.filled, (filled, gene) => {
      if (filled < this.size) return least;
      return Math.max(least, (1 - 1e-9) * this.r[gene * this.size + this.size - 1]!);
    });
  }

  of(gene: number): Uint32Array {
    return this.partner.subarray(gene * this.size, gene * this.size + this.filled[gene]!);
  }
}

/** Every pair that is in either gene's list, once. */
function pairsOf(correlator: Correlator, partners: Partners): CorrelatedPairs {
  const { count } = correlator;
  const top = Array.from({ length: count }, (_, gene) => partners.of(gene));
  const keys = new Float64Array(top.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  top.forEach((list, gene) => {
    for (const other of list) keys[at++] = Math.min(gene, other) * count + Math.max(gene, other);
  });
  keys.sort();
  const kept = keys.filter((key, i) => i === 0 || key !== keys[i - 1]);
  const a = Uint32Array.from(kept, (key) => Math.floor(key / count));
  const b = Uint32Array.from(kept, (key) => key % count);
  const out = emptyStatistic();
  const log10P = Float64Array.from(a, (gene, i) => {
    correlator.statistic(gene, b[i]!, out);
    return out.log10P;
  });
  return { correlator, a, b, log10P, tests: correlator.tests(), top };
}
