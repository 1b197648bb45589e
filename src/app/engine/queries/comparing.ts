import { canonicalChromosome } from "../../../cohort/chromosomes.ts";
import { InputError } from "../../../errors.ts";
import { withoutVersion } from "../../../formats/genePlaces.ts";
import type { CohortEffect, ComparedResult, GeneColumns, PairColumns, PairKey } from "../answers.ts";
import type { OpenResult } from "../result.ts";
import { type CountedAlleles, turnOf } from "./alleles.ts";

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

/** The variant as the first result that has it does. */
interface Sought extends CountedAlleles {
  readonly id: string;
  readonly chromosome: string;
  readonly position: number;
}

/**
 * The effect of a pair in each result, per copy of the effect allele of the first one that has it: turned where a result counts the other allele,
 * be it on the other strand. A result without the pair, with other alleles, or whose A/T or C/G alleles the frequencies do not tell apart, says so in place of
 * an effect. Genes are matched by id, else by id without version; variants by id, else by position and alleles.
 */
export async function effectsOf(results: readonly Comparable[], key: PairKey): Promise<CohortEffect[]> {
  const effects: CohortEffect[] = [];
  let sought: Sought | undefined;
  for (const result of results) {
    const { name: cohort, samples } = result;
    const none = { cohort, samples, slope: Number.NaN, slopeSe: Number.NaN, log10P: Number.NaN };
    const pairs = await pairsOfGene(result, key.gene);
    if (pairs === undefined) {
      effects.push({ ...none, leftOut: "it does not have the gene" });
      continue;
    }
    const at = rowOf(pairs, key.variant, sought);
    if (at < 0) {
      effects.push({ ...none, leftOut: "it has no pair of the gene with the variant" });
      continue;
    }
    const own = variantAt(pairs, at);
    const turn = sought === undefined ? 1 : turnOf(sought, own);
    sought ??= own;
    if (typeof turn === "string") effects.push({ ...none, leftOut: whyNot(sought, own, turn) });
    else {
      effects.push({
        ...{ cohort, samples, slope: turn * pairs.slope[at]! },
        ...{ slopeSe: pairs.slopeSe[at]!, log10P: pairs.log10P[at]! },
      });
    }
  }
  return effects;
}

function variantAt(pairs: PairColumns, at: number): Sought {
  return {
    ...{ id: pairs.variant[at]!, chromosome: pairs.chromosome[at]!, position: pairs.position[at]! },
    ...{ effect: pairs.effectAllele[at]!, other: pairs.otherAllele[at]!, frequency: pairs.af[at]! },
  };
}

function rowOf(pairs: PairColumns, id: string, sought: Sought | undefined): number {
  const named = pairs.variant.indexOf(id);
  if (named >= 0 || sought === undefined) return named;
  return pairs.position.findIndex(
    (at, row) =>
      at === sought.position &&
      canonicalChromosome(pairs.chromosome[row]!) === canonicalChromosome(sought.chromosome) &&
      turnOf(sought, variantAt(pairs, row)) !== "other",
  );
}

function whyNot(sought: Sought, own: Sought, turn: "palindromic" | "other"): string {
  const letters = ({ effect, other }: Sought) => `${effect}/${other}`;
  return turn === "other"
    ? `its alleles are ${letters(own)}, not ${letters(sought)}`
    : `the strand of ${letters(own)} is not told by the frequencies, ${own.frequency.toFixed(2)} and ${sought.frequency.toFixed(2)}`;
}

async function pairsOfGene(result: Comparable, id: string): Promise<PairColumns | undefined> {
  const genes = await result.genes();
  let row = genes.id.indexOf(id);
  if (row < 0) row = genes.id.findIndex((other) => withoutVersion(other) === withoutVersion(id));
  return row < 0 ? undefined : result.pairs(row);
}
