import { describe, expect, it } from "vitest";
import { hubsOf } from "../../../src/app/page/parts/TransHubs.tsx";
import { layOut } from "../../../src/report/layout.ts";
import { mapReport } from "../../../src/report/mapReport.ts";
import { type Hub, hubCollector, rankHubs } from "../../../src/report/transHubs.ts";
import { testRandom } from "../../helpers/randomCohort.ts";
import { facts } from "./fixtures.ts";

const hub = (variant: string, chromosome: string, position: number, genes: number, log10P = -8): Hub => ({
  ...{ variant, chromosome, position, genes, strongest: 0, log10P },
});
const names = (hubs: readonly Hub[]): string[] => hubs.map(({ variant, genes }) => `${variant} ${genes}`);

/** Variant a has three genes, b one, c two: in batches that cut a and c in two. */
const variants = {
  id: ["a", "b", "c"],
  chromosome: ["1", "1", "23"],
  position: Int32Array.of(100, 2_000_000, 5_000),
};
const pairs: readonly (readonly [variant: number, gene: number, log10P: number])[] = [
  ...([
    [0, 0, -6],
    [0, 1, -9],
    [0, 3, -7],
    [1, 1, -20],
    [2, 0, -6],
    [2, 3, -12],
  ] as const),
];
const batch = (rows: typeof pairs) => ({
  variants,
  variant: Uint32Array.from(rows, ([variant]) => variant),
  gene: Uint32Array.from(rows, ([, gene]) => gene),
  log10P: Float64Array.from(rows, ([, , log10P]) => log10P),
});

describe("variants with many genes", () => {
  it("come by their number, then their strongest pair, one of those near each other", () => {
    const found = [
      ...[hub("few", "1", 1e6, 2, -50), hub("one", "1", 9e6, 1, -99), hub("many", "2", 1e6, 7)],
      ...[hub("near", "chr2", 1_400_000, 6), hub("far", "2", 1_600_000, 6), hub("strong", "3", 5, 6, -30)],
    ];
    expect(names(rankHubs(found, 10))).toEqual(["many 7", "strong 6", "far 6", "few 2"]);
    expect(names(rankHubs(found, 2))).toEqual(["many 7", "strong 6"]);
  });

  it("are those that comparing all with all leaves, at the edges of the distance too", () => {
    const random = testRandom(5);
    const found = Array.from({ length: 400 }, (_, v) => {
      const chromosome = ["1", "chr1", "2"][Math.floor(3 * random())]!;
      const position = 250_000 * Math.floor(60 * random()) + Math.floor(3 * random());
      return hub(`v${v}`, chromosome, position, 2 + Math.floor(20 * random()), -5 - Math.floor(9 * random()));
    });
    const expected: Hub[] = [];
    const order = found.toSorted((a, b) => b.genes - a.genes || a.log10P - b.log10P);
    for (const one of order) {
      const isNear = ({ chromosome, position }: Hub): boolean =>
        chromosome.replace("chr", "") === one.chromosome.replace("chr", "") &&
        Math.abs(position - one.position) <= 500_000;
      if (!expected.some(isNear)) expected.push(one);
    }
    expect(expected.length).toBeGreaterThan(20);
    expect(rankHubs(found, 400)).toEqual(expected);
  });

  it("are counted however the pairs are cut into batches", () => {
    for (const cut of [0, 1, 2, 5, 6]) {
      const hubs = hubCollector();
      hubs.add(batch(pairs.slice(0, cut)));
      hubs.add(batch(pairs.slice(cut)));
      expect(hubs.result(), `cut at ${cut}`).toEqual([
        { ...hub("a", "1", 100, 3, -9), strongest: 1 },
        { ...hub("c", "23", 5_000, 2, -12), strongest: 3 },
      ]);
    }
  });

  it("hold the best of more than are kept", () => {
    const hubs = hubCollector();
    const many = 9_000;
    const id = Array.from({ length: many }, (_, v) => `v${v}`);
    const rows = id.flatMap((_, v) => Array.from({ length: 2 + (v % 97) }, (_, g) => [v, g, -6] as const));
    hubs.add({
      ...batch(rows),
      variants: { id, chromosome: id.map(() => "1"), position: Int32Array.from(id, (_, v) => 600_000 * v) },
    });
    const expected = id.map((_, v) => 2 + (v % 97)).sort((a, b) => b - a);
    expect(hubs.result(300).map(({ genes }) => genes)).toEqual(expected.slice(0, 300));
  });

  it("are a table of a trans map's report, with their count; of a map that writes all pairs none", () => {
    const hubs = hubCollector();
    hubs.add(batch(pairs));
    const map = { kind: "trans", pValue: 1e-5, distance: 5e6, allPairs: false } as const;
    const tableOf = (pValue: number) =>
      mapReport(facts({ map: { ...map, pValue }, hubs: hubs.result() }), [], {}).tables.find(
        ({ title }) => title === "Variants by number of genes",
      );
    expect(
      tableOf(1e-5)?.rows.map((row) => row.map((cell) => (typeof cell === "string" ? cell : cell.text))),
    ).toEqual([
      ["a", "1:0.00", "3", "GENE2", "1.0 × 10⁻⁹"],
      ["c", "X:0.01", "2", "GENE4", "1.0 × 10⁻¹²"],
    ]);
    expect(tableOf(0.5)).toBeUndefined();
  });

  it("are the same of the points of the page", () => {
    const layout = layOut([
      { name: "1", first: 100, last: 2_000_000 },
      { name: "X", first: 5_000, last: 5_000 },
    ]);
    const offset = (variant: number) => {
      const span = layout.spans[variant === 2 ? 1 : 0]!;
      return span.offset + variants.position[variant]! - span.first;
    };
    const columns = {
      x: Float64Array.from(pairs, ([variant]) => offset(variant)),
      y: Float32Array.from(pairs, ([, , log10P]) => -log10P),
      gene: Uint32Array.from(pairs, ([, gene]) => gene),
      variant: Uint32Array.from(pairs, ([variant]) => variant),
      variants: variants.id,
    };
    const found = hubsOf({ columns, layout }, 20);
    expect(
      found.map(({ variant, chromosome, position, genes, strongest, log10P }) => [
        ...[variant, chromosome, position, genes, strongest, log10P],
      ]),
    ).toEqual([
      ["a", "1", 100, 3, 1, -9],
      ["c", "X", 5_000, 2, 3, -12],
    ]);
  });
});
