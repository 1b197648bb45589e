import type { GwasColumns, PairColumns } from "../../engine/protocol.ts";
import { turnOf } from "../../engine/queries/alleles.ts";

/** A gene's variants and those of the GWAS, matched; z of both for the effect allele of the map. */
export interface MatchedVariants {
  readonly id: readonly string[];
  /** Rows of the pairs and of the GWAS. */
  readonly pair: Int32Array;
  readonly gwas: Int32Array;
  readonly mapZ: Float64Array;
  /** NaN where the GWAS has none, and where the strand of A/T or C/G alleles is not known. */
  readonly gwasZ: Float64Array;
  /** How many those of unknown strand are. */
  readonly palindromic: number;
  /** In both, with other alleles: left out. */
  readonly otherAlleles: number;
}

/**
 * Variants are the same when they have one name and the same two alleles, or, where names differ, one position and the same two
 * alleles, on either strand; z of the GWAS is turned where it counts the other allele. The strand of A/T and C/G is told by the frequencies of both,
 * where the GWAS has them (engine/queries/alleles.ts).
 */
export function matchVariants(pairs: PairColumns, gwas: GwasColumns): MatchedVariants {
  const byName = new Map(gwas.variant.map((id, row) => [id, row] as const));
  const byPlace = new Map<number, number[]>();
  gwas.position.forEach((at, row) => {
    byPlace.set(at, [...(byPlace.get(at) ?? []), row]);
  });
  const found: { pair: number; gwas: number; sign: number }[] = [];
  let [otherAlleles, palindromic] = [0, 0];
  pairs.variant.forEach((id, pair) => {
    const named = byName.get(id);
    const candidates = [
      ...(named === undefined ? [] : [named]),
      ...(byPlace.get(pairs.position[pair]!) ?? []),
    ];
    const turns = candidates.map((row) =>
      turnOf(countedAt(pairs, pairs.af, pair), countedAt(gwas, gwas.frequency, row)),
    );
    const first = turns.findIndex((turn) => turn !== "other");
    if (first >= 0) {
      const turn = turns[first]!;
      if (typeof turn === "string") palindromic++;
      found.push({ pair, gwas: candidates[first]!, sign: typeof turn === "string" ? Number.NaN : turn });
    } else if (candidates.length > 0) otherAlleles++;
  });
  return {
    id: found.map(({ pair }) => pairs.variant[pair]!),
    pair: Int32Array.from(found, ({ pair }) => pair),
    gwas: Int32Array.from(found, ({ gwas: row }) => row),
    mapZ: Float64Array.from(found, ({ pair }) => pairs.slope[pair]! / pairs.slopeSe[pair]!),
    gwasZ: Float64Array.from(found, ({ gwas: row, sign }) => sign * gwas.z[row]!),
    ...{ otherAlleles, palindromic },
  };
}

/** The strongest variants of either trait, where z of the GWAS is not known of them: a scatter of z would lack them without a word. */
export function leadsWithoutZ(
  { id, pair, gwas: rows, gwasZ }: MatchedVariants,
  pairs: PairColumns,
  gwas: GwasColumns,
): string[] {
  const leads = new Set([strongestOf(pairs.log10P, pair), strongestOf(gwas.log10P, rows)]);
  return [...leads].filter((i) => i >= 0 && Number.isNaN(gwasZ[i]!)).map((i) => id[i]!);
}

function countedAt(
  { effectAllele, otherAllele }: Pick<PairColumns, "effectAllele" | "otherAllele">,
  frequency: Float64Array,
  row: number,
) {
  return { effect: effectAllele[row]!, other: otherAllele[row]!, frequency: frequency[row]! };
}

/** The strongest variant of a trait within a stretch where it is none of those matched, at `rows`, and stronger than all of these. */
export function strongerAlone(
  { variant, position, log10P }: Pick<PairColumns, "variant" | "position" | "log10P">,
  rows: Int32Array,
  [start, end]: readonly [number, number],
): string | undefined {
  const inside = [...position.keys()].filter((row) => position[row]! >= start && position[row]! <= end);
  const top = inside[strongestOf(log10P, inside)];
  if (top === undefined || rows.includes(top)) return undefined;
  const lead = rows[strongestOf(log10P, rows)];
  return lead !== undefined && log10P[top]! < log10P[lead]! ? variant[top] : undefined;
}

/** Where among the rows the strongest is, or -1. */
export function strongestOf(log10P: Float64Array, rows: ArrayLike<number>): number {
  let best = -1;
  for (let i = 0; i < rows.length; i++) {
    const value = log10P[rows[i]!]!;
    if (!Number.isNaN(value) && (best < 0 || value < log10P[rows[best]!]!)) best = i;
  }
  return best;
}
