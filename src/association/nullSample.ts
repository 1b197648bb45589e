import { log } from "../statistics/elementary.ts";
import { lambdaGC } from "../statistics/quantile.ts";
import { uniform, uniformInt } from "../statistics/random.ts";
import { type LabelSource, labelsOf } from "./batch.ts";
import { GrowingFloats, GrowingIntegers } from "./growing.ts";
import type { Test } from "./refine.ts";
import type { NullSample } from "./tables.ts";

/** Pairs in the sample, at least, where the run has as many. */
export const NULL_PAIRS = 100_000;
/** Drawn beyond that, since the draws that fall on untested pairs are lost: five standard deviations and more. */
const SPARE = 1.05;

/** Random streams of a run: each use of the seed has its own. */
const STREAM_COUNT = 1;
const STREAM_GENE = 2;

/** The sampled pairs as they are tested, in any order that does not depend on tiles or threads. */
class SampledPairs {
  readonly #variant = new GrowingIntegers();
  readonly #gene = new GrowingIntegers();
  readonly #slope = new GrowingFloats();
  readonly #slopeSe = new GrowingFloats();
  readonly #log10P = new GrowingFloats();
  /** Names learnt so far, by index in the source, and how many pairs they go back to. */
  readonly #name = new Map<number, string>();
  #named = 0;

  /** `variant` is an index in the source, `gene` one in the run's genes. */
  add(variant: number, gene: number, test: Test): void {
    this.#variant.push(variant);
    this.#gene.push(gene);
    this.#slope.push(test.slope);
    this.#slopeSe.push(test.slopeSe);
    this.#log10P.push(test.log10P);
  }

  /** Takes the names of the pairs added since the last call from `labels`, which has them at hand. */
  async learn(labels: LabelSource): Promise<void> {
    const fresh = new Set<number>();
    for (; this.#named < this.#variant.length; this.#named++) {
      const variant = this.#variant.at(this.#named);
      if (!this.#name.has(variant)) fresh.add(variant);
    }
    const index = Uint32Array.from(fresh).sort();
    const { id } = await labelsOf(labels, index);
    index.forEach((variant, i) => {
      this.#name.set(variant, id[i]!);
    });
  }

  async result(source: LabelSource): Promise<NullSample> {
    await this.learn(source);
    const variant = this.#variant.take();
    const distinct = Uint32Array.from(this.#name.keys()).sort();
    const row = new Map(Array.from(distinct, (index, i) => [index, i]));
    const log10P = this.#log10P.take();
    return {
      variantId: Array.from(distinct, (index) => this.#name.get(index)!),
      variant: variant.map((index) => row.get(index)!),
      gene: this.#gene.take(),
      slope: this.#slope.take(),
      slopeSe: this.#slopeSe.take(),
      log10P,
      lambda: lambdaGC(log10P),
    };
  }
}

/**
 * A seeded sample of the tested pairs whatever their p, so that a run that writes only the strongest
 * pairs keeps its null distribution. Which pairs are drawn depends on the seed and the variant's index
 * only, so it is the same for every backend, tile and thread count.
 */
export class NullSampler {
  readonly pairs = new SampledPairs();
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
}

/** Variants of the source whose draws of one gene come from one run of random numbers. */
const BLOCK = 1024;

/**
 * The same for a map that tests every pair anyway: each is in the sample with the same probability,
 * independently. Within a gene and a block of the source the gaps between the drawn variants are geometric
 * (Devroye, Non-Uniform Random Variate Generation, 1986, X.2), so that a random number is made for each
 * pair drawn and not for each pair tested; blocks start anew, so that parts do not matter.
 */
export class PairSampler {
  readonly pairs = new SampledPairs();
  readonly #seed: number;
  readonly #share: number;
  /** log(1 - share). */
  readonly #logMissed: number;
  #gene = -1;
  #block = -1;
  /** The variant asked for last, the next one drawn, and the draws of the block so far. */
  #asked = -1;
  #next = -1;
  #draws = 0;

  /** `pairs` are expected to be tested. */
  constructor(seed: number, pairs: number) {
    this.#seed = seed;
    this.#share = pairs <= NULL_PAIRS * SPARE ? 1 : (NULL_PAIRS * SPARE) / pairs;
    this.#logMissed = log(1 - this.#share);
  }

  draws(variant: number, gene: number): boolean {
    return this.next(variant, gene) === variant;
  }

  /**
   * The first variant from `variant` on that is drawn with `gene`, or one past `variant` before which none is: when to ask again.
   * Quick when a gene's variants are asked for in ascending order; the answer depends on no order.
   */
  next(variant: number, gene: number): number {
    if (this.#share === 1) return variant;
    const block = Math.floor(variant / BLOCK);
    if (gene !== this.#gene || block !== this.#block || variant < this.#asked) {
      this.#gene = gene;
      this.#block = block;
      this.#draws = 0;
      this.#next = block * BLOCK - 1;
    }
    this.#asked = variant;
    while (this.#next < variant) this.#advance();
    // What is drawn past the block is none of it: the next block starts anew.
    return Math.min(this.#next, (block + 1) * BLOCK);
  }

  #advance(): void {
    const index = this.#block * BLOCK + this.#draws++;
    const u = uniform(this.#seed, STREAM_GENE + this.#gene, index);
    this.#next += 1 + Math.floor(log(1 - u) / this.#logMissed);
  }
}
