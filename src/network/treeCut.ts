import { Breather } from "../compute/pause.ts";
import { UsageError } from "../errors.ts";
import type { Dendrogram } from "./linkage.ts";
import { type Branch, type BranchRule, coreScatter, type Distance, walkMerges } from "./treeBranches.ts";
import { assignRest } from "./treePam.ts";

/** The choices of dynamicTreeCut's hybrid method, with its defaults. */
export interface TreeCutOptions {
  /** Default 20. */
  readonly minClusterSize?: number | undefined;
  /** 0 (large clusters) to 4 (many small ones). Default 2; numbers between are interpolated. */
  readonly deepSplit?: number | undefined;
  /** Merges above it are not looked at. Default 99% of the way from the 5th percentile of heights to the largest. */
  readonly cutHeight?: number | undefined;
  /** Assign items beside the branches to the nearest cluster. Default true. */
  readonly pamStage?: boolean | undefined;
  /** ... of those on the same branch only. Default true. */
  readonly pamRespectsDendro?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Largest scatter of a core relative to the cut, by deepSplit. */
const CORE_SCATTER: readonly number[] = [0.64, 0.73, 0.82, 0.91, 0.95];
const REFERENCE_QUANTILE = 0.05;
const DEFAULT_CUT = 0.99;

/**
 * Cuts a dendrogram into clusters by the shape of its branches: the dynamic hybrid cut of Langfelder, Zhang and Horvath
 * (Bioinformatics 24 (2008) 719), with its stage of partitioning around medoids. Labels from 1, the largest cluster first, 0
 * for what belongs to none. `distance` is what the dendrogram was made of. METHODS 5.8, step 5.
 * Throws CancelledError when the signal has fired.
 */
export async function cutTree(
  tree: Dendrogram,
  distance: Distance,
  options: TreeCutOptions = {},
): Promise<Int32Array> {
  const { minClusterSize: minSize = 20, pamStage = true, pamRespectsDendro = true } = options;
  const breather = new Breather(options.signal);
  const labels = new Int32Array(tree.count);
  if (tree.height.length === 0) return labels;
  const { cutHeight, rule } = absoluteRule(tree, options, minSize);
  const { all, rootOf } = await walkMerges(tree, cutHeight, rule, distance, breather);
  const clusterOf = new Map<Branch, number>();
  for (const branch of all) {
    await breather.pause();
    if (!isCluster(branch, cutHeight, rule, distance)) continue;
    clusterOf.set(branch, clusterOf.size + 1);
    for (const member of branch.members) labels[member] = clusterOf.size;
  }
  if (pamStage && clusterOf.size > 0) {
    const rest = { labels, branches: all, rootOf, clusterOf, respectTree: pamRespectsDendro, cutHeight };
    await assignRest({ ...rest, distance }, breather);
  }
  return bySize(labels);
}

/** A basic branch that no other took in, large, tight and far enough. */
function isCluster(branch: Branch, cutHeight: number, rule: BranchRule, distance: Distance): boolean {
  if (!branch.basic || branch.absorbed || branch.members.length < rule.minSize) return false;
  const scatter = coreScatter(branch, rule.minSize, distance);
  const attached = Number.isNaN(branch.attached) ? cutHeight : branch.attached;
  return scatter < rule.maxScatter && attached - scatter > rule.minGap;
}

/** What the relative choices mean on this tree. Throws {@link UsageError} for a deepSplit beyond 0 to 4. */
function absoluteRule(
  { height }: Dendrogram,
  { deepSplit = 2, cutHeight: asked }: TreeCutOptions,
  minSize: number,
): { cutHeight: number; rule: BranchRule } {
  if (!(deepSplit >= 0 && deepSplit <= 4))
    throw new UsageError(`deepSplit is ${deepSplit}; it goes from 0 to 4`);
  const reference = height[Math.max(1, roundHalfEven(height.length * REFERENCE_QUANTILE)) - 1]!;
  const largest = height[height.length - 1]!;
  const cutHeight = Math.min(largest, asked ?? DEFAULT_CUT * (largest - reference) + reference);
  const below = Math.min(3, Math.floor(deepSplit));
  const part = deepSplit - below;
  const scatter = CORE_SCATTER[below]! * (1 - part) + CORE_SCATTER[below + 1]! * part;
  const gap = ((1 - scatter) * 3) / 4;
  const range = cutHeight - reference;
  return { cutHeight, rule: { minSize, maxScatter: reference + scatter * range, minGap: gap * range } };
}

/** Halves to the even number, as R's round. */
function roundHalfEven(x: number): number {
  const whole = Math.floor(x);
  const rest = x - whole;
  if (rest !== 0.5) return Math.round(x);
  return whole % 2 === 0 ? whole : whole + 1;
}

/** Labels in order of size, the largest 1; of equal size the one that was before. 0 stays. */
export function bySize(labels: Int32Array): Int32Array {
  const sizes = new Map<number, number>();
  for (const label of labels) if (label > 0) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const order = [...sizes.keys()].sort((a, b) => sizes.get(b)! - sizes.get(a)! || a - b);
  const rank = new Map(order.map((label, i) => [label, i + 1]));
  return labels.map((label) => rank.get(label) ?? 0);
}
