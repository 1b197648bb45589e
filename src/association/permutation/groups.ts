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
  /** Phenotypes of each group that have a window: those that a map tests. */
  readonly tested: Uint32Array;
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
class GroupBest {
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

/** The groups of the phenotypes `genes` of a part, of which those in `led` have a lead and the permutations' `best` |r|. */
export function groupTests(
  grouping: Grouping,
  genes: Uint32Array,
  led: readonly LedPhenotype[],
  best: readonly Float64Array[],
  degreesOfFreedom: number,
  rule: DegreesOfFreedomRule,
): GroupTests {
  const here = new Map<number, number>();
  for (const gene of genes) here.set(grouping.of[gene]!, (here.get(grouping.of[gene]!) ?? 0) + 1);
  const groups = new Map<number, GroupBest>();
  led.forEach(({ gene, r }, i) => {
    groupOf(groups, grouping.of[gene]!).add(gene, r, best[i]!);
  });
  const whole = (group: number): boolean => here.get(group) === grouping.tested[group];
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

/** The groups of all parts, a row each in order of their number; those that several parts share are tested now. */
export function mergeGroups(
  parts: readonly GroupTests[],
  degreesOfFreedom: number,
  rule: DegreesOfFreedomRule,
): Omit<GroupTests, "best"> {
  const apart = new Map<number, GroupBest>();
  const rows: [group: number, found: GroupBest, test: PermutationTest][] = [];
  for (const part of parts) {
    const split = part.numPerm.reduce((sum, count) => sum + (count === 0 ? 1 : 0), 0);
    const permutations = split === 0 ? 0 : part.best.length / split;
    let at = 0;
    part.group.forEach((group, i) => {
      const lead = part.lead[i]!;
      const r = part.leadR[i]!;
      if (part.numPerm[i] === 0) {
        groupOf(apart, group).add(lead, r, part.best.subarray(at, at + permutations));
        at += permutations;
        return;
      }
      const found = new GroupBest();
      found.lead = lead;
      found.r = r;
      rows.push([group, found, permutationTestAt(part, i)]);
    });
  }
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

function concatenated(runs: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(runs.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const run of runs) {
    all.set(run, at);
    at += run.length;
  }
  return all;
}
