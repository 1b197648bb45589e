import type { Cohort } from "../../cohort/cohort.ts";
import { VARIANT_STATUS } from "../../cohort/variants.ts";
import { LimitError } from "../../errors.ts";
import { thousands } from "../../formats/wording.ts";
import { GrowingFloats, GrowingIntegers } from "../growing.ts";
import { DEFAULT_MEMORY, type RunOptions } from "../run.ts";

export interface AnovaOptions extends RunOptions {
  readonly pValue: number;
  readonly distance: number;
  readonly allPairs: boolean;
}

/** Pairs whose p passes, by variant, then gene; a row each. */
export interface AnovaPairs {
  /** Index in the source, and in the cohort's genes. */
  readonly variant: Uint32Array;
  readonly gene: Uint32Array;
  readonly rSquared: Float64Array;
  readonly log10P: Float64Array;
  /** Expression of samples with 1 and with 2 copies less that of samples with 0; NaN where a class is empty or collinear. */
  readonly effect1: Float64Array;
  readonly effect2: Float64Array;
  /** Called samples with 0, 1 and 2 copies. */
  readonly samples0: Uint32Array;
  readonly samples1: Uint32Array;
  readonly samples2: Uint32Array;
}

interface AnovaCounts {
  readonly tests: number;
  readonly candidates: number;
  /** Variants tested with each gene. */
  readonly testsOfGene: Float64Array;
}

/** What one block of variants adds to a map. */
export interface AnovaPart extends AnovaPairs, AnovaCounts {
  /** Status code of each variant of the block, in the source's order. */
  readonly status: Uint32Array;
}

export interface AnovaResult extends AnovaPairs, AnovaCounts {
  readonly degreesOfFreedom: number;
  /** Status code of each variant of the source. */
  readonly status: Uint32Array;
}

const INTEGERS = ["variant", "gene", "samples0", "samples1", "samples2"] as const;
const NUMBERS = ["rSquared", "log10P", "effect1", "effect2"] as const;
const BYTES_PER_PAIR = 96;

/** One pair that passes. */
export type AnovaPair = { readonly [Name in keyof AnovaPairs]: number };

/** Pairs as they are found; throws {@link LimitError} where they are more than memory holds. */
export class FoundPairs {
  readonly #integers = INTEGERS.map(() => new GrowingIntegers());
  readonly #numbers = NUMBERS.map(() => new GrowingFloats());
  readonly #most: number;
  readonly #pValue: number;

  constructor({ memory = DEFAULT_MEMORY, pValue }: Pick<AnovaOptions, "memory" | "pValue">) {
    this.#most = Math.floor(memory / 4 / BYTES_PER_PAIR);
    this.#pValue = pValue;
  }

  add(pair: AnovaPair): void {
    this.#check(1);
    INTEGERS.forEach((name, i) => {
      this.#integers[i]!.push(pair[name]);
    });
    NUMBERS.forEach((name, i) => {
      this.#numbers[i]!.push(pair[name]);
    });
  }

  append(pairs: AnovaPairs): void {
    this.#check(pairs.gene.length);
    INTEGERS.forEach((name, i) => {
      this.#integers[i]!.append(pairs[name]);
    });
    NUMBERS.forEach((name, i) => {
      this.#numbers[i]!.append(pairs[name]);
    });
  }

  take(): AnovaPairs {
    const [variant, gene, samples0, samples1, samples2] = this.#integers.map((values) => values.take());
    const [rSquared, log10P, effect1, effect2] = this.#numbers.map((values) => values.take());
    return {
      ...{ variant: variant!, gene: gene!, rSquared: rSquared!, log10P: log10P! },
      ...{
        effect1: effect1!,
        effect2: effect2!,
        samples0: samples0!,
        samples1: samples1!,
        samples2: samples2!,
      },
    };
  }

  #check(more: number): void {
    if (this.#integers[0]!.length + more <= this.#most) return;
    throw new LimitError(
      `more than ${thousands(this.#most)} pairs have p <= ${this.#pValue}, the most that --memory holds; lower --p-value or raise --memory`,
    );
  }
}

/** F has 2 and this many degrees of freedom. */
export function anovaDegreesOfFreedom({ degreesOfFreedom }: Pick<Cohort, "degreesOfFreedom">): number {
  return degreesOfFreedom - 1;
}

/** The map that `parts` make, which must come in the order of their blocks. Throws LimitError where its pairs do not fit in memory. */
export async function anovaResult(
  cohort: Cohort,
  options: Pick<AnovaOptions, "memory" | "pValue">,
  parts: AsyncIterable<AnovaPart>,
): Promise<AnovaResult> {
  const pairs = new FoundPairs(options);
  const testsOfGene = new Float64Array(cohort.genes.id.length);
  const status = new Uint32Array(cohort.tables.genotypes.variantCount);
  let [tests, candidates, at] = [0, 0, 0];
  for await (const part of parts) {
    pairs.append(part);
    status.set(part.status, at);
    at += part.status.length;
    tests += part.tests;
    candidates += part.candidates;
    part.testsOfGene.forEach((own, gene) => {
      testsOfGene[gene]! += own;
    });
  }
  const degreesOfFreedom = anovaDegreesOfFreedom(cohort);
  return { ...pairs.take(), degreesOfFreedom, tests, candidates, testsOfGene, status };
}

/** How many variants have each status. */
export function variantCounts({ status }: Pick<AnovaResult, "status">): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const code of status) {
    const name = VARIANT_STATUS[code]!;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
