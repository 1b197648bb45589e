import { describe, expect, it } from "vitest";
import type { GwasColumns, PairColumns } from "../../../../src/app/engine/protocol.ts";
import {
  leadsWithoutZ,
  matchVariants,
  strongerAlone,
  strongestOf,
} from "../../../../src/app/page/parts/colocMatch.ts";
import { drawnNetwork } from "../../../../src/app/page/parts/drawnNetwork.ts";
import {
  chromosomeSizes,
  geneFeatures,
  locusAround,
  pairFeatures,
  readerOf,
} from "../../../../src/app/page/parts/igvTracks.ts";
import { random } from "../../../helpers/page/madeDots.ts";
import { madeGenes, madeLayout, madePairs } from "../../../helpers/page/madeMap.ts";

const pairs: PairColumns = {
  variant: ["rs1", "rs2", "22_30_A_G", "rs4", "rs5"],
  chromosome: ["22", "22", "22", "22", "22"],
  position: Int32Array.of(10, 20, 30, 40, 50),
  effectAllele: ["A", "C", "G", "t", "A"],
  otherAllele: ["G", "T", "A", "C", "AT"],
  af: new Float64Array(5).fill(0.3),
  slope: Float64Array.of(1, 2, -3, 4, 5),
  slopeSe: Float64Array.of(0.5, 0.5, 0.5, 0.5, 0.5),
  log10P: Float64Array.of(-1, -2, -9, -4, Number.NaN),
};

const gwas: GwasColumns = {
  variant: ["rs9", "rs1", "rs2", "rs4", "rs7"],
  position: Int32Array.of(30, 10, 20, 40, 60),
  // rs9 is 22_30_A_G turned, rs2 counts the other allele, rs4 has other letters, rs7 is of the GWAS alone.
  effectAllele: ["A", "a", "T", "A", "C"],
  otherAllele: ["G", "g", "C", "C", "T"],
  frequency: new Float64Array(5).fill(Number.NaN),
  z: Float64Array.of(-6, 2.5, 3, 4, 5),
  log10P: Float64Array.of(-8, -2, -3, -4, -5),
};

describe("variants of a map and of a GWAS", () => {
  it("are the same by name or place and by both alleles, with z for the map's allele", () => {
    const matched = matchVariants(pairs, gwas);
    expect(matched.id).toEqual(["rs1", "rs2", "22_30_A_G"]);
    expect([...matched.pair]).toEqual([0, 1, 2]);
    expect([...matched.gwas]).toEqual([1, 2, 0]);
    expect([...matched.mapZ]).toEqual([2, 4, -6]);
    expect([...matched.gwasZ]).toEqual([2.5, -3, 6]);
    expect(matched.otherAlleles).toBe(1);
  });

  it("are found again whatever the order and the allele counted, seed by seed", () => {
    for (const seed of [1, 2, 3]) {
      const next = random(seed);
      const own = madePairs(madeGenes(30), seed);
      // One variant a place: two of the same alleles there would be one.
      const rows = own.variant
        .map((_, i) => i)
        .filter((i) => own.position[i] !== own.position[i - 1] && next() < 0.6);
      const places = new Set(rows.map((row) => own.position[row]));
      rows.sort(() => next() - 0.5);
      const turned = rows.map(() => next() < 0.5);
      const letters = (a: readonly string[], b: readonly string[]) =>
        rows.map((row, i) => (turned[i] ? b : a)[row]!);
      const file: GwasColumns = {
        variant: rows.map((row) => (next() < 0.5 ? own.variant[row]! : `other-${row}`)),
        position: Int32Array.from(rows, (row) => own.position[row]!),
        ...{
          effectAllele: letters(own.effectAllele, own.otherAllele),
          otherAllele: letters(own.otherAllele, own.effectAllele),
        },
        frequency: Float64Array.from(rows, (row, i) => (turned[i] ? 1 - own.af[row]! : own.af[row]!)),
        z: Float64Array.from(rows, (row, i) => (turned[i] ? -1 : 1) * own.position[row]!),
        log10P: new Float64Array(rows.length),
      };
      const matched = matchVariants(own, file);
      let palindromic = 0;
      expect(new Set([...matched.pair].map((row) => own.position[row])), `seed ${seed}`).toEqual(places);
      matched.pair.forEach((row, i) => {
        // What frequencies near one half do not tell.
        const pair = [own.effectAllele[row], own.otherAllele[row]].sort().join("");
        const unknown = /^(AT|CG)$/.test(pair) && !(Math.abs(own.af[row]! - 0.5) > 0.08);
        expect(matched.gwasZ[i], `seed ${seed}`).toBe(unknown ? Number.NaN : own.position[row]);
        if (unknown) palindromic++;
      });
      expect(matched.palindromic).toBe(palindromic);
    }
  });

  it("name the strongest of either trait where their strand is not known", () => {
    const matched = matchVariants(pairs, gwas);
    expect(leadsWithoutZ(matched, pairs, gwas)).toEqual([]);
    const unknown = { ...matched, gwasZ: Float64Array.of(Number.NaN, -3, Number.NaN) };
    // 22_30_A_G is the strongest of both; rs1, unknown too, of neither.
    expect(leadsWithoutZ(unknown, pairs, gwas)).toEqual(["22_30_A_G"]);
    const other = { ...gwas, log10P: Float64Array.of(-8, -20, -3, -4, -5) };
    expect(leadsWithoutZ(unknown, pairs, other)).toEqual(["22_30_A_G", "rs1"]);
  });

  it("name a stronger one that the other trait lacks, within the stretch that is shown", () => {
    const { gwas: rows, pair } = matchVariants(pairs, gwas);
    expect(strongerAlone(pairs, pair, [1, 100])).toBeUndefined();
    const strong = { ...gwas, log10P: Float64Array.of(-8, -2, -3, -9, -50) };
    // rs7 lies at 60, and no gene has it; rs4, with other letters, stands above rs9 at 30.
    expect(strongerAlone(strong, rows, [1, 100])).toBe("rs7");
    expect(strongerAlone(strong, rows, [1, 50])).toBe("rs4");
    expect(strongerAlone(strong, rows, [1, 30])).toBeUndefined();
    expect(strongerAlone(strong, new Int32Array(0), [1, 30])).toBeUndefined();
  });

  it("have a lead, or none", () => {
    expect(strongestOf(pairs.log10P, [0, 2, 4])).toBe(1);
    expect(strongestOf(pairs.log10P, [4])).toBe(-1);
    expect(strongestOf(pairs.log10P, [])).toBe(-1);
  });
});

describe("a drawn network", () => {
  it("has its genes by centrality, and partners by weight", () => {
    const graph = {
      nodes: [0.2, -0.9, Number.NaN].map((membership, i) => ({ gene: `G${i}`, module: 1, membership })),
      ...{
        from: Uint32Array.of(0, 1),
        to: Uint32Array.of(1, 2),
        weight: Float64Array.of(0.3, 0.7),
        measure: "correlation" as const,
        measures: [],
        says: "",
      },
    };
    const drawn = drawnNetwork(graph, new Map([["G1", "ABC"]]), {
      colours: ["grey", "blue"],
      focus: "G2",
      title: "x",
    });
    expect(drawn.order).toEqual([1, 0, 2]);
    expect(drawn.labels).toEqual(["G0", "ABC", "G2"]);
    expect(drawn.focus).toBe(2);
    expect(drawn.neighbours[1]).toEqual([
      { node: 2, weight: 0.7 },
      { node: 0, weight: 0.3 },
    ]);
  });
});

describe("tracks for igv", () => {
  const genes = madeGenes(60);
  const layout = { spans: madeLayout(), length: 1 };

  it("lie on a genome that holds them, 0-based and in order", async () => {
    const sizes = new Map(
      chromosomeSizes({ layout, genes })
        .trim()
        .split("\n")
        .map((line) => line.split("\t") as [string, string]),
    );
    const features = geneFeatures(genes, 0.05);
    expect(features).toHaveLength(60);
    for (const { chr, start, end } of features) {
      expect(start).toBeGreaterThanOrEqual(0);
      expect(end).toBeLessThanOrEqual(Number(sizes.get(chr)));
    }
    const [first] = features;
    const row = genes.id.indexOf(String(first!["id"]));
    expect([first!.start, first!.end]).toEqual([genes.start[row]! - 1, genes.end[row]]);
    const reader = readerOf(features);
    const found = await reader.readFeatures(first!.chr, first!.start + 1, first!.start + 2);
    expect(found).toContain(first);
    expect(await reader.readFeatures("none", 0, 1e9)).toEqual([]);
  });

  it("have the chromosomes' names of the genome, whatever the files of genes and of genotypes call them", () => {
    const own = { ...genes, chromosome: genes.chromosome.map((name) => `chr${name}`) };
    expect(geneFeatures(own, 0.05)).toEqual(geneFeatures(genes, 0.05));
    expect(chromosomeSizes({ layout, genes: own })).toBe(chromosomeSizes({ layout, genes }));
    expect(pairFeatures({ ...pairs, chromosome: pairs.chromosome.map(() => "23") })[0]!.chr).toBe("X");
  });

  it("leave out what has no p", () => {
    expect(pairFeatures(pairs).map(({ value }) => value)).toEqual([1, 2, 9, 4]);
    expect(pairFeatures({ ...pairs, log10P: pairs.log10P.map(() => Number.NEGATIVE_INFINITY) })).toEqual([]);
  });
});

describe("where the genome browser opens", () => {
  const genes = madeGenes(30);
  const own = genes.variant.findIndex((id) => id !== "");
  // The lead lies on the layout's last chromosome.
  const spans = madeLayout();
  const span = spans.at(-1)!;
  const columns = {
    ...{ x: Float64Array.of(span.offset + genes.position[own]! - span.first), y: Float32Array.of(9) },
    ...{ gene: Uint32Array.of(own), variant: Uint32Array.of(0), variants: [genes.variant[own]!] },
  };
  const layout = { spans, length: span.offset + span.last };

  it("is the gene of a cis map, and the lead of a trans map's gene", () => {
    const [at, start, end] = [genes.position[own]!, genes.start[own]!, genes.end[own]!];
    expect(locusAround({ genes, columns, layout }, own, 1000)).toBe(
      `${genes.chromosome[own]}:${start - 1000}-${end + 1000}`,
    );
    const far = { ...columns, geneX: Float64Array.of(1) };
    expect(locusAround({ genes, columns: far, layout }, own, 1000)).toBe(
      `${span.name}:${at - 1000}-${at + 1000}`,
    );
  });
});
