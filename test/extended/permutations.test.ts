/** Permutations, beta fits and effective tests beside those of tensorQTL 1.0.10 and QTLtools 1.3.1. */
import { expect, test } from "vitest";
import { EffectiveTests } from "../../src/association/effectiveTests.ts";
import { listedPermutations } from "../../src/association/permutation/donors.ts";
import { bestOfPermutations } from "../../src/association/permutation/geneTest.ts";
import type { GeneTestRequest } from "../../src/association/permutation/request.ts";
import { withSession } from "../../src/association/run.ts";
import { survey } from "../../src/association/survey.ts";
import { decodeDosages } from "../../src/cohort/dosages.ts";
import { type Cohort, type MapResult, mapCis } from "../../src/node/index.ts";
import { fitBeta, log10PBeta } from "../../src/statistics/betaFit.ts";
import { normalQuantile } from "../../src/statistics/normal.ts";
import { expectAllWithin, relative } from "../helpers/compare.ts";
import { describeWithShared, withCohort } from "../helpers/extended.ts";
import { numpyPermutations } from "../helpers/mt19937.ts";
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

const REQUEST: GeneTestRequest = {
  within: "permutations",
  permutations: { least: 1000, most: 1000 },
  discovery: { qvalue: "bh", lambda: 0.85, fdr: 0.05 },
};

/** The result of a map with tests of genes; its pairs are let go. */
async function resultOf(
  cohort: Cohort,
  backend: Parameters<typeof mapCis>[1]["backend"],
  geneTests: GeneTestRequest,
): Promise<MapResult> {
  const run = mapCis(cohort, { backend, geneTests });
  for await (const _part of run.parts());
  return run.result();
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
      const g = new Float64Array(block.samples);
      const fill = Float64Array.from(id, (_, row) => {
        decodeDosages(block, row, Number.NaN, g);
        const called = g.filter((value) => !Number.isNaN(value));
        return called.reduce((sum, value) => sum + value, 0) / called.length;
      });
      const rows = { ...block, kind: "calls" as const, fill };
      const effective = await EffectiveTests.load(block.samples);
      const index = [...id.keys()];
      const ours = ids.map((gene) =>
        effective.count(
          rows,
          index,
          index.filter((row) => variants.get(gene)?.has(id[row]!)),
        ),
      );
      expect(ours).toEqual([...theirs.numbers("tests_emt")]);
    });
  });

  test("numpy's permutations, the first 20", async () => {
    const text = await readText(path("tensorqtl", "perm_ix_seed1_n100_first20.tsv"));
    const theirs = text
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t").map(Number));
    expect(numpyPermutations(1, 20, 100).map((row) => [...row])).toEqual(theirs);
  });

  const numpy = (cohort: Cohort): Cohort => {
    const permutationIndices = {
      name: "numpy, seed 1",
      rows: numpyPermutations(1, 1000, cohort.samples.length),
    };
    return { ...cohort, tables: { ...cohort.tables, permutationIndices } };
  };

  test("with its permutations: leads, maxima, their fits and p of 40 genes", async () => {
    const theirs = await readTextTable(path("tensorqtl", "cis_perm1000_seed1_w1m.tsv"));
    const maxima = await maximaOf(path("tensorqtl", "r2_perm_seed1.tsv.gz"));
    const result = await withCohort(files, { maf: 0 }, (cohort, backend) =>
      resultOf(numpy(cohort), backend, { ...REQUEST, keepMaxima: true }),
    );
    const genes = theirs.strings("phenotype_id");
    // Single precision: r of 1, summed over 100 samples and 22 directions that are projected out, is known to some 1e-6.
    const wanted = genes.flatMap((id) => [...maxima.get(id)!]);
    const own = result.geneLevel!.maxima!.flatMap((r) => [...r!]);
    expect([own.length, wanted.length]).toEqual([40_000, 40_000]);
    expectAllWithin(
      "best r^2 of a permutation",
      own.length,
      2e-6,
      (k) => relative(own[k]! * own[k]!, wanted[k]!),
      (k) => `${genes[Math.floor(k / 1000)]}, permutation ${k % 1000}`,
    );
    const level = result.geneLevel!;
    const ids = theirs.strings("phenotype_id");
    expect(ids.length).toBe(40);
    expect(result.leads.lead.id).toEqual(theirs.strings("variant_id"));
    expect([...result.leads.numVariants]).toEqual([...theirs.numbers("num_var")]);
    const within = (column: string, limit: number, value: (i: number) => number): void => {
      const wanted = theirs.numbers(column);
      const off = (i: number): number => relative(value(i), wanted[i]!);
      expectAllWithin(column, ids.length, limit, off, (i) => ids[i]!);
    };
    within("beta_shape1", 1e-4, (i) => level.unit[i]!.fit.shape1);
    within("beta_shape2", 1e-4, (i) => level.unit[i]!.fit.shape2);
    within("true_df", 1e-4, (i) => level.unit[i]!.fit.trueDf);
    within("pval_true_df", 1e-4, (i) => 10 ** level.unit[i]!.log10PTrueDf);
    within("pval_beta", 1e-4, (i) => 10 ** level.unit[i]!.log10PBeta);
    within("pval_perm", 1e-8, (i) => level.unit[i]!.p);
  });

  test("its permuted normal quantiles against all variants (trans.map_permutations)", async () => {
    const text = await readText(path("tensorqtl", "trans_permutations200_seed1.tsv"));
    const theirs = new Map(
      text
        .trimEnd()
        .split("\n")
        .map((line) => line.split("\t"))
        .map(([name, value]) => [name!, Number(value)]),
    );
    await withCohort(files, { maf: 0.05 }, async (cohort, backend) => {
      const n = cohort.samples.length;
      const expression = Float64Array.from({ length: n }, (_, i) => normalQuantile((i + 1) / (n + 1)));
      const rule = {
        permutations: listedPermutations(numpyPermutations(1, 200, n), n, "numpy"),
        ...({ least: 200, most: 200, degreesOfFreedom: "learnt" } as const),
      };
      const made = withSession(cohort, { backend }, async function* ({ surveyor }) {
        const { rows, norm } = await survey(surveyor, 0, cohort.tables.genotypes.variantCount);
        const windows = { start: Uint32Array.of(0), end: Uint32Array.of(rows.count) };
        const work = { rows, norm, windows, expression, basis: cohort.expressionBasis };
        yield (await bestOfPermutations(backend, work, Float64Array.of(1), rule))[0]!;
      });
      for await (const best of made) {
        const df = cohort.degreesOfFreedom;
        const fit = fitBeta(
          best.map((r) => r * r),
          df,
        );
        expect([best.length, n, df]).toEqual([200, theirs.get("num_samples"), theirs.get("df")]);
        // Its degrees of freedom by secants to 1e-4, its shapes by a simplex of 1e-4: nearer than that by luck only.
        expect(relative(fit.trueDf, theirs.get("true_df")!)).toBeLessThan(1e-6);
        expect(relative(fit.shape1, theirs.get("beta_shape1")!)).toBeLessThan(1e-5);
        expect(relative(fit.shape2, theirs.get("beta_shape2")!)).toBeLessThan(1e-5);
      }
    });
  });

  test("with its permutations: groups of phenotypes", async () => {
    const theirs = await readTextTable(path("tensorqtl", "cis_grouped_perm1000_seed1.tsv"));
    const single = await readTextTable(path("tensorqtl", "cis_perm1000_seed1_w1m.tsv"));
    const phenotype = single.strings("phenotype_id");
    const size = theirs.numbers("group_size")[0]!;
    // Neighbours in the order of the file make the groups, as many as the expected table says.
    const group = phenotype.map((_, i) => theirs.strings("group_id")[Math.floor(i / size)]!);
    const result = await withCohort(files, { maf: 0 }, (cohort, backend) => {
      const groups = { name: "groups", phenotype, group };
      // tensorQTL takes the place of a group's first phenotype for all of them.
      const first = (_: unknown, gene: number): number => gene - (gene % size);
      const places = Uint32Array.from(phenotype, first);
      const genes = {
        ...cohort.genes,
        start: Int32Array.from(places, (gene) => cohort.genes.start[gene]!),
        end: Int32Array.from(places, (gene) => cohort.genes.end[gene]!),
        chromosome: Array.from(places, (gene) => cohort.genes.chromosome[gene]!),
      };
      const geneChromosome = Int32Array.from(places, (gene) => cohort.geneChromosome[gene]!);
      const grouped = numpy({ ...cohort, genes, geneChromosome, tables: { ...cohort.tables, groups } });
      return resultOf(grouped, backend, { ...REQUEST, groups: "table" });
    });
    const level = result.geneLevel!;
    const lead = theirs.strings("phenotype_id").map((id) => phenotype.indexOf(id));
    const label = (i: number): string => theirs.strings("group_id")[i]!;
    expect(level.units).toBe(theirs.rows);
    expect(lead.map((gene) => level.standsFor[gene])).toEqual(lead);
    expect(lead.map((gene) => result.leads.lead.id[gene])).toEqual(theirs.strings("variant_id"));
    const within = (column: string, limit: number, value: (gene: number) => number): void => {
      const wanted = theirs.numbers(column);
      expectAllWithin(column, theirs.rows, limit, (i) => relative(value(lead[i]!), wanted[i]!), label);
    };
    within("beta_shape1", 1e-4, (gene) => level.unit[gene]!.fit.shape1);
    within("beta_shape2", 1e-4, (gene) => level.unit[gene]!.fit.shape2);
    within("true_df", 1e-4, (gene) => level.unit[gene]!.fit.trueDf);
    within("pval_beta", 1e-4, (gene) => 10 ** level.unit[gene]!.log10PBeta);
    within("pval_perm", 1e-8, (gene) => level.unit[gene]!.p);
  });

  test("with our own permutations: the same leads, p beta but for sampling", async () => {
    const theirs = await readTextTable(path("tensorqtl", "cis_perm1000_seed1_w1m.tsv"));
    const result = await withCohort(files, { maf: 0 }, (cohort, backend) =>
      resultOf(cohort, backend, { ...REQUEST, permutations: { least: 10_000, most: 10_000 } }),
    );
    expect(result.leads.lead.id).toEqual(theirs.strings("variant_id"));
    const p = theirs.numbers("pval_beta");
    const ids = theirs.strings("phenotype_id");
    // 4% of log10 p where p is small; where it is not, the sampling error of p itself: 5 standard errors of 1,000 permutations.
    const allowed = (i: number): number =>
      Math.max(0.04 * Math.abs(Math.log10(p[i]!)), (5 * Math.sqrt((1 - p[i]!) / (1000 * p[i]!))) / Math.LN10);
    const off = (i: number): number => Math.abs(result.geneLevel!.log10P[i]! - Math.log10(p[i]!));
    const tiny = Array.from(ids.keys()).filter((i) => p[i]! < 1e-3);
    expectAllWithin(
      "log10 p_beta, small",
      tiny.length,
      0.04,
      (k) => off(tiny[k]!) / -Math.log10(p[tiny[k]!]!),
      (k) => ids[tiny[k]!]!,
    );
    expectAllWithin(
      "log10 p_beta over what sampling allows",
      ids.length,
      1,
      (i) => off(i) / allowed(i),
      (i) => ids[i]!,
    );
  });
});

/** Columns of QTLtools' permutation pass, which writes no header. */
const QTLTOOLS = [
  ...["gene", "chromosome", "start", "end", "strand", "tested", "distance", "variant"],
  ...["variantChromosome", "variantStart", "variantEnd", "dof", "trueDof", "shape1", "shape2"],
  ...["p", "r2", "slope", "pPerm", "pBeta"],
];

describeWithShared("QTLtools' permutation pass on GEUVADIS chr22", ["data", "geuvadis-eur-chr22"], (path) => {
  const files = {
    genotypes: path("genotypes.chr22.vcf.gz"),
    expression: path("genes.50percent.chr22.bed.gz"),
    covariates: path("genes.covariates.pc50.txt.gz"),
  };

  test("leads, numbers of genes, and slopes of the two models", { timeout: 3_600_000 }, async () => {
    const theirs = await readTextTable(path("expected-qtltools", "permute1000.seed123456.txt.gz"), QTLTOOLS);
    const qtltools = await withCohort(files, { maf: 0, model: "qtltools" }, async (cohort, backend) => {
      const run = mapCis(cohort, { backend, anchor: "body", geneTests: REQUEST });
      for await (const _part of run.parts());
      return { id: cohort.genes.id, result: run.result() };
    });
    const at = new Map(qtltools.id.map((id, gene) => [id, gene]));
    const ids = theirs.strings("gene");
    expect(ids.length).toBe(608);
    const level = qtltools.result.geneLevel!;
    const log10P = ids.map((id) => level.log10P[at.get(id)!]!);
    const pBeta = theirs.numbers("pBeta");
    const strong = Array.from(ids.keys()).filter((i) => pBeta[i]! < 1e-3);
    const lead = (i: number): string => qtltools.result.leads.lead.id[at.get(ids[i]!)!]!;
    // Variants in perfect linkage may change places: they are told by r.
    const r2 = theirs.numbers("r2");
    const ownR2 = (i: number): number => {
      const gene = at.get(ids[i]!)!;
      const { slope, slopeSe } = qtltools.result.leads;
      const t = slope[gene]! / slopeSe[gene]!;
      return (t * t) / (356 + t * t);
    };
    const differing = strong.filter((i) => lead(i) !== theirs.strings("variant")[i]);
    console.log(`leads: ${strong.length} genes with p_beta < 1e-3, ${differing.length} with another lead`);
    for (const i of differing) expect(relative(ownR2(i), r2[i]!), ids[i]).toBeLessThan(1e-5);
    expect(differing.length).toBeLessThan(0.02 * strong.length);

    const below = log10P.filter((value) => value < Math.log10(0.05)).length;
    console.log(`p_beta < 0.05: ${below} (QTLtools 291); BH 0.05: ${level.significant} (QTLtools 265)`);
    expect(Math.abs(below - 291)).toBeLessThanOrEqual(6);
    expect(Math.abs(level.significant - 265)).toBeLessThanOrEqual(5);

    const chosen = Array.from(ids.keys()).filter((i) => pBeta[i]! < 0.01);
    expect(chosen.length).toBe(247);
    const wanted = new Map(chosen.map((i) => [`${ids[i]}\t${theirs.strings("variant")[i]}`, i]));
    const slope = theirs.numbers("slope");
    const ratios = await withCohort(files, { maf: 0 }, async (cohort, backend) => {
      const found: number[] = [];
      for await (const batch of mapCis(cohort, { backend })) {
        batch.gene.forEach((gene, k) => {
          const i = wanted.get(`${cohort.genes.id[gene]}\t${batch.variants.id[batch.variant[k]!]}`);
          if (i !== undefined) found.push(slope[i]! / batch.slope[k]!);
        });
      }
      return found.sort((a, b) => a - b);
    });
    expect(ratios.length).toBe(247);
    console.log(`median ratio of slopes ${ratios[123]}`);
    expect(ratios[123]!).toBeCloseTo(0.85, 2);
  });
});
