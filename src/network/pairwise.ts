import { canonicalDot } from "../compute/exact.ts";
import { type Measure, standardiseFor } from "./measure.ts";

/** Fewer common samples than these give no correlation. */
const LEAST_COMMON = 4;

/**
 * Correlations of genes of which some values are missing, each pair over the samples that have both: means, ranks, medians
 * and deviations are those of these samples (as R's `cor(use = "pairwise")` and WGCNA's `bicor`).
 */
export class PairwiseGenes {
  private readonly values: Float64Array;
  private readonly samples: number;
  private readonly measure: Measure;
  private readonly present: Uint8Array;
  /** Of the last pair of sets of samples: what one gene is over the other's samples is asked for again and again. */
  private readonly first: Float64Array;
  private readonly second: Float64Array;
  private last = -1;

  /** `values[gene * samples + sample]`, NaN where missing; they are kept. */
  constructor(values: Float64Array, samples: number, measure: Measure) {
    this.values = values;
    this.samples = samples;
    this.measure = measure;
    this.present = new Uint8Array(samples);
    this.first = new Float64Array(samples);
    this.second = new Float64Array(samples);
  }

  /** Correlation and number of samples of two genes, into `out`; n = 0 where there is none. */
  correlate(a: number, b: number, out: { n: number; r: number }): void {
    const n = this.gather(a, b);
    out.n = 0;
    out.r = Number.NaN;
    if (n < LEAST_COMMON) return;
    if (this.measure.method === "pearson") {
      out.r = pearson(this.first, this.second, n);
      if (!Number.isNaN(out.r)) out.n = n;
      return;
    }
    const [x, y] = [this.first.subarray(0, n), this.second.subarray(0, n)];
    if (!standardiseFor(x, this.measure) || !standardiseFor(y, this.measure)) return;
    out.n = n;
    out.r = Math.max(-1, Math.min(1, canonicalDot(x, 0, y, 0, n)));
  }

  /** The values of both genes in the samples that have both; how many. */
  private gather(a: number, b: number): number {
    const { samples, values, present } = this;
    const [x, y] = [a * samples, b * samples];
    if (this.last !== a) {
      for (let s = 0; s < samples; s++) present[s] = Number.isNaN(values[x + s]!) ? 0 : 1;
      this.last = a;
    }
    let n = 0;
    for (let s = 0; s < samples; s++) {
      const value = values[y + s]!;
      if (present[s] === 0 || Number.isNaN(value)) continue;
      this.first[n] = values[x + s]!;
      this.second[n] = value;
      n++;
    }
    return n;
  }
}

/** Of the first `n` values of either; NaN where one is constant. */
function pearson(x: Float64Array, y: Float64Array, n: number): number {
  let [sumX, sumY] = [0, 0];
  let same = 0;
  for (let i = 0; i < n; i++) {
    sumX += x[i]!;
    sumY += y[i]!;
  }
  for (same = 1; same < n && x[same] === x[0]; same++);
  if (same === n) return Number.NaN;
  for (same = 1; same < n && y[same] === y[0]; same++);
  if (same === n) return Number.NaN;
  const [meanX, meanY] = [sumX / n, sumY / n];
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [a, b] = [x[i]! - meanX, y[i]! - meanY];
    xx += a * a;
    yy += b * b;
    xy += a * b;
  }
  return Math.max(-1, Math.min(1, xy / (Math.sqrt(xx) * Math.sqrt(yy))));
}
