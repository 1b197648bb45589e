/** Graphs of groups of nodes, which the Leiden algorithm goes up by. */

import type { Breather } from "../compute/pause.ts";
import type { Graph } from "./graph.ts";

/** Nodes looked at between two looks at the signal. */
export const NODES_A_BREATH = 64;

/** A graph whose nodes are groups of nodes: weights within a group are left out of the rows, its strength has them. */
export interface Level {
  readonly graph: Graph;
  readonly strength: Float64Array;
}

/** Sums of weights by label, for the few labels that a node meets. */
export class Links {
  readonly weight: Float64Array;
  readonly seen: number[] = [];
  readonly #met: Uint8Array;

  constructor(labels: number) {
    this.weight = new Float64Array(labels);
    this.#met = new Uint8Array(labels);
  }

  add(label: number, weight: number): void {
    if (this.#met[label] === 0) {
      this.#met[label] = 1;
      this.seen.push(label);
    }
    this.weight[label]! += weight;
  }

  clear(): void {
    for (const label of this.seen) {
      this.weight[label] = 0;
      this.#met[label] = 0;
    }
    this.seen.length = 0;
  }
}

/** The graph of groups, `group[v]` of `groups`; edges within a group are kept in its strength only. */
export async function aggregate(
  { graph, strength }: Level,
  group: Uint32Array,
  groups: number,
  breather: Breather,
): Promise<Level> {
  const { nodes, offset, neighbour, weight } = graph;
  const members: number[][] = Array.from({ length: groups }, () => []);
  for (let v = 0; v < nodes; v++) members[group[v]!]!.push(v);
  const starts = new Uint32Array(groups + 1);
  const to: number[] = [];
  const weights: number[] = [];
  const sums = new Float64Array(groups);
  const links = new Links(groups);
  for (const [g, list] of members.entries()) {
    if (g % NODES_A_BREATH === 0) await breather.pause();
    links.clear();
    for (const v of list) {
      sums[g]! += strength[v]!;
      for (let at = offset[v]!; at < offset[v + 1]!; at++) {
        const other = group[neighbour[at]!]!;
        if (other !== g) links.add(other, weight[at]!);
      }
    }
    for (const other of links.seen.sort((a, b) => a - b)) {
      to.push(other);
      weights.push(links.weight[other]!);
    }
    starts[g + 1] = to.length;
  }
  const rows = { offset: starts, neighbour: Uint32Array.from(to), weight: Float64Array.from(weights) };
  return { graph: { nodes: groups, edges: to.length / 2, ...rows }, strength: sums };
}

/** Renumbers labels in order of their first appearance; how many there are. */
export function compact(labels: Uint32Array): number {
  const number = new Map<number, number>();
  for (let v = 0; v < labels.length; v++) {
    const known = number.get(labels[v]!) ?? number.size;
    number.set(labels[v]!, known);
    labels[v] = known;
  }
  return number.size;
}
