import { Breather } from "../compute/pause.ts";
import { type Graph, strengths } from "./graph.ts";

/** How central each node is, one entry a node. */
export interface Centralities {
  /** Edges. */
  readonly degree: Uint32Array;
  /** Sum of the weights of its edges. */
  readonly strength: Float64Array;
  /** Of those to nodes of its own community. */
  readonly strengthWithin: Float64Array;
  /** Share of all steps of a random walk along the weights (damping 0.85). */
  readonly pageRank: Float64Array;
  /** Share of the pairs of its neighbours that are joined; 0 with fewer than two. */
  readonly clustering: Float64Array;
  /** The largest k for which it is in a part of the graph where every node has k edges. */
  readonly coreness: Uint32Array;
}

/** All of {@link Centralities}; `community` of each node. About as many steps as the sum of squared degrees. */
export function centralities(graph: Graph, community: Uint32Array): Centralities {
  const { nodes, offset, neighbour, weight } = graph;
  const degree = Uint32Array.from({ length: nodes }, (_, v) => offset[v + 1]! - offset[v]!);
  const strengthWithin = new Float64Array(nodes);
  for (let v = 0; v < nodes; v++) {
    for (let at = offset[v]!; at < offset[v + 1]!; at++) {
      if (community[neighbour[at]!] === community[v]) strengthWithin[v]! += weight[at]!;
    }
  }
  return {
    ...{ degree, strength: strengths(graph), strengthWithin },
    ...{ pageRank: pageRank(graph), clustering: clustering(graph), coreness: coreness(graph) },
  };
}

const DAMPING = 0.85;
/** The rank is settled when all changes together are below this. */
const SETTLED = 1e-13;
const MOST_STEPS = 1000;

/** PageRank by weights (Brin and Page 1998); nodes without edges hand their share to all. The sum is 1. */
export function pageRank(graph: Graph, damping = DAMPING): Float64Array {
  const { nodes, offset, neighbour, weight } = graph;
  const strength = strengths(graph);
  let rank = new Float64Array(nodes).fill(1 / nodes);
  for (let step = 0; step < MOST_STEPS; step++) {
    let loose = 0;
    for (let v = 0; v < nodes; v++) if (strength[v] === 0) loose += rank[v]!;
    const base = (1 - damping + damping * loose) / nodes;
    const next = new Float64Array(nodes);
    let change = 0;
    for (let v = 0; v < nodes; v++) {
      let sum = 0;
      for (let at = offset[v]!; at < offset[v + 1]!; at++) {
        const other = neighbour[at]!;
        sum += (rank[other]! * weight[at]!) / strength[other]!;
      }
      next[v] = base + damping * sum;
      change += Math.abs(next[v]! - rank[v]!);
    }
    rank = next;
    if (change < SETTLED) break;
  }
  return rank;
}

/** Watts and Strogatz's local clustering coefficient, weights not heeded. */
export function clustering({ nodes, offset, neighbour }: Graph): Float64Array {
  const marked = new Uint32Array(nodes).fill(nodes);
  return Float64Array.from({ length: nodes }, (_, v) => {
    const [from, to] = [offset[v]!, offset[v + 1]!];
    const degree = to - from;
    if (degree < 2) return 0;
    for (let at = from; at < to; at++) marked[neighbour[at]!] = v;
    let joined = 0;
    for (let at = from; at < to; at++) {
      const other = neighbour[at]!;
      for (let i = offset[other]!; i < offset[other + 1]!; i++) if (marked[neighbour[i]!] === v) joined++;
    }
    return joined / (degree * (degree - 1));
  });
}

/** Batagelj and Zaversnik's core numbers: nodes in order of what is left of their degree. */
export function coreness({ nodes, offset, neighbour }: Graph): Uint32Array {
  const core = Uint32Array.from({ length: nodes }, (_, v) => offset[v + 1]! - offset[v]!);
  const most = core.reduce((largest, value) => Math.max(largest, value), 0);
  const bin = new Uint32Array(most + 2);
  for (const degree of core) bin[degree + 1]!++;
  for (let d = 0; d <= most; d++) bin[d + 1]! += bin[d]!;
  const place = new Uint32Array(nodes);
  const sorted = new Uint32Array(nodes);
  const next = bin.slice();
  for (let v = 0; v < nodes; v++) {
    place[v] = next[core[v]!]!++;
    sorted[place[v]!] = v;
  }
  for (let i = 0; i < nodes; i++) {
    const v = sorted[i]!;
    for (let at = offset[v]!; at < offset[v + 1]!; at++) {
      const other = neighbour[at]!;
      if (core[other]! <= core[v]!) continue;
      // Swapped with the first node of its degree, which then begins one place later.
      const start = bin[core[other]!]!;
      const first = sorted[start]!;
      sorted[place[other]!] = first;
      place[first] = place[other]!;
      sorted[start] = other;
      place[other] = start;
      bin[core[other]!] = start + 1;
      core[other]!--;
    }
  }
  return core;
}

/** Brandes' betweenness (2001), weights not heeded, each pair once: nodes times edges steps. Throws CancelledError when the signal has fired. */
export async function betweenness(
  { nodes, offset, neighbour }: Graph,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const breather = new Breather(signal);
  const between = new Float64Array(nodes);
  const distance = new Int32Array(nodes);
  const paths = new Float64Array(nodes);
  const share = new Float64Array(nodes);
  const order = new Uint32Array(nodes);
  for (let source = 0; source < nodes; source++) {
    await breather.pause();
    distance.fill(-1);
    paths.fill(0);
    share.fill(0);
    distance[source] = 0;
    paths[source] = 1;
    order[0] = source;
    let reached = 1;
    for (let i = 0; i < reached; i++) {
      const v = order[i]!;
      for (let at = offset[v]!; at < offset[v + 1]!; at++) {
        const other = neighbour[at]!;
        if (distance[other] === -1) {
          distance[other] = distance[v]! + 1;
          order[reached++] = other;
        }
        if (distance[other] === distance[v]! + 1) paths[other]! += paths[v]!;
      }
    }
    for (let i = reached - 1; i > 0; i--) {
      const v = order[i]!;
      for (let at = offset[v]!; at < offset[v + 1]!; at++) {
        const other = neighbour[at]!;
        if (distance[other] === distance[v]! - 1)
          share[other]! += (paths[other]! / paths[v]!) * (1 + share[v]!);
      }
      between[v]! += share[v]! / 2;
    }
  }
  return between;
}
