import { throwIfAborted } from "../../errors.ts";
import type { GenotypeSource } from "../../formats/genotypes.ts";
import type { WeightRow } from "../../formats/weights.ts";
import { matchAlleles } from "./alleles.ts";

/** How sure it is that a row means a variant, surest first. */
const TIERS = ["id", "id, other strand", "place", "place, other strand"] as const;

/**
 * The variant that each row without another allele means: that of its id, else one at its place; as its allele stands, else on the other
 * strand. -1 where several are as good, and no entry where none has the allele. One allele fits a variant on either strand, so that
 * at a place with several variants the first that fits need not be the one.
 */
export async function variantsOfOneAllele(
  genotypes: GenotypeSource,
  rows: readonly WeightRow[],
  placed: (id: string, place: string) => readonly WeightRow[],
  placeOf: (chromosome: string, position: number) => string,
  signal: AbortSignal | undefined,
): Promise<Map<WeightRow, number>> {
  const meant = new Map<WeightRow, number>();
  if (rows.every(({ other }) => other !== undefined)) return meant;
  const best = new Map<WeightRow, { tier: number; variants: number[] }>();
  for (let start = 0; start < genotypes.variantCount; start += BLOCK) {
    throwIfAborted(signal);
    const labels = await genotypes.labels(start, Math.min(genotypes.variantCount, start + BLOCK));
    labels.id.forEach((id, i) => {
      const place = placeOf(labels.chromosome[i]!, labels.position[i]!);
      for (const row of placed(id, place)) {
        if (row.other !== undefined) continue;
        const variant = {
          effect: labels.effectAllele[i]!.toUpperCase(),
          other: labels.otherAllele[i]!.toUpperCase(),
        };
        const match = matchAlleles(row.effect, undefined, variant);
        if (match === "other-alleles") continue;
        const name = `${row.id === id ? "id" : "place"}${match.startsWith("flipped") ? ", other strand" : ""}`;
        const tier = TIERS.indexOf(name as (typeof TIERS)[number]);
        const known = best.get(row);
        if (known === undefined || tier < known.tier) best.set(row, { tier, variants: [start + i] });
        else if (tier === known.tier) known.variants.push(start + i);
      }
    });
  }
  for (const [row, { variants }] of best) meant.set(row, variants.length === 1 ? variants[0]! : -1);
  return meant;
}

/** Variants whose names are read at a time. */
const BLOCK = 4096;
