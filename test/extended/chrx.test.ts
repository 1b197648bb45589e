/** Chromosome X against plink2, which splits PARs, makes males' heterozygous calls missing, counts alleles by sex and fits males 0/2 or 0/1. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { withHaploidMales } from "../../src/cohort/haploidMales.ts";
import { chromosomeKinds, type SexChromosomes } from "../../src/cohort/sexChromosomes.ts";
import { SexedFilter } from "../../src/cohort/sexedFilter.ts";
import type { GenotypeSource } from "../../src/formats/genotypes.ts";
import { openPlink } from "../../src/formats/plink.ts";
import { FEMALE, MALE } from "../../src/formats/sex.ts";
import { openPlinkFiles } from "../../src/node/files.ts";
import { inflateGzip } from "../../src/node/inflate.ts";
import { writeXCohort, xCohort } from "../helpers/chrX.ts";
import { scratchFolder } from "../helpers/extended.ts";
import { callAt } from "../helpers/formats.ts";
import { readParquetTable } from "../helpers/table.ts";
import { qortex } from "../unit/cli/shell.ts";

const scratch = scratchFolder();

function plink2(...args: string[]): void {
  execFileSync("plink2", ["--threads", "1", ...args], { stdio: "ignore" });
}

/** Rows of a table of plink2's as objects. */
function rowsOf(path: string): Record<string, string>[] {
  const [header, ...rows] = readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => line.replace(/^#/, "").split(/\s+/));
  return rows.map((cells) => Object.fromEntries(header!.map((name, i) => [name, cells[i]!])));
}

async function opened<T>(prefix: string, use: (source: GenotypeSource) => Promise<T>): Promise<T> {
  const files = await openPlinkFiles(prefix);
  try {
    return await use(await openPlink(files, inflateGzip));
  } finally {
    await files.close();
  }
}

function planOf(source: GenotypeSource): SexChromosomes {
  return { build: "GRCh38", chrX: "0/2", otherChromosomes: false, sex: source.sex!.of, maleCoding: "0/2" };
}

describe("calls as plink2 has them", () => {
  const noisy = xCohort(5, { samples: 83, variants: 40, genes: 2, heterozygous: 0.05, missing: 0.02 });
  const files = writeXCohort(join(scratch, "noisy"), noisy);

  test.each(["MT", "26", "chrM", "chr26"])(
    "--split-par b38 --set-hh-missing --output-chr %s: the same kinds and calls",
    async (codes) => {
      const out = join(scratch, `hh-${codes}`);
      plink2(
        "--bfile",
        files.genotypes,
        "--split-par",
        "b38",
        "--set-hh-missing",
        "--output-chr",
        codes,
        "--make-bed",
        "--out",
        out,
      );
      await opened(files.genotypes, (ours) =>
        opened(out, async (theirs) => {
          const everyone = Uint32Array.from(ours.samples.keys());
          const [kinds, named] = [chromosomeKinds(ours, "GRCh38"), chromosomeKinds(theirs, "none")];
          const count = ours.variantCount;
          expect(theirs.variantCount).toBe(count);
          const a = await withHaploidMales(ours, planOf(ours)).read(0, count, everyone);
          const b = await theirs.read(0, count, everyone);
          let heterozygous = 0;
          const raw = await ours.read(0, count, everyone);
          for (let v = 0; v < count; v++) {
            expect(kinds(v)).toBe(named(v));
            if (kinds(v) === "y" || kinds(v) === "mt") continue;
            for (const s of everyone) {
              expect(callAt(a, v, s), `variant ${v} sample ${s}`).toBe(callAt(b, v, s));
              if (callAt(raw, v, s) !== callAt(a, v, s)) heterozygous++;
            }
          }
          expect(heterozygous).toBeGreaterThan(30);
        }),
      );
    },
  );

  test("a map of the split file has the bytes of that of the whole one: PAR1 comes under X", async () => {
    const split = join(scratch, "split");
    plink2("--bfile", files.genotypes, "--split-par", "b38", "--make-bed", "--out", split);
    const pairsOf = async (genotypes: string) => {
      const to = join(scratch, `pairs-of-${genotypes === split ? "split" : "whole"}`);
      const inputs = [
        "--genotypes",
        genotypes,
        "--expression",
        files.expression,
        "--covariates",
        files.covariates,
      ];
      const { code, err } = await qortex(["cis", ...inputs, "--out", to, "--window", "200Mb"]);
      expect(code, err).toBe(0);
      if (genotypes === split) expect(err).toContain("40 variants under names of pseudo-autosomal regions");
      return ["cis_pairs", "cis_genes", "variants_dropped", "chrx_variants"].map((name) =>
        readFileSync(join(to, `${name}.parquet`)).toString("base64"),
      );
    };
    expect(await pairsOf(split)).toEqual(await pairsOf(files.genotypes));
  });

  test("--geno-counts: females by genotype, males by allele, heterozygous males among the missing", async () => {
    const out = join(scratch, "counts");
    plink2("--bfile", files.genotypes, "--split-par", "b38", "--geno-counts", "--out", out);
    const counts = rowsOf(`${out}.gcount`).filter((row) => row["CHROM"] === "X");
    expect(counts).toHaveLength(40);
    await opened(files.genotypes, async (source) => {
      const plan = planOf(source);
      const sexed = withHaploidMales(source, plan);
      const genotypeIndex = Uint32Array.from(source.samples.keys());
      const filter = SexedFilter.of({
        tables: { sexChromosomes: plan, genotypes: sexed },
        report: { genotypeIndex },
      })!;
      const block = await sexed.read(80, 120, genotypeIndex);
      counts.forEach((row, v) => {
        const [females, males] = [filter.counts(block, v, FEMALE), filter.counts(block, v, MALE)];
        // REF is A2 and ALT is A1, which we count.
        const theirs = ["HOM_REF_CT", "HET_REF_ALT_CTS", "TWO_ALT_GENO_CTS"].map((name) => Number(row[name]));
        expect(females.genotypes, row["ID"]!).toEqual(theirs);
        expect([males.called - males.copies / 2, males.copies / 2]).toEqual([
          Number(row["HAP_REF_CT"]),
          Number(row["HAP_ALT_CTS"]),
        ]);
        expect(females.missing + males.missing).toBe(Number(row["MISSING_CT"]));
      });
    });
  });
});

describe("--glm, whose sex covariate on X is automatic", () => {
  const clean = xCohort(6, { samples: 120, variants: 30, genes: 6 });
  const files = writeXCohort(join(scratch, "clean"), clean);

  test.each([
    ["2", "0/2"],
    ["1", "0/1"],
  ])("--xchr-model %s is --chrx %s: slope, error and p of X and the PAR", async (model, chrx) => {
    const phenotypes = join(scratch, "phenotypes.txt");
    const header = ["#FID", "IID", ...clean.genes.map(({ id }) => id)].join("\t");
    const lines = clean.samples.map((id, s) =>
      [id, id, ...clean.genes.map(({ values }) => values[s]!)].join("\t"),
    );
    writeFileSync(phenotypes, [header, ...lines, ""].join("\n"));
    const covariates = join(scratch, "covariates.txt");
    writeFileSync(
      covariates,
      ["#FID\tIID\tC1", ...clean.samples.map((id, s) => `${id}\t${id}\t${clean.covariate[s]}`), ""].join(
        "\n",
      ),
    );
    const out = join(scratch, `glm-${model}`);
    plink2(
      ...["--bfile", files.genotypes, "--split-par", "b38", "--pheno", phenotypes, "--covar", covariates],
      ...["--xchr-model", model, "--glm", "hide-covar", "omit-ref", "--out", out],
    );
    // On other chromosomes plink2 adds no sex.
    const folder = async (name: string, ...options: string[]) => {
      const to = join(scratch, `${name}-${model}`);
      const inputs = [
        "--genotypes",
        files.genotypes,
        "--expression",
        files.expression,
        "--covariates",
        files.covariates,
      ];
      const { code, err } = await qortex([
        "cis",
        ...inputs,
        "--out",
        to,
        "--maf",
        "0",
        "--window",
        "200Mb",
        "--chrx",
        chrx,
        ...options,
      ]);
      expect(code, err).toBe(0);
      return readParquetTable(join(to, "cis_pairs.parquet"));
    };
    const withSex = await folder("sex", "--sex-covariate");
    const without = await folder("plain");
    let compared = 0;
    for (const gene of clean.genes.filter(({ chromosome }) => chromosome === "chrX")) {
      for (const row of rowsOf(`${out}.${gene.id}.glm.linear`)) {
        if (row["CHROM"] !== "X" && row["CHROM"] !== "PAR1") continue;
        const ours = row["CHROM"] === "X" ? withSex : without;
        const ids = ours.strings("variant_id");
        const at = ours.strings("phenotype_id").findIndex((id, i) => id === gene.id && ids[i] === row["ID"]);
        expect(at).toBeGreaterThanOrEqual(0);
        // Six digits printed.
        const near = (name: string, theirs: string) => {
          const value = ours.numbers(name)[at]!;
          expect(Math.abs(value - Number(theirs)), `${gene.id} ${row["ID"]} ${name}`).toBeLessThan(
            1e-5 * Math.abs(value) + 1e-12,
          );
        };
        near("slope", row["BETA"]!);
        near("slope_se", row["SE"]!);
        near("pval_nominal", row["P"]!);
        compared++;
      }
    }
    expect(compared).toBe(3 * 60);
  });
});
