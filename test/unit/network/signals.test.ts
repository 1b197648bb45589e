/** A signal stops the long steps of networks in the middle, promptly. */
import { describe, expect, test } from "vitest";
import { CancelledError } from "../../../src/errors.ts";
import { betweenness } from "../../../src/network/centrality.ts";
import { condensedLength } from "../../../src/network/condensed.ts";
import { graphOf } from "../../../src/network/graph.ts";
import { leiden } from "../../../src/network/leiden.ts";
import { averageLinkage } from "../../../src/network/linkage.ts";
import { overlapCells } from "../../../src/network/overlapCells.ts";
import { cutTree } from "../../../src/network/treeCut.ts";
import { testRandom } from "../../helpers/randomCohort.ts";

/** A graph without communities: Leiden takes many rounds over it. */
function large(nodes: number, edges: number) {
  const random = testRandom(5);
  const ends = Array.from({ length: edges }, () => {
    const a = Math.floor(random() * nodes);
    return [a, (a + 1 + Math.floor(random() * (nodes - 1))) % nodes] as const;
  });
  const side = (end: 0 | 1) => Uint32Array.from(ends, (pair) => pair[end]);
  return graphOf(nodes, side(0), side(1), new Float64Array(edges).fill(1));
}

/** A chain of merges, each of one more item: every item beside it is weighed by the whole cluster. */
function chain(count: number) {
  const merge = Int32Array.from({ length: 2 * (count - 1) }, (_, i) =>
    i < 2 ? -(i + 1) : i % 2 === 0 ? -(i / 2 + 2) : (i - 1) / 2,
  );
  // A tight cluster, then items at the cut and beyond it, which the medoid stage looks at one by one.
  const height = Float64Array.from({ length: count - 1 }, (_, m) =>
    m < count / 2 ? 0.2 + m * 1e-9 : 0.9 + m * 1e-9,
  );
  return { count, merge, height, order: Uint32Array.from({ length: count }, (_, i) => i) };
}

const slow = (a: number, b: number): number => {
  let value = 0;
  for (let i = 0; i < 200; i++) value += Math.sqrt(a + b + i);
  return value > 0 ? 0.1 : 0;
};

describe("a signal", () => {
  test.each<[string, (signal: AbortSignal) => Promise<unknown>]>([
    ["leiden", (signal) => leiden(large(20_000, 200_000), { signal })],
    ["betweenness", (signal) => betweenness(large(5000, 50_000), signal)],
    [
      "averageLinkage",
      (signal) => {
        const random = testRandom(2);
        const count = 4000;
        return averageLinkage(Float64Array.from({ length: condensedLength(count) }, random), count, {
          signal,
        });
      },
    ],
    ["cutTree", (signal) => cutTree(chain(4000), slow, { cutHeight: 0.5, pamRespectsDendro: false, signal })],
    [
      "overlapCells",
      (signal) =>
        overlapCells(
          Uint32Array.from({ length: 4000 }, (_, i) => i),
          slow,
          { signal },
        ),
    ],
  ])("stops %s in the middle", async (_, work) => {
    const stop = new AbortController();
    let fired = Number.NaN;
    const begun = work(stop.signal);
    setTimeout(() => {
      fired = performance.now();
      stop.abort();
    }, 60);
    await expect(begun).rejects.toThrow(CancelledError);
    // The timer itself gets in at a breath; from then on to the next one.
    expect(performance.now() - fired).toBeLessThan(1500);
  });

  test.each<[string, (signal: AbortSignal) => Promise<unknown>]>([
    ["leiden", (signal) => leiden(large(10, 20), { signal })],
    ["averageLinkage", (signal) => averageLinkage(new Float64Array(3), 3, { signal })],
    ["cutTree", (signal) => cutTree(chain(5), slow, { signal })],
  ])("that has fired before stops %s at once", async (_, work) => {
    await expect(work(AbortSignal.abort())).rejects.toThrow(CancelledError);
  });
});
