import { matchAlleles } from "../../../association/scores/alleles.ts";

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
  return byFrequency(own.frequency, theirs.frequency);
}

/** Frequencies nearer to one half than this do not tell an allele from the other. */
const CLEAR = 0.08;
/** Frequencies of the same allele in two cohorts differ by less. */
const NEAR = 0.2;

function byFrequency(own: number, theirs: number): 1 | -1 | "palindromic" {
  if (!(Math.abs(own - 0.5) > CLEAR && Math.abs(theirs - 0.5) > CLEAR)) return "palindromic";
  const [same, swapped] = [Math.abs(theirs - own), Math.abs(theirs - (1 - own))];
  if (Math.min(same, swapped) >= NEAR) return "palindromic";
  return same < swapped ? 1 : -1;
}
