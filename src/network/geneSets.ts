import { InputError } from "../errors.ts";
import { withoutVersion } from "../formats/genePlaces.ts";
import type { GeneSet, GeneSets } from "../formats/gmt.ts";
import { listed } from "../formats/wording.ts";

/** A gene set among the genes at hand. */
export interface Membership {
  readonly set: GeneSet;
  /** Numbers of its genes that are at hand, ascending. */
  readonly members: Uint32Array;
}

/**
 * The gene sets as numbers of the genes `ids`. A gene of a set is found by id, else by id without Ensembl's version, else by one of the
 * `symbols` (one a gene, empty where unknown). Of genes that share a name the first is taken.
 * Throws InputError where no gene of any set is known.
 */
export function membershipOf(
  { name, sets }: GeneSets,
  ids: readonly string[],
  symbols: readonly string[] = [],
): Membership[] {
  const number = new Map<string, number>();
  const put = (key: string, gene: number): void => {
    if (key !== "" && !number.has(key)) number.set(key, gene);
  };
  ids.forEach(put);
  ids.forEach((id, gene) => {
    put(withoutVersion(id), gene);
  });
  symbols.forEach(put);
  const found = sets.map((set) => {
    const genes = set.genes.map((gene) => number.get(gene) ?? number.get(withoutVersion(gene)));
    const members = [...new Set(genes.filter((gene): gene is number => gene !== undefined))];
    return { set, members: Uint32Array.from(members).sort() };
  });
  if (found.every(({ members }) => members.length === 0)) {
    const theirs = listed(sets.flatMap(({ genes }) => genes.slice(0, 1)));
    throw new InputError(
      name,
      `none of its genes (${theirs}) is among the ${ids.length} genes at hand (${listed(ids)})`,
      "the gene ids must agree; --annotation brings symbols",
    );
  }
  return found;
}
