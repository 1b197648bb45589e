import { counted, listed } from "../formats/wording.ts";

/** A sample that holds more than this share of a residual's sum of squares dominates it. */
const DOMINANT = 0.5;

/**
 * The sample that dominates each gene's residual (`[gene * n + sample]`, norm 1 or all 0), or "". Such a gene's
 * associations are those of the variants that this one sample carries.
 */
export function dominantSamples(residuals: Float64Array, samples: readonly string[]): string[] {
  const n = samples.length;
  return Array.from({ length: residuals.length / n }, (_, gene) => {
    for (let s = 0; s < n; s++) {
      const e = residuals[gene * n + s]!;
      if (e * e > DOMINANT) return samples[s]!;
    }
    return "";
  });
}

/** One line on the genes of `among` (numbers; default all) that a sample dominates; undefined where there is none. */
export function dominantText(
  genes: readonly string[],
  dominant: readonly string[],
  among: Iterable<number> = dominant.keys(),
): string | undefined {
  const found = Array.from(among).filter((gene) => dominant[gene] !== "");
  if (found.length === 0) return undefined;
  const examples = listed(found.map((gene) => `${genes[gene]} by ${dominant[gene]}`));
  return (
    `${counted(found.length, "gene")} in which one sample makes up more than half of the residual's sum of squares ` +
    `(${examples}): what they associate with is what that sample carries; the table of genes names it (dominant_sample); --transform inverse-normal, or --mac where a rare allele is its own, takes it away`
  );
}
