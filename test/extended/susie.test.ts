import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { credibleSets } from "../../src/statistics/credibleSets.ts";
import { genotypeLd } from "../../src/statistics/ld.ts";
import { type SusieOptions, susie } from "../../src/statistics/susie.ts";
import { describeWithShared } from "../helpers/extended.ts";

// susieR 0.12.35 on its own example data (N3finemapping, trait 1: three causal variants).
describeWithShared("susieR", ["data", "gwas-loci", "susieR"], (path) => {
  const table = (name: string): string[][] =>
    gunzipSync(readFileSync(path(name)))
      .toString()
      .trim()
      .split("\n")
      .map((line) => line.split("\t"));
  const unitOf = (values: readonly number[]): Float64Array => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const centred = Float64Array.from(values, (value) => value - mean);
    const norm = Math.sqrt(centred.reduce((sum, value) => sum + value * value, 0));
    return centred.map((value) => value / norm);
  };
  const x = table("N3finemapping.X.tsv.gz").map((row) => row.map(Number));
  const y = unitOf(
    table("N3finemapping.Y_truth.tsv.gz")
      .slice(1)
      .map(([first]) => Number(first)),
  );
  const oracle = table("oracle_susieR_0.12.35_trait1.tsv.gz").slice(1);
  const sets = readFileSync(path("oracle_credible_sets.tsv"), "utf8").trim().split("\n").slice(1);
  const n = y.length;

  const unit = x[0]!.map((_, j) => unitOf(x.map((row) => row[j]!)));
  const ld = genotypeLd(unit);

  const compare = (model: string, r: Float64Array, options: SusieOptions, column: number): void => {
    const fit = susie(r, ld, n, options);
    expect(fit.converged).toBe(true);
    // The genotypes that ship have four digits.
    const apart = oracle.map((row, j) => Math.abs(fit.pip[j]! - Number(row[column])));
    expect(Math.max(...apart)).toBeLessThan(5e-6);
    const expected = sets.map((line) => line.split("\t")).filter(([name]) => name === model);
    const { sets: found } = credibleSets(fit, ld, 0.95, 0.5);
    expect(found.map(({ effect }) => `L${effect + 1}`)).toEqual(expected.map(([, name]) => name));
    found.forEach((set, i) => {
      const [, , variants, coverage, purity] = expected[i]!;
      expect(Array.from(set.variants, (v) => v + 1).join(",")).toBe(variants);
      expect(Math.abs(set.coverage - Number(coverage))).toBeLessThan(1e-5);
      expect(Math.abs(set.minCorrelation - Number(purity))).toBeLessThan(1e-4);
    });
  };

  test("on individual data: the same PIPs, credible sets, coverage and purity", () => {
    const r = Float64Array.from(unit, (g) => g.reduce((sum, value, s) => sum + value * y[s]!, 0));
    compare("susie", r, {}, 7);
  });

  test("on summary data (susie_rss)", () => {
    const r = Float64Array.from(oracle, (row) => Number(row[6]) / Math.sqrt(Number(row[6]) ** 2 + n - 2));
    compare("susie_rss", r, { estimateResidualVariance: false }, 8);
  });
});
