/**
 * Interaction maps of the generated cohort beside tensorQTL's (f32 on its side: p to 2e-4), MatrixEQTL's CROSS
 * (15 digits: 1e-9) and FastQTL's (6 digits printed).
 */
import { expect, test } from "vitest";
import type { InteractionRun } from "../../src/association/interaction/tables.ts";
import { mapCisInteraction, mapTransInteraction } from "../../src/node/index.ts";
import { pairKey } from "../helpers/collect.ts";
import { expectAllWithin, expectSamePairs, relative } from "../helpers/compare.ts";
import { describeWithShared, withCohort } from "../helpers/extended.ts";
import { concatenate, pairsOf, readTextTable, type Table } from "../helpers/table.ts";

/** All pairs of a run, a list a number. */
async function everything(run: InteractionRun, keep: (variant: string) => boolean = () => true) {
  const row = new Map<string, number>();
  const numbers: Record<string, number[]> = {};
  const add = (name: string, value: number): void => {
    numbers[name] ??= [];
    numbers[name].push(value);
  };
  for await (const { variants, variant, gene, log10P, slope, slopeSe, extra } of run) {
    for (let i = 0; i < variant.length; i++) {
      const v = variant[i]!;
      if (!keep(variants.id[v]!)) continue;
      row.set(pairKey(variants.id[v]!, run.genes.id[gene[i]!]!), row.size);
      add("log10_p", log10P[i]!);
      add("slope", slope[i]!);
      add("slope_se", slopeSe[i]!);
      add("ma_samples", variants.maSamples[v]!);
      for (const [name, values] of Object.entries(extra ?? {})) add(name, values[i]!);
      for (const [name, values] of Object.entries(variants.extra ?? {})) add(name, values[v]!);
    }
  }
  return { row, numbers, result: run.result(), genes: run.genes };
}

describeWithShared("interaction", ["expected"], (path) => {
  const files = {
    genotypes: path("input", "geno"),
    expression: path("input", "expr.bed.gz"),
    covariates: path("input", "cov.txt"),
    interaction: path("input", "inter.txt"),
  };

  test("tensorQTL, all 27,145 pairs and the leads with eigenMT", async () => {
    const theirs = concatenate(
      await Promise.all(
        ["chr1", "chr2"].map((chromosome) =>
          readTextTable(path("tensorqtl", `interaction.cis_qtl_pairs.${chromosome}.tsv.gz`)),
        ),
      ),
    );
    expect(theirs.rows).toBe(27_145);
    const ours = await withCohort(files, { maf: 0 }, (cohort, backend) =>
      everything(mapCisInteraction(cohort, { backend })),
    );
    const keys = pairsOf(theirs, "variant_id", "phenotype_id");
    expectSamePairs(keys, ours.row.keys());
    const row = keys.map((key) => ours.row.get(key)!);
    const label = (i: number): string => keys[i]!.replace("\t", " x ");
    for (const [name, effect] of [
      ["g", "b_g"],
      ["i", "b_i"],
      ["gi", "b_gi"],
    ] as const) {
      const log10P = ours.numbers[`log10_p_${name}`]!;
      const b = ours.numbers[effect]!;
      const se = ours.numbers[`${effect}_se`]!;
      const p = theirs.numbers(`pval_${name}`);
      const theirB = theirs.numbers(effect);
      const theirSe = theirs.numbers(`${effect}_se`);
      const n = keys.length;
      expectAllWithin(`p of ${name}`, n, 2e-4, (i) => relative(10 ** log10P[row[i]!]!, p[i]!), label);
      expectAllWithin(effect, n, 1e-4, (i) => Math.abs(b[row[i]!]! - theirB[i]!) / se[row[i]!]!, label);
      expectAllWithin(`${effect}_se`, n, 1e-4, (i) => relative(se[row[i]!]!, theirSe[i]!), label);
    }

    const top = await readTextTable(path("tensorqtl", "interaction.cis_qtl_top_assoc.txt.gz"));
    const { leads, effectiveTests, log10Corrected, qCorrected } = ours.result;
    const gene = (i: number): number => ours.genes.id.indexOf(top.strings("phenotype_id")[i]!);
    expect(top.rows).toBe(40);
    expect(top.strings("variant_id")).toEqual(Array.from({ length: 40 }, (_, i) => leads.lead.id[gene(i)]));
    const name = (i: number): string => top.strings("phenotype_id")[i]!;
    const within = (what: string, limit: number, mine: (g: number) => number, their: string): void => {
      const column = top.numbers(their);
      expectAllWithin(what, 40, limit, (i) => relative(mine(gene(i)), column[i]!), name);
    };
    within("effective tests", 0, (g) => effectiveTests[g]!, "tests_emt");
    within("pval_gi", 2e-4, (g) => 10 ** leads.log10P[g]!, "pval_gi");
    within("pval_emt", 2e-4, (g) => 10 ** log10Corrected[g]!, "pval_emt");
    within("pval_adj_bh", 2e-4, (g) => qCorrected[g]!, "pval_adj_bh");
  }, 120_000);

  const expectSamePs = (
    theirs: Table,
    ours: Awaited<ReturnType<typeof everything>>,
    keys: readonly string[],
    limit: number,
    columns: Readonly<Record<string, string>>,
  ): void => {
    expectSamePairs(keys, ours.row.keys());
    const label = (i: number): string => keys[i]!.replace("\t", " x ");
    for (const [their, mine] of Object.entries(columns)) {
      const p = theirs.numbers(their);
      const log10P = ours.numbers[mine]!;
      const off = (i: number): number => relative(10 ** log10P[ours.row.get(keys[i]!)!]!, p[i]!);
      expectAllWithin(their, keys.length, limit, off, label);
    }
  };

  test("tensorQTL's trans map, p <= 1e-3, variants without missing calls", async () => {
    const theirs = await readTextTable(path("tensorqtl", "trans_interaction_p1e-3_maf05_nomissing.tsv"));
    const missing = await readTextTable(path("plink2", "tiny.vmiss"));
    const calls = missing.numbers("MISSING_CT");
    const complete = new Set(missing.strings("ID").filter((_, i) => calls[i] === 0));
    const ours = await withCohort(files, { maf: 0.05 }, (cohort, backend) =>
      everything(mapTransInteraction(cohort, { backend, pValue: 1e-3, allPairs: true }), (variant) =>
        complete.has(variant),
      ),
    );
    const names = { pval_g: "log10_p_g", pval_i: "log10_p_i", pval_gi: "log10_p" };
    expectSamePs(theirs, ours, pairsOf(theirs, "variant_id", "phenotype_id"), 2e-4, names);
  });

  test("MatrixEQTL's CROSS, all pairs, p <= 1e-2", async () => {
    const theirs = await readTextTable(path("matrixeqtl", "cross_p1e-2.txt"));
    const ours = await withCohort(files, { maf: 0 }, (cohort, backend) =>
      everything(mapTransInteraction(cohort, { backend, pValue: 1e-2, allPairs: true, mafInteraction: 0 })),
    );
    const keys = pairsOf(theirs, "SNP", "gene");
    expectSamePs(theirs, ours, keys, 1e-9, { "p-value": "log10_p" });
    const [beta, t] = [theirs.numbers("beta"), theirs.numbers("t-stat")];
    const at = (i: number): number => ours.row.get(keys[i]!)!;
    const label = (i: number): string => keys[i]!;
    const slope = (i: number): number => ours.numbers["slope"]![at(i)]!;
    const ourT = (i: number): number => slope(i) / ours.numbers["slope_se"]![at(i)]!;
    expectAllWithin("beta", keys.length, 1e-9, (i) => relative(slope(i), beta[i]!), label);
    expectAllWithin("t", keys.length, 1e-9, (i) => relative(ourT(i), t[i]!), label);
  });

  test("FastQTL's interaction", async () => {
    const theirs = concatenate(
      await Promise.all(
        ["chr1", "chr2"].map((chromosome) =>
          readTextTable(path("fastqtl", `interaction.${chromosome}.txt.gz`), [
            ...["gene", "variant", "distance", "ma_samples", "ma_count", "maf", "p", "slope", "se"],
          ]),
        ),
      ),
    );
    const ours = await withCohort(files, { maf: 0 }, (cohort, backend) =>
      everything(mapCisInteraction(cohort, { backend, eigenMT: false })),
    );
    // It halves the samples at the median, and counts called samples only: of some variants one of the two is filtered and not the other.
    const keys = pairsOf(theirs, "variant", "gene").map((key, i) => ({ key, i }));
    const shared = keys.filter(({ key }) => ours.row.has(key));
    expect(shared.length).toBeGreaterThan(0.99 * keys.length);
    const [p, slope, se] = [theirs.numbers("p"), theirs.numbers("slope"), theirs.numbers("se")];
    const at = (k: number): number => ours.row.get(shared[k]!.key)!;
    const label = (k: number): string => shared[k]!.key;
    const own = (column: string) => (k: number) => ours.numbers[column]![at(k)]!;
    const off = (mine: (k: number) => number, column: Float64Array) => (k: number) =>
      relative(mine(k), column[shared[k]!.i]!);
    const slopeOff = (k: number): number =>
      Math.abs(own("slope")(k) - slope[shared[k]!.i]!) / own("slope_se")(k);
    expectAllWithin("slope, in standard errors", shared.length, 2e-5, slopeOff, label);
    expectAllWithin("se", shared.length, 1e-5, off(own("slope_se"), se), label);
    expectAllWithin(
      "p",
      shared.length,
      1e-5,
      off((k) => 10 ** own("log10_p")(k), p),
      label,
    );
  }, 60_000);
});
