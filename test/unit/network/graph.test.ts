import { describe, expect, test } from "vitest";
import { betweenness, centralities } from "../../../src/network/centrality.ts";
import { type Graph, graphOf } from "../../../src/network/graph.ts";
import { leiden, modularity } from "../../../src/network/leiden.ts";
import { uniform, uniformInt } from "../../../src/statistics/random.ts";
import { expectedGraphs, farthest } from "./expected.ts";

function made(n: number, edges: readonly (readonly [number, number])[], weight: readonly number[]): Graph {
  const ends = (k: 0 | 1) => Uint32Array.from(edges, (edge) => edge[k]);
  return graphOf(n, ends(0), ends(1), Float64Array.from(weight));
}

function random(seed: number, n: number, m: number): Graph {
  const edges = Array.from(
    { length: m },
    (_, i) => [uniformInt(seed, 0, i, n), uniformInt(seed, 1, i, n)] as const,
  );
  return made(
    n,
    edges,
    edges.map((_, i) => 0.1 + uniform(seed, 2, i)),
  );
}

/** Newman's modularity by its double sum. */
function plainModularity({ nodes, offset, neighbour, weight }: Graph, community: Uint32Array): number {
  const a = new Float64Array(nodes * nodes);
  for (let v = 0; v < nodes; v++)
    for (let at = offset[v]!; at < offset[v + 1]!; at++) a[v * nodes + neighbour[at]!] = weight[at]!;
  const k = Array.from({ length: nodes }, (_, v) =>
    a.subarray(v * nodes, (v + 1) * nodes).reduce((s, w) => s + w, 0),
  );
  const total = k.reduce((sum, value) => sum + value, 0);
  let q = 0;
  for (let v = 0; v < nodes; v++)
    for (let u = 0; u < nodes; u++)
      if (community[u] === community[v]) q += (a[v * nodes + u]! - (k[v]! * k[u]!) / total) / total;
  return q;
}

describe("graphs", () => {
  test("join repeated pairs and pass over loops", () => {
    const graph = made(
      4,
      [
        [2, 0],
        [0, 2],
        [1, 1],
        [3, 2],
      ],
      [0.5, 0.7, 9, 1],
    );
    expect(graph.edges).toBe(2);
    expect([...graph.offset]).toEqual([0, 1, 1, 3, 4]);
    expect([...graph.neighbour]).toEqual([2, 0, 3, 2]);
    expect([...graph.weight]).toEqual([0.7, 0.7, 1, 1]);
  });

  test.each([
    [[[0, 4]], [1], "edge 1 joins nodes 0 and 4 of 4"],
    [[[0, 1]], [0], "edge 1 has the weight 0"],
    [[[0, 1]], [Number.NaN], "edge 1 has the weight NaN"],
    [[[0, 1]], [1, 2], "edges from 1 to 1 nodes with 2 weights"],
  ] as const)("refuse %j with weights %j", (edges, weight, message) => {
    expect(() => made(4, edges, weight)).toThrow(message);
  });
});

const names = expectedGraphs.map(([name]) => name);

describe("against igraph", () => {
  test.each(names)("%s: centralities", async (name) => {
    const { n, edges, weight, ...wanted } = Object.fromEntries(expectedGraphs)[name]!;
    const graph = made(n, edges, weight);
    const found = centralities(graph, new Uint32Array(n));
    expect(farthest(found.pageRank, wanted.pagerank)).toBeLessThan(1e-12);
    expect(farthest(found.clustering, wanted.clustering)).toBeLessThan(1e-14);
    expect([...found.coreness]).toEqual(wanted.coreness);
    expect(farthest(await betweenness(graph), wanted.betweenness)).toBeLessThan(1e-12);
    // All nodes in one community: all strength is within.
    expect(found.strengthWithin).toEqual(found.strength);
  });

  test.each(names)("%s: modularity close to the best of 20 runs", async (name) => {
    const { n, edges, weight, ...best } = Object.fromEntries(expectedGraphs)[name]!;
    const found = await leiden(made(n, edges, weight));
    expect(found.modularity).toBeGreaterThan(0.99 * best.modularity);
    expect(found.modularity).toBeLessThan(best.modularity + 0.01);
    // Where communities are clear, the same ones.
    if (name !== "er") expect(found.modularity).toBeCloseTo(best.modularity, 12);
    if (name !== "er") expect(found.count).toBe(best.communities);
  });
});

describe("Leiden", () => {
  test("communities are connected, local optima, and numbered by size; modularity is the double sum", async () => {
    for (let seed = 1; seed <= 25; seed++) {
      const graph = random(seed, 10 + 3 * seed, 15 + 6 * seed);
      const { community, count, modularity: q } = await leiden(graph, { seed });
      expect(q, `seed ${seed}`).toBeCloseTo(plainModularity(graph, community), 12);
      const size = new Uint32Array(count);
      for (const c of community) size[c]!++;
      expect([...size], `seed ${seed}`).toEqual([...size].sort((a, b) => b - a));
      for (let c = 0; c < count; c++) expect(isConnected(graph, community, c), `seed ${seed}`).toBe(true);
      // No node gains by moving to a neighbour's community or on its own.
      for (let v = 0; v < graph.nodes; v++) {
        for (const to of new Set(
          [...graph.neighbour.slice(graph.offset[v], graph.offset[v + 1])]
            .map((u) => community[u]!)
            .concat(count),
        )) {
          const moved = community.slice();
          moved[v] = to;
          expect(modularity(graph, moved), `seed ${seed}, node ${v}`).toBeLessThan(q + 1e-9);
        }
      }
    }
  });

  test("planted communities are found, and resolution parts or joins them", async () => {
    const edges: [number, number][] = [];
    for (let a = 0; a < 90; a++) {
      for (let b = 0; b < a; b++) {
        const p = Math.floor(a / 30) === Math.floor(b / 30) ? 0.4 : 0.02;
        if (uniform(4, a, b) < p) edges.push([a, b]);
      }
    }
    const graph = made(
      90,
      edges,
      edges.map(() => 1),
    );
    const found = await leiden(graph);
    expect(found.count).toBe(3);
    for (let v = 0; v < 90; v++) expect(found.community[v]).toBe(found.community[30 * Math.floor(v / 30)]);
    expect((await leiden(graph, { resolution: 0.01 })).count).toBe(1);
    expect((await leiden(graph, { resolution: 10 })).count).toBeGreaterThan(10);
    await expect(leiden(graph, { resolution: 0 })).rejects.toThrow("the resolution of communities is 0");
  });

  test("nodes without edges are alone; a graph without edges has modularity 0", async () => {
    const empty = made(3, [], []);
    expect(await leiden(empty)).toMatchObject({ count: 3, modularity: 0 });
    const one = await leiden(made(3, [[0, 2]], [5]));
    expect([...one.community]).toEqual([0, 1, 0]);
    expect([...centralities(empty, new Uint32Array(3)).pageRank]).toEqual([1 / 3, 1 / 3, 1 / 3]);
  });
});

function isConnected({ nodes, offset, neighbour }: Graph, community: Uint32Array, c: number): boolean {
  const members = Array.from({ length: nodes }, (_, v) => v).filter((v) => community[v] === c);
  const reached = new Set([members[0]!]);
  for (const v of reached) {
    for (let at = offset[v]!; at < offset[v + 1]!; at++)
      if (community[neighbour[at]!] === c) reached.add(neighbour[at]!);
  }
  return reached.size === members.length;
}
