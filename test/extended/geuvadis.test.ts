/**
 * QTLtools 1.3.1 on GEUVADIS chr22 (358 people, 85,485 variants, 608 genes, 53 covariates): it prints six
 * digits, residualises the phenotype only and tests with n - 2 degrees of freedom (`model: "qtltools"`).
 * plink2's counts and Hardy-Weinberg p of one megabase are laid beside ours too.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { mapCis, mapTrans } from "../../src/node/index.ts";
import { type CollectedPairs, collect, pairKey } from "../helpers/collect.ts";
import { expectAllWithin, expectSamePairs, relative } from "../helpers/compare.ts";
import { builtCommand, describeWithShared, scratchFolder, withCohort } from "../helpers/extended.ts";
import { readQtltoolsNominal } from "../helpers/qtltools.ts";
import { pairsOf, readParquetTable, readTextTable, type Table } from "../helpers/table.ts";

function expectSameEffects(theirs: Table, ours: CollectedPairs): void {
  const keys = pairsOf(theirs, "variant", "gene");
  expectSamePairs(keys, ours.row.keys());
  const row = keys.map((key) => ours.row.get(key)!);
  const label = (i: number): string => keys[i]!.replace("\t", " x ");
  const slope = theirs.numbers("slope");
  const p = theirs.numbers("p");
  const slopeOff = (i: number): number => Math.abs(ours.slope[row[i]!]! - slope[i]!) / ours.slopeSe[row[i]!]!;
  expectAllWithin("slope, in standard errors", keys.length, 1e-4, slopeOff, label);
  expectAllWithin("p", keys.length, 1e-4, (i) => relative(10 ** ours.log10P[row[i]!]!, p[i]!), label);
}

function makePlinkFiles(vcf: string, prefix: string): void {
  try {
    execFileSync("plink2", ["--vcf", vcf, "--make-bed", "--threads", "2", "--out", prefix], {
      stdio: "pipe",
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new Error(
      "plink2 is not installed, and this test needs it to read the VCF: apt-get install plink2",
    );
  }
}

describeWithShared("GEUVADIS chr22", ["data", "geuvadis-eur-chr22"], (path) => {
  const folder = scratchFolder();
  const genotypes = join(folder, "chr22");
  const files = {
    genotypes,
    expression: path("genes.50percent.chr22.bed.gz"),
    covariates: path("genes.covariates.pc50.txt.gz"),
  };
  beforeAll(() => makePlinkFiles(path("genotypes.chr22.vcf.gz"), genotypes));

  test("QTLtools nominal: every pair of the genes in 17-18 Mb, and every pair with p <= 1e-3", async () => {
    const full = await readQtltoolsNominal(path("expected-qtltools", "nominal_full_chr22_17_18Mb.txt.gz"));
    const strong = await readQtltoolsNominal(path("expected-qtltools", "nominal_p1e-3.txt.gz"), false);
    expect(full.rows).toBe(41_895);
    expect(strong.rows).toBe(65_596);
    const genes = new Set(full.strings("gene"));

    const map = (keep: (variant: string, gene: string, log10P: number) => boolean): Promise<CollectedPairs> =>
      withCohort(files, { maf: 0, model: "qtltools" }, (cohort, backend) => {
        expect(cohort.samples.length).toBe(358);
        expect(cohort.degreesOfFreedom).toBe(356);
        return collect(mapCis(cohort, { backend, anchor: "body" }), keep);
      });

    const near = await map((_, gene) => genes.has(gene));
    expectSameEffects(full, near);
    const se = full.numbers("se");
    const keys = pairsOf(full, "variant", "gene");
    const ourSe = (i: number): number => near.slopeSe[near.row.get(keys[i]!)!]!;
    expectAllWithin(
      "se",
      keys.length,
      1e-4,
      (i) => relative(ourSe(i), se[i]!),
      (i) => keys[i]!,
    );

    expectSameEffects(strong, await map((_variant, _gene, log10P) => log10P <= -3));
  });

  test("the distances of QTLtools, on both strands, through the command line", async () => {
    const out = join(folder, "distances");
    const input = ["--genotypes", path("formats_chr22_17_18Mb", "sub"), "--expression", files.expression];
    const options = ["--maf", "0", "--window-anchor", "body", "--quiet", "--out", out];
    execFileSync(process.execPath, [builtCommand(), "cis", ...input, ...options]);
    const ours = await readParquetTable(join(out, "cis_pairs.parquet"));
    const theirs = await readQtltoolsNominal(path("expected-qtltools", "nominal_full_chr22_17_18Mb.txt.gz"));
    const distance = theirs.numbers("distance");
    const wanted = new Map(pairsOf(theirs, "variant", "gene").map((key, i) => [key, distance[i]!]));
    const keys = pairsOf(ours, "variant_id", "phenotype_id");
    const own = ours.numbers("body_distance");
    const rows = Array.from(keys.keys()).filter((i) => wanted.has(keys[i]!));
    const off = (i: number): number => Math.abs(own[rows[i]!]! - wanted.get(keys[rows[i]!]!)!);
    expect(rows.length).toBeGreaterThan(10_000);
    expectAllWithin("body_distance", rows.length, 0, off, (i) => keys[rows[i]!]!);
  });

  test("the OLS model: covariates out of genotypes and expression, 303 degrees of freedom", async () => {
    const key = pairKey("22_17542810", "ENSG00000237438.2");
    const ours = await withCohort(files, { maf: 0 }, (cohort, backend) => {
      expect(cohort.degreesOfFreedom).toBe(303);
      const run = mapCis(cohort, { backend, window: 100_000 });
      return collect(run, (variant, gene) => pairKey(variant, gene) === key);
    });
    const row = ours.row.get(key);
    expect(row).toBe(0);
    expect(ours.slope[0]).toBeCloseTo(-0.923825, 6);
    expect(ours.slope[0]! / ours.slopeSe[0]!).toBeCloseTo(-12.1074, 4);
  });

  test("plink2's allele counts and Hardy-Weinberg p of 17-18 Mb", async () => {
    const sub = path("formats_chr22_17_18Mb", "sub");
    const limit = 0.01;
    const ours = await withCohort({ ...files, genotypes: sub }, { maf: 0, hwe: limit }, (cohort, backend) =>
      collect(mapTrans(cohort, { backend, pValue: 1, allPairs: true }), () => false),
    );

    const frequency = await readTextTable(`${sub}.afreq`);
    const counts = await readTextTable(`${sub}.gcount`);
    const ids = frequency.strings("ID");
    expect(ids.length).toBe(2812);
    expect(ours.variants.size).toBe(2812);
    const reference = counts.numbers("HOM_REF_CT");
    const heterozygous = counts.numbers("HET_REF_ALT_CTS");
    const alternative = counts.numbers("TWO_ALT_GENO_CTS");
    const af = frequency.numbers("ALT_FREQS");
    for (const [i, id] of ids.entries()) {
      const alt = heterozygous[i]! + 2 * alternative[i]!;
      const ref = heterozygous[i]! + 2 * reference[i]!;
      const minor = alt <= ref ? alternative[i]! : reference[i]!;
      const own = ours.variants.get(id);
      expect({ af: own?.af, maSamples: own?.maSamples, maCount: own?.maCount }, id).toEqual({
        af: alt / (alt + ref),
        maSamples: minor + heterozygous[i]!,
        maCount: Math.min(alt, ref),
      });
      expect(Math.abs(af[i]! - alt / (alt + ref)), id).toBeLessThan(1e-6);
    }

    const hardy = await readTextTable(`${sub}.hardy`);
    const p = hardy.numbers("P");
    const failing = hardy.strings("ID").filter((_, i) => p[i]! < limit);
    expect(failing.length).toBeGreaterThan(20);
    expect([...ours.dropped].filter(([, status]) => status === "filtered-hwe").map(([id]) => id)).toEqual(
      failing,
    );
    expect(ours.dropped.size).toBe(failing.length);
  });
});
