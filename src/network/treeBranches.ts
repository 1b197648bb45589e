import type { Breather } from "../compute/pause.ts";
import type { Dendrogram } from "./linkage.ts";

/** The least a branch must be to count as a cluster, in absolute terms. */
export interface BranchRule {
  readonly minSize: number;
  /** The mean distance within a branch's core may not be larger. */
  readonly maxScatter: number;
  /** Between that and the height at which the branch joins another one there must be at least so much. */
  readonly minGap: number;
}

/** A branch of the tree in the making. */
export interface Branch {
  /** Made of merges of single items, and of branches too small or loose to stand alone; a composite is made of branches. */
  readonly basic: boolean;
  /** In order of joining. */
  readonly members: number[];
  /** Of a composite: the basic branches in it; of a basic one itself. */
  readonly parts: Branch[];
  /** Taken in by another branch, as it could not stand alone. */
  absorbed: boolean;
  /** Absorbed for being too small alone: as a group it may still belong somewhere. */
  small: boolean;
  /** The height at which it met another branch that could stand alone, or was absorbed; NaN: never. */
  attached: number;
}

/** The dissimilarity of two items. */
export type Distance = (a: number, b: number) => number;

/** Branches at the end of the walk, and which of them each item hangs on, or none. */
export interface Branches {
  /** In the order in which they began. */
  readonly all: readonly Branch[];
  readonly rootOf: readonly (Branch | undefined)[];
}

/** How many of a branch's first-joined members are its core. */
function coreSize(size: number, minSize: number): number {
  const base = minSize / 2 + 1;
  return base < size ? Math.floor(base + Math.sqrt(size - base)) : size;
}

/** The mean over the core's members of their mean distance to its others. */
export function coreScatter({ members }: Branch, minSize: number, distance: Distance): number {
  const core = members.slice(0, coreSize(members.length, minSize));
  let sum = 0;
  for (const a of core) {
    let own = 0;
    for (const b of core) if (a !== b) own += distance(a, b);
    sum += own / (core.length - 1);
  }
  return sum / core.length;
}

/**
 * Walks the merges up to `cutHeight` from the lowest on and tells branches apart: two items begin a branch; an item that meets
 * one joins it; of two branches that meet, a basic one that cannot stand alone is absorbed (the smaller is asked first),
 * else both become part of a composite. The hybrid method of Langfelder, Zhang and Horvath, Bioinformatics 24 (2008) 719.
 */
export async function walkMerges(
  { merge, height, count }: Dendrogram,
  cutHeight: number,
  rule: BranchRule,
  distance: Distance,
  breather: Breather,
): Promise<Branches> {
  const all: Branch[] = [];
  /** The branch that merge m ended in. */
  const after: Branch[] = [];
  const begin = (basic: boolean): Branch => {
    const branch: Branch = {
      ...{ basic, members: [], parts: [], absorbed: false, small: false, attached: Number.NaN },
    };
    if (basic) branch.parts.push(branch);
    all.push(branch);
    return branch;
  };
  for (let m = 0; m < height.length && height[m]! <= cutHeight; m++) {
    await breather.pause();
    const [a, b] = [merge[2 * m]!, merge[2 * m + 1]!];
    if (b < 0) {
      const branch = begin(true);
      branch.members.push(-a - 1, -b - 1);
      after.push(branch);
    } else if (a < 0) {
      const branch = after[b - 1]!;
      branch.members.push(-a - 1);
      after.push(branch);
    } else {
      after.push(meet(after[a - 1]!, after[b - 1]!, height[m]!, rule, distance, begin));
    }
  }
  return { all, rootOf: rootsOf(merge, after, count) };
}

/** Two branches meet: the one that both are afterwards. */
function meet(
  first: Branch,
  second: Branch,
  height: number,
  rule: BranchRule,
  distance: Distance,
  begin: (basic: boolean) => Branch,
): Branch {
  const [small, large] = first.members.length <= second.members.length ? [first, second] : [second, first];
  const pairs = [
    [small, large],
    [large, small],
  ] as const;
  for (const [weak, strong] of pairs) {
    const failing = weak.basic ? failures(weak, height, rule, distance) : undefined;
    if (failing === undefined || !(failing.size || failing.shape)) continue;
    weak.absorbed = true;
    weak.small = !failing.shape;
    weak.attached = height;
    for (const member of weak.members) strong.members.push(member);
    return strong;
  }
  // An absorbed branch has no more say; of those that stand, composites grow.
  const composite = large.basic && small.basic ? begin(false) : large.basic ? small : large;
  for (const branch of [large, small]) {
    if (branch === composite) continue;
    for (const part of branch.parts) composite.parts.push(part);
    for (const member of branch.members) composite.members.push(member);
    branch.attached = height;
  }
  return composite;
}

/** In what a basic branch fails the rule at a height. */
function failures(
  branch: Branch,
  height: number,
  { minSize, maxScatter, minGap }: BranchRule,
  distance: Distance,
) {
  const scatter = coreScatter(branch, minSize, distance);
  return { size: branch.members.length < minSize, shape: scatter > maxScatter || height - scatter < minGap };
}

/** Follows each item to the branch it ends in. */
function rootsOf(merge: Int32Array, after: readonly Branch[], count: number): (Branch | undefined)[] {
  const roots: (Branch | undefined)[] = new Array<Branch | undefined>(count).fill(undefined);
  const root = new Array<Branch | undefined>(after.length);
  for (let m = after.length - 1; m >= 0; m--) {
    // A later merge that has this one in it has set its root already.
    root[m] ??= after[m];
    for (const child of [merge[2 * m]!, merge[2 * m + 1]!]) {
      if (child < 0) roots[-child - 1] = root[m];
      else root[child - 1] = root[m];
    }
  }
  return roots;
}
