import { matchAlleles } from "../association/scores/alleles.ts";
import { canonicalChromosome } from "../cohort/chromosomes.ts";
import { throwIfAborted } from "../errors.ts";
import type { GenotypeSource } from "../formats/genotypes.ts";
import { type GwasRow, readGwas } from "../formats/gwas.ts";
import type { ByteSource, Inflate } from "../formats/source.ts";
import { log10 } from "../statistics/elementary.ts";
import { normalFromLog10P } from "../statistics/normal.ts";

/** The strength of a trait's association with the variants of a reference. */
export interface GwasVariants {
  /** z^2 of each variant of the reference; NaN where the GWAS does not have it. */
  readonly chiSquare: Float64Array;
  readonly counts: {
    readonly rows: number;
    readonly unusable: number;
    readonly notInReference: number;
    /** At the place (or under the id) of a variant with other alleles. */
    readonly otherAlleles: number;
    readonly used: number;
  };
}

interface Stored {
  readonly effect: string;
  readonly other: string;
  readonly chiSquare: number;
  used: boolean;
  met: boolean;
}

/** Variants whose labels are read at once. */
const BLOCK = 4096;

/**
 * Reads a GWAS and finds its variants in `reference`, by chromosome and position where the file has them, else by id; alleles, where the file has them, must be the variant's, on either
 * strand. Only z^2 is needed of them, so that which one is counted, and the strand of A/T and C/G, do not matter. The first row of a variant counts.
 */
export async function gwasVariants(
  reference: GenotypeSource,
  source: ByteSource,
  inflate: Inflate,
  signal?: AbortSignal,
): Promise<GwasVariants> {
  const known = placesOf(reference);
  const byPlace = new Map<string, Stored[]>();
  const byId = new Map<string, Stored[]>();
  let elsewhere = 0;
  const read = await readGwas(source, inflate, (row) => {
    const key = row.position > 0 ? placeKey(canonicalChromosome(row.chromosome), row.position) : row.id;
    if (row.position > 0 && !known.has(key)) {
      elsewhere++;
      return;
    }
    const map = row.position > 0 ? byPlace : byId;
    const list = map.get(key);
    if (list === undefined) map.set(key, [stored(row)]);
    else list.push(stored(row));
  });
  const chiSquare = new Float64Array(reference.variantCount).fill(Number.NaN);
  const names = reference.chromosomes.map(canonicalChromosome);
  let used = 0;
  for (let start = 0; start < reference.variantCount; start += BLOCK) {
    throwIfAborted(signal);
    const end = Math.min(reference.variantCount, start + BLOCK);
    const labels = await reference.labels(start, end);
    for (let v = start; v < end; v++) {
      const i = v - start;
      const key = placeKey(names[reference.chromosomeCode[v]!]!, reference.position[v]!);
      const rows = byPlace.get(key) ?? byId.get(labels.id[i]!) ?? [];
      const variant = {
        effect: labels.effectAllele[i]!.toUpperCase(),
        other: labels.otherAllele[i]!.toUpperCase(),
      };
      for (const row of rows) row.met = true;
      const row = rows.find((one) => !one.used && isSame(one, variant));
      if (row === undefined) continue;
      row.used = true;
      used++;
      chiSquare[v] = row.chiSquare;
    }
  }
  const all = [...byPlace.values(), ...byId.values()].flat();
  const otherAlleles = all.filter((row) => row.met && !row.used).length;
  const notInReference = elsewhere + all.filter((row) => !row.met).length;
  return { chiSquare, counts: { ...read, notInReference, otherAlleles, used } };
}

function placeKey(chromosome: string, position: number): string {
  return `${chromosome}:${position}`;
}

function placesOf({ chromosomes, chromosomeCode, position, variantCount }: GenotypeSource): Set<string> {
  const names = chromosomes.map(canonicalChromosome);
  const known = new Set<string>();
  for (let v = 0; v < variantCount; v++) known.add(placeKey(names[chromosomeCode[v]!]!, position[v]!));
  return known;
}

function stored({ effect, other, z, p }: GwasRow): Stored {
  const size = Number.isFinite(z) ? z : normalFromLog10P(log10(p));
  return { effect, other, chiSquare: size * size, used: false, met: false };
}

function isSame({ effect, other }: Stored, variant: { effect: string; other: string }): boolean {
  if (effect === "") return true;
  return matchAlleles(effect, other === "" ? undefined : other, variant) !== "other-alleles";
}
