/** How the alleles of a weight lie against those of a variant (METHODS 1.11). */
export type AlleleMatch =
  | "same"
  | "swapped"
  | "flipped"
  | "flipped-swapped"
  | "palindromic"
  | "other-alleles";

const COMPLEMENT: Readonly<Record<string, string>> = { A: "T", C: "G", G: "C", T: "A" };

/**
 * Matches `effect` and `other` (undefined where the file does not say) with a variant's own alleles. Single bases may be on
 * the other strand, longer alleles must be equal. Of A/T and C/G the strand does not show: `palindromic`.
 */
export function matchAlleles(
  effect: string,
  other: string | undefined,
  variant: { readonly effect: string; readonly other: string },
): AlleleMatch {
  const fits = (a: string, b: string): boolean => effect === a && (other === undefined || other === b);
  if (COMPLEMENT[variant.effect] === variant.other) {
    return fits(variant.effect, variant.other) || fits(variant.other, variant.effect)
      ? "palindromic"
      : "other-alleles";
  }
  if (fits(variant.effect, variant.other)) return "same";
  if (fits(variant.other, variant.effect)) return "swapped";
  const [a, b] = [COMPLEMENT[variant.effect], COMPLEMENT[variant.other]];
  if (a === undefined || b === undefined) return "other-alleles";
  if (fits(a, b)) return "flipped";
  return fits(b, a) ? "flipped-swapped" : "other-alleles";
}

/** A palindromic variant is told by frequency only where both are at least this far from one half. */
const CLEAR = 0.08;
/** And where the nearer of the two readings differs by less than this. */
const NEAR = 0.2;

/**
 * Whether a palindromic weight counts the variant's effect allele, told by frequency (METHODS 1.11): `frequency` of the weight's effect allele,
 * `af` of the variant's; undefined where that does not tell. Either strand may be meant, so that the letters do not matter. 0.59 and 0.41 lie
 * within {@link NEAR} either way: it is the nearer reading that counts, which is that on the same side of one half.
 */
export function palindromicCountsEffect(frequency: number | undefined, af: number): boolean | undefined {
  if (frequency === undefined || !(Math.abs(frequency - 0.5) > CLEAR && Math.abs(af - 0.5) > CLEAR))
    return undefined;
  const [effect, other] = [Math.abs(frequency - af), Math.abs(frequency - (1 - af))];
  return Math.min(effect, other) < NEAR ? effect < other : undefined;
}
