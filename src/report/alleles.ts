/** An allele as a sentence names it: text genotypes may have none. */
export function alleleName(allele: string): string {
  return allele === "" ? "the effect allele" : allele;
}

/** `per copy of T against C`, or without names where there are none. */
export function perCopy(effectAllele: string, otherAllele: string): string {
  const against = otherAllele === "" ? "" : ` against ${otherAllele}`;
  return `per copy of ${alleleName(effectAllele)}${against}`;
}
