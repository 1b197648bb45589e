import { concatenated } from "../permutation/groups.ts";
import type { FoundPairs, InteractionSlice, PairFinder, Search } from "./found.ts";
import type { InteractionSurvey } from "./gram.ts";
import type { GramLayout } from "./gramLayout.ts";
import { Screen } from "./screen.ts";
import type { SharedErrors } from "./sharedErrors.ts";

/** A group of genes, and the screen of their pairs. */
interface ScreenedGroup {
  readonly group: number;
  readonly screen: Screen;
}

/**
 * The screen where samples are not independent (sharedErrors.ts): one for each group of genes. With x.w / stretch in place of
 * x.e, screen.ts holds as it is: its two questions become
 *
 *   |g.w| >= stretch sqrt(S) A,   |g.(z x w)| >= stretch (sqrt(D) sqrt(c (1 - A^2)) - |kappa| sqrt(S) A)
 *
 * with S, kappa and D of the group's Gram matrix: norms of rows, which a group shares, times a number of each gene. The bound of a
 * product holds for every norm that divides; and z x w sums to 0, as Py is orthogonal to the context.
 */
export class GroupedScreen implements PairFinder {
  readonly #layout: GramLayout;
  readonly #groups: readonly ScreenedGroup[];
  readonly #parts = new WeakMap<InteractionSurvey, readonly InteractionSurvey[]>();

  private constructor(layout: GramLayout, groups: readonly ScreenedGroup[]) {
    this.#layout = layout;
    this.#groups = groups;
  }

  /** As of {@link Screen.open}. */
  static async open(
    search: Search,
    { group, stretch }: SharedErrors,
    kappaScale?: number,
  ): Promise<GroupedScreen> {
    const groups: ScreenedGroup[] = [];
    for (const number of new Set(Array.from(search.genes, (gene) => group[gene]!))) {
      const genes = search.genes.filter((gene) => group[gene] === number);
      const own = { ...search, genes, stretch: Float64Array.from(genes, (gene) => stretch[gene]!) };
      groups.push({ group: number, screen: await Screen.open(own, kappaScale) });
    }
    return new GroupedScreen(search.layout, groups);
  }

  async find({ part, from, to }: InteractionSlice, signal: AbortSignal | undefined): Promise<FoundPairs> {
    const parts = this.#partsOf(part);
    const found = await Promise.all(
      this.#groups.map(({ screen }, g) => screen.find({ part: parts[g]!, from, to }, signal)),
    );
    return joined(found, this.#layout.terms);
  }

  /** A part as each group's screen sees it; its slices come one after the other. */
  #partsOf(part: InteractionSurvey): readonly InteractionSurvey[] {
    const known = this.#parts.get(part);
    if (known !== undefined) return known;
    const parts = this.#groups.map(({ group }) => partOf(part, this.#layout, group));
    this.#parts.set(part, parts);
    return parts;
  }

  async dispose(): Promise<void> {
    for (const { screen } of this.#groups) await screen.dispose();
  }
}

/** The rows as the genes of a group see them: its blocks where a record begins, and sqrt(S) for norms. */
function partOf(part: InteractionSurvey, { block, length }: GramLayout, group: number): InteractionSurvey {
  const records = part.records.subarray(group * block);
  return {
    ...part,
    records,
    norm: part.norm.map((norm, row) => (norm === 0 ? 0 : 1 / records[row * length]!)),
  };
}

/** What the groups' screens found, in order of row, then gene. */
function joined(parts: readonly FoundPairs[], terms: number): FoundPairs {
  if (parts.length === 1) return parts[0]!;
  const row = Uint32Array.from(parts.flatMap((part) => Array.from(part.row)));
  const gene = Uint32Array.from(parts.flatMap((part) => Array.from(part.gene)));
  const products = concatenated(parts.map((part) => part.products));
  const order = Uint32Array.from(row.keys()).sort((a, b) => row[a]! - row[b]! || gene[a]! - gene[b]!);
  const pairsBy = new Map<string, number>();
  for (const part of parts) {
    for (const [by, pairs] of part.pairsBy) pairsBy.set(by, (pairsBy.get(by) ?? 0) + pairs);
  }
  const sum = (key: "pairs" | "passed"): number => parts.reduce((all, part) => all + part[key], 0);
  return {
    row: order.map((at) => row[at]!),
    gene: order.map((at) => gene[at]!),
    products: Float64Array.from(
      products,
      (_, i) => products[order[Math.floor(i / terms)]! * terms + (i % terms)]!,
    ),
    ...{ pairs: sum("pairs"), passed: sum("passed"), pairsBy },
  };
}
