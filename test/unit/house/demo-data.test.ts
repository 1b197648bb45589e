import { readdirSync, readFileSync, statSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { ROOT } from "./sources.ts";

const folder = new URL("examples/geuvadis-chr22/", ROOT);
const bytes = (name: string): Buffer => readFileSync(new URL(name, folder));
const rows = (text: Buffer): string[][] =>
  text
    .toString("utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));
const samples = rows(bytes("genotypes.fam")).map((fields) => fields[1]);
const variants = rows(bytes("genotypes.bim"));
const stride = Math.ceil(samples.length / 4);

/** Calls of a variant, turned so that the first homozygous one is 0: equal for a variant and its mirror image. */
function unoriented(calls: Uint8Array): string {
  const called = samples.map((_, sample) => ((calls[sample >> 2] ?? 0) >> (2 * (sample & 3))) & 3);
  const flip = called.find((call) => call !== 2) === 3;
  return called.map((call) => (flip && call !== 2 ? 3 - call : call)).join("");
}

describe("the demo data", () => {
  it("takes at most 8 MB", () => {
    const sizes = readdirSync(folder).map((name) => statSync(new URL(name, folder)).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(8_000_000);
  });

  it("has the 49,799 variants and 358 samples that PROVENANCE.md says", () => {
    const bed = bytes("genotypes.bed");
    expect([...bed.subarray(0, 3)]).toEqual([0x6c, 0x1b, 0x01]);
    expect(variants).toHaveLength(49_799);
    expect(samples).toHaveLength(358);
    expect(bed).toHaveLength(3 + variants.length * stride);
    expect(new Set(variants.map((fields) => fields[1])).size).toBe(variants.length);
  });

  it("keeps no variant that is another's copy or mirror image, and none is missing a call", () => {
    const bed = bytes("genotypes.bed");
    const patterns = variants.map((_, variant) =>
      unoriented(bed.subarray(3 + variant * stride, 3 + (variant + 1) * stride)),
    );
    expect(new Set(patterns).size).toBe(variants.length);
    expect(patterns.filter((pattern) => pattern.includes("1"))).toEqual([]);
  });

  it("lists the variants left out, each with one that is there", () => {
    const [header, ...dropped] = rows(gunzipSync(bytes("duplicates.tsv.gz")));
    const kept = new Set(variants.map((fields) => fields[1]));
    const count = (relation: string): number => dropped.filter((fields) => fields[2] === relation).length;
    expect(header).toEqual(["variant", "kept", "relation"]);
    expect([dropped.length, count("same"), count("mirrored")]).toEqual([35_686, 34_846, 840]);
    expect(dropped.filter(([variant, by]) => kept.has(variant) || !kept.has(by))).toEqual([]);
  });

  it("counts ALT: some of its A1 are the major allele", () => {
    // 22_16052962 is C>T in the VCF; plink 1.9 would have put the rarer allele first.
    expect(variants[2]).toEqual(["22", "22_16052962", "0", "16052962", "T", "C"]);
    const bed = bytes("genotypes.bed");
    const major = variants.filter((_, variant) => {
      const calls = bed.subarray(3 + variant * stride, 3 + (variant + 1) * stride);
      const copies = samples.map(
        (_, sample) => [2, 0, 1, 0][((calls[sample >> 2] ?? 0) >> (2 * (sample & 3))) & 3] ?? 0,
      );
      return copies.reduce((sum, copy) => sum + copy, 0) > samples.length;
    });
    expect(major.length).toBeGreaterThan(1000);
  });

  it("has the same samples everywhere", () => {
    const [bedHeader, ...genes] = rows(gunzipSync(bytes("expression.bed.gz")));
    const [covariateHeader, ...covariates] = rows(bytes("covariates.txt"));
    const populations = rows(bytes("populations.tsv"));
    expect(bedHeader?.slice(6)).toEqual(samples);
    expect(genes).toHaveLength(608);
    expect(covariateHeader).toEqual(["id", ...samples]);
    expect(covariates.map((fields) => fields[0])).toEqual([
      ...[1, 2, 3].map((pc) => `genotype_PC${pc}`),
      ...Array.from({ length: 50 }, (_, pc) => `expression_PC${pc + 1}`),
    ]);
    expect(populations.slice(1).map((fields) => fields[0])).toEqual(samples);
    const [geneHeader, ...known] = rows(bytes("genes.tsv"));
    expect(geneHeader).toEqual(["id", "chr", "start", "end", "strand", "symbol", "biotype"]);
    const ids = known.map((fields) => fields[0]);
    expect(ids).toHaveLength(598);
    expect(genes.map((fields) => fields[3]).filter((id) => ids.includes(id))).toEqual(ids);
  });
});
