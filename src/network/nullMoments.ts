import { type JohnsonSu, johnsonSu, johnsonSuLog10P } from "../statistics/johnsonSu.ts";

/** How a statistic is distributed under chance. */
export interface NullMoments {
  readonly mean: number;
  readonly deviation: number;
  /** Of a normal law 0 and 3. */
  readonly skewness: number;
  readonly kurtosis: number;
}

/** Moments of `count` numbers from `start` on, two at least; the standard deviation by count - 1. */
export function momentsOf(values: Float64Array, start: number, count: number): NullMoments {
  let sum = 0;
  for (let i = start; i < start + count; i++) sum += values[i]!;
  const mean = sum / count;
  let [second, third, fourth] = [0, 0, 0];
  for (let i = start; i < start + count; i++) {
    const d = values[i]! - mean;
    second += d * d;
    third += d * d * d;
    fourth += d * d * d * d;
  }
  const variance = second / count;
  return {
    mean,
    deviation: Math.sqrt(second / (count - 1)),
    skewness: third / count / (variance * Math.sqrt(variance)),
    kurtosis: fourth / count / (variance * variance),
  };
}

/**
 * Moments of many numbers that come one at a time, four sums each: numbers that scatter about 0, as scores by chance do. (The sums are about 0, not about the mean: of numbers
 * whose mean is large beside their deviation, digits would be lost.)
 */
export class MomentSums {
  readonly #sums: readonly [Float64Array, Float64Array, Float64Array, Float64Array];
  #count = 0;

  constructor(length: number) {
    const sums = () => new Float64Array(length);
    this.#sums = [sums(), sums(), sums(), sums()];
  }

  /** One more of each, times `scale`. */
  add(values: Float64Array, scale: number): void {
    const [first, second, third, fourth] = this.#sums;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]! * scale;
      const square = value * value;
      first[i]! += value;
      second[i]! += square;
      third[i]! += square * value;
      fourth[i]! += square * square;
    }
    this.#count++;
  }

  /** As {@link momentsOf}. */
  moments(): NullMoments[] {
    const n = this.#count;
    const [first, second, third, fourth] = this.#sums;
    return Array.from(first, (sum, i) => {
      const [mean, square] = [sum / n, second[i]! / n];
      const [cube, tesseract] = [third[i]! / n, fourth[i]! / n];
      const variance = square - mean * mean;
      return {
        mean,
        deviation: Math.sqrt((variance * n) / (n - 1)),
        skewness: (cube - 3 * mean * square + 2 * mean * mean * mean) / (variance * Math.sqrt(variance)),
        kurtosis:
          (tesseract - 4 * mean * cube + 6 * mean * mean * square - 3 * mean * mean * mean * mean) /
          (variance * variance),
      };
    });
  }
}

/** A law of all, fitted to their standardised nulls. */
export interface NullLaw {
  readonly skewness: number;
  readonly kurtosis: number;
  /** Undefined: a normal law. */
  readonly law: JohnsonSu | undefined;
}

/**
 * The shape that nulls have in common: Johnson's SU law of the mean skewness and kurtosis. Mean and deviation are each one's own; the
 * third and fourth moments of one alone would need ten thousand random phenotypes.
 */
export function nullLaw(nulls: readonly NullMoments[]): NullLaw {
  const usable = nulls.filter(({ deviation }) => deviation > 0);
  const mean = (of: (one: NullMoments) => number): number =>
    usable.reduce((sum, one) => sum + of(one), 0) / Math.max(1, usable.length);
  const [skewness, kurtosis] = [mean((one) => one.skewness), mean((one) => one.kurtosis)];
  return { skewness, kurtosis, law: johnsonSu(skewness, kurtosis) };
}

/** log10 of the two-sided p of `t` by its own null's mean and deviation, and the common law. NaN without a null. */
export function nullLog10P(t: number, own: NullMoments | undefined, { law }: NullLaw): number {
  if (own === undefined || !(own.deviation > 0)) return Number.NaN;
  return johnsonSuLog10P(law, (t - own.mean) / own.deviation);
}
