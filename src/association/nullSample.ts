import { log } from "../statistics/elementary.ts";
import { lambdaGC } from "../statistics/quantile.ts";
import { uniform, uniformInt } from "../statistics/random.ts";
import { type LabelSource, labelsOf } from "./batch.ts";
import { GrowingFloats, GrowingIntegers } from "./growing.ts";
import { doublesOf, type PartTable, stringsOf, uint32sOf } from "./mapPart.ts";
import type { Test } from "./refine.ts";
import type { NullSample } from "./tables.ts";

/** Pairs in the sample, at least, where the run has as many. */
export const NULL_PAIRS = 100_000;
/** Drawn beyond that, since the draws that fall on untested pairs are lost: five standard deviations and more. */
const SPARE = 1.05;

/** Random streams of a run: each use of the seed has its own. */
const STREAM_COUNT = 1;
const STREAM_GENE = 2;

/** The sampled pairs of a part as they are tested, in any order that does not depend on tiles or threads. */
export class SampledPairs {
  readonly #variant = new GrowingIntegers(64);
  readonly #gene = new GrowingIntegers(64);
  readonly #slope = new GrowingFloats(64);
  readonly #slopeSe = new GrowingFloats(64);
  readonly #log10P = new GrowingFloats(64);

  /** `variant` is an index in the source, `gene` one in the run's genes. */
  add(variant: number, gene: number, test: Test): void {
    this.#variant.push(variant);
    this.#gene.push(gene);
    this.#slope.push(test.slope);
    this.#slopeSe.push(test.slopeSe);
    this.#log10P.push(test.log10P);
  }

  /** The table of the part, and the names of its variants, `named`, from `labels`. */
  async part(labels: LabelSource): Promise<PartTable> {
    const variant = this.#variant.take();
    const named = Uint32Array.from(new Set(variant)).sort();
    const { id } = await labelsOf(labels, named);
    return {
      variant,
      gene: this.#gene.take(),
      slope: this.#slope.take(),
      slopeSe: this.#slopeSe.take(),
      log10P: this.#log10P.take(),
      named,
      id,
    };
  }
}

/** The sample of a whole map, of its parts in order. */
export class SampleOfMap {
  /** In a few large arrays: small ones, one a part, would lie strewn over the memory that the parts give back. */
  readonly #variant = new GrowingIntegers(NULL_PAIRS);
  readonly #gene = new GrowingIntegers(NULL_PAIRS);
  readonly #slope = new GrowingFloats(NULL_PAIRS);
  readonly #slopeSe = new GrowingFloats(NULL_PAIRS);
  readonly #log10P = new GrowingFloats(NULL_PAIRS);
  readonly #name = new Map<number, string>();

  /** Takes over what {@link SampledPairs.part} gave. */
  merge(part: PartTable): void {
    const id = stringsOf(part, "id");
    uint32sOf(part, "named").forEach((variant, i) => {
      this.#name.set(variant, id[i]!);
    });
    this.#variant.append(uint32sOf(part, "variant"));
    this.#gene.append(uint32sOf(part, "gene"));
    this.#slope.append(doublesOf(part, "slope"));
    this.#slopeSe.append(doublesOf(part, "slopeSe"));
    this.#log10P.append(doublesOf(part, "log10P"));
  }

  result(): NullSample {
    const distinct = Uint32Array.from(this.#name.keys()).sort();
    const row = new Map<number, number>();
    distinct.forEach((index, i) => void row.set(index, i));
    const log10P = this.#log10P.take();
    return {
      variantId: Array.from(distinct, (index) => this.#name.get(index)!),
      variant: this.#variant.take().map((index) => row.get(index)!),
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
