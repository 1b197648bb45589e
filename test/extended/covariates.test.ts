/**
 * plink2 2.00a3.5 on GEUVADIS chr22 and on the generated cohort with missing calls: --indep-pairwise keeps the same variants,
 * --pca has the same eigenvalues and, up to sign, the same components to the digits it prints.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { covariatesOf, genotypeComponents, pruneVariants } from "../../src/node/index.ts";
import { describeWithShared, scratchFolder, withCohort } from "../helpers/extended.ts";
import { repository } from "../helpers/shared.ts";

function plink2(...args: string[]): void {
  try {
    execFileSync("plink2", [...args, "--threads", "2"], { stdio: "pipe" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new Error("plink2 is not installed, and this test compares with it: apt-get install plink2");
  }
}

const lines = (path: string): string[] => readFileSync(path, "utf8").trimEnd().split("\n");

interface Case {
  readonly files: { readonly genotypes: string; readonly expression: string };
  readonly options: Readonly<Record<"maf" | "callRate" | "window" | "step" | "r2", number>>;
}

/** The ids that plink2 keeps with these settings, and ours; and both tools' first ten components of those. */
async function compared(name: string, folder: string, { files, options }: Case) {
  const { maf, callRate, window, step, r2 } = options;
  const own = ["--bfile", files.genotypes, "--out", join(folder, name)];
  const filters = ["--maf", String(maf), "--geno", String(1 - callRate)];
  plink2(...own, ...filters, "--indep-pairwise", String(window), String(step), String(r2));
  const kept = join(folder, `${name}.prune.in`);
  plink2(...own, "--extract", kept, "--pca", "10");
  const theirs = lines(join(folder, `${name}.eigenvec`)).slice(1);
  return withCohort(files, { maf: 0 }, async (cohort, backend) => {
    const { index } = await pruneVariants(cohort, { ...options, build: "none" });
    const { id } = await cohort.tables.genotypes.labels(0, cohort.tables.genotypes.variantCount);
    const samples = theirs.map((line) => line.split("\t")[1]!);
    expect(samples).toEqual(cohort.samples);
    return {
      ids: Array.from(index, (v) => id[v]!),
      theirIds: lines(kept),
      components: await genotypeComponents(cohort, index, 10, backend),
      eigenvalues: lines(join(folder, `${name}.eigenval`)).map(Number),
      vectors: theirs.map((line) => line.split("\t").slice(2).map(Number)),
    };
  });
}

/** The largest difference of our components from `vectors[sample][component]`, signs aside. */
function farthest(own: Float64Array, vectors: readonly (readonly number[])[]): number {
  const n = vectors.length;
  let most = 0;
  for (let k = 0; k < vectors[0]!.length; k++) {
    const column = own.subarray(k * n, (k + 1) * n);
    const sign = Math.sign(column.reduce((sum, value, i) => sum + value * vectors[i]![k]!, 0));
    column.forEach((value, i) => {
      most = Math.max(most, Math.abs(value - sign * vectors[i]![k]!));
    });
  }
  return most;
}

describeWithShared("genotype components beside plink2", ["expected", "input"], (path) => {
  const folder = scratchFolder();
  const demo = join(repository, "examples/geuvadis-chr22");
  const usual = { window: 50, step: 5, r2: 0.2 };
  const geuvadis = {
    genotypes: join(demo, "genotypes"),
    expression: join(demo, "expression.bed.gz"),
  };
  const generated = { genotypes: path("geno"), expression: path("expr.bed.gz") };

  test.each([
    ["demo", geuvadis, { ...usual, maf: 0.05, callRate: 0.95 }, 5055],
    ["demo-wide", geuvadis, { window: 200, step: 25, r2: 0.5, maf: 0.1, callRate: 0 }, undefined],
  ] as const)("%s: the same variants, eigenvalues and components", async (name, files, options, number) => {
    const { ids, theirIds, components, eigenvalues, vectors } = await compared(name, folder, {
      files,
      options,
    });
    expect(ids).toEqual(theirIds);
    if (number !== undefined) expect(ids).toHaveLength(number);
    // Six digits are printed.
    eigenvalues.forEach((value, k) => {
      expect(Math.abs(components.eigenvalues[k]! / value - 1), `eigenvalue ${k + 1}`).toBeLessThan(5.1e-6);
    });
    expect(farthest(components.vectors, vectors)).toBeLessThan(1e-6);
  });

  test("with missing calls: the same variants", async () => {
    for (const [r2, window] of [
      [0.02, 50],
      [0.05, 30],
    ] as const) {
      const options = { window, step: 5, r2, maf: 0.05, callRate: 0.9 };
      const { ids, theirIds } = await compared(`missing-${window}`, folder, { files: generated, options });
      expect(ids).toEqual(theirIds);
      expect(ids.length).toBeLessThan(1900);
    }
  });

  test("titration on GEUVADIS: the curve of the documentation", async () => {
    const { titration, drivers, chosen } = await withCohort(
      { ...geuvadis, covariates: join(demo, "populations.tsv") },
      { transform: "inverse-normal", missingCovariates: "mean" },
      (cohort, backend) => covariatesOf(cohort, { backend }),
    );
    const curve = titration!.points.map(({ components, egenes }) => `${components} ${egenes}`);
    const page = readFileSync(join(repository, "docs/covariates.md"), "utf8");
    const documented = [...page.matchAll(/^ {19,20}(\d+) █+ (\d+) eGenes/gm)].map(([, k, n]) => `${k} ${n}`);
    expect(documented).toEqual(curve);
    expect(page).toContain(`${drivers.length} expression components`);
    expect(page).toContain(`${chosen} expression (`);
  });
});

describeWithShared("GEUVADIS CEU and YRI", ["data", "geuvadis-ceu-yri"], (path) => {
  const folder = scratchFolder();

  /** Both chromosomes in one VCF, places of the genes, and all couplings, written as they are read here. */
  function joinedFiles() {
    const vcf = (chromosome: number) =>
      gunzipSync(readFileSync(path(`Geuvadis_chr${chromosome}.vcf.gz`))).toString();
    const coupling = ["CEU", "YRI"].map((name) => readFileSync(path(`Geuvadis_${name}_gte.txt`), "utf8"));
    const places = lines(path("Geuvadis_CEU_YRI_Annot.txt")).slice(1);
    const columns = places.map((line) => [1, 3, 4, 5].map((c) => line.split("\t")[c]).join("\t"));
    const files = {
      genotypes: join(folder, "both.vcf"),
      genePositions: join(folder, "places.txt"),
      coupling: join(folder, "coupling.txt"),
    };
    writeFileSync(files.genotypes, vcf(1) + vcf(2).replace(/^#.*\n/gm, ""));
    writeFileSync(files.genePositions, `id\tchr\tstart\tend\n${columns.join("\n")}\n`);
    writeFileSync(files.coupling, coupling.join(""));
    return { ...files, expression: path("Geuvadis_CEU_YRI_Expr.txt.gz") };
  }

  test("the first genotype component parts the two populations, by dosages of a VCF and through a coupling", async () => {
    const ceu = new Set(lines(path("Geuvadis_CEU_gte.txt")).map((line) => line.split(/\s+/)[1]));
    const { samples, columns } = await withCohort(joinedFiles(), {}, (cohort, backend) =>
      covariatesOf(cohort, { backend, expressionPcs: 0 }),
    );
    expect(columns.names[0]).toBe("genotype_PC1");
    const first = Array.from(columns.values.subarray(0, samples.length));
    const of = (inside: boolean) => first.filter((_, s) => ceu.has(samples[s]) === inside);
    const [a, b] = [of(true), of(false)];
    expect([a.length, b.length]).toEqual([90, 88]);
    const gap = Math.max(Math.min(...a) - Math.max(...b), Math.min(...b) - Math.max(...a));
    const widest = Math.max(...[a, b].map((side) => Math.max(...side) - Math.min(...side)));
    expect(gap).toBeGreaterThan(2 * widest);
  });
});
