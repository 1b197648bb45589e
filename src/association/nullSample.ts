import type { GenotypeSource } from "../formats/genotypes.ts";
import { lambdaGC } from "../statistics/quantile.ts";
import { uniform, uniformInt } from "../statistics/random.ts";
import { labelsOf } from "./batch.ts";
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

  /** `variant` is an index in the source, `gene` one in the run's genes. */
  add(variant: number, gene: number, test: Test): void {
    this.#variant.push(variant);
    this.#gene.push(gene);
    this.#slope.push(test.slope);
    this.#slopeSe.push(test.slopeSe);
    this.#log10P.push(test.log10P);
  }

  async result(source: GenotypeSource): Promise<NullSample> {
    const variant = this.#variant.take();
    const distinct = Uint32Array.from(new Set(Uint32Array.from(variant).sort()));
    const row = new Map(Array.from(distinct, (index, i) => [index, i]));
    const log10P = this.#log10P.take();
    return {
      variantId: (await labelsOf(source, distinct)).id,
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

/** The same for a map that tests every pair anyway: each is in the sample with the same probability. */
export class PairSampler {
  readonly pairs = new SampledPairs();
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
}
