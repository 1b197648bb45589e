import { canonicalDot } from "../compute/exact.ts";
import { condensed, condensedLength } from "./condensed.ts";
import { type Eigengenes, eigengenes, type ScaledGenes } from "./eigengenes.ts";
import { averageLinkage, type Dendrogram } from "./linkage.ts";
import { bySize } from "./treeCut.ts";

/** The tree of modules by 1 - correlation of their eigengenes. */
function eigengeneTree({ vectors, samples }: Eigengenes): Promise<Dendrogram> {
  const count = vectors.length;
  const d = new Float64Array(condensedLength(count));
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) {
      d[condensed(i, j, count)] = 1 - canonicalDot(vectors[i]!, 0, vectors[j]!, 0, samples);
    }
  }
  return averageLinkage(d, count);
}

/**
 * Joins modules whose eigengenes lie closer than `cutHeight` in the tree of 1 - correlation, again and again until none do.
 * Labels come back by size, the largest 1. METHODS 5.8, step 7.
 */
export async function mergeModules(
  genes: ScaledGenes,
  labels: Int32Array,
  cutHeight: number,
): Promise<Int32Array> {
  let now = labels.slice();
  for (;;) {
    const modules = eigengenes(genes, now);
    const group = groupsBelow(await eigengeneTree(modules), cutHeight);
    if (group.every((lowest, i) => lowest === i)) return bySize(now);
    const target = new Map(modules.modules.map((label, i) => [label, modules.modules[group[i]!]!]));
    now = now.map((label) => target.get(label) ?? 0);
  }
}

/** For each item the lowest item of its cluster, where the tree is cut: merges at the height itself are within. */
function groupsBelow({ count, merge, height }: Dendrogram, cutHeight: number): number[] {
  const group = Array.from({ length: count }, (_, i) => i);
  const members: number[][] = [];
  for (let m = 0; m < height.length; m++) {
    const sides = [merge[2 * m]!, merge[2 * m + 1]!].map((side) =>
      side < 0 ? [-side - 1] : members[side - 1]!,
    );
    const joined = sides.flat();
    members.push(joined);
    if (height[m]! > cutHeight) continue;
    const lowest = Math.min(...joined);
    for (const item of joined) group[item] = lowest;
  }
  return group;
}
