import { matchAlleles, palindromicCountsEffect } from "../../../association/scores/alleles.ts";

/** The alleles that a statistic is per copy of; letters of either case, empty where they are not known. */
export interface CountedAlleles {
  readonly effect: string;
  readonly other: string;
  /** Of the effect allele; NaN where it is not known. */
  readonly frequency: number;
}

/**
 * What makes a statistic per copy of `theirs.effect` one per copy of `own.effect`: 1, or -1 where the alleles are swapped; single bases may be on
 * the other strand. Of A/T and C/G the letters do not tell the strand: the frequencies do, where both are known, clear of one half
 * and near each other; else they are `palindromic`. `other` where the alleles are others, or which one is counted is not known.
 */
export function turnOf(own: CountedAlleles, theirs: CountedAlleles): 1 | -1 | "palindromic" | "other" {
  const upper = ({ effect, other }: CountedAlleles) => ({
    effect: effect.toUpperCase(),
    other: other.toUpperCase(),
  });
  const { effect, other } = upper(theirs);
  const match = matchAlleles(effect, other, upper(own));
  if (match === "other-alleles") return "other";
  if (match === "same" || match === "flipped") return 1;
  if (match !== "palindromic") return -1;
  const same = palindromicCountsEffect(theirs.frequency, own.frequency);
  return same === undefined ? "palindromic" : same ? 1 : -1;
}
