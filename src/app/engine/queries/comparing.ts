import { canonicalChromosome } from "../../../cohort/chromosomes.ts";
import { InputError } from "../../../errors.ts";
import { withoutVersion } from "../../../formats/genePlaces.ts";
import type { CohortEffect, ComparedResult, GeneColumns, PairColumns, PairKey } from "../answers.ts";
import type { OpenResult } from "../result.ts";
import { samplesOf } from "../resultView.ts";
import { type CountedAlleles, turnOf } from "./alleles.ts";
import { ResultQueries } from "./queries.ts";

/** What a comparison asks of a result. */
export interface Comparable {
  readonly name: string;
  readonly samples: number;
  /** Of a map of interactions those with `context`; with its first where it has no such context, which `GeneColumns.context` tells. */
  genes(context?: string): Promise<GeneColumns>;
  pairs(gene: number, context?: string): Promise<PairColumns>;
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

/** An open result and those of other cohorts that it is compared with. */
export class Comparisons {
  readonly #own: OpenResult;
  readonly #all: Comparable[];

  constructor(own: OpenResult, queries: ResultQueries) {
    this.#own = own;
    this.#all = [comparable(own, queries)];
  }

  /** All that are compared, the open one first. Throws InputError for a result whose pairs say nothing of those of the open one. */
  async add(open: OpenResult): Promise<ComparedResult[]> {
    requireComparable(this.#own, open);
    this.#all.push(comparable(open, new ResultQueries(open)));
    return Promise.all(this.#all.map(comparedView));
  }

  /** As {@link effectsOf}, in the order of `add`. */
  effects(pair: PairKey, context?: string): Promise<CohortEffect[]> {
    return effectsOf(this.#all, pair, context);
  }
}

function comparable({ name, manifest }: OpenResult, queries: ResultQueries): Comparable {
  return {
    ...{ name, samples: samplesOf(manifest) },
    genes: (context) => queries.genes(context),
    pairs: (gene, context) => queries.pairs(gene, context),
  };
}

async function comparedView({ name, samples, genes }: Comparable): Promise<ComparedResult> {
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
 * an effect. Genes are matched by id, else by id without version; variants by id, else by position and alleles. Of maps of interactions an effect is that
 * of the context `wanted`, or of the first one of the first result, found in the others by its name.
 */
export async function effectsOf(
  results: readonly Comparable[],
  key: PairKey,
  wanted?: string,
): Promise<CohortEffect[]> {
  const effects: CohortEffect[] = [];
  const context = (await results[0]?.genes(wanted))?.context;
  let sought: Sought | undefined;
  for (const result of results) {
    const { name: cohort, samples } = result;
    const none = { cohort, samples, slope: Number.NaN, slopeSe: Number.NaN, log10P: Number.NaN };
    const genes = await result.genes(context);
    if (genes.context !== context) {
      effects.push({ ...none, leftOut: otherEffects(context, genes) });
      continue;
    }
    const pairs = await pairsOfGene(result, genes, key.gene);
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

/** Why nothing of a result compares with interactions with `context`, or without one with the effects of a map. */
function otherEffects(context: string | undefined, { contexts = [] }: GeneColumns): string {
  if (context === undefined) return `its effects are interactions with ${contexts.join(", ")}`;
  return contexts.length === 0
    ? `its effects are not interactions with ${context}`
    : `its interactions are with ${contexts.join(", ")}, not with ${context}`;
}

async function pairsOfGene(
  result: Comparable,
  genes: GeneColumns,
  id: string,
): Promise<PairColumns | undefined> {
  let row = genes.id.indexOf(id);
  if (row < 0) row = genes.id.findIndex((other) => withoutVersion(other) === withoutVersion(id));
  return row < 0 ? undefined : result.pairs(row, genes.context);
}
