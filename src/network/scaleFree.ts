import { log10 } from "../statistics/elementary.ts";
import { orthonormalBasis, residualise } from "../statistics/linalg.ts";
import { median } from "../statistics/quantile.ts";
import { type NetworkType, power, similarity } from "./adjacency.ts";
import type { CorrelationRows } from "./denseMatrix.ts";

/** WGCNA's powers. */
export const DEFAULT_POWERS: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20];
/** The scale-free fit from which on a power is good enough. */
export const SCALE_FREE_FIT = 0.85;
const BINS = 10;
const SMALL = 1e-9;

/** One row of the scan of powers. */
export interface ScaleFreeFit {
  readonly power: number;
  /** R squared of log10 p(k) on log10 k; the slope, negative where the network is scale-free. */
  readonly rSquared: number;
  readonly slope: number;
  /** Adjusted R squared of the truncated exponential model, log10 p(k) on log10 k and k. */
  readonly truncatedRSquared: number;
  readonly meanK: number;
  readonly medianK: number;
  readonly maxK: number;
}

/** Adds up what each gene is connected by under several powers, from rows of correlations. */
export class PowerScan {
  private readonly type: NetworkType;
  private readonly powers: readonly number[];
  /** `k[gene * powers + p]`. */
  private readonly k: Float64Array;

  /** `powers` ascending. */
  constructor(count: number, type: NetworkType, powers: readonly number[] = DEFAULT_POWERS) {
    this.type = type;
    this.powers = powers;
    this.k = new Float64Array(count * powers.length);
  }

  /** Takes rows `from` to `to` of correlations, of which the upper triangle is read: `values[(i - from) * count + j]`. */
  add({ from, to, values }: CorrelationRows): void {
    const { powers, k, type } = this;
    const width = powers.length;
    const count = k.length / width;
    for (let i = from; i < to; i++) {
      for (let j = i + 1; j < count; j++) {
        const s = similarity(values[(i - from) * count + j]!, type);
        if (s === 0) continue;
        let reached = 0;
        let a = 1;
        for (let p = 0; p < width; p++) {
          const exponent = powers[p]!;
          // Whole powers are reached one from the other.
          if (!Number.isInteger(exponent)) a = power(s, exponent);
          else for (; reached < exponent; reached++) a *= s;
          k[i * width + p] = k[i * width + p]! + a;
          k[j * width + p] = k[j * width + p]! + a;
          if (!Number.isInteger(exponent)) {
            reached = 0;
            a = 1;
          }
        }
      }
    }
  }

  /** The table; genes without correlations (where `there` is 0) are no part of it. */
  fits(there?: Uint8Array): ScaleFreeFit[] {
    const width = this.powers.length;
    const genes = Array.from({ length: this.k.length / width }, (_, gene) => gene).filter(
      (gene) => there === undefined || there[gene] === 1,
    );
    return this.powers.map((exponent, p) => {
      const k = Float64Array.from(genes, (gene) => this.k[gene * width + p]!);
      return { power: exponent, ...scaleFreeFit(k) };
    });
  }
}

/**
 * How near the connectivities are to a power law: genes in ten bins of equal width of k, log10 of each bin's share (plus
 * 1e-9) on log10 of its mean k (its middle where it is empty). METHODS 5.8, step 1.
 */
export function scaleFreeFit(k: Float64Array): Omit<ScaleFreeFit, "power"> {
  const n = k.length;
  const low = k.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = k.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const meanK = k.reduce((sum, value) => sum + value, 0) / n;
  const summary = { meanK, medianK: median(k), maxK: high };
  if (!(high > low))
    return { rSquared: Number.NaN, slope: Number.NaN, truncatedRSquared: Number.NaN, ...summary };
  const counts = new Float64Array(BINS);
  const sums = new Float64Array(BINS);
  for (const value of k) {
    const bin = binOf(value, low, high);
    counts[bin] = counts[bin]! + 1;
    sums[bin] = sums[bin]! + value;
  }
  const at = new Float64Array(BINS);
  const share = new Float64Array(BINS);
  for (let bin = 0; bin < BINS; bin++) {
    const mean = counts[bin]! > 0 ? sums[bin]! / counts[bin]! : 0;
    at[bin] = mean > 0 ? mean : low + ((bin + 0.5) * (high - low)) / BINS;
    share[bin] = log10(counts[bin]! / n + SMALL);
  }
  const logAt = at.map(log10);
  return {
    rSquared: rSquared(share, [logAt]),
    slope: slopeOf(share, logAt),
    truncatedRSquared: adjusted(rSquared(share, [logAt, at]), 2),
    ...summary,
  };
}

/** The bin (a, b] of equal width that holds `value`, the least value in the first. */
function binOf(value: number, low: number, high: number): number {
  const edge = (i: number) => low + (i * (high - low)) / BINS;
  let bin = Math.min(BINS - 1, Math.max(0, Math.ceil(((value - low) / (high - low)) * BINS) - 1));
  while (bin > 0 && value <= edge(bin)) bin--;
  while (bin < BINS - 1 && value > edge(bin + 1)) bin++;
  return bin;
}

function slopeOf(y: Float64Array, x: Float64Array): number {
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [my, mx] = [mean(y), mean(x)];
  let [xy, xx] = [0, 0];
  for (let i = 0; i < y.length; i++) {
    xy += (x[i]! - mx) * (y[i]! - my);
    xx += (x[i]! - mx) * (x[i]! - mx);
  }
  return xy / xx;
}

/** Of the least squares fit of y on a constant and the columns. */
function rSquared(y: Float64Array, columns: readonly Float64Array[]): number {
  const n = y.length;
  const joined = Float64Array.from(columns.flatMap((column) => [...column]));
  const basis = orthonormalBasis(
    joined,
    columns.map((_, i) => String(i)),
    n,
  );
  const squares = (values: Float64Array) => values.reduce((sum, value) => sum + value * value, 0);
  const total = y.slice();
  residualise(total, 0, n, { n, count: 0, values: new Float64Array(0) });
  const left = y.slice();
  residualise(left, 0, n, basis);
  return 1 - squares(left) / squares(total);
}

function adjusted(value: number, columns: number): number {
  return 1 - ((1 - value) * (BINS - 1)) / (BINS - 1 - columns);
}

/** The first power whose fit is good enough, or undefined. */
export function chosenPower(fits: readonly ScaleFreeFit[], least = SCALE_FREE_FIT): number | undefined {
  return fits.find(({ rSquared: r, slope }) => slope < 0 && r > least)?.power;
}

/** What WGCNA's authors advise where no power fits: by the number of samples (their FAQ). */
export function advisedPower(samples: number, type: NetworkType): number {
  const unsigned = samples < 20 ? 9 : samples < 30 ? 8 : samples < 40 ? 7 : 6;
  return type === "signed" ? 2 * unsigned : unsigned;
}
