/**
 * QTLtools 1.3.1 on the generated cohort, through the command line: missing calls, both chromosomes, and
 * the distances it writes. On GEUVADIS see geuvadis.test.ts.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mapTrans } from "../../src/node/index.ts";
import { collect } from "../helpers/collect.ts";
import { expectAllWithin, expectSamePairs, relative } from "../helpers/compare.ts";
import { builtCommand, describeWithShared, scratchFolder, withCohort } from "../helpers/extended.ts";
import { readQtltoolsNominal } from "../helpers/qtltools.ts";
import { concatenate, pairsOf, readParquetTable, readTextTable } from "../helpers/table.ts";

/** Columns of the best-per-gene file of `QTLtools trans`. */
const BEST = ["gene", "adjustedP", "p", "variant"];

describeWithShared("QTLtools", ["expected"], (path) => {
  const folder = scratchFolder();

  test("nominal_stderr: every pair within 1 Mb, 40 variants with missing calls", async () => {
    const out = join(folder, "cis");
    const input = [
      "--genotypes",
      path("input", "geno"),
      "--expression",
      path("input", "expr.qtltools.bed.gz"),
    ];
    const model = ["--covariates", path("input", "cov.txt"), "--maf", "0", "--model", "qtltools"];
    const options = ["--window-anchor", "body", "--quiet", "--out", out];
    execFileSync(process.execPath, [builtCommand(), "cis", ...input, ...model, ...options]);
    const ours = await readParquetTable(join(out, "cis_pairs.parquet"));

    const theirs = concatenate([
      await readQtltoolsNominal(path("qtltools", "nominal_stderr.chr1.txt.gz")),
      await readQtltoolsNominal(path("qtltools", "nominal_stderr.chr2.txt.gz")),
    ]);
    expect(theirs.rows).toBe(47_025);
    const keys = pairsOf(theirs, "variant", "gene");
    const ourKeys = pairsOf(ours, "variant_id", "phenotype_id");
    expectSamePairs(keys, ourKeys);
    const at = new Map(ourKeys.map((key, i) => [key, i]));
    const row = keys.map((key) => at.get(key)!);
    const label = (i: number): string => keys[i]!.replace("\t", " x ");
    const compare = (
      what: string,
      limit: number,
      columns: [theirs: string, ours: string],
      deviation: (our: number, their: number, i: number) => number,
    ): void => {
      const their = theirs.numbers(columns[0]);
      const our = ours.numbers(columns[1]);
      expectAllWithin(what, keys.length, limit, (i) => deviation(our[row[i]!]!, their[i]!, i), label);
    };
    const se = theirs.numbers("se");
    compare("distance", 0, ["distance", "body_distance"], (our, their) => Math.abs(our - their));
    compare("slope", 1e-4, ["slope", "slope"], (our, their, i) => Math.abs(our - their) / se[i]!);
    compare("se", 1e-4, ["se", "slope_se"], relative);
    compare("p", 1e-4, ["p", "pval_nominal"], relative);
  });

  test("trans_t1e-3_w500k: the pairs more than 500 kb apart, and each gene's best", async () => {
    const files = {
      genotypes: path("input", "geno"),
      expression: path("input", "expr.qtltools.bed.gz"),
      covariates: path("input", "cov.txt"),
    };
    const { genes, ours } = await withCohort(
      files,
      { maf: 0, model: "qtltools" },
      async (cohort, backend) => {
        const run = mapTrans(cohort, { backend, pValue: 1e-3, distance: 500_000 });
        return { genes: run.genes, ours: await collect(run) };
      },
    );
    const { leads } = ours.result;

    const hits = await readTextTable(path("qtltools", "trans_t1e-3_w500k.hits.txt"));
    const keys = pairsOf(hits, "VID", "#PID");
    expectSamePairs(keys, ours.row.keys());
    const row = keys.map((key) => ours.row.get(key)!);
    const [p, slope, se] = [hits.numbers("NPVAL"), hits.numbers("SLOPE"), hits.numbers("STD")];
    const label = (i: number): string => keys[i]!.replace("\t", " x ");
    const ourP = (i: number): number => 10 ** ours.log10P[row[i]!]!;
    expectAllWithin("p", keys.length, 1e-4, (i) => relative(ourP(i), p[i]!), label);
    const slopeOff = (i: number): number => Math.abs(ours.slope[row[i]!]! - slope[i]!) / se[i]!;
    expectAllWithin("slope", keys.length, 1e-4, slopeOff, label);
    expectAllWithin("se", keys.length, 1e-4, (i) => relative(ours.slopeSe[row[i]!]!, se[i]!), label);

    const best = await readTextTable(path("qtltools", "trans_t1e-3_w500k.best.txt"), BEST);
    const bestP = best.numbers("p");
    const gene = new Map(genes.id.map((id, g) => [id, g]));
    const found = Array.from(bestP.keys()).filter((i) => bestP[i]! <= 1e-3);
    expect(found.length).toBeGreaterThan(10);
    const leadP = (i: number): number => 10 ** leads.log10P[gene.get(best.strings("gene")[i]!)!]!;
    const off = (i: number): number => relative(leadP(found[i]!), bestP[found[i]!]!);
    expectAllWithin("best p", found.length, 1e-4, off, (i) => best.strings("gene")[found[i]!]!);
  });
});
