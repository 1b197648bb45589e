/** Phenotypes that are tested together: the introns of a cluster, the isoforms of a gene. */

import type { DegreesOfFreedomRule } from "../../statistics/betaFit.ts";
import {
  type PermutationColumns,
  type PermutationTest,
  permutationColumns,
  permutationTestAt,
  testLead,
} from "./geneTest.ts";

/** Groups of phenotypes, by number. */
export interface Grouping {
  /** Id of each group. */
  readonly id: readonly string[];
  /** Group of each gene of the run. */
  readonly of: Uint32Array;
}

/** How many of `genes` each group has. */
export function membersOf({ id, of }: Grouping, genes: Iterable<number>): Uint32Array {
  const members = new Uint32Array(id.length);
  for (const gene of genes) members[of[gene]!]!++;
  return members;
}

/** Learnt degrees of freedom of a group are looked for from this share of the model's (tensorQTL). */
const START_SHARE = 0.25;

/**
 * The groups of a part that have a lead there, a row each. A group that lies in this part alone is tested. Of the others
 * (`numPerm` 0) the part keeps the best |r| of each permutation, for {@link mergeGroups}.
 */
export type GroupTests = {
  readonly group: Uint32Array;
  /** The phenotype whose lead has the largest |r|, the first of equal ones, and that |r|. */
  readonly lead: Uint32Array;
  readonly leadR: Float64Array;
  /** Best |r| of each permutation of the groups that are not tested, group after group. */
  readonly best: Float64Array;
} & PermutationColumns;

/** A phenotype with a lead. */
export interface LedPhenotype {
  readonly gene: number;
  readonly r: number;
}

/** What is known of a group: its lead, and the best of each permutation over its phenotypes. */
export class GroupBest {
  lead = -1;
  r = -1;
  best: Float64Array | undefined;

  add(gene: number, r: number, best: Float64Array): void {
    if (r > this.r) {
      this.lead = gene;
      this.r = r;
    }
    const held = this.best;
    if (held === undefined) this.best = best.slice();
    else for (let p = 0; p < best.length; p++) if (best[p]! > held[p]!) held[p] = best[p]!;
  }

  test(degreesOfFreedom: number, rule: DegreesOfFreedomRule): PermutationTest {
    const start = rule === "learnt" ? START_SHARE * degreesOfFreedom : degreesOfFreedom;
    return testLead(this.best!, this.r, start, rule);
  }
}

/** The phenotypes of a part, `genes`; those in `led` have a lead, and the `best` |r| of each permutation. */
export interface PartPhenotypes {
  readonly genes: Uint32Array;
  readonly led: readonly LedPhenotype[];
  readonly best: readonly Float64Array[];
}

/** The groups of a part; `members`: how many phenotypes of each group the parts of the map have. */
export function groupTests(
  grouping: Grouping,
  members: Uint32Array,
  { genes, led, best }: PartPhenotypes,
  degreesOfFreedom: number,
  rule: DegreesOfFreedomRule,
): GroupTests {
  const here = membersOf(grouping, genes);
  const groups = new Map<number, GroupBest>();
  led.forEach(({ gene, r }, i) => {
    groupOf(groups, grouping.of[gene]!).add(gene, r, best[i]!);
  });
  const whole = (group: number): boolean => here[group] === members[group];
  const rows = [...groups].sort(([a], [b]) => a - b);
  const apart = rows.filter(([group]) => !whole(group)).map(([, found]) => found.best!);
  return {
    ...leadColumns(rows),
    best: concatenated(apart),
    ...permutationColumns(
      rows.map(([group, found]) => (whole(group) ? found.test(degreesOfFreedom, rule) : undefined)),
    ),
  };
}

/** The groups of all parts (`parts`, one below the other), a row each by number; those that several parts share are tested now. */
export function mergeGroups(
  parts: GroupTests,
  degreesOfFreedom: number,
  rule: DegreesOfFreedomRule,
): Omit<GroupTests, "best"> {
  const apart = new Map<number, GroupBest>();
  const rows: [group: number, found: GroupBest, test: PermutationTest][] = [];
  const split = parts.numPerm.reduce((sum, count) => sum + (count === 0 ? 1 : 0), 0);
  const permutations = parts.best.length / Math.max(1, split);
  let at = 0;
  parts.group.forEach((group, i) => {
    const [lead, r] = [parts.lead[i]!, parts.leadR[i]!];
    if (parts.numPerm[i] === 0) {
      groupOf(apart, group).add(lead, r, parts.best.subarray(at, at + permutations));
      at += permutations;
      return;
    }
    const found = new GroupBest();
    found.lead = lead;
    found.r = r;
    rows.push([group, found, permutationTestAt(parts, i)]);
  });
  for (const [group, found] of apart) rows.push([group, found, found.test(degreesOfFreedom, rule)]);
  rows.sort(([a], [b]) => a - b);
  return {
    ...leadColumns(rows.map(([group, found]) => [group, found])),
    ...permutationColumns(rows.map(([, , test]) => test)),
  };
}

function groupOf(groups: Map<number, GroupBest>, group: number): GroupBest {
  const known = groups.get(group);
  if (known !== undefined) return known;
  const made = new GroupBest();
  groups.set(group, made);
  return made;
}

function leadColumns(rows: readonly (readonly [group: number, found: GroupBest])[]) {
  return {
    group: Uint32Array.from(rows, ([group]) => group),
    lead: Uint32Array.from(rows, ([, { lead }]) => lead),
    leadR: Float64Array.from(rows, ([, { r }]) => r),
  };
}

/** `runs`, one behind the other. */
export function concatenated(runs: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(runs.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const run of runs) {
    all.set(run, at);
    at += run.length;
  }
  return all;
}
