/**
 * VCF against what other tools made of the same data: PLINK files, QTLtools' numbers, and a parser that cuts the
 * text into strings, line by line, as the specification reads.
 */
import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { GenotypeSource } from "../../src/formats/genotypes.ts";
import { openPlink } from "../../src/formats/plink.ts";
import { parseRegions } from "../../src/formats/regions.ts";
import { openVcf } from "../../src/formats/vcf.ts";
import type { VcfOptions } from "../../src/formats/vcfOptions.ts";
import { fileSource, openPlinkFiles } from "../../src/node/files.ts";
import { mapCis } from "../../src/node/index.ts";
import { inflateGzip } from "../../src/node/inflate.ts";
import { fileSpool } from "../../src/node/spool.ts";
import { collect } from "../helpers/collect.ts";
import { expectAllWithin, relative } from "../helpers/compare.ts";
import { describeWithShared, scratchFolder, withCohort } from "../helpers/extended.ts";
import { readQtltoolsNominal } from "../helpers/qtltools.ts";
import { pairsOf } from "../helpers/table.ts";
import { dosagesOf } from "../helpers/vcf.ts";
import { qortex } from "../unit/cli/shell.ts";

const everyone = (source: GenotypeSource) => Uint32Array.from(source.samples, (_, i) => i);

async function withVcf<T>(
  path: string,
  options: VcfOptions,
  use: (source: GenotypeSource) => Promise<T>,
): Promise<T> {
  const vcf = await fileSource(path);
  try {
    const source = await openVcf({ vcf, openSpool: fileSpool }, inflateGzip, options);
    try {
      return await use(source);
    } finally {
      await source.close?.();
    }
  } finally {
    await vcf.close();
  }
}

async function withPlink<T>(path: string, use: (source: GenotypeSource) => Promise<T>): Promise<T> {
  const files = await openPlinkFiles(path);
  try {
    return await use(await openPlink(files, inflateGzip));
  } finally {
    await files.close();
  }
}

describeWithShared("the generated cohort as VCF", ["expected", "input"], (path) => {
  const scratch = scratchFolder();
  let runs = 0;

  async function tablesOf(command: string, genotypes: string, ...options: string[]) {
    const out = join(scratch, `out-${++runs}`);
    const inputs = ["--expression", path("expr.bed.gz"), "--covariates", path("cov.txt")];
    const args = [command, "--genotypes", genotypes, ...inputs, "--out", out, "--quiet", ...options];
    const { code, err } = await qortex(args);
    expect(code, err).toBe(0);
    const names = readdirSync(out).filter((name) => name.endsWith(".parquet"));
    return new Map(names.map((name) => [name, readFileSync(join(out, name))]));
  }

  test.each([
    { command: "cis", options: [] },
    { command: "trans", options: ["--p-value", "1e-3", "--all-pairs"] },
  ])("$command writes the bytes of the PLINK files", async ({ command, options }) => {
    const plink = await tablesOf(command, path("geno"), ...options);
    const vcf = await tablesOf(command, path("geno.vcf.gz"), ...options);
    expect([...vcf.keys()]).toEqual([...plink.keys()]);
    expect(plink.size).toBe(4);
    for (const [name, bytes] of plink) expect(bytes.equals(vcf.get(name)!), name).toBe(true);
  });

  test("a region by the .tbi of htslib is that of the whole file", async () => {
    const alone = join(scratch, "alone.vcf.gz");
    copyFileSync(path("geno.vcf.gz"), alone);
    for (const region of ["chr1:400000-900000", "2", "chr2:100000-,1:1-50000,chr1:40000-60000"]) {
      const indexed = await tablesOf("cis", path("geno.vcf.gz"), "--region", region);
      const streamed = await tablesOf("cis", alone, "--region", region);
      for (const [name, bytes] of streamed) expect(bytes.equals(indexed.get(name)!), name).toBe(true);
    }
    // All of both chromosomes, by their regions, is all of the file.
    const whole = await tablesOf("cis", path("geno"));
    const parts = await tablesOf("cis", path("geno.vcf.gz"), "--region", "chr1,chr2");
    for (const [name, bytes] of whole) expect(bytes.equals(parts.get(name)!), name).toBe(true);
  });
});

describeWithShared("GEUVADIS chr22 as VCF", ["data", "geuvadis-eur-chr22"], (path) => {
  const files = {
    genotypes: path("genotypes.chr22.vcf.gz"),
    expression: path("genes.50percent.chr22.bed.gz"),
    covariates: path("genes.covariates.pc50.txt.gz"),
  };

  test("has QTLtools' numbers for the genes in 17-18 Mb", async () => {
    const full = await readQtltoolsNominal(path("expected-qtltools", "nominal_full_chr22_17_18Mb.txt.gz"));
    const genes = new Set(full.strings("gene"));
    // The windows of those genes reach a megabase further.
    const regions = parseRegions("--region", "22:16000000-19100000");
    const ours = await withCohort(files, { maf: 0, model: "qtltools", regions }, (cohort, backend) =>
      collect(mapCis(cohort, { backend, anchor: "body" }), (_, gene) => genes.has(gene)),
    );
    const keys = pairsOf(full, "variant", "gene");
    expect(keys.length).toBe(41_895);
    expect(new Set(keys)).toEqual(new Set(ours.row.keys()));
    const row = keys.map((key) => ours.row.get(key)!);
    const [p, slope, se] = [full.numbers("p"), full.numbers("slope"), full.numbers("se")];
    const label = (i: number): string => keys[i]!;
    expectAllWithin("p", keys.length, 1e-4, (i) => relative(10 ** ours.log10P[row[i]!]!, p[i]!), label);
    const slopeOff = (i: number): number => Math.abs(ours.slope[row[i]!]! - slope[i]!) / se[i]!;
    expectAllWithin("slope", keys.length, 1e-4, slopeOff, label);
    expectAllWithin("se", keys.length, 1e-4, (i) => relative(ours.slopeSe[row[i]!]!, se[i]!), label);
  });

  test("has QTLtools' numbers for every pair with p <= 1e-3", async () => {
    const strong = await readQtltoolsNominal(path("expected-qtltools", "nominal_p1e-3.txt.gz"), false);
    const ours = await withCohort(files, { maf: 0, model: "qtltools" }, (cohort, backend) =>
      collect(mapCis(cohort, { backend, anchor: "body" }), (_variant, _gene, log10P) => log10P <= -3),
    );
    const keys = pairsOf(strong, "variant", "gene");
    expect(keys.length).toBe(65_596);
    expect(new Set(keys)).toEqual(new Set(ours.row.keys()));
    const row = keys.map((key) => ours.row.get(key)!);
    const [p, slope] = [strong.numbers("p"), strong.numbers("slope")];
    const label = (i: number): string => keys[i]!;
    expectAllWithin("p", keys.length, 1e-4, (i) => relative(10 ** ours.log10P[row[i]!]!, p[i]!), label);
    const slopeOff = (i: number): number =>
      Math.abs(ours.slope[row[i]!]! - slope[i]!) / ours.slopeSe[row[i]!]!;
    expectAllWithin("slope", keys.length, 1e-4, slopeOff, label);
  });

  test("is the same data set as PLINK, and as a region of the whole", async () => {
    const sub = path("formats_chr22_17_18Mb", "sub.vcf.gz");
    // plink2 took the "chr" off.
    const plainLabels = async (source: GenotypeSource) => {
      const labels = await source.labels(0, source.variantCount);
      return { ...labels, chromosome: labels.chromosome.map((name) => name.replace("chr", "")) };
    };
    const blockOf = async (source: GenotypeSource) => ({
      samples: source.samples,
      block: await source.read(0, source.variantCount, everyone(source)),
      labels: await plainLabels(source),
    });
    const vcf = await withVcf(sub, {}, blockOf);
    const plink = await withPlink(path("formats_chr22_17_18Mb", "sub.bed"), blockOf);
    expect(vcf.block.count).toBe(2812);
    expect(vcf).toEqual(plink);
    const regions = parseRegions("--region", "chr22:17000000-18000000");
    expect(await withVcf(path("genotypes.chr22.vcf.gz"), { regions }, blockOf)).toEqual(plink);
  });
});

/** `[variant][sample]` of a VCF by strings: copies of the first ALT, by DS where `ds` and there is one. */
function plainDosages(path: string, ds: boolean): { samples: string[]; rows: number[][] } {
  const bytes = readFileSync(path);
  const lines = gunzipSync(bytes).toString().split("\n");
  const samples = lines
    .find((line) => line.startsWith("#CHROM"))!
    .split("\t")
    .slice(9);
  const rows: number[][] = [];
  for (const line of lines) {
    if (line === "" || line.startsWith("#")) continue;
    const cells = line.split("\t");
    if (cells[4]!.includes(",")) continue;
    const fields = cells[8]!.split(":");
    rows.push(
      cells.slice(9).map((cell) => {
        const values = cell.split(":");
        const alleles = (values[fields.indexOf("GT")] ?? ".").split(/[|/]/);
        const dosage = ds ? values[fields.indexOf("DS")] : undefined;
        if (dosage !== undefined && dosage !== ".") return Number(dosage);
        if (alleles.includes(".")) return Number.NaN;
        const copies = alleles.filter((allele) => allele === "1").length;
        return alleles.length === 1 ? 2 * copies : copies;
      }),
    );
  }
  return { samples, rows };
}

describeWithShared("VCFs of other makers", ["data", "formats"], (path) => {
  test.each([
    ["vcf_bcf/EUR_test.vcf.gz", "GT"],
    ["vcf_bcf/chr22.vcf.gz", "DS"],
    ["vcf_bcf/chr22.vcf.gz", "GT"],
    ["vcf_bcf/chr7-sub.vcf.gz", "GT"],
    ["vcf_bcf/h1187-10k.vcf.gz", "GT"],
    ["vcf_bcf/hapmap_exome_chr22.vcf.gz", "GT"],
    ["vcf_bcf/target.vcf.gz", "GT"],
    ["trityper_etc/chr21.imputed.head.vcf.gz", "DS"],
    ["trityper_etc/1000gCeuChr20Mb6.vcf.gz", "GT"],
    ["plink2/1kg_phase3_chr21_start.vcf.gz", "GT"],
  ] as const)("%s by %s", async (name, dosageField) => {
    const { samples, rows } = plainDosages(path(name), dosageField === "DS");
    await withVcf(path(name), { dosageField }, async (source) => {
      expect(source.samples).toEqual(samples);
      expect(source.variantCount).toBe(rows.length);
      for (let start = 0; start < rows.length; start += 1000) {
        const end = Math.min(rows.length, start + 1000);
        const found = dosagesOf(await source.read(start, end, everyone(source)));
        for (let v = start; v < end; v++)
          expect(String(found[v - start]), `variant ${v}`).toBe(String(rows[v]));
      }
    });
  });

  test("EUR_test is its PLINK twin", async () => {
    const blockOf = async (source: GenotypeSource) => {
      const labels = await source.labels(0, source.variantCount);
      return { labels, dosages: dosagesOf(await source.read(0, source.variantCount, everyone(source))) };
    };
    const vcf = await withVcf(path("vcf_bcf/EUR_test.vcf.gz"), {}, blockOf);
    const plink = await withPlink(path("vcf_bcf/EUR_test.bed"), blockOf);
    expect(vcf.labels.id).toEqual(plink.labels.id);
    let same = 0;
    for (const [v, row] of plink.dosages.entries()) {
      const flipped = vcf.labels.effectAllele[v] !== plink.labels.effectAllele[v];
      if (!flipped) same++;
      expect(vcf.dosages[v], vcf.labels.id[v]).toEqual(flipped ? row.map((copies) => 2 - copies) : row);
    }
    expect(same).toBeGreaterThan(0);
  });
});
