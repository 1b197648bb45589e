/** The exact test of Hardy-Weinberg equilibrium. */

import { UsageError } from "../errors.ts";

/** Probabilities this much above the observed one are ties that rounding has parted. */
const TIE = 1 + 1e-10;
/** Probabilities this far below the sum so far no longer add to it. */
const LAST = 1e-22;

/** P(h - 2) / P(h), for h heterozygotes beside `rare` and `common` homozygotes. */
function down(h: number, rare: number, common: number): number {
  return (h * (h - 1)) / (4 * (rare + 1) * (common + 1));
}

/** P(h + 2) / P(h). */
function up(h: number, rare: number, common: number): number {
  return (4 * rare * common) / ((h + 2) * (h + 1));
}

/**
 * Exact p of Hardy-Weinberg equilibrium (Wigginton, Cutler, Abecasis, AJHG 76, 2005; not the mid-p): the
 * probability, given the allele counts, of numbers of heterozygotes no more probable than the observed.
 * Works outwards from the most probable number, so nothing overflows for any sample size; relative error
 * below 1e-12 to 500,000 samples. 1 for a monomorphic variant or no samples; 0 below the smallest double.
 * @throws UsageError when a count is not a whole number.
 */
export function hardyWeinberg(homozygotesA: number, heterozygotes: number, homozygotesB: number): number {
  for (const count of [homozygotesA, heterozygotes, homozygotesB]) {
    if (!(Number.isInteger(count) && count >= 0)) {
      throw new UsageError(`a genotype count is ${count}; it must be a whole number from 0`);
    }
  }
  const samples = homozygotesA + heterozygotes + homozygotesB;
  const rareCopies = 2 * Math.min(homozygotesA, homozygotesB) + heterozygotes;
  if (rareCopies === 0) return 1;
  const middle = mostProbable(rareCopies, samples);
  const middleRare = (rareCopies - middle) / 2;
  const middleCommon = samples - middle - middleRare;

  // Probabilities relative to that of `middle`; first the observed one, then the sums.
  let observed = 1;
  for (let h = middle, rare = middleRare, common = middleCommon; h > heterozygotes; h -= 2) {
    observed *= down(h, rare++, common++);
  }
  for (let h = middle, rare = middleRare, common = middleCommon; h < heterozygotes; h += 2) {
    observed *= up(h, rare--, common--);
  }
  const limit = observed * TIE;
  let total = 1;
  let extreme = limit >= 1 ? 1 : 0;
  let probability = 1;
  for (
    let h = middle, rare = middleRare, common = middleCommon;
    h > 1 && probability > LAST * extreme;
    h -= 2
  ) {
    probability *= down(h, rare++, common++);
    total += probability;
    if (probability <= limit) extreme += probability;
  }
  probability = 1;
  for (
    let h = middle, rare = middleRare, common = middleCommon;
    rare > 0 && probability > LAST * extreme;
    h += 2
  ) {
    probability *= up(h, rare--, common--);
    total += probability;
    if (probability <= limit) extreme += probability;
  }
  return Math.min(1, extreme / total);
}

/** The most probable number of heterozygotes, or one next to it, of the parity of the allele count. */
function mostProbable(rareCopies: number, samples: number): number {
  const expected = Math.floor((rareCopies * (2 * samples - rareCopies)) / (2 * samples));
  return expected % 2 === rareCopies % 2 ? expected : expected + 1;
}
