/** Frequencies of a sex where a male's allele of X counts as one copy: of his one allele, not of two. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { writeXCohort, type XVariant, xCohort } from "../../helpers/chrX.ts";

import { readParquetTable } from "../../helpers/table.ts";
import { qortex } from "./shell.ts";

const scratch = mkdtempSync(join(tmpdir(), "qortex-one-copy-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const cohort = xCohort(9, { samples: 60, variants: 10, genes: 8 });
const files = writeXCohort(join(scratch, "cohort"), cohort);
let made = 0;

async function mapped(...options: string[]) {
  const out = join(scratch, `out-${++made}`);
  const { genotypes, expression, covariates } = files;
  const inputs = ["--genotypes", genotypes, "--expression", expression, "--covariates", covariates];
  const { code, err } = await qortex(["cis", ...inputs, "--window", "200mb", ...options, "--out", out]);
  expect(code, err).toBe(0);
  return (name: string) => readParquetTable(join(out, `${name}.parquet`));
}

const isHaploid = (v: XVariant) => v.chromosome === "X" && v.position > 2_781_479;

/** By PLINK's calls, of which males have 0 or 2 on X. */
function frequency(v: XVariant, code: number): number {
  const calls = v.calls.filter((_, s) => cohort.sex[s] === code);
  return calls.reduce((a, b) => a + b, 0) / (2 * calls.length);
}

describe.each(["0/1", "0/2"])("--chrx %s", (chrx) => {
  test("--interaction-sex: maf_lower and maf_upper, and what --maf-interaction leaves out", async () => {
    const least = 0.3;
    const options = ["--interaction-sex", "--effective-tests", "all", "--chrx", chrx, "--maf", "0"];
    const table = await mapped(...options, "--maf-interaction", String(least));
    const pairs = await table("cis_interaction_pairs");
    const minor = (v: XVariant, code: number) => Math.min(frequency(v, code), 1 - frequency(v, code));
    const there = new Set(pairs.strings("variant_id"));
    for (const v of cohort.variants.filter(({ chromosome }) => chromosome === "X")) {
      const common = [2, 1].every((code) => minor(v, code) >= least);
      expect(there.has(v.id), v.id).toBe(common);
    }
    expect(
      [...there].filter((id) => isHaploid(cohort.variants.find((v) => v.id === id)!)).length,
    ).toBeGreaterThan(1);
    pairs.strings("variant_id").forEach((id, i) => {
      const v = cohort.variants.find((one) => one.id === id)!;
      expect(pairs.numbers("maf_lower")[i]).toBeCloseTo(minor(v, 2), 12);
      expect(pairs.numbers("maf_upper")[i]).toBeCloseTo(minor(v, 1), 12);
      // People who carry the allele that is the rarer among all alleles, of which a male has one where it counts as one.
      const alleles = (s: number): number => (chrx === "0/1" && isHaploid(v) && cohort.sex[s] === 1 ? 1 : 2);
      const copies = v.calls.map((call, s) => (alleles(s) === 1 ? call / 2 : call));
      const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
      const effectIsMinor = sum(copies) <= sum(copies.map((_, s) => alleles(s))) / 2;
      const carriers = (code: number): number =>
        copies.filter((own, s) => cohort.sex[s] === code && (effectIsMinor ? own > 0 : own < alleles(s)))
          .length;
      expect(pairs.numbers("carriers_lower")[i], id).toBe(carriers(2));
      expect(pairs.numbers("carriers_upper")[i], id).toBe(carriers(1));
    });
  });

  test("--sex-stratified: af_female and af_male", async () => {
    const pairs = await (await mapped("--sex-stratified", "all", "--chrx", chrx))("cis_sex");
    expect(
      pairs.strings("variant_id").filter((id) => isHaploid(cohort.variants.find((v) => v.id === id)!)).length,
    ).toBeGreaterThan(10);
    pairs.strings("variant_id").forEach((id, i) => {
      const v = cohort.variants.find((one) => one.id === id)!;
      expect(pairs.numbers("af_female")[i]).toBeCloseTo(frequency(v, 2), 12);
      expect(pairs.numbers("af_male")[i]).toBeCloseTo(frequency(v, 1), 12);
    });
  });
});

test("--sex-covariate leaves out whose sex is unknown, and says how many", async () => {
  const unknown = { ...cohort, sex: cohort.sex.map((code, s) => (s < 3 ? 0 : code)) };
  const { genotypes, expression, covariates } = writeXCohort(join(scratch, "unknown"), unknown);
  const out = join(scratch, "unknown-out");
  const inputs = ["--genotypes", genotypes, "--expression", expression, "--covariates", covariates];
  const { code, err } = await qortex(["cis", ...inputs, "--sex-covariate", "--out", out]);
  expect(code, err).toBe(0);
  expect(err).toMatch(/57 used.*3 without covariates/);
});

test("--male-coding 0/1 for a file whose males have two copies is an error, and no map without them", async () => {
  const { genotypes, expression, covariates } = files;
  const inputs = ["--genotypes", genotypes, "--expression", expression, "--covariates", covariates];
  const out = join(scratch, "said-otherwise");
  const { code, err } = await qortex(["cis", ...inputs, "--male-coding", "0/1", "--out", out]);
  expect(code).toBe(2);
  expect(err).toMatch(
    /chromosome X: males have \d+ calls of 2 copies and 0 of 1: the file is coded 0\/2, and as 0\/1 the alleles that they carry would be missing; leave --male-coding out, or correct the samples' sex/,
  );
});
