/**
 * MatrixEQTL 2.3 on the generated cohort: double precision, 15 digits printed, so t and beta must agree to
 * 1e-9 relative. It counts "cis" as |position - start| <= cisDist and takes Benjamini-Hochberg over every
 * test done, for cis and for trans apart.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { mapAnova } from "../../src/association/anova/map.ts";
import { type MapRun, mapCis, mapTrans } from "../../src/node/index.ts";
import { type CollectedPairs, collect } from "../helpers/collect.ts";
import { benjaminiHochberg, expectAllWithin, expectSamePairs, relative } from "../helpers/compare.ts";
import { builtCommand, describeWithShared, scratchFolder, withCohort } from "../helpers/extended.ts";
import { pairsOf, readParquetTable, readTextTable, type Table } from "../helpers/table.ts";

/** Variants x genes of the generated cohort, and how many of them lie within 200 kb of each other. */
const ALL_PAIRS = 2000 * 40;
const WITHIN_200_KB = 15143;
const DEGREES_OF_FREEDOM = 100 - 2 - 20;

function expectSameStatistics(theirs: Table, ours: CollectedPairs): void {
  const keys = pairsOf(theirs, "SNP", "gene");
  expectSamePairs(keys, ours.row.keys());
  const row = keys.map((key) => ours.row.get(key)!);
  const label = (i: number): string => keys[i]!.replace("\t", " x ");
  const beta = theirs.numbers("beta");
  const t = theirs.numbers("t-stat");
  const p = theirs.numbers("p-value");
  expectAllWithin("beta", keys.length, 1e-9, (i) => relative(ours.slope[row[i]!]!, beta[i]!), label);
  const ourT = (i: number): number => ours.slope[row[i]!]! / ours.slopeSe[row[i]!]!;
  expectAllWithin("t", keys.length, 1e-9, (i) => relative(ourT(i), t[i]!), label);
  expectAllWithin("p", keys.length, 1e-9, (i) => relative(10 ** ours.log10P[row[i]!]!, p[i]!), label);
}

/** Smallest p of each gene. */
async function leadP(run: MapRun): Promise<Map<string, number>> {
  for await (const _batch of run);
  const { leads } = run.result();
  return new Map(run.genes.id.map((gene, g) => [gene, 10 ** leads.log10P[g]!]));
}

describeWithShared("MatrixEQTL", ["expected"], (path) => {
  const files = {
    genotypes: path("input", "geno"),
    expression: path("input", "expr.bed.gz"),
    covariates: path("input", "cov.txt"),
  };

  test("cis_p1: every pair within 1 Mb", async () => {
    const ours = await withCohort(files, { maf: 0 }, (cohort, backend) => {
      expect(cohort.degreesOfFreedom).toBe(DEGREES_OF_FREEDOM);
      return collect(mapCis(cohort, { backend }));
    });
    const theirs = await readTextTable(path("matrixeqtl", "cis_p1.txt.gz"));
    expect(theirs.rows).toBe(47_025);
    expect(ours.result.counts.tests).toBe(47_025);
    expectSameStatistics(theirs, ours);
  });

  test("linear_p1e-2: all pairs", async () => {
    const ours = await withCohort(files, { maf: 0 }, (cohort, backend) =>
      collect(mapTrans(cohort, { backend, pValue: 1e-2, allPairs: true })),
    );
    expect(ours.result.counts.tests).toBe(ALL_PAIRS);
    expectSameStatistics(await readTextTable(path("matrixeqtl", "linear_p1e-2.txt.gz")), ours);
  });

  test("anova_p1e-2: three genotype classes, all pairs, variants with missing calls too", async () => {
    const theirs = await readTextTable(path("matrixeqtl", "anova_p1e-2.txt"));
    const keys = pairsOf(theirs, "SNP", "gene");
    const found = await withCohort(files, { maf: 0 }, async (cohort, backend) => {
      const map = await mapAnova(cohort, { backend, pValue: 1e-2, distance: 0, allPairs: true });
      const { id } = await cohort.tables.genotypes.labels(0, cohort.tables.genotypes.variantCount);
      const keysOfMap = Array.from(map.variant, (v, i) => `${id[v]}\t${cohort.genes.id[map.gene[i]!]}`);
      return { map, row: new Map(keysOfMap.map((key, i) => [key, i])) };
    });
    expect(found.map.tests).toBe(ALL_PAIRS);
    expect(found.map.degreesOfFreedom).toBe(DEGREES_OF_FREEDOM - 1);
    expectSamePairs(keys, found.row.keys());
    const row = keys.map((key) => found.row.get(key)!);
    const label = (i: number): string => keys[i]!.replace("\t", " x ");
    const { rSquared, log10P, degreesOfFreedom } = found.map;
    const f = (i: number): number => (degreesOfFreedom / 2) * (rSquared[i]! / (1 - rSquared[i]!));
    const [theirF, theirP] = [theirs.numbers("F-test"), theirs.numbers("p-value")];
    expectAllWithin("F", keys.length, 1e-9, (i) => relative(f(row[i]!), theirF[i]!), label);
    expectAllWithin("p", keys.length, 1e-9, (i) => relative(10 ** log10P[row[i]!]!, theirP[i]!), label);
    const q = benjaminiHochberg(
      [...log10P].map((value) => 10 ** value),
      ALL_PAIRS,
    );
    const fdr = theirs.numbers("FDR");
    expectAllWithin("FDR", keys.length, 1e-9, (i) => relative(q[row[i]!]!, fdr[i]!), label);
  });

  test("linear_nocov_p1e-2: all pairs, no covariates", async () => {
    const { genotypes, expression } = files;
    const ours = await withCohort({ genotypes, expression }, { maf: 0 }, (cohort, backend) => {
      expect(cohort.degreesOfFreedom).toBe(98);
      return collect(mapTrans(cohort, { backend, pValue: 1e-2, allPairs: true }));
    });
    expectSameStatistics(await readTextTable(path("matrixeqtl", "linear_nocov_p1e-2.txt.gz")), ours);
  });

  test("linear_errcov_p1e-2: all pairs, errors of a given covariance, and its bare matrix", async () => {
    const theirs = await readTextTable(path("matrixeqtl", "linear_errcov_p1e-2.txt.gz"));
    const errorCovariance = path("matrixeqtl", "errorCovariance.txt.gz");
    const ours = await withCohort({ ...files, errorCovariance }, { maf: 0 }, async (cohort, backend) => {
      expect(cohort.degreesOfFreedom).toBe(DEGREES_OF_FREEDOM);
      const screened = await collect(mapTrans(cohort, { backend, pValue: 1e-2, allPairs: true }));
      const near = await collect(mapCis(cohort, { backend }));
      // cis and trans meet in the same numbers, to the bit.
      for (const [key, row] of screened.row) {
        const other = near.row.get(key);
        if (other !== undefined) expect(near.log10P[other]).toBe(screened.log10P[row]);
      }
      return screened;
    });
    expect(ours.result.counts.tests).toBe(ALL_PAIRS);
    expectSameStatistics(theirs, ours);
  });

  test("cistrans_trans_p1e-2: the pairs more than 200 kb apart", async () => {
    const ours = await withCohort(files, { maf: 0 }, (cohort, backend) =>
      collect(mapTrans(cohort, { backend, pValue: 1e-2, distance: 200_000 })),
    );
    expect(ours.result.counts.tests).toBe(ALL_PAIRS - WITHIN_200_KB);
    expectSameStatistics(await readTextTable(path("matrixeqtl", "cistrans_trans_p1e-2.txt.gz")), ours);
  });

  test("cistrans_min_pv_gene: the lead of each gene, cis and trans", async () => {
    const theirs = await readTextTable(path("matrixeqtl", "cistrans_min_pv_gene.txt"));
    const runs = await withCohort(files, { maf: 0 }, async (cohort, backend) => ({
      cis: await leadP(mapCis(cohort, { backend, window: 200_000 })),
      trans: await leadP(mapTrans(cohort, { backend, pValue: 1, distance: 200_000 })),
    }));
    const gene = theirs.strings("gene");
    expect(gene.length).toBe(40);
    for (const side of ["cis", "trans"] as const) {
      const p = theirs.numbers(side);
      const ours = (i: number): number => runs[side].get(gene[i]!) ?? Number.NaN;
      expectAllWithin(
        side,
        gene.length,
        1e-9,
        (i) => relative(ours(i), p[i]!),
        (i) => gene[i]!,
      );
    }
  });

  describe("through the command line", () => {
    const folder = scratchFolder();
    const input = ["--genotypes", files.genotypes, "--expression", files.expression];
    const model = ["--covariates", files.covariates, "--maf", "0", "--quiet"];

    async function transPairs(name: string, options: readonly string[]): Promise<Table> {
      const out = join(folder, name);
      execFileSync(process.execPath, [builtCommand(), "trans", ...input, ...model, ...options, "--out", out]);
      return await readParquetTable(join(out, "trans_pairs.parquet"));
    }

    function expectSameFdr(ours: Table, theirs: Table, tests: number): void {
      const keys = pairsOf(ours, "variant_id", "phenotype_id");
      const row = new Map(keys.map((key, i) => [key, i]));
      const theirKeys = pairsOf(theirs, "SNP", "gene");
      expectSamePairs(theirKeys, keys);
      const q = ours.numbers("qval");
      const fdr = theirs.numbers("FDR");
      const check = benjaminiHochberg([...theirs.numbers("p-value")], tests);
      const label = (i: number): string => theirKeys[i]!.replace("\t", " x ");
      expectAllWithin("their own FDR", fdr.length, 1e-9, (i) => relative(check[i]!, fdr[i]!), label);
      expectAllWithin("FDR", fdr.length, 1e-9, (i) => relative(q[row.get(theirKeys[i]!)!]!, fdr[i]!), label);
    }

    test("FDR over all pairs", async () => {
      const ours = await transPairs("all", ["--all-pairs", "--p-value", "1e-2"]);
      expectSameFdr(ours, await readTextTable(path("matrixeqtl", "linear_p1e-2.txt.gz")), ALL_PAIRS);
    });

    test("FDR over the pairs more than 200 kb apart", async () => {
      const ours = await transPairs("trans", ["--distance", "200000", "--p-value", "1e-2"]);
      const theirs = await readTextTable(path("matrixeqtl", "cistrans_trans_p1e-2.txt.gz"));
      expectSameFdr(ours, theirs, ALL_PAIRS - WITHIN_200_KB);
    });
  });
});
