import type { GwasColumns, PairColumns } from "../../engine/protocol.ts";

/** A gene's variants and those of the GWAS, matched; z of both for the effect allele of the map. */
export interface MatchedVariants {
  readonly id: readonly string[];
  /** Rows of the pairs and of the GWAS. */
  readonly pair: Int32Array;
  readonly gwas: Int32Array;
  readonly mapZ: Float64Array;
  readonly gwasZ: Float64Array;
  /** In both, with other alleles: left out. */
  readonly otherAlleles: number;
}

/**
 * Variants are the same when they have one name and the same two alleles, or, where names differ, one position and the same two
 * alleles; z of the GWAS is turned where it counts the other allele. Letters are compared as they stand: strands are not guessed.
 */
export function matchVariants(pairs: PairColumns, gwas: GwasColumns): MatchedVariants {
  const byName = new Map(gwas.variant.map((id, row) => [id, row] as const));
  const byPlace = new Map<number, number[]>();
  gwas.position.forEach((at, row) => {
    byPlace.set(at, [...(byPlace.get(at) ?? []), row]);
  });
  const found: { pair: number; gwas: number; sign: number }[] = [];
  let otherAlleles = 0;
  pairs.variant.forEach((id, pair) => {
    const own = byName.get(id);
    const candidates = [...(own === undefined ? [] : [own]), ...(byPlace.get(pairs.position[pair]!) ?? [])];
    const row = candidates.find((candidate) => turn(pairs, pair, gwas, candidate) !== 0);
    if (row !== undefined) found.push({ pair, gwas: row, sign: turn(pairs, pair, gwas, row) });
    else if (candidates.length > 0) otherAlleles++;
  });
  return {
    id: found.map(({ pair }) => pairs.variant[pair]!),
    pair: Int32Array.from(found, ({ pair }) => pair),
    gwas: Int32Array.from(found, ({ gwas: row }) => row),
    mapZ: Float64Array.from(found, ({ pair }) => pairs.slope[pair]! / pairs.slopeSe[pair]!),
    gwasZ: Float64Array.from(found, ({ gwas: row, sign }) => sign * gwas.z[row]!),
    otherAlleles,
  };
}

/** 1 where both count the same allele, -1 where they count each other's, 0 where the alleles differ. */
function turn(pairs: PairColumns, pair: number, gwas: GwasColumns, row: number): -1 | 0 | 1 {
  const [effect, other] = [pairs.effectAllele[pair]?.toUpperCase(), pairs.otherAllele[pair]?.toUpperCase()];
  const [gwasEffect, gwasOther] = [
    gwas.effectAllele[row]?.toUpperCase(),
    gwas.otherAllele[row]?.toUpperCase(),
  ];
  if (effect === gwasEffect && other === gwasOther) return 1;
  return effect === gwasOther && other === gwasEffect ? -1 : 0;
}

/** The strongest of the rows, or -1. */
export function strongestOf(log10P: Float64Array, rows: ArrayLike<number>): number {
  let best = -1;
  for (let i = 0; i < rows.length; i++) {
    const value = log10P[rows[i]!]!;
    if (!Number.isNaN(value) && (best < 0 || value < log10P[rows[best]!]!)) best = i;
  }
  return best;
}
