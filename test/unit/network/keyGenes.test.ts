import { describe, expect, test } from "vitest";
import { createReferenceBackend } from "../../../src/compute/reference/backend.ts";
import { bytesSource } from "../../../src/formats/source.ts";
import { profilesOf } from "../../../src/network/coregulation.ts";
import { geneCorrelations } from "../../../src/network/geneCorrelation.ts";
import { GeneWhitener, GlsModel } from "../../../src/network/generalisedLeastSquares.ts";
import { testGenes } from "../../../src/network/geneTests.ts";
import { gwasVariants } from "../../../src/network/gwasVariants.ts";
import { coregulationZ, keyGenes, type TraitGenes, TraitModel } from "../../../src/network/keyGenes.ts";
import { LdReference } from "../../../src/network/ldReference.ts";
import { pow10 } from "../../../src/statistics/elementary.ts";
import { dot } from "../../../src/statistics/linalg.ts";
import { log10NormalTwoSided, normalQuantile } from "../../../src/statistics/normal.ts";
import { uniform } from "../../../src/statistics/random.ts";
import { log10TwoSidedT } from "../../../src/statistics/studentT.ts";
import { expected } from "./expected.ts";
import { genesEvery, panel, randomGwas } from "./panel.ts";

const backend = createReferenceBackend();
const noInflate = (): never => {
  throw new Error("no gzip here");
};

describe("gene p of a GWAS", () => {
  test("one variant: its own two-sided p; a copy beside it changes nothing when pruned", async () => {
    const source = panel(1, 50, 6);
    const chiSquare = Float64Array.of(9, 1, 30, 0.2, 4, 2500);
    const reference = await LdReference.open(source, () => true, { maf: 0, pruneR2: 1 });
    const found = await testGenes(reference, source, chiSquare, genesEvery(6, 1), { window: 0 });
    found.log10P.forEach((value, g) => {
      const own = log10NormalTwoSided(Math.sqrt(chiSquare[g]!));
      expect(Math.abs(value - own)).toBeLessThan(1e-10 * Math.max(1, Math.abs(own)));
      expect(found.bestLog10P[g]).toBe(own);
      expect(found.best[g]).toBe(g);
    });
    // z has the gene's p as its upper tail.
    expect(log10NormalTwoSided(found.z[5]!)).toBeCloseTo(found.log10P[5]! + Math.log10(2), 8);
    expect(found.z[3]!).toBeLessThan(0);
  });

  test("p of random phenotypes are uniform, and statistics correlate as the closed form says", async () => {
    const source = panel(2, 80, 60);
    const genes = genesEvery(6, 10);
    const reference = await LdReference.open(source, () => true, { maf: 0.05, pruneR2: 0.9 });
    const runs = 400;
    const z: Float64Array[] = [];
    const statistic: Float64Array[] = [];
    for (let run = 0; run < runs; run++) {
      // Neighbouring genes share variants: 4,000 bp around each.
      const found = await testGenes(reference, source, await randomGwas(source, run), genes, {
        window: 4000,
      });
      z.push(found.z);
      statistic.push(found.statistic);
    }
    const all = z.flatMap((row) => [...row]);
    const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
    expect(Math.abs(mean)).toBeLessThan(0.1);
    const spread = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length;
    expect(spread).toBeGreaterThan(0.85);
    expect(spread).toBeLessThan(1.15);
    const tests = await testGenes(reference, source, await randomGwas(source, 0), genes, { window: 4000 });
    const [block] = await geneCorrelations(reference, source, tests);
    expect([...block!.genes]).toEqual([0, 1, 2, 3, 4, 5]);
    for (let a = 0; a < 6; a++) {
      expect(block!.matrix[a * 6 + a]).toBe(1);
      for (let b = 0; b < a; b++) {
        const closed = block!.matrix[a * 6 + b]!;
        expect(block!.matrix[b * 6 + a]).toBe(closed);
        // 400 runs: a standard error of 0.05.
        expect(Math.abs(correlation(statistic, a, b) - closed)).toBeLessThan(0.17);
        expect(Math.abs(correlation(z, a, b) - closed)).toBeLessThan(0.2);
        if (a === b + 1) expect(closed).toBeGreaterThan(0.2);
      }
    }
  });

  test("the closed form is the plain double sum", async () => {
    const source = panel(5, 40, 30);
    const reference = await LdReference.open(source, () => true, { maf: 0, pruneR2: 1 });
    const genes = genesEvery(3, 10);
    const tests = await testGenes(reference, source, await randomGwas(source, 1), genes, { window: 3000 });
    const rows = await reference.rows(0, 30);
    const sum = (g: number, h: number): number => {
      let total = 0;
      for (let i = tests.from[g]!; i < tests.to[g]!; i++) {
        for (let j = tests.from[h]!; j < tests.to[h]!; j++) {
          total += dot(rows[i]!, 0, rows[j]!, 0, 40) ** 2 - 1 / 39;
        }
      }
      return total;
    };
    const [block] = await geneCorrelations(reference, source, tests);
    for (let g = 0; g < 3; g++) {
      for (let h = 0; h < 3; h++) {
        expect(block!.matrix[3 * g + h]).toBeCloseTo(sum(g, h) / Math.sqrt(sum(g, g) * sum(h, h)), 11);
      }
    }
    // Out of reach of each other: blocks of their own.
    expect(
      await geneCorrelations(
        reference,
        source,
        { from: Uint32Array.of(0, 20), to: Uint32Array.of(5, 25) },
        { distance: 5000 },
      ),
    ).toHaveLength(2);
  });

  test("more variants than samples: the same eigenvalues from the smaller matrix", async () => {
    const source = panel(7, 12, 40);
    const reference = await LdReference.open(source, () => true, { maf: 0, pruneR2: 1 });
    const chiSquare = new Float64Array(40).fill(1.5);
    const one = {
      id: ["g"],
      chromosome: Int32Array.of(0),
      start: Int32Array.of(1),
      end: Int32Array.of(40_000),
    };
    const found = await testGenes(reference, source, chiSquare, one, { window: 0 });
    const rows = await reference.rows(0, 40);
    let squares = 0;
    for (const a of rows) for (const b of rows) squares += dot(a, 0, b, 0, 12) ** 2;
    expect(found.sumSquares[0]).toBeCloseTo(squares, 8);
    expect(found.statistic[0]).toBeCloseTo(60, 12);
  });

  test("genes without variants and on unknown chromosomes have a status", async () => {
    const source = panel(3, 20, 5);
    const reference = await LdReference.open(source, (v) => v !== 4, { maf: 0, pruneR2: 1 });
    const genes = {
      id: ["a", "b", "c"],
      chromosome: Int32Array.of(0, 0, -1),
      start: Int32Array.of(1000, 5000, 1000),
      end: Int32Array.of(1000, 5000, 2000),
    };
    const found = await testGenes(reference, source, new Float64Array(5).fill(1), genes, { window: 0 });
    expect(found.status).toEqual(["ok", "no-variants", "no-chromosome"]);
    expect(found.log10P[1]).toBeNaN();
    expect(found.best[2]).toBe(-1);
  });
});

function correlation(rows: readonly Float64Array[], a: number, b: number): number {
  const n = rows.length;
  const mean = (k: number) => rows.reduce((sum, row) => sum + row[k]!, 0) / n;
  const [ma, mb] = [mean(a), mean(b)];
  const sum = (f: (row: Float64Array) => number) => rows.reduce((total, row) => total + f(row), 0);
  const both = sum((row) => (row[a]! - ma) * (row[b]! - mb));
  return both / Math.sqrt(sum((row) => (row[a]! - ma) ** 2) * sum((row) => (row[b]! - mb) ** 2));
}

describe("variants of a GWAS in a reference", () => {
  const read = (text: string) =>
    gwasVariants(panel(1, 8, 5), bytesSource(new TextEncoder().encode(text), "gwas.tsv"), noInflate);

  test("are found by place or id, on either strand, with other alleles left out", async () => {
    const found = await read(
      [
        "chromosome\tposition\teffect_allele\tother_allele\tbeta\tstandard_error\tp_value",
        "chr1\t1000\tA\tG\t0.2\t0.1\t0.04",
        "1\t2000\tC\tT\t-0.3\t0.1\t0.01", // the other strand, swapped
        "1\t3000\tA\tC\t1\t0.1\t0.5",
        "1\t4000\tG\tA\tNA\tNA\t1e-9",
        "1\t4000\tG\tA\tNA\tNA\t0.5",
        "1\t9000\tG\tA\t1\t1\t0.5",
        "1\t5000\tG\tA\tNA\tNA\t0",
      ].join("\n"),
    );
    expect([...found.chiSquare.slice(0, 2)]).toEqual([4, 9].map((value) => expect.closeTo(value, 12)));
    expect(found.chiSquare[2]).toBeNaN();
    expect(log10NormalTwoSided(Math.sqrt(found.chiSquare[3]!))).toBeCloseTo(-9, 10);
    expect(found.chiSquare[4]).toBeNaN();
    expect(found.counts).toEqual({ rows: 7, unusable: 1, notInReference: 1, otherAlleles: 2, used: 3 });
    const byId = await read("rsid,z\nrs3,-2\nrs99,1\n");
    expect(byId.chiSquare[3]).toBe(4);
    expect(byId.counts).toMatchObject({ used: 1, notInReference: 1 });
  });

  test.each([
    ["snp\tbeta\nrs1\t2", "gwas.tsv, line 1: no column z (or beta and se, or p_value)"],
    ["z\n2", "gwas.tsv, line 1: no column variant_id (or chromosome and position)"],
    ["snp\tp\nrs1\t1.5", 'gwas.tsv, line 2: p is "1.5"; it must be from 0 to 1'],
    ["snp\tp\nrs1", "gwas.tsv, line 2: has 1 columns where the header has 2"],
    ["snp\tp\nrs1\t0", "gwas.tsv: holds no variant with a z, a beta and se, or a p above 0"],
    ["chr\tpos\tp\n1\t1.5\t0.1", 'gwas.tsv, line 2: position "1.5" is not a whole number'],
  ])("refuse %j", async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });
});

describe("generalised least squares", () => {
  const { gls } = expected;
  const blocks = gls.blocks.map(({ genes, matrix }) => ({
    genes: Uint32Array.from(genes),
    matrix: Float64Array.from(matrix),
  }));

  test("beta, standard error and p are those of the textbook's matrices", async () => {
    const whitener = new GeneWhitener(blocks, 11, 0.9);
    expect(whitener.size).toBe(gls.size);
    const values = Float64Array.from([...gls.y, ...new Array(11).fill(1), ...gls.covariate, ...gls.x]);
    const white = await whitener.apply(values, 4, backend);
    const size = whitener.size;
    const model = new GlsModel(white.slice(0, size), white.slice(size, 3 * size));
    expect(model.degreesOfFreedom).toBe(size - 3);
    const found = model.fit(white.slice(3 * size));
    expect(found.slope).toBeCloseTo(gls.beta, 10);
    expect(found.se).toBeCloseTo(gls.se, 10);
    expect(pow10(found.log10P)).toBeCloseTo(gls.p, 10);
    // A covariate again says nothing.
    expect(model.fit(white.slice(size, 2 * size)).t).toBeNaN();
  });

  test("refuses blocks that lack a gene, and too few genes", () => {
    expect(() => new GeneWhitener(blocks.slice(1), 11, 0.9)).toThrow("must hold each of 11 genes once");
    expect(() => new GlsModel(Float64Array.of(1, 2), Float64Array.of(1, 1))).toThrow(
      "2 uncorrelated combinations of genes are too few for 2 coefficients",
    );
  });
});

describe("key genes", () => {
  test("a gene whose co-regulation the trait follows is found, its neighbours' linkage is not", async () => {
    const [genes, components] = [150, 40];
    const draw = (stream: number, i: number) => normalQuantile(uniform(21, stream, i) || 0.5);
    const profiles = profilesOf(
      Float64Array.from({ length: genes * components }, (_, i) => draw(0, i)),
      genes,
      components,
    );
    const key = 42;
    const z = Float64Array.from({ length: genes }, (_, g) => {
      const r = dot(profiles.unit, key * components, profiles.unit, g * components, components);
      return (g === key ? 0 : 0.8 * coregulationZ(r, components)) + draw(1, g);
    });
    const trait: TraitGenes = {
      network: Uint32Array.from({ length: genes }, (_, g) => g),
      z,
      covariates: [Float64Array.from({ length: genes }, (_, g) => draw(2, g))],
      correlation: Array.from({ length: genes }, (_, g) => ({
        genes: Uint32Array.of(g),
        matrix: Float64Array.of(1),
      })),
    };
    const places = {
      chromosome: new Int32Array(genes).fill(-1),
      start: new Int32Array(genes),
      end: new Int32Array(genes),
    };
    const model = await TraitModel.of(trait, backend);
    expect(model.degreesOfFreedom).toBe(genes - 3);
    const fits: { log10P: number; t: number }[] = [];
    for await (const fit of keyGenes(profiles, trait, model, places, backend)) fits.push(fit);
    expect(fits).toHaveLength(genes);
    const best = fits.reduce((a, b, i) => (b.log10P < fits[a]!.log10P ? i : a), 0);
    expect(best).toBe(key);
    expect(fits[key]!.t).toBeGreaterThan(5);
    // With every gene a neighbour of every other there is nothing left to be regressed on.
    const together = { ...places, chromosome: new Int32Array(genes) };
    for await (const fit of keyGenes(profiles, trait, model, together, backend)) expect(fit.t).toBeNaN();
  });

  test("a trait whose genes are all the same is refused; ranks take a strong locus's weight away", async () => {
    const trait: TraitGenes = {
      ...{ network: Uint32Array.of(0, 1, 2, 3, 4), z: new Float64Array(5), covariates: [] },
      correlation: [{ genes: Uint32Array.of(0, 1, 2, 3, 4), matrix: identity(5) }],
    };
    await expect(TraitModel.of(trait, backend)).rejects.toThrow("the trait's z of 5 genes do not differ");
    const strong = { ...trait, z: Float64Array.of(1, 2, 3, 4, 100) };
    const x = Float64Array.of(0, 0, 0, 0, 1);
    const tOf = async (ranks: boolean) => {
      const model = await TraitModel.of(strong, backend, { variance: 1, ranks });
      return (await model.fits(x.slice(), 1))[0]!.t;
    };
    expect(await tOf(false)).toBeGreaterThan(3 * (await tOf(true)));
  });

  test("Wallace's z is within half a percent of the exact one up to |r| = 0.9", () => {
    for (const components of [12, 60, 500]) {
      for (const r of [0.01, -0.2, 0.5, 0.9]) {
        const t = r * Math.sqrt((components - 2) / (1 - r * r));
        const exact = log10TwoSidedT(t, components - 2);
        const z = coregulationZ(r, components);
        expect(Math.sign(z)).toBe(Math.sign(r));
        const nearby = [0.995, 1.005].map((factor) => log10NormalTwoSided(z * factor));
        expect(exact).toBeLessThan(nearby[0]!);
        expect(exact).toBeGreaterThan(nearby[1]!);
      }
    }
  });
});

function identity(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
}
