/** Permutations, beta fits and effective tests beside those of tensorQTL 1.0.10 and QTLtools 1.3.1. */
import { expect, test } from "vitest";
import { decodeDosages } from "../../src/cohort/dosages.ts";
import { fitBeta, log10PBeta } from "../../src/statistics/betaFit.ts";
import { effectiveTests } from "../../src/statistics/eigenMT.ts";
import { expectAllWithin, relative } from "../helpers/compare.ts";
import { describeWithShared, withCohort } from "../helpers/extended.ts";
import { readText, readTextTable } from "../helpers/table.ts";

/** One row a gene: its id and the best r^2 of each permutation. */
async function maximaOf(path: string): Promise<Map<string, Float64Array>> {
  const lines = (await readText(path)).trimEnd().split("\n");
  return new Map(
    lines.map((line) => {
      const [id, ...values] = line.split("\t");
      return [id ?? "", Float64Array.from(values, Number)] as const;
    }),
  );
}

describeWithShared("tensorQTL's permutations", ["expected"], (path) => {
  const files = {
    genotypes: path("input", "geno"),
    expression: path("input", "expr.bed.gz"),
    covariates: path("input", "cov.txt"),
  };

  test("beta fits of its maxima", async () => {
    const maxima = await maximaOf(path("tensorqtl", "r2_perm_seed1.tsv.gz"));
    const theirs = await readTextTable(path("tensorqtl", "beta_fit_from_r2_perm_seed1.tsv"));
    const ids = theirs.strings("phenotype_id");
    const dof = theirs.numbers("dof");
    const observed = theirs.numbers("r2_nominal");
    const fits = ids.map((id, i) => fitBeta(maxima.get(id)!, dof[i]!));
    expect(ids.length).toBe(40);
    const within = (column: string, limit: number, value: (i: number) => number): void => {
      const wanted = theirs.numbers(column);
      expectAllWithin(
        column,
        ids.length,
        limit,
        (i) => relative(value(i), wanted[i]!),
        (i) => ids[i]!,
      );
    };
    within("true_dof", 1e-5, (i) => fits[i]!.trueDf);
    within("beta_shape1", 1e-5, (i) => fits[i]!.shape1);
    within("beta_shape2", 1e-5, (i) => fits[i]!.shape2);
    within("pval_beta", 1e-4, (i) => 10 ** log10PBeta(fits[i]!, observed[i]!));
  });

  test("eigenMT's effective tests of 40 genes", async () => {
    const theirs = await readTextTable(path("tensorqtl", "interaction.cis_qtl_top_assoc.txt.gz"));
    const pairs = await Promise.all(
      ["chr1", "chr2"].map((c) => readTextTable(path("tensorqtl", `interaction.cis_qtl_pairs.${c}.tsv.gz`))),
    );
    const variants = new Map<string, Set<string>>();
    for (const table of pairs) {
      const variant = table.strings("variant_id");
      table.strings("phenotype_id").forEach((gene, i) => {
        variants.set(gene, (variants.get(gene) ?? new Set()).add(variant[i]!));
      });
    }
    const ids = theirs.strings("phenotype_id");
    await withCohort(files, { maf: 0 }, async (cohort) => {
      const source = cohort.tables.genotypes;
      const block = await source.read(0, source.variantCount, cohort.report.genotypeIndex);
      const { id } = await source.labels(0, source.variantCount);
      const read = (row: number, out: Float64Array): void => {
        decodeDosages(block, row, Number.NaN, out);
        const called = out.filter((value) => !Number.isNaN(value));
        const mean = called.reduce((sum, value) => sum + value, 0) / called.length;
        out.forEach((value, i) => {
          if (Number.isNaN(value)) out[i] = mean;
        });
      };
      const ours = ids.map((gene) => {
        const rows = id.flatMap((name, row) => (variants.get(gene)?.has(name) ? [row] : []));
        return effectiveTests(rows.length, block.samples, (i, out) => read(rows[i]!, out));
      });
      expect(ours).toEqual([...theirs.numbers("tests_emt")]);
    });
  });
});
