/** A cohort of both sexes with an autosome, X in and outside the PARs of GRCh38, Y and MT: as tables and as files. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { plinkBed } from "./formats.ts";
import { testNormal, testRandom } from "./randomCohort.ts";

export interface XVariant {
  readonly id: string;
  readonly chromosome: string;
  readonly position: number;
  /** Copies as PLINK has them: males 0 or 2 on X; 3 is missing. */
  readonly calls: readonly number[];
}

export interface XGene {
  readonly id: string;
  readonly chromosome: string;
  readonly start: number;
  readonly values: readonly number[];
}

export interface XCohort {
  readonly samples: readonly string[];
  /** 1 male, 2 female. */
  readonly sex: readonly number[];
  readonly variants: readonly XVariant[];
  readonly genes: readonly XGene[];
  readonly covariate: readonly number[];
}

export interface XShape {
  readonly samples: number;
  /** Variants on each of chromosome 1, PAR1 and X outside; 3 on Y and 2 on MT. */
  readonly variants: number;
  readonly genes: number;
  /** Share of missing calls. */
  readonly missing?: number;
  /** Share of the calls of males on X that are heterozygous. */
  readonly heterozygous?: number;
}

const MEGABASE = 1_000_000;

export function xCohort(seed: number, shape: XShape): XCohort {
  const { missing = 0, heterozygous = 0 } = shape;
  const random = testRandom(seed);
  const samples = Array.from({ length: shape.samples }, (_, s) => `S${String(s).padStart(3, "0")}`);
  const sex = samples.map((_, s) => (s % 5 < 2 ? 1 : 2));
  const allele = (frequency: number) => (random() < frequency ? 1 : 0);
  const variants: XVariant[] = [];
  const add = (chromosome: string, position: number, haploidMales: boolean): void => {
    const frequency = 0.1 + 0.8 * random();
    const calls = sex.map((code) => {
      if (random() < missing) return 3;
      if (!haploidMales || code === 2) return allele(frequency) + allele(frequency);
      return random() < heterozygous ? 1 : 2 * allele(frequency);
    });
    variants.push({ id: `v${variants.length}`, chromosome, position, calls });
  };
  for (let v = 0; v < shape.variants; v++) add("1", MEGABASE + 20_000 * v, false);
  for (let v = 0; v < shape.variants; v++) add("X", 500_000 + 20_000 * v, false);
  for (let v = 0; v < shape.variants; v++) add("X", 30 * MEGABASE + 20_000 * v, true);
  for (let v = 0; v < 3; v++) add("Y", 5 * MEGABASE + 1000 * v, true);
  for (let v = 0; v < 2; v++) add("MT", 1000 + 1000 * v, true);
  const genes = Array.from({ length: shape.genes }, (_, g): XGene => {
    // On X outside the PARs, on chromosome 1, in PAR1, on chromosome 1, ...
    const onX = g % 2 === 0;
    const first = g % 4 === 0 ? 2 : onX ? 1 : 0;
    const cause = variants[first * shape.variants + Math.floor(random() * shape.variants)]!;
    const values = samples.map((_, s) => {
      const copies = cause.calls[s] === 3 ? 1 : cause.calls[s]!;
      const own = sex[s] === 1 ? 1.3 : 1;
      return 5 + 0.5 * copies + (sex[s] === 1 ? 0.8 : 0) + own * testNormal(random);
    });
    return { id: `gene${g}`, chromosome: onX ? "chrX" : "chr1", start: cause.position, values };
  });
  return { samples, sex, variants, genes, covariate: samples.map(() => testNormal(random)) };
}

export interface XFiles {
  /** PLINK prefix. */
  readonly genotypes: string;
  readonly expression: string;
  readonly covariates: string;
  readonly sex: string;
}

/** PLINK files with the sexes in the .fam (or 0 without `inFam`), an expression BED, a covariate, and sample and sex. */
export function writeXCohort(folder: string, cohort: XCohort, inFam = true): XFiles {
  const { samples, sex, variants, genes, covariate } = cohort;
  mkdirSync(folder, { recursive: true });
  const path = (name: string) => join(folder, name);
  writeFileSync(path("g.bed"), plinkBed(variants.map(({ calls }) => calls)));
  writeFileSync(
    path("g.bim"),
    variants.map((v) => `${v.chromosome}\t${v.id}\t0\t${v.position}\tG\tA\n`).join(""),
  );
  writeFileSync(path("g.fam"), samples.map((id, s) => `${id} ${id} 0 0 ${inFam ? sex[s] : 0} -9\n`).join(""));
  const sorted = [...genes].sort((a, b) =>
    a.chromosome < b.chromosome ? -1 : a.chromosome > b.chromosome ? 1 : a.start - b.start,
  );
  const rows = sorted.map((g) => [g.chromosome, g.start, g.start + 1, g.id, ...g.values].join("\t"));
  writeFileSync(
    path("e.bed"),
    [["#chr", "start", "end", "gene_id", ...samples].join("\t"), ...rows, ""].join("\n"),
  );
  writeFileSync(path("c.tsv"), `id\t${samples.join("\t")}\nC1\t${covariate.join("\t")}\n`);
  writeFileSync(path("sex.tsv"), samples.map((id, s) => `${id}\t${sex[s] === 1 ? "M" : "F"}\n`).join(""));
  return { genotypes: path("g"), expression: path("e.bed"), covariates: path("c.tsv"), sex: path("sex.tsv") };
}

/** A copy with every male's X calls outside the PARs written 0/1. */
export function codedOnce(cohort: XCohort): XCohort {
  return {
    ...cohort,
    variants: cohort.variants.map((v) =>
      v.chromosome === "X" && v.position > 2_781_479
        ? { ...v, calls: v.calls.map((call, s) => (cohort.sex[s] === 1 && call === 2 ? 1 : call)) }
        : v,
    ),
  };
}
