import type { GenotypeBlock } from "../formats/genotypes.ts";

/** How neighbours are thinned: windows of `window` variants that move on by `step`, squared correlations above `r2`. */
export interface LdPruning {
  readonly window: number;
  readonly step: number;
  readonly r2: number;
}

/** Two doubles are told apart above this share: frequencies that differ by rounding are ties. */
const TIE = 1 + 2 ** -44;
/** The even bits of a word: a call takes two bits. */
const EVEN = 0x55555555;
/** Calls in a word. */
const CALLS_PER_WORD = 16;

/** A variant in the window: masks of its calls on the even bits of words, 16 samples a word. */
interface Slot {
  readonly index: number;
  readonly one: Uint32Array;
  readonly two: Uint32Array;
  readonly absent: Uint32Array;
  readonly missing: number;
  readonly sum: number;
  readonly square: number;
  /** Frequency of the major allele. */
  readonly major: number;
  /** Place among the chromosome's variants, and that of the first one that this has not been compared with. */
  readonly place: number;
  unchecked: number;
  removed: boolean;
}

/**
 * Thins the variants of one chromosome after the other so that within a window no two have calls whose
 * squared correlation (samples with both calls) is above `r2`; of two the one with the rarer minor allele goes, of
 * equally rare ones the later. Pairs are taken in the order of plink2's --indep-pairwise, and so the same variants stay:
 * over and over, each variant left in the window meets the later ones until one of the pair must go.
 */
export class LdWindow {
  readonly #pruning: LdPruning;
  readonly #samples: number;
  readonly #kept: number[] = [];
  #slots: Slot[] = [];
  #fresh = 0;
  #place = 0;

  constructor(pruning: LdPruning, samples: number) {
    this.#pruning = pruning;
    this.#samples = samples;
  }

  /** Takes in variant `v` of `block`, whose calls are not all the same; in the order of the chromosome. */
  add(block: GenotypeBlock, v: number): void {
    const { window, step } = this.#pruning;
    this.#slots.push(slotOf(block, v, this.#place++));
    this.#fresh++;
    if (this.#slots.length < window) return;
    this.#prune();
    for (const slot of this.#slots.splice(0, step)) if (!slot.removed) this.#kept.push(slot.index);
  }

  /** Ends a chromosome: the next variant has no neighbours before it. */
  endChromosome(): void {
    if (this.#fresh > 0) this.#prune();
    for (const slot of this.#slots) if (!slot.removed) this.#kept.push(slot.index);
    this.#slots = [];
    this.#place = 0;
  }

  /** Indices of the variants that stay, ascending, of all chromosomes ended. */
  kept(): Uint32Array {
    return Uint32Array.from(this.#kept);
  }

  #prune(): void {
    this.#fresh = 0;
    let live = this.#slots.filter((slot) => !slot.removed);
    for (let before = -1; before !== live.length; ) {
      before = live.length;
      live.forEach((first, at) => {
        if (!first.removed) this.#meet(first, live, at + 1);
      });
      live = live.filter((slot) => !slot.removed);
    }
  }

  /** Compares `first` with the later ones until a pair is correlated, and removes one of that. */
  #meet(first: Slot, live: readonly Slot[], from: number): void {
    for (let at = from; at < live.length; at++) {
      const second = live[at]!;
      if (second.removed || second.place < first.unchecked) continue;
      first.unchecked = second.place + 1;
      if (!correlated(first, second, this.#samples, this.#pruning.r2)) continue;
      if (first.major > second.major * TIE) first.removed = true;
      else second.removed = true;
      return;
    }
  }
}

function slotOf(block: GenotypeBlock, v: number, place: number): Slot {
  const { packed, stride, samples } = block;
  const words = Math.ceil(samples / CALLS_PER_WORD);
  const one = new Uint32Array(words);
  const two = new Uint32Array(words);
  const absent = new Uint32Array(words);
  let [ones, twos, missing] = [0, 0, 0];
  for (let w = 0; w < words; w++) {
    let word = 0;
    for (let b = 0; b < 4; b++) {
      const byte = 4 * w + b;
      if (byte < stride) word |= packed[v * stride + byte]! << (8 * b);
    }
    const low = word & EVEN;
    const high = (word >>> 1) & EVEN;
    one[w] = low & ~high;
    two[w] = high & ~low;
    absent[w] = low & high;
    ones += bits(one[w]!);
    twos += bits(two[w]!);
    missing += bits(absent[w]!);
  }
  const sum = ones + 2 * twos;
  const alleles = 2 * (samples - missing);
  return {
    ...{ index: block.start + v, one, two, absent, missing, sum, square: ones + 4 * twos },
    ...{ major: Math.max(sum, alleles - sum) / alleles, place, unchecked: place + 1, removed: false },
  };
}

/** Whether the squared correlation of two variants' calls, over the samples with both, is above `r2`. */
function correlated(a: Slot, b: Slot, samples: number, r2: number): boolean {
  let product = 0;
  for (let w = 0; w < a.one.length; w++) {
    const [a1, a2, b1, b2] = [a.one[w]!, a.two[w]!, b.one[w]!, b.two[w]!];
    product += bits(a1 & b1) + 2 * bits((a1 & b2) | ((a2 & b1) << 1)) + 4 * bits(a2 & b2);
  }
  const [n, sumA, squareA, sumB, squareB] =
    a.missing + b.missing === 0 ? whole(a, b, samples) : shared(a, b, samples);
  const covariance = n * product - sumA * sumB;
  return covariance * covariance > r2 * (n * squareA - sumA * sumA) * (n * squareB - sumB * sumB);
}

type Sums = readonly [n: number, sumA: number, squareA: number, sumB: number, squareB: number];

function whole(a: Slot, b: Slot, samples: number): Sums {
  return [samples, a.sum, a.square, b.sum, b.square];
}

/** The sums over the samples that both variants have a call of. */
function shared(a: Slot, b: Slot, samples: number): Sums {
  let n = samples;
  const counts = [0, 0, 0, 0] as [number, number, number, number];
  for (let w = 0; w < a.one.length; w++) {
    n -= bits(a.absent[w]! | b.absent[w]!);
    counts[0] += bits(a.one[w]! & ~b.absent[w]!);
    counts[1] += bits(a.two[w]! & ~b.absent[w]!);
    counts[2] += bits(b.one[w]! & ~a.absent[w]!);
    counts[3] += bits(b.two[w]! & ~a.absent[w]!);
  }
  const [oneA, twoA, oneB, twoB] = counts;
  return [n, oneA + 2 * twoA, oneA + 4 * twoA, oneB + 2 * twoB, oneB + 4 * twoB];
}

/** Bits set in a word. */
function bits(word: number): number {
  let x = word - ((word >>> 1) & EVEN);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
