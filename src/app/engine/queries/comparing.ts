import { InputError } from "../../../errors.ts";
import { withoutVersion } from "../../../formats/genePlaces.ts";
import type { CohortEffect, ComparedResult, GeneColumns, PairColumns, PairKey } from "../answers.ts";
import type { OpenResult } from "../result.ts";

/** What a comparison asks of a result. */
export interface Comparable {
  readonly name: string;
  readonly samples: number;
  genes(): Promise<GeneColumns>;
  pairs(gene: number): Promise<PairColumns>;
}

const CALLED = { cis: "a cis map", trans: "a trans map", network: "a network" } as const;

/** Throws InputError for a result whose pairs say nothing of those of `own`. */
export function requireComparable(
  own: Pick<OpenResult, "kind">,
  other: Pick<OpenResult, "kind" | "name">,
): void {
  if (own.kind === other.kind && own.kind !== "network") return;
  const what = `is ${CALLED[other.kind]}, and what is open is ${CALLED[own.kind]}`;
  throw new InputError(other.name, what, "maps of one kind can be compared: give that of another cohort");
}

export async function comparedView({ name, samples, genes }: Comparable): Promise<ComparedResult> {
  return { name, samples, genes: (await genes()).id.length };
}

/**
 * The effect of a pair in each result that has it, per copy of the effect allele of the first one: turned where a result counts the other
 * allele, left out where its alleles are others, or where it has neither (a strand cannot be told from an A/T or C/G variant, so none is turned).
 * Genes are matched by id, else by id without version.
 */
export async function effectsOf(results: readonly Comparable[], key: PairKey): Promise<CohortEffect[]> {
  const effects: CohortEffect[] = [];
  let alleles: readonly [effect: string, other: string] | undefined;
  for (const [r, result] of results.entries()) {
    const pairs = await pairsOfGene(result, key.gene);
    const at = pairs?.variant.indexOf(key.variant) ?? -1;
    if (pairs === undefined || at < 0) continue;
    const own = [pairs.effectAllele[at]!, pairs.otherAllele[at]!] as const;
    if (r === 0) alleles = own;
    const turn = alleles === undefined ? undefined : turned(alleles, own);
    if (turn === undefined) continue;
    effects.push({
      cohort: result.name,
      samples: result.samples,
      slope: turn * pairs.slope[at]!,
      slopeSe: pairs.slopeSe[at]!,
      log10P: pairs.log10P[at]!,
    });
  }
  return effects;
}

/** 1 for the same alleles, -1 for the same the other way round. */
function turned(
  [effect, other]: readonly [string, string],
  [ownEffect, ownOther]: readonly [string, string],
): 1 | -1 | undefined {
  if (effect === ownEffect && other === ownOther) return 1;
  return effect === ownOther && other === ownEffect ? -1 : undefined;
}

async function pairsOfGene(result: Comparable, id: string): Promise<PairColumns | undefined> {
  const genes = await result.genes();
  let row = genes.id.indexOf(id);
  if (row < 0) row = genes.id.findIndex((other) => withoutVersion(other) === withoutVersion(id));
  return row < 0 ? undefined : result.pairs(row);
}
