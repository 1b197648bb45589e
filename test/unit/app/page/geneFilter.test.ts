import { describe, expect, it } from "vitest";
import {
  type GeneFilter,
  geneOrderOf,
  regionOf,
  SORTS,
  sortOf,
} from "../../../../src/app/page/parts/geneFilter.ts";
import { geneTable } from "../../../../src/app/page/parts/geneRows.ts";
import { madeGenes } from "../../../helpers/page/madeMap.ts";

const ALL: GeneFilter = { search: "", status: "", chromosome: "", q: Number.NaN, slope: Number.NaN };
const genes = madeGenes(1500);

describe("a search", () => {
  it("is a region where it reads as one", () => {
    expect(regionOf("4:1mb-2mb")).toEqual({ chromosome: "4", start: 1_000_000, end: 2_000_000 });
    expect(regionOf("chr4:100,000-200,000")).toEqual({ chromosome: "4", start: 100_000, end: 200_000 });
    expect(regionOf("chrX:1.5-2mb")).toEqual({ chromosome: "X", start: 1_500_000, end: 2_000_000 });
    expect(regionOf("22:500 kb")).toEqual({ chromosome: "22", start: 500_000, end: 500_000 });
    for (const text of ["ABC4", "22_16050075", "4", "4:9-1", "rs12:3", ""])
      expect(regionOf(text)).toBeUndefined();
  });

  it("finds genes by id, symbol, variant and region", () => {
    const find = (search: string) => geneOrderOf(genes, { ...ALL, search }, sortOf("position"));
    const row = genes.variant.findIndex((id) => id !== "");
    expect(find(genes.id[row]!.toLowerCase())).toEqual([row]);
    expect(find(genes.variant[row]!)).toContain(row);
    expect(find(genes.symbol[row]!.slice(0, 3)).length).toBeGreaterThan(10);
    const region = `chr${genes.chromosome[row]}:${genes.end[row]}-${genes.end[row]! + 1}`;
    expect(find(region)).toContain(row);
    const apart = `${genes.chromosome[row]}:${genes.end[row]! + 1}-${genes.end[row]! + 2}`;
    expect(find(apart)).not.toContain(row);
  });
});

describe("filters", () => {
  it("hold what a plain look at every gene finds", () => {
    const filter = { ...ALL, chromosome: "chr2", q: 0.01, slope: 0.2, status: "ok" };
    const plainly = [...genes.id.keys()].filter(
      (g) =>
        genes.chromosome[g] === "2" &&
        genes.q[g]! <= 0.01 &&
        Math.abs(genes.slope[g]!) >= 0.2 &&
        genes.status[g] === "ok",
    );
    const found = geneOrderOf(genes, filter, sortOf("p"));
    expect(plainly.length).toBeGreaterThan(3);
    expect([...found].sort((a, b) => a - b)).toEqual(plainly);
  });

  it("let no gene without q pass a bound on it", () => {
    const found = geneOrderOf(genes, { ...ALL, q: 1 }, sortOf("p"));
    expect(found).toHaveLength(genes.q.filter((q) => q <= 1).length);
    expect(found.length).toBeLessThan(genes.id.length);
  });
});

describe("the order", () => {
  it("goes by every column, missing last either way", () => {
    const values: Readonly<Record<string, ArrayLike<number>>> = {
      ...{
        af: genes.af,
        p: genes.log10P,
        q: genes.q,
        tested: genes.numVariants,
        slope: genes.slope.map(Math.abs),
      },
    };
    for (const by of SORTS)
      for (const descending of [false, true]) {
        const order = geneOrderOf(genes, ALL, { by, descending });
        expect(new Set(order).size, by).toBe(genes.id.length);
        const column = values[by];
        if (column === undefined) continue;
        const there = order.map((g) => column[g]!).filter((value) => !Number.isNaN(value));
        const sorted = [...there].sort((a, b) => (descending ? b - a : a - b));
        expect(there, by).toEqual(sorted);
        const tail = order.slice(there.length);
        expect(
          tail.every((g) => Number.isNaN(column[g]!)),
          by,
        ).toBe(true);
        expect(tail, by).toEqual([...tail].sort((a, b) => a - b));
      }
  });

  it("of the address is checked", () => {
    expect(sortOf("-slope")).toEqual({ by: "slope", descending: true });
    expect(sortOf("nonsense")).toEqual({ by: "p", descending: false });
  });
});

describe("arquero's table", () => {
  it("gives the rows and order of the plain functions", async () => {
    const table = await geneTable(genes);
    for (const text of ["p", "-slope", "gene", "-status"])
      for (const filter of [ALL, { ...ALL, q: 0.05 }, { ...ALL, search: "no such gene" }])
        expect([...table.rows(filter, sortOf(text))]).toEqual(geneOrderOf(genes, filter, sortOf(text)));
  });

  it("writes the rows as TSV, numbers in full and what is missing empty", async () => {
    const table = await geneTable(genes);
    const filter = { ...ALL, chromosome: "3" };
    const [head, ...lines] = table
      .tsv(filter, sortOf("-q"))
      .slice(0, -1)
      .split("\n")
      .map((line) => line.split("\t"));
    const order = geneOrderOf(genes, filter, sortOf("-q"));
    expect(lines.map(([id]) => id)).toEqual(order.map((g) => genes.id[g]));
    const [p, position] = ["log10_p", "position"].map((name) => head!.indexOf(name));
    for (const [i, g] of order.entries()) {
      expect(lines[i]).toHaveLength(head!.length);
      const cell = lines[i]![p!]!;
      if (Number.isNaN(genes.log10P[g])) expect([cell, lines[i]![position!]]).toEqual(["", ""]);
      else expect(Number(cell)).toBe(genes.log10P[g]);
    }
  });
});
