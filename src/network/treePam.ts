import type { Breather } from "../compute/pause.ts";
import type { Branch, Distance } from "./treeBranches.ts";

interface Rest {
  /** 0 for what is to be assigned; written. */
  readonly labels: Int32Array;
  readonly branches: readonly Branch[];
  readonly rootOf: readonly (Branch | undefined)[];
  readonly clusterOf: ReadonlyMap<Branch, number>;
  /** Only to clusters on the branch that an item hangs on. */
  readonly respectTree: boolean;
  readonly cutHeight: number;
  readonly distance: Distance;
}

/**
 * The stage of partitioning around medoids: first the branches that were too small alone, each as a whole, then every item left
 * goes to the cluster of least mean distance, if that is less than the cluster's own width (the largest mean distance
 * of a member to the others) or than the height of the cut. Clusters are those before the stage.
 */
export async function assignRest(rest: Rest, breather: Breather): Promise<void> {
  const { labels } = rest;
  const clusters = [...rest.clusterOf.values()].map((label) => new Cluster(label, labels, rest.distance));
  const done = new Set<number>();
  for (const group of smallGroups(rest)) {
    await breather.pause();
    const nearest = await nearestTo(group, clusters, rest, breather);
    if (nearest === undefined) continue;
    for (const item of group) {
      done.add(item);
      if (nearest.fits) labels[item] = nearest.label;
    }
  }
  const singles = Array.from(labels.keys()).filter((item) => labels[item] === 0 && !done.has(item));
  for (const item of singles) {
    await breather.pause();
    const nearest = await nearestTo([item], clusters, rest, breather);
    if (nearest?.fits) labels[item] = nearest.label;
  }
}

/** Items without a label of each branch that was too small alone, by the last such branch an item was in. */
function smallGroups({ labels, branches }: Rest): number[][] {
  const last = new Map<number, Branch>();
  const small = branches.filter((branch) => branch.small);
  for (const branch of small) {
    for (const member of branch.members) if (labels[member] === 0) last.set(member, branch);
  }
  return small
    .map((branch) => [...new Set(branch.members)].filter((member) => last.get(member) === branch))
    .filter((group) => group.length > 0)
    .map((group) => group.sort((a, b) => a - b));
}

/** The cluster nearest to a group on the mean, of those it may go to; undefined where there is none. */
async function nearestTo(
  group: readonly number[],
  clusters: readonly Cluster[],
  { rootOf, clusterOf, respectTree, cutHeight }: Rest,
  breather: Breather,
): Promise<{ label: number; fits: boolean } | undefined> {
  let allowed = clusters;
  if (respectTree) {
    const root = rootOf[group[0]!];
    const labels = new Set(root?.parts.map((part) => clusterOf.get(part)));
    allowed = clusters.filter(({ label }) => labels.has(label));
  }
  let best: Cluster | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const cluster of allowed) {
    const distance = cluster.meanDistance(group);
    if (distance >= least) continue;
    least = distance;
    best = cluster;
  }
  if (best === undefined) return undefined;
  return { label: best.label, fits: least < cutHeight || least < (await best.width(breather)) };
}

class Cluster {
  readonly label: number;
  private readonly members: readonly number[];
  private readonly distance: Distance;
  private widest: number | undefined;

  constructor(label: number, labels: Int32Array, distance: Distance) {
    this.label = label;
    this.members = Array.from(labels.keys()).filter((item) => labels[item] === label);
    this.distance = distance;
  }

  /** Between the group's items and the members. */
  meanDistance(group: readonly number[]): number {
    let sum = 0;
    for (const item of group) for (const member of this.members) sum += this.distance(item, member);
    return sum / (group.length * this.members.length);
  }

  /** The largest mean distance of a member to the others. */
  async width(breather: Breather): Promise<number> {
    if (this.widest === undefined) {
      let widest = 0;
      for (const a of this.members) {
        await breather.pause();
        let sum = 0;
        for (const b of this.members) if (a !== b) sum += this.distance(a, b);
        widest = Math.max(widest, sum / (this.members.length - 1));
      }
      this.widest = widest;
    }
    return this.widest;
  }
}
