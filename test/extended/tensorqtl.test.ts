/**
 * tensorQTL 1.0.10 on the generated cohort: f32 on its side, so slopes agree to 1e-5 of a standard error;
 * allele counts, distances and pair sets must be equal. plink2's exact counts and f64 regressions of the
 * same cohort are laid beside ours too.
 */
import { expect, test } from "vitest";
import { type CohortOptions, mapCis, mapTrans } from "../../src/node/index.ts";
import { type CollectedPairs, collect, pairKey } from "../helpers/collect.ts";
import { expectAllWithin, expectSamePairs, relative } from "../helpers/compare.ts";
import { describeWithShared, withCohort } from "../helpers/extended.ts";
import { concatenate, pairsOf, readTextTable, type Table } from "../helpers/table.ts";

/** tensorQTL's names of the slope, its standard error and p in the file at hand. */
interface Names {
  readonly slope: string;
  readonly se: string;
  readonly p: string;
}
const NOMINAL: Names = { slope: "slope", se: "slope_se", p: "pval_nominal" };
const TRANS: Names = { slope: "b", se: "b_se", p: "pval" };

function expectSameEffects(theirs: Table, names: Names, ours: CollectedPairs): void {
  const keys = pairsOf(theirs, "variant_id", "phenotype_id");
  expectSamePairs(keys, ours.row.keys());
  const row = keys.map((key) => ours.row.get(key)!);
  const label = (i: number): string => keys[i]!.replace("\t", " x ");
  const slope = theirs.numbers(names.slope);
  const se = theirs.numbers(names.se);
  const p = theirs.numbers(names.p);
  const af = theirs.numbers("af");
  const slopeOff = (i: number): number => Math.abs(ours.slope[row[i]!]! - slope[i]!) / ours.slopeSe[row[i]!]!;
  expectAllWithin("slope, in standard errors", keys.length, 1e-5, slopeOff, label);
  expectAllWithin("slope_se", keys.length, 1e-5, (i) => relative(ours.slopeSe[row[i]!]!, se[i]!), label);
  expectAllWithin("p", keys.length, 1e-4, (i) => relative(10 ** ours.log10P[row[i]!]!, p[i]!), label);
  // A sum of f32 numbers, some of them imputed: right to a few units in its last place.
  expectAllWithin("af", keys.length, 2 ** -22, (i) => relative(ours.af[row[i]!]!, af[i]!), label);
}

function expectSameCounts(theirs: Table, ours: CollectedPairs): void {
  const keys = pairsOf(theirs, "variant_id", "phenotype_id");
  const row = keys.map((key) => ours.row.get(key)!);
  const label = (i: number): string => keys[i]!.replace("\t", " x ");
  const equal = (what: string, column: Float64Array, value: (r: number) => number): void =>
    expectAllWithin(what, keys.length, 0, (i) => Math.abs(value(row[i]!) - column[i]!), label);
  equal("start_distance", theirs.numbers("start_distance"), (r) => ours.position[r]! - ours.geneStart[r]!);
  equal("ma_samples", theirs.numbers("ma_samples"), (r) => ours.maSamples[r]!);
  equal("ma_count", theirs.numbers("ma_count"), (r) => ours.maCount[r]!);
}

describeWithShared("tensorQTL and plink2", ["expected"], (path) => {
  const files = {
    genotypes: path("input", "geno"),
    expression: path("input", "expr.bed.gz"),
    covariates: path("input", "cov.txt"),
  };
  const bothChromosomes = async (name: string): Promise<Table> =>
    concatenate(
      await Promise.all(
        ["chr1", "chr2"].map((chromosome) =>
          readTextTable(path("tensorqtl", `${name}.cis_qtl_pairs.${chromosome}.tsv.gz`)),
        ),
      ),
    );
  const cis = (options: CohortOptions, window?: number): Promise<CollectedPairs> =>
    withCohort(files, options, (cohort, backend) => collect(mapCis(cohort, { backend, window })));
  const allPairs = (
    options: CohortOptions,
    pValue: number,
    keep?: (variant: string) => boolean,
  ): Promise<CollectedPairs> =>
    withCohort(files, options, (cohort, backend) =>
      collect(mapTrans(cohort, { backend, pValue, allPairs: true }), keep),
    );

  test("nominal: every pair within 1 Mb", async () => {
    const theirs = await bothChromosomes("nominal");
    expect(theirs.rows).toBe(47_025);
    const ours = await cis({ maf: 0 });
    expectSameEffects(theirs, NOMINAL, ours);
    expectSameCounts(theirs, ours);
    // Both conventions of ma_count must have been met: af above and below one half.
    const above = ours.af.filter((af) => af > 0.5).length;
    expect(above).toBeGreaterThan(1000);
    expect(ours.af.length - above).toBeGreaterThan(1000);
  });

  test("nominal_maf05_w200k: maf 0.05, 200 kb", async () => {
    const theirs = await bothChromosomes("nominal_maf05_w200k");
    const ours = await cis({ maf: 0.05 }, 200_000);
    expectSameEffects(theirs, NOMINAL, ours);
    expectSameCounts(theirs, ours);
  });

  test("trans_all: all 80,000 pairs", async () => {
    const theirs = await readTextTable(path("tensorqtl", "trans_all.tsv.gz"));
    expect(theirs.rows).toBe(80_000);
    const ours = await allPairs({ maf: 0 }, 1);
    expect(ours.result.counts.tests).toBe(80_000);
    expectSameEffects(theirs, TRANS, ours);
  });

  test("trans_p1e-3_maf05: all pairs, p <= 1e-3, maf 0.05", async () => {
    const theirs = await readTextTable(path("tensorqtl", "trans_p1e-3_maf05.tsv"));
    expectSameEffects(theirs, TRANS, await allPairs({ maf: 0.05 }, 1e-3));
  });

  test("plink2 --glm p <= 1e-2, variants without missing calls", async () => {
    const missing = await readTextTable(path("plink2", "tiny.vmiss"));
    const calls = missing.numbers("MISSING_CT");
    const complete = new Set(missing.strings("ID").filter((_, i) => calls[i] === 0));
    const theirs = await readTextTable(path("plink2", "glm_all_p1e-2.tsv.gz"));
    const gene = theirs.strings("PHENO");
    const variant = theirs.strings("ID");
    const rows = Array.from(variant.keys()).filter((i) => complete.has(variant[i]!));
    const keys = rows.map((i) => pairKey(variant[i]!, gene[i]!));
    const ours = await allPairs({ maf: 0 }, 1e-2, (id) => complete.has(id));
    expectSamePairs(keys, ours.row.keys());
    const row = keys.map((key) => ours.row.get(key)!);
    const label = (i: number): string => keys[i]!.replace("\t", " x ");
    // Six digits printed.
    const beta = theirs.numbers("BETA");
    const p = theirs.numbers("P");
    expectAllWithin("BETA", keys.length, 1e-5, (i) => relative(ours.slope[row[i]!]!, beta[rows[i]!]!), label);
    expectAllWithin(
      "P",
      keys.length,
      1e-5,
      (i) => relative(10 ** ours.log10P[row[i]!]!, p[rows[i]!]!),
      label,
    );
  });

  test("plink2 --freq and --hardy, variants with missing calls too", async () => {
    const frequency = await readTextTable(path("plink2", "tiny.afreq"));
    const hardy = await readTextTable(path("plink2", "tiny.hardy"));
    const ours = await allPairs({ maf: 0, hwe: 0.05 }, 1);
    const af = frequency.numbers("ALT_FREQS");
    const ids = frequency.strings("ID");
    const ourAf = (i: number): number => ours.variants.get(ids[i]!)?.af ?? Number.NaN;
    expectAllWithin(
      "ALT_FREQS",
      ids.length,
      1e-5,
      (i) => relative(ourAf(i), af[i]!),
      (i) => ids[i]!,
    );
    const p = hardy.numbers("P");
    const failing = hardy.strings("ID").filter((_, i) => p[i]! < 0.05);
    expect(failing.length).toBeGreaterThan(20);
    expect([...ours.dropped].filter(([, status]) => status === "filtered-hwe").map(([id]) => id)).toEqual(
      failing,
    );
  });
});
