import { describe, expect, it } from "vitest";
import { dotCollector, manhattanCollector, type Points, thin } from "../../../src/report/collect.ts";
import { geneLayout, genomePlacer, variantLayout } from "../../../src/report/layout.ts";
import { batchOf, type FakePair, genes, uniform } from "./fixtures.ts";

const SEED = 20_260_101;
const GENES = 90;

/** Pairs on two chromosomes; many ties in p and position, some p beyond underflow, some without a p. */
function randomPairs(count: number, seed: number): FakePair[] {
  const random = uniform(seed);
  return Array.from({ length: count }, (_, i) => ({
    chromosome: random() < 0.7 ? "chr1" : "2",
    position: 1_000 + Math.floor(random() * 4_000) * 50,
    gene: Math.floor(random() * GENES),
    log10P: i % 97 === 0 ? Number.NaN : -Math.round(40 * random() ** 6 * (i % 501 === 0 ? 9_000 : 100)) / 100,
  }));
}

const layout = variantLayout({
  chromosomes: ["1", "2"],
  chromosomeCode: Uint16Array.of(0, 0, 1, 1),
  position: Int32Array.of(1_000, 201_000, 1_000, 201_000),
});
const place = genomePlacer(layout);

function shuffled<T>(values: readonly T[], seed: number): T[] {
  const random = uniform(seed);
  return values
    .map((value) => ({ value, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}

type Row = readonly [x: number, y: number, gene: number];

function rows(points: Points): Row[] {
  return Array.from(points.x, (x, i) => [x, points.y[i]!, points.gene[i]!]);
}

function byPlace(a: Row, b: Row): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** Best pair of each cell, found by sorting everything. */
function naive(pairs: readonly FakePair[], cell: (x: number, y: number, pair: FakePair) => string): Row[] {
  const best = new Map<string, Row>();
  const all = pairs
    .filter((pair) => !Number.isNaN(pair.log10P))
    .map((pair) => ({ pair, row: [place(pair.chromosome, pair.position), -pair.log10P, pair.gene] as Row }))
    .sort((a, b) => b.row[1] - a.row[1] || a.row[0] - b.row[0] || a.row[2] - b.row[2]);
  for (const { pair, row } of all) {
    const key = cell(row[0], row[1], pair);
    if (!best.has(key)) best.set(key, row);
  }
  return [...best.values()].sort(byPlace);
}

describe("manhattanCollector", () => {
  const pairs = randomPairs(12_000, SEED);
  const collected = (order: readonly FakePair[], size: number) => {
    const collector = manhattanCollector(layout);
    for (let at = 0; at < order.length; at += size) collector.add(batchOf(order.slice(at, at + size), at));
    return collector;
  };

  it("keeps the best pair of each cell, as sorting all pairs would", () => {
    const cell = (x: number, y: number) => {
      const row = y < 10 ? Math.floor(y / 0.05) : Math.min(999, 200 + Math.floor(100 * Math.log(y / 10)));
      return `${Math.min(999, Math.floor((x / layout.length) * 1_000))} ${row}`;
    };
    const found = rows(collected(pairs, 12_000).result(Number.POSITIVE_INFINITY));
    expect(found.length).toBeGreaterThan(1_000);
    expect(found, `seed ${SEED}`).toEqual(naive(pairs, cell));
  });

  it("does not depend on how pairs are batched or in which order they come", () => {
    const once = collected(pairs, 12_000).result();
    for (const [size, seed] of [
      [1_000, 1],
      [77, 2],
    ] as const) {
      expect(collected(shuffled(pairs, seed), size).result(), `seed ${seed}`).toEqual(once);
    }
    expect(once.x.length).toBeGreaterThan(1_000);
  });

  it("hands over no more points than asked for, with the highest among them", () => {
    const points = collected(pairs, 5_000).result(500);
    expect(points.x.length).toBeLessThanOrEqual(500);
    expect(points.x.length).toBeGreaterThan(150);
    expect(Math.max(...points.y)).toBe(
      Math.max(...pairs.map((pair) => (pair.log10P <= 0 ? -pair.log10P : 0))),
    );
  });

  it("leaves out variants off the axis", () => {
    const collector = manhattanCollector(layout);
    collector.add(batchOf([{ chromosome: "7", position: 5_000, gene: 0, log10P: -9 }]));
    expect(collector.result().x.length).toBe(0);
  });

  it("takes a p of exactly 0 as higher than any other", () => {
    const collector = manhattanCollector(layout);
    const at = { chromosome: "1", position: 5_000 };
    collector.add(
      batchOf([
        { ...at, gene: 1, log10P: -9_000 },
        { ...at, gene: 2, log10P: Number.NEGATIVE_INFINITY },
      ]),
    );
    expect(collector.result(1).gene).toEqual(Int32Array.of(2));
  });
});

describe("thin", () => {
  it("leaves few enough points as they are", () => {
    const points = { x: Float64Array.of(1, 2), y: Float64Array.of(3, 4), gene: Int32Array.of(0, 0) };
    expect(thin(points, 2, 10)).toBe(points);
  });
});

describe("dotCollector", () => {
  it("keeps the best pair of each cell of variant and gene position", () => {
    const pairs = randomPairs(20_000, SEED + 1).map((pair) => ({ ...pair, gene: pair.gene % 4 }));
    const geneAxis = geneLayout(genes);
    const placeGene = genomePlacer(geneAxis);
    const cellOf = (x: number, length: number) => Math.min(499, Math.floor((x / length) * 500));
    const cell = (x: number, _y: number, { gene }: FakePair) =>
      `${cellOf(x, layout.length)} ${cellOf(placeGene(genes.chromosome[gene]!, genes.start[gene]!), geneAxis.length)}`;
    const collector = dotCollector(layout, geneAxis, genes);
    for (let at = 0; at < pairs.length; at += 999) collector.add(batchOf(pairs.slice(at, at + 999)));
    const all = rows(collector.result(Number.POSITIVE_INFINITY));
    expect(all, `seed ${SEED + 1}`).toEqual(naive(pairs, cell));

    const strongest = [...all].sort((a, b) => b[1] - a[1] || byPlace(a, b)).slice(0, 50);
    expect(rows(collector.result(50))).toEqual(strongest.sort(byPlace));
  });
});
