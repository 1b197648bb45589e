import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ResultQueries } from "../../../../src/app/engine/queries/queries.ts";
import { pairValues } from "../../../../src/association/pairValues.ts";
import type { PairBatch } from "../../../../src/association/tables.ts";
import { buildCohort, type Cohort } from "../../../../src/cohort/cohort.ts";
import { decodeDosages } from "../../../../src/cohort/dosages.ts";
import { bytesSource } from "../../../../src/formats/source.ts";
import { fileSource } from "../../../../src/node/files.ts";
import { genotypeLd } from "../../../../src/statistics/ld.ts";
import { counting, madeResult, madeTable, openOf } from "../../../helpers/madeResult.ts";
import { memoryGenotypes, randomTables, testNormal, testRandom } from "../../../helpers/randomCohort.ts";

const SIZE = { samples: 40, variants: 90, genes: 12, covariates: 2 };
const PERMUTED = {
  within: "permutations",
  permutations: { least: 60, most: 60 },
  discovery: { qvalue: "bh", lambda: 0.85, fdr: 0.3 },
} as const;

function cohortOf(seed: number): Cohort {
  const tables = randomTables(seed, SIZE);
  // The last gene has no variant near it.
  tables.expression.start[SIZE.genes - 1] = 90_000_000;
  tables.expression.end[SIZE.genes - 1] = 90_000_500;
  return buildCohort(tables, { maf: 0 });
}

/** The pairs of a gene as the map had them before they were written. */
function directly(batches: readonly PairBatch[], gene: number) {
  return batches.flatMap(({ variants, variant, gene: of, slope, slopeSe, log10P }) =>
    Array.from(variant.keys())
      .filter((i) => of[i] === gene)
      .map((i) => ({
        variant: variants.id[variant[i]!]!,
        chromosome: variants.chromosome[variant[i]!]!,
        position: variants.position[variant[i]!]!,
        effectAllele: variants.effectAllele[variant[i]!]!,
        otherAllele: variants.otherAllele[variant[i]!]!,
        af: variants.af[variant[i]!]!,
        ...{ slope: slope[i]!, slopeSe: slopeSe[i]!, log10P: log10P[i]! },
      })),
  );
}

function rowsOf<Columns extends object>(columns: Columns, count: number) {
  return Array.from({ length: count }, (_, i) =>
    Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[i]])),
  );
}

describe("genes and their pairs", () => {
  test.each([
    [1, 131_072],
    [2, 100],
    [3, 7],
  ])("seed %i: what a cis map gave, from row groups of %i", async (seed, groupRows) => {
    const cohort = cohortOf(seed);
    const { open, batches, map } = await madeResult("cis", cohort, {
      window: 15_000,
      geneTests: PERMUTED,
      groupRows,
    });
    const queries = new ResultQueries(open);
    const genes = await queries.genes();
    expect(genes.id).toEqual(cohort.genes.id);
    expect(genes.start).toEqual(cohort.genes.start);
    expect(genes.status).toEqual(map.leads.status);
    expect(Array.from(genes.numVariants)).toEqual(Array.from(map.leads.numVariants));
    expect(genes.log10P).toEqual(map.leads.log10P);
    expect(genes.q).toEqual(map.geneLevel!.q);
    for (const [gene, id] of genes.id.entries()) {
      const expected = directly(batches, gene);
      const pairs = await queries.pairs(gene);
      expect(rowsOf(pairs, pairs.variant.length), `gene ${id} of seed ${seed}`).toEqual(expected);
      if (expected.length === 0) continue;
      const best = Math.min(...expected.map(({ log10P }) => log10P));
      expect(genes.log10P[gene]).toBe(best);
      expect(expected.find(({ log10P }) => log10P === best)).toMatchObject({
        effectAllele: genes.effectAllele[gene],
      });
    }
    expect(directly(batches, SIZE.genes - 1), "a gene without variants").toEqual([]);
    expect(genes.variant[SIZE.genes - 1]).toBe("");
    await expect(queries.pairs(SIZE.genes)).rejects.toThrow(/no gene 12 among 12/);
  });

  test("without permutations q is that of Bonferroni's p; the null sample and its lambda are the map's", async () => {
    const { open, map } = await madeResult("cis", cohortOf(4), { groupRows: 50 });
    const queries = new ResultQueries(open);
    expect((await queries.genes()).q).toEqual(map.leads.qBonferroni);
    const { log10P, lambda } = await queries.nullSample();
    expect(log10P).toEqual(map.null.log10P);
    expect(lambda).toBe(map.null.lambda);
  });

  test("a trans map's pairs are found though they lie by variant", async () => {
    const { open, batches } = await madeResult("trans", cohortOf(5), { groupRows: 30, pValue: 0.2 });
    const queries = new ResultQueries(open);
    const genes = await queries.genes();
    let found = 0;
    for (const gene of genes.id.keys()) {
      const pairs = await queries.pairs(gene);
      expect(rowsOf(pairs, pairs.variant.length)).toEqual(directly(batches, gene));
      found += pairs.variant.length;
    }
    expect(found).toBeGreaterThan(100);
  });

  test("counts that are not the table's do not lead to other genes' rows", async () => {
    const { open, batches } = await madeResult("cis", cohortOf(6), { window: 15_000, groupRows: 64 });
    const truth = new ResultQueries(open);
    const genes = await truth.genes();
    // The same number of rows in all, a few of them shifted from one gene to its neighbour.
    const numVar = genes.numVariants.slice();
    numVar[2]! += 3;
    numVar[3]! -= 3;
    const shifted = await madeTable("cis_genes", [
      { name: "phenotype_id", type: "string", values: genes.id },
      { name: "num_var", type: "int32", values: numVar },
    ]);
    const queries = new ResultQueries(openOf("cis", new Map([...open.tables, ["cis_genes", shifted]])));
    for (const gene of genes.id.keys()) {
      const { variant } = await queries.pairs(gene);
      expect(variant).toEqual(directly(batches, gene).map((row) => row.variant));
    }
    const bare = await queries.genes();
    expect(bare.symbol).toEqual(genes.id.map(() => ""));
    expect(bare.log10P.every(Number.isNaN)).toBe(true);
  });

  test("of significant pairs alone, genes without one have their lead; of none at all, every gene", async () => {
    const cohort = cohortOf(7);
    const { open, map, batches } = await madeResult("cis", cohort, {
      geneTests: PERMUTED,
      writePairs: "significant",
    });
    expect(open.tables.has("cis_pairs")).toBe(false);
    const queries = new ResultQueries(open);
    const genes = await queries.genes();
    const level = map.geneLevel!;
    let [withPairs, alone] = [0, 0];
    for (const gene of genes.id.keys()) {
      const pairs = await queries.pairs(gene);
      const expected = directly(batches, gene).filter(
        ({ log10P }) => level.eGene[gene] === 1 && log10P <= level.log10Corrected[gene]!,
      );
      if (expected.length > 0) {
        withPairs++;
        expect(pairs.variant).toEqual(expected.map(({ variant }) => variant));
      } else if (genes.variant[gene] !== "") {
        alone++;
        expect(pairs.variant).toEqual([genes.variant[gene]]);
        expect(pairs.log10P[0]).toBe(genes.log10P[gene]);
      } else expect(pairs.variant).toEqual([]);
    }
    expect(withPairs).toBeGreaterThan(0);
    expect(alone).toBeGreaterThan(0);
    const none = new ResultQueries(openOf("cis", new Map([["cis_genes", open.tables.get("cis_genes")!]])));
    expect((await none.pairs(0)).variant).toEqual([genes.variant[0]]);
  });

  test("a folder of files answers as memory does", async () => {
    const folder = await mkdtemp(join(tmpdir(), "queries-"));
    const { open } = await madeResult("cis", cohortOf(8), { groupRows: 64 });
    const files = [];
    try {
      for (const [name, source] of open.tables) {
        const path = join(folder, `${name}.parquet`);
        await writeFile(path, await source.read(0, source.size));
        files.push([name, await fileSource(path)] as const);
      }
      const there = new ResultQueries(openOf("cis", new Map(files)));
      const here = new ResultQueries(open);
      expect(await there.genes()).toEqual(await here.genes());
      expect(await there.pairs(3)).toEqual(await here.pairs(3));
      expect(await there.values({ gene: "G1", variant: "v" })).toBeUndefined();
    } finally {
      for (const [, source] of files) await source.close();
      await rm(folder, { recursive: true });
    }
  });

  test("an empty table of pairs, and p far below 1e-308", async () => {
    const { open } = await madeResult("trans", cohortOf(9), { pValue: 1e-300 });
    const empty = new ResultQueries(open);
    const genes = await empty.genes();
    for (const gene of genes.id.keys()) expect((await empty.pairs(gene)).variant).toEqual([]);
    expect((await empty.points(100)).x).toEqual(new Float64Array(0));
    const table = await madeTable("cis_pairs", [
      { name: "phenotype_id", type: "string", values: ["G0", "G0", "G1"] },
      { name: "variant_id", type: "string", values: ["a", "b", "a"] },
      { name: "chromosome", type: "string", values: ["1", "1", "1"] },
      { name: "position", type: "int32", values: Int32Array.of(1000, 2000, 1000) },
      {
        name: "log10_p",
        type: "double",
        values: Float64Array.of(-4321.5, Number.NEGATIVE_INFINITY, Number.NaN),
      },
    ]);
    const queries = new ResultQueries(
      openOf("cis", new Map([...(await madeResult("cis", cohortOf(9))).open.tables, ["cis_pairs", table]])),
    );
    expect(Array.from((await queries.pairs(0)).log10P)).toEqual([-4321.5, Number.NEGATIVE_INFINITY]);
    expect(Array.from((await queries.points(10)).y)).toEqual([4321.5, Number.POSITIVE_INFINITY]);
    expect(Array.from((await queries.points(1)).y)).toEqual([Number.POSITIVE_INFINITY]);
  });

  test("one gene of a table of several row groups costs a small part of it", async () => {
    const genes = 200;
    const each = 1500;
    const random = testRandom(10);
    const index = Uint32Array.from({ length: genes * each }, (_, i) => Math.floor(i / each) + (i % each));
    const doubles = (name: string) =>
      ({ name, type: "double", values: Float64Array.from(index, () => -random()) }) as const;
    const names = Array.from({ length: genes + each }, (_, v) => `variant_${v}`);
    const ids = Array.from({ length: genes }, (_, g) => `G${g}`);
    const pairs = counting(
      await madeTable("cis_pairs", [
        {
          name: "phenotype_id",
          type: "dictionary",
          values: ids,
          index: index.map((_, i) => Math.floor(i / each)),
        },
        { name: "variant_id", type: "dictionary", values: names, index },
        { name: "chromosome", type: "dictionary", values: ["1"], index: index.map(() => 0) },
        { name: "position", type: "int32", values: Int32Array.from(index, (v) => 1000 + 10 * v) },
        ...[doubles("slope"), doubles("slope_se"), doubles("log10_p")],
      ]),
    );
    const table = await madeTable("cis_genes", [
      { name: "phenotype_id", type: "string", values: ids },
      { name: "num_var", type: "int32", values: new Int32Array(genes).fill(each) },
    ]);
    const queries = new ResultQueries(
      openOf(
        "cis",
        new Map([
          ["cis_pairs", pairs.source],
          ["cis_genes", table],
        ]),
      ),
    );
    await queries.genes();
    const answer = await queries.pairs(150);
    expect(answer.variant[0]).toBe("variant_150");
    expect(answer.variant).toHaveLength(each);
    // The footer is read with half a MiB around it.
    expect(pairs.bytes - 2 ** 19).toBeLessThan(pairs.source.size / 10);
    const before = pairs.bytes;
    await queries.pairs(151);
    expect(pairs.bytes - before, "the neighbour's names are at hand").toBe(3 * 8 * each);
    await queries.pairs(150);
    expect(pairs.bytes - before, "kept").toBe(3 * 8 * each);
  });
});

describe("samples of the cohort", () => {
  test("expression by genotype is pairValues', whether the variant is near the gene or not", async () => {
    const cohort = cohortOf(11);
    const queries = new ResultQueries((await madeResult("cis", cohort)).open);
    const { id } = await cohort.tables.genotypes.labels(0, SIZE.variants);
    for (const [variant, gene] of [
      [3, 0],
      [80, 0],
      [44, 5],
    ] as const) {
      const values = await queries.values({ gene: cohort.genes.id[gene]!, variant: id[variant]! });
      expect(values).toEqual({
        samples: cohort.samples,
        ...(await pairValues(cohort, variant, gene)),
        ...{ effectAllele: "G", otherAllele: "A" },
      });
    }
    expect(await queries.values({ gene: "G0", variant: "not there" })).toBeUndefined();
    expect(await queries.values({ gene: "not there", variant: id[0]! })).toBeUndefined();
  });

  test("LD is genotypeLd's of the centred dosages", async () => {
    const cohort = cohortOf(12);
    const n = cohort.samples.length;
    const { genotypes } = cohort.tables;
    const block = await genotypes.read(0, SIZE.variants, cohort.report.genotypeIndex);
    const unit = Array.from({ length: SIZE.variants }, (_, v) => {
      const g = new Float64Array(n);
      decodeDosages(block, v, Number.NaN, g);
      const called = g.filter((value) => !Number.isNaN(value));
      const mean = called.reduce((sum, value) => sum + value, 0) / called.length;
      const centred = g.map((value) => (Number.isNaN(value) ? 0 : value - mean));
      const norm = Math.sqrt(centred.reduce((sum, value) => sum + value * value, 0));
      return centred.map((value) => value / norm);
    });
    const ld = genotypeLd(unit);
    const { id } = await genotypes.labels(0, SIZE.variants);
    const queries = new ResultQueries(openOf("cis", new Map(), cohort));
    const others = [...id, "not there", id[5]!];
    const r2 = (await queries.ld(id[20]!, others))!;
    id.forEach((_, v) => {
      const expected = ld.correlation(20, v) ** 2;
      if (Number.isNaN(expected)) expect(r2[v]).toBeNaN();
      else expect(r2[v]).toBeCloseTo(expected, 12);
    });
    expect(r2[20]).toBeCloseTo(1, 12);
    expect(r2[others.length - 2]).toBeNaN();
    expect(r2[others.length - 1]).toBe(r2[5]);
    expect((await queries.ld("not there", id))!.every(Number.isNaN)).toBe(true);
    expect(await new ResultQueries(openOf("cis", new Map())).ld(id[0]!, id)).toBeUndefined();
  });

  test("a constant variant has no LD", async () => {
    const random = testRandom(13);
    const samples = Array.from({ length: 10 }, (_, s) => `S${s}`);
    const genotypes = memoryGenotypes(samples, [
      { chromosome: "1", position: 10, calls: samples.map(() => 0.3) },
      { chromosome: "1", position: 20, calls: samples.map((_, s) => s % 3) },
    ]);
    const values = Float64Array.from(samples, () => testNormal(random));
    const place = { start: Int32Array.of(5), end: Int32Array.of(6) };
    const cohort = buildCohort({
      genotypes,
      expression: { name: "e", samples, id: ["G"], chromosome: ["1"], ...place, strand: ["+"], values },
    });
    const queries = new ResultQueries(openOf("cis", new Map(), cohort));
    const { id } = await genotypes.labels(0, 2);
    expect(Array.from((await queries.ld(id[1]!, id))!)).toEqual([Number.NaN, 1]);
    expect((await queries.ld(id[0]!, id))!.every(Number.isNaN)).toBe(true);
  });
});

test("what is no Parquet is said with the table's name", async () => {
  const bad = bytesSource(new Uint8Array(200), "cis_genes.parquet");
  const queries = new ResultQueries(openOf("cis", new Map([["cis_genes", bad]])));
  await expect(queries.genes()).rejects.toThrow(/^cis_genes.parquet: cannot be read as Parquet/);
});
