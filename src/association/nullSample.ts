import { lambdaGC } from "../statistics/quantile.ts";
import { uniform, uniformInt } from "../statistics/random.ts";
import { GrowingFloats } from "./growing.ts";
import type { NullSample } from "./tables.ts";

/** Pairs in the sample, at least, where the run has as many. */
export const NULL_PAIRS = 100_000;
/** Drawn beyond that, since the draws that fall on untested pairs are lost: five standard deviations and more. */
const SPARE = 1.05;

/** Random streams of a run: each use of the seed has its own. */
const STREAM_COUNT = 1;
const STREAM_GENE = 2;

/**
 * A seeded sample of the tested pairs whatever their p, so that a run that writes only the strongest
 * pairs keeps its null distribution. Which pairs are drawn depends on the seed and the variant's index
 * only, so it is the same for every backend, tile and thread count.
 */
export class NullSampler {
  readonly #values = new GrowingFloats();
  readonly #seed: number;
  readonly #genes: number;
  readonly #perVariant: number;

  /**
   * `genes` may be drawn for each variant; `pairs` (variant, gene) are tested in all. When they are no
   * more than {@link NULL_PAIRS} all of them are in the sample.
   */
  constructor(seed: number, genes: number, pairs: number) {
    this.#seed = seed;
    this.#genes = genes;
    this.#perVariant = pairs <= NULL_PAIRS * SPARE ? genes : (NULL_PAIRS * SPARE * genes) / pairs;
  }

  /** The genes drawn for the variant `index` of the source: numbers below `genes`, repeats possible. */
  genesOf(index: number, out: number[]): number {
    if (this.#perVariant >= this.#genes) {
      for (let gene = 0; gene < this.#genes; gene++) out[gene] = gene;
      return this.#genes;
    }
    const whole = Math.floor(this.#perVariant);
    const draws = whole + (uniform(this.#seed, STREAM_COUNT, index) < this.#perVariant - whole ? 1 : 0);
    for (let d = 0; d < draws; d++) out[d] = uniformInt(this.#seed, STREAM_GENE + d, index, this.#genes);
    return draws;
  }

  add(log10P: number): void {
    this.#values.push(log10P);
  }

  result(): NullSample {
    const log10P = this.#values.take();
    return { log10P, lambda: lambdaGC(log10P) };
  }
}

/** The same for a map that tests every pair anyway: each is in the sample with the same probability. */
export class PairSampler {
  readonly #values = new GrowingFloats();
  readonly #seed: number;
  readonly #share: number;

  /** `pairs` are expected to be tested. */
  constructor(seed: number, pairs: number) {
    this.#seed = seed;
    this.#share = pairs <= NULL_PAIRS * SPARE ? 1 : (NULL_PAIRS * SPARE) / pairs;
  }

  draws(variant: number, gene: number): boolean {
    return this.#share === 1 || uniform(this.#seed, STREAM_GENE + gene, variant) < this.#share;
  }

  add(log10P: number): void {
    this.#values.push(log10P);
  }

  result(): NullSample {
    const log10P = this.#values.take();
    return { log10P, lambda: lambdaGC(log10P) };
  }
}
