import { Breather } from "../compute/pause.ts";
import { UsageError } from "../errors.ts";
import { permutation } from "../statistics/random.ts";
import { type Graph, strengths } from "./graph.ts";
import { aggregate, compact, type Level, Links, NODES_A_BREATH } from "./leidenLevel.ts";

export interface LeidenOptions {
  /** Above 1: more and smaller communities. Default 1. */
  readonly resolution?: number | undefined;
  /** Of the order in which nodes are looked at. Default 1. */
  readonly seed?: number | undefined;
  /** Orders tried; the partition of the largest modularity is taken (of equal ones the first). Default 5. */
  readonly starts?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Communities {
  /** The community of each node, numbered from 0 by size, the largest first (of equal ones that with the earliest node). */
  readonly community: Uint32Array;
  readonly count: number;
  readonly modularity: number;
}

/** Rounds over the whole graph; each starts where the one before ended, and most graphs need three. */
const MOST_ROUNDS = 20;
/** Each level has fewer nodes than the one below; no graph that fits in memory has so many. */
const MOST_LEVELS = 1000;
/** Modularities that differ by less are the same. */
const SAME = 1e-12;
/** A gain of modularity (times twice the weight of all edges) below this share of a node's strength is rounding. */
const LEAST_GAIN = 1e-12;

/**
 * Communities by the Leiden algorithm (Traag, Waltman, van Eck 2019, Scientific Reports 9, 5233): nodes move to the neighbouring community that raises modularity most,
 * communities are refined from single nodes, merging only what is well connected, and the refined graph goes on as the next level. Here refinement takes the best merge, not
 * a random one, so that the result follows from graph, resolution and seed alone. Every community is connected.
 * @throws UsageError for a resolution that is not positive, CancelledError when the signal has fired.
 */
export async function leiden(graph: Graph, options: LeidenOptions = {}): Promise<Communities> {
  const { resolution = 1, seed = 1, starts = 5 } = options;
  if (!(resolution > 0 && resolution < Infinity)) {
    throw new UsageError(`the resolution of communities is ${resolution}; it must be positive`);
  }
  const breather = new Breather(options.signal);
  const strength = strengths(graph);
  const total = strength.reduce((sum, value) => sum + value, 0);
  const alone = Uint32Array.from({ length: graph.nodes }, (_, v) => v);
  let found = { community: alone, reached: modularity(graph, alone, resolution) };
  for (let start = 0; start < starts && total > 0; start++) {
    const one = await fromAlone({ graph, strength }, resolution, resolution / total, seed, start, breather);
    if (one.reached > found.reached + SAME) found = one;
  }
  return numbered(graph, found.community, resolution);
}

/** Rounds of the algorithm from single nodes until modularity rises no more. */
async function fromAlone(
  bottom: Level,
  resolution: number,
  scale: number,
  seed: number,
  start: number,
  breather: Breather,
): Promise<{ community: Uint32Array<ArrayBuffer>; reached: number }> {
  const { graph } = bottom;
  let community = Uint32Array.from({ length: graph.nodes }, (_, v) => v);
  let reached = modularity(graph, community, resolution);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const stream = (start * MOST_ROUNDS + round) * MOST_LEVELS;
    const next = connected(graph, await once(bottom, community, scale, seed, stream, breather));
    const now = modularity(graph, next, resolution);
    if (!(now > reached + SAME)) break;
    community = next;
    reached = now;
  }
  return { community, reached };
}

/** Modularity of a partition (Newman and Girvan; Reichardt and Bornholdt's resolution): 0 for a graph without edges. */
export function modularity(graph: Graph, community: Uint32Array, resolution = 1): number {
  const { nodes, offset, neighbour, weight } = graph;
  const strength = strengths(graph);
  const total = strength.reduce((sum, value) => sum + value, 0);
  if (total === 0) return 0;
  const sums = new Map<number, number>();
  let inside = 0;
  for (let v = 0; v < nodes; v++) {
    sums.set(community[v]!, (sums.get(community[v]!) ?? 0) + strength[v]!);
    for (let at = offset[v]!; at < offset[v + 1]!; at++) {
      if (community[neighbour[at]!] === community[v]) inside += weight[at]!;
    }
  }
  let expected = 0;
  for (const sum of sums.values()) expected += (sum / total) * (sum / total);
  return inside / total - resolution * expected;
}

/** One round from `start`, through all levels; `scale` is resolution / total strength. */
async function once(
  bottom: Level,
  start: Uint32Array,
  scale: number,
  seed: number,
  stream: number,
  breather: Breather,
): Promise<Uint32Array> {
  let level = bottom;
  let partition = start.slice();
  /** Node of the level that each node of the bottom is in. */
  let group = Uint32Array.from({ length: bottom.graph.nodes }, (_, v) => v);
  for (let depth = 0; ; depth++) {
    const order = permutation(seed, stream + depth, 0, level.graph.nodes);
    await moveNodes(level, partition, scale, order, breather);
    const refined = await refine(level, partition, scale, order, breather);
    const groups = compact(refined);
    // Nothing merges any further.
    if (groups === level.graph.nodes) return group.map((v) => partition[v]!);
    const next = new Uint32Array(groups);
    refined.forEach((to, v) => {
      next[to] = partition[v]!;
    });
    compact(next);
    group = group.map((v) => refined[v]!);
    level = await aggregate(level, refined, groups, breather);
    partition = next;
  }
}

/** Moves nodes between communities until none gains. CHANGES `community`, whose labels are below the number of nodes. */
async function moveNodes(
  { graph, strength }: Level,
  community: Uint32Array,
  scale: number,
  order: Uint32Array,
  breather: Breather,
): Promise<void> {
  const { nodes, offset, neighbour, weight } = graph;
  const sum = new Float64Array(nodes);
  const size = new Uint32Array(nodes);
  for (let v = 0; v < nodes; v++) {
    sum[community[v]!]! += strength[v]!;
    size[community[v]!]!++;
  }
  const free: number[] = [];
  for (let c = nodes - 1; c >= 0; c--) if (size[c] === 0) free.push(c);
  const links = new Links(nodes);
  // A ring of the nodes to look at, each at most once.
  const queue = order.slice();
  const waiting = new Uint8Array(nodes).fill(1);
  for (let head = 0, length = nodes; length > 0; length--) {
    if (length % NODES_A_BREATH === 0) await breather.pause();
    const v = queue[head]!;
    head = head + 1 === nodes ? 0 : head + 1;
    waiting[v] = 0;
    const own = community[v]!;
    links.clear();
    links.add(own, 0);
    for (let at = offset[v]!; at < offset[v + 1]!; at++) links.add(community[neighbour[at]!]!, weight[at]!);
    const k = strength[v]!;
    const gain = (c: number): number => links.weight[c]! - scale * k * (sum[c]! - (c === own ? k : 0));
    let best = own;
    let most = gain(own) + LEAST_GAIN * k;
    for (const c of links.seen) {
      const value = gain(c);
      if (value > most) {
        best = c;
        most = value;
      }
    }
    // Alone is better than with any.
    if (most < -LEAST_GAIN * k && size[own]! > 1) best = free.pop()!;
    if (best === own) continue;
    sum[own]! -= k;
    if (--size[own]! === 0) {
      sum[own] = 0;
      free.push(own);
    }
    sum[best]! += k;
    size[best]!++;
    community[v] = best;
    for (let at = offset[v]!; at < offset[v + 1]!; at++) {
      const other = neighbour[at]!;
      if (waiting[other] === 1 || community[other] === best) continue;
      waiting[other] = 1;
      queue[(head + length - 1) % nodes] = other;
      length++;
    }
  }
}

/** Parts of each community that are well connected, from single nodes by the best merge; labels below the number of nodes. */
async function refine(
  { graph, strength }: Level,
  community: Uint32Array,
  scale: number,
  order: Uint32Array,
  breather: Breather,
): Promise<Uint32Array> {
  const { nodes, offset, neighbour, weight } = graph;
  const sum = new Float64Array(nodes);
  for (let v = 0; v < nodes; v++) sum[community[v]!]! += strength[v]!;
  const part = Uint32Array.from({ length: nodes }, (_, v) => v);
  const partSum = strength.slice();
  const size = new Uint32Array(nodes).fill(1);
  /** Weight of each part's edges to the rest of its community. */
  const outward = new Float64Array(nodes);
  for (let v = 0; v < nodes; v++) {
    if (v % NODES_A_BREATH === 0) await breather.pause();
    for (let at = offset[v]!; at < offset[v + 1]!; at++) {
      if (community[neighbour[at]!] === community[v]) outward[v]! += weight[at]!;
    }
  }
  const isWell = (p: number, whole: number): boolean =>
    outward[p]! >= scale * partSum[p]! * (whole - partSum[p]!) * (1 - LEAST_GAIN);
  const links = new Links(nodes);
  for (const [i, v] of order.entries()) {
    if (i % NODES_A_BREATH === 0) await breather.pause();
    const whole = sum[community[v]!]!;
    if (size[part[v]!]! > 1 || !isWell(part[v]!, whole)) continue;
    links.clear();
    for (let at = offset[v]!; at < offset[v + 1]!; at++) {
      const other = neighbour[at]!;
      if (community[other] === community[v]) links.add(part[other]!, weight[at]!);
    }
    const k = strength[v]!;
    let best = -1;
    let most = LEAST_GAIN * k;
    for (const p of links.seen) {
      const gain = links.weight[p]! - scale * k * partSum[p]!;
      if (gain > most && isWell(p, whole)) {
        best = p;
        most = gain;
      }
    }
    if (best < 0) continue;
    outward[best]! += outward[part[v]!]! - 2 * links.weight[best]!;
    partSum[best]! += k;
    size[best]!++;
    size[part[v]!] = 0;
    part[v] = best;
  }
  return part;
}

/** The same communities, those in several pieces parted. */
function connected({ nodes, offset, neighbour }: Graph, community: Uint32Array): Uint32Array<ArrayBuffer> {
  const piece = new Uint32Array(nodes).fill(nodes);
  const stack: number[] = [];
  for (let start = 0; start < nodes; start++) {
    if (piece[start] !== nodes) continue;
    piece[start] = start;
    stack.push(start);
    for (let v = stack.pop(); v !== undefined; v = stack.pop()) {
      for (let at = offset[v]!; at < offset[v + 1]!; at++) {
        const other = neighbour[at]!;
        if (piece[other] !== nodes || community[other] !== community[v]) continue;
        piece[other] = start;
        stack.push(other);
      }
    }
  }
  return piece;
}

function numbered(graph: Graph, labels: Uint32Array, resolution: number): Communities {
  const community = labels.slice();
  const count = compact(community);
  const size = new Uint32Array(count);
  for (const c of community) size[c]!++;
  const order = Array.from(size.keys()).sort((a, b) => size[b]! - size[a]! || a - b);
  const rank = new Uint32Array(count);
  order.forEach((c, i) => {
    rank[c] = i;
  });
  const sorted = community.map((c) => rank[c]!);
  return { community: sorted, count, modularity: modularity(graph, sorted, resolution) };
}
