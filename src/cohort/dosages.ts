import { type GenotypeBlock, MISSING_CALL, type Remainders } from "../formats/genotypes.ts";

/** What is needed of a block to decode its variants; the rows of a survey have the same fields. */
export type PackedDosages = Pick<GenotypeBlock, "samples" | "stride" | "packed" | "remainder">;

/**
 * The calls of one variant of a block as numbers, missing ones as `fill`, and what dosages have beside them.
 * Written to `out` at `offset`.
 */
export function decodeDosages(
  { packed, stride, samples, remainder }: PackedDosages,
  row: number,
  fill: number,
  out: Float64Array,
  offset = 0,
): void {
  const start = row * stride;
  for (let s = 0; s < samples; s++) {
    const code = (packed[start + (s >> 2)]! >> (2 * (s & 3))) & 3;
    out[offset + s] = code === MISSING_CALL ? fill : code;
  }
  if (remainder === undefined) return;
  for (let i = remainder.offset[row]!; i < remainder.offset[row + 1]!; i++) {
    out[offset + remainder.sample[i]!]! += remainder.value[i]!;
  }
}

/** Whether some variant of `from` to `to` (exclusive) has a dosage that is not a whole number. */
export function hasRemainder(remainder: Remainders | undefined, from: number, to: number): boolean {
  return remainder !== undefined && remainder.offset[to]! > remainder.offset[from]!;
}

/**
 * What statistics and filters need of a variant with dosages, in f64, summed in the order of the samples. The
 * allele statistics are tensorQTL's: see `alleleStatistics`.
 */
export interface DosageSums {
  /** Mean of the called dosages. */
  readonly mean: number;
  /** Sum of the called dosages. */
  readonly copies: number;
  /** |g - mean|^2 with missing calls at the mean; 0 exactly for a constant variant. */
  readonly centred: number;
  readonly af: number;
  readonly maSamples: number;
  readonly maCount: number;
}

/** Sums the dosages of a block's variants, one at a time. */
export class DosageReader {
  readonly #block: GenotypeBlock;
  readonly #g: Float64Array;

  constructor(block: GenotypeBlock) {
    this.#block = block;
    this.#g = new Float64Array(block.remainder === undefined ? 0 : block.samples);
  }

  /** Undefined where all the variant's dosages are whole numbers: their counts say more, exactly. */
  sums(variant: number): DosageSums | undefined {
    if (!hasRemainder(this.#block.remainder, variant, variant + 1)) return undefined;
    decodeDosages(this.#block, variant, Number.NaN, this.#g);
    return sumsOf(this.#g);
  }
}

function sumsOf(g: Float64Array): DosageSums {
  let called = 0;
  let copies = 0;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  let above = 0;
  let below = 0;
  let sumAbove = 0;
  for (const d of g) {
    if (Number.isNaN(d)) continue;
    called++;
    copies += d;
    if (d < least) least = d;
    if (d > most) most = d;
    if (d < 1.5) below++;
    if (d <= 0.5) continue;
    above++;
    sumAbove += d;
  }
  const mean = copies / called;
  let centred = 0;
  if (most > least) {
    for (const d of g) if (!Number.isNaN(d)) centred += (d - mean) * (d - mean);
  }
  const missing = g.length - called;
  if (mean > 0.5) {
    above += missing;
    sumAbove += missing * mean;
  }
  const af = mean / 2;
  return af <= 0.5
    ? { mean, copies, centred, af, maSamples: above, maCount: Math.floor(sumAbove) }
    : {
        mean,
        copies,
        centred,
        af,
        maSamples: below + (mean < 1.5 ? missing : 0),
        maCount: 2 * g.length - Math.floor(sumAbove),
      };
}
