import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { integer, plinkBed, random } from "../../helpers/formats.ts";
import { testNormal } from "../../helpers/randomCohort.ts";

export const SAMPLES = 60;
export const GENES = 30;
export const VARIANTS = 300;

/** Paths as the command line takes them. */
export interface CohortFiles {
  readonly genotypes: string;
  readonly expression: string;
  readonly covariates: string;
}

const ALLELES = [
  ["A", "G"],
  ["C", "T"],
  ["GA", "G"],
] as const;

/**
 * A small cohort on two chromosomes: PLINK files, an expression BED and covariates with a category.
 * The files list their samples in different orders; two samples have genotypes only, one expression
 * only. Gene 0 follows variant 10 (cis), gene 20 variant 40 (trans); gene 5 is constant.
 */
export function writeCohort(folder: string, seed = 1): CohortFiles {
  mkdirSync(folder, { recursive: true });
  const next = random(seed);
  const samples = Array.from({ length: SAMPLES }, (_, s) => `S${String(s).padStart(2, "0")}`);
  const genotyped = [...samples, "G1", "G2"];
  const calls = Array.from({ length: VARIANTS }, () => {
    const frequency = 0.02 + 0.48 * next();
    return genotyped.map(() => {
      if (next() < 0.02) return 3;
      return Number(next() < frequency) + Number(next() < frequency);
    });
  });
  const chromosomeOf = (v: number) => (v < VARIANTS / 2 ? "1" : "2");
  const positionOf = (v: number) => 100_000 + (v % (VARIANTS / 2)) * 40_000;
  writeFileSync(join(folder, "cohort.bed"), plinkBed(calls));
  writeFileSync(
    join(folder, "cohort.bim"),
    calls
      .map((_, v) => [chromosomeOf(v), `v${v}`, 0, positionOf(v), ...ALLELES[v % 3]!].join("\t"))
      .map((line) => `${line}\n`)
      .join(""),
  );
  writeFileSync(join(folder, "cohort.fam"), genotyped.map((id) => `0 ${id} 0 0 0 -9\n`).join(""));

  const expressed = [...samples].reverse().concat("E1");
  const called = (v: number, id: string) => {
    const call = calls[v]![genotyped.indexOf(id)] ?? 0;
    return call === 3 ? 1 : call;
  };
  const genes = Array.from({ length: GENES }, (_, g) => {
    const half = GENES / 2;
    const start = 450_000 + (g % half) * 390_000;
    const values = expressed.map((id) => {
      if (g === 5) return "3.5";
      const effect = g === 0 ? 1.5 * called(10, id) : g === 20 ? 2 * called(40, id) : 0;
      return (5 + effect + testNormal(next)).toFixed(5);
    });
    const cells = [`chr${g < half ? 1 : 2}`, start, start + 1 + integer(next, 0, 5000), `gene${g}`];
    return [...cells, ".", g % 2 ? "-" : "+", ...values].join("\t");
  });
  const header = ["#chr", "start", "end", "gene", "length", "strand", ...expressed].join("\t");
  writeFileSync(join(folder, "expression.bed"), `${[header, ...genes].join("\n")}\n`);

  const covariates = [
    ["id", ...samples],
    ["age", ...samples.map(() => (40 + 20 * next()).toFixed(2))],
    ["PC1", ...samples.map(() => testNormal(next).toFixed(4))],
    ["batch", ...samples.map(() => ["a", "b", "c"][integer(next, 0, 2)])],
  ];
  writeFileSync(join(folder, "covariates.tsv"), covariates.map((row) => `${row.join("\t")}\n`).join(""));
  return {
    genotypes: join(folder, "cohort"),
    expression: join(folder, "expression.bed"),
    covariates: join(folder, "covariates.tsv"),
  };
}

/** The arguments that name the cohort and the output folder. */
export function cohortArguments(files: CohortFiles, out: string): string[] {
  const { genotypes, expression, covariates } = files;
  return ["--genotypes", genotypes, "--expression", expression, "--covariates", covariates, "--out", out];
}
