import { UsageError } from "../errors.ts";

/**
 * An undirected graph with weights, in compressed rows: the neighbours of node v are `neighbour[offset[v]]` to
 * `neighbour[offset[v + 1] - 1]`, ascending, each edge in both rows.
 */
export interface Graph {
  readonly nodes: number;
  readonly edges: number;
  readonly offset: Uint32Array;
  readonly neighbour: Uint32Array;
  readonly weight: Float64Array;
}

/**
 * The graph of the edges `first[i]` to `second[i]`. A pair that comes again, either way round, counts once, with the larger weight; a
 * node's edge to itself is passed over. 24 bytes an edge.
 * @throws UsageError for arrays of different lengths, a node outside, and a weight that is not positive and finite.
 */
export function graphOf(nodes: number, first: Uint32Array, second: Uint32Array, weight: Float64Array): Graph {
  if (first.length !== second.length || first.length !== weight.length) {
    throw new UsageError(
      `edges from ${first.length} to ${second.length} nodes with ${weight.length} weights`,
    );
  }
  const offset = new Uint32Array(nodes + 1);
  for (let i = 0; i < first.length; i++) {
    const [a, b, w] = [first[i]!, second[i]!, weight[i]!];
    if (a >= nodes || b >= nodes) throw new UsageError(`edge ${i + 1} joins nodes ${a} and ${b} of ${nodes}`);
    if (!(w > 0 && w < Infinity))
      throw new UsageError(`edge ${i + 1} has the weight ${w}; it must be positive`);
    if (a === b) continue;
    offset[a + 1]!++;
    offset[b + 1]!++;
  }
  for (let v = 0; v < nodes; v++) offset[v + 1]! += offset[v]!;
  const neighbour = new Uint32Array(offset[nodes]!);
  const weights = new Float64Array(neighbour.length);
  const next = offset.slice(0, nodes);
  const put = (a: number, b: number, w: number): void => {
    const at = next[a]!++;
    neighbour[at] = b;
    weights[at] = w;
  };
  for (let i = 0; i < first.length; i++) {
    const [a, b, w] = [first[i]!, second[i]!, weight[i]!];
    if (a === b) continue;
    put(a, b, w);
    put(b, a, w);
  }
  return merged(nodes, offset, neighbour, weights);
}

/** Sorts each row and joins what is repeated. */
function merged(nodes: number, offset: Uint32Array, neighbour: Uint32Array, weight: Float64Array): Graph {
  const starts = new Uint32Array(nodes + 1);
  let kept = 0;
  for (let v = 0; v < nodes; v++) {
    const [from, to] = [offset[v]!, offset[v + 1]!];
    const order = Array.from({ length: to - from }, (_, i) => from + i).sort(
      (a, b) => neighbour[a]! - neighbour[b]! || weight[b]! - weight[a]!,
    );
    const row = order.map((at) => [neighbour[at]!, weight[at]!] as const);
    let last = -1;
    for (const [to, w] of row) {
      if (to === last) continue;
      neighbour[kept] = to;
      weight[kept++] = w;
      last = to;
    }
    starts[v + 1] = kept;
  }
  return {
    ...{ nodes, edges: kept / 2, offset: starts },
    ...{ neighbour: neighbour.slice(0, kept), weight: weight.slice(0, kept) },
  };
}

/** Sum of the weights of each node's edges. */
export function strengths({ nodes, offset, weight }: Graph): Float64Array {
  const strength = new Float64Array(nodes);
  for (let v = 0; v < nodes; v++) {
    for (let at = offset[v]!; at < offset[v + 1]!; at++) strength[v]! += weight[at]!;
  }
  return strength;
}
