import { describe, expect, it } from "vitest";
import {
  isStranded,
  significantDistances,
  significantGenes,
  strongestLeads,
  tssDistances,
} from "../../../src/report/leads.ts";
import { mapReport } from "../../../src/report/mapReport.ts";
import { methodsText } from "../../../src/report/methods.ts";
import { facts, genes, leads } from "./fixtures.ts";

const cohort = facts().cohort;

describe("leads", () => {
  it("come strongest first, without the genes that have none", () => {
    expect(strongestLeads(genes, leads).map((lead) => [lead.index, lead.gene, lead.variant])).toEqual([
      [1, "GENE2", "rs2"],
      [0, "GENE1", "rs1"],
      [3, "GENE4", "rs4"],
    ]);
    expect(strongestLeads(genes, leads, 1)).toHaveLength(1);
  });

  it("lie from the TSS along transcription, and nowhere on another chromosome", () => {
    expect(Array.from(tssDistances(genes, leads))).toEqual([500, -1_000, Number.NaN, Number.NaN]);
    expect(Array.from(significantDistances(genes, leads, 1e-100))).toEqual([-1_000]);
    expect(isStranded(genes)).toBe(false);
  });

  it("are significant at q, NaN never", () => {
    expect(significantGenes(leads, 0.05)).toBe(2);
    expect(significantGenes(leads, 1)).toBe(3);
  });
});

describe("mapReport", () => {
  it("gives the key numbers", () => {
    const report = mapReport(facts(), [], {});
    expect(report.lede).toBe(
      "Of 3 genes tested in 100 samples, 2 are associated with a variant within 1 Mb (q ≤ 0.05).",
    );
    expect(report.summary.map((item) => [item.label, item.value])).toEqual([
      ["Significant genes", "2"],
      ["Pairs tested", "680"],
      ["Samples", "100"],
      ["Inflation λ", "1.012"],
      ["Smallest p", "1.0 × 10⁻⁴⁰⁰"],
      ["Genotypes", "data/geno.bed"],
      ["Expression", "data/expression.bed.gz"],
      ["Covariates", "data/covariates.tsv"],
      ["Command", "qortex cis --genotypes a --expression b"],
    ]);
  });

  it("accounts for genes, variants, samples and covariates", () => {
    const report = {
      ...cohort.report,
      genotypesOnly: Array.from({ length: 14 }, (_, i) => `S${i}`),
      removed: 2,
      covariatesDropped: [{ name: "PC9", why: "constant" }],
    };
    const { tables } = mapReport(facts({ cohort: { ...cohort, report } }), [], {});
    const rows = Object.fromEntries(tables.map((table) => [table.title, table.rows]));
    expect(rows["Genes, by what became of them"]?.map((row) => row.slice(0, 2))).toEqual([
      ["ok", "3"],
      ["no-variants", "1"],
    ]);
    expect(rows["Variants, by what became of them"]?.map((row) => row.slice(0, 2))).toEqual([
      ["ok", "900"],
      ["filtered-maf", "88"],
      ["constant", "12"],
    ]);
    expect(rows["Samples"]).toEqual([
      ["Analysed", "100", ""],
      ["Left out by --keep or --remove", "2", ""],
      ["Only in data/geno.bed", "14", "S0, S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11 and 2 more"],
    ]);
    expect(rows["Covariates dropped"]).toEqual([["PC9", "constant"]]);
    expect(rows["Files written"]).toBeUndefined();
  });

  it("lists the strongest genes with allele, distance and q below the smallest double", () => {
    const [top] = mapReport(facts(), [], {}).tables;
    expect(top?.rows[0]).toEqual([
      "GENE2",
      "chr1",
      "rs2",
      "T / C",
      "0.250",
      "−1 kb",
      "0.250 ± 0.060",
      "1.0 × 10⁻⁴⁰⁰",
      "< 10⁻³⁰⁰",
    ]);
    const trans = facts({ map: { kind: "trans", pValue: 1e-5, distance: 5e6, allPairs: false } });
    expect(mapReport(trans, [], {}).tables[0]?.rows[2]?.slice(0, 4)).toEqual([
      "GENE4",
      "chrX:0.00",
      "rs4",
      "1:0.00",
    ]);
  });

  it("teaches how to read each figure", () => {
    const names = ["manhattan", "qq", "expression-by-genotype", "lead-distance", "variant-by-gene"] as const;
    const { figures } = mapReport(
      facts(),
      names.map((name) => ({ name, svg: `<svg ${name}/>` })),
      {},
    );
    expect(figures.map((figure) => figure.svg)).toEqual(names.map((name) => `<svg ${name}/>`));
    for (const { title, caption } of figures) {
      expect(title.length).toBeGreaterThan(10);
      expect(caption.length, caption).toBeGreaterThan(150);
      expect(caption).not.toMatch(/undefined|NaN|\$\{/);
    }
  });
});

describe("methodsText", () => {
  it("says what a cis map did", () => {
    expect(methodsText(facts()).join("\n\n")).toMatchSnapshot();
  });

  it("says what a trans map of the qtltools model with all filters did", () => {
    const map = { kind: "trans", pValue: 5e-8, distance: 5_000_000, allPairs: false } as const;
    const filters = { maf: 0.05, mac: 10, callRate: 0.9, hwe: 1e-6 };
    const changed = { ...cohort, filters, model: "qtltools", transform: "inverse-normal" } as const;
    expect(methodsText(facts({ map, cohort: changed })).join("\n\n")).toMatchSnapshot();
  });

  it("says so when there are no covariates and no filters", () => {
    const filters = { maf: 0, mac: 0, callRate: 0, hwe: 0 };
    const report = { ...cohort.report, covariatesUsed: [] };
    const tables = { genotypes: { name: "g" }, expression: { name: "e" } };
    const text = methodsText(
      facts({ cohort: { ...cohort, filters, report, tables, degreesOfFreedom: 98 } }),
    ).join(" ");
    expect(text).toContain("100 samples that have genotypes and expression.");
    expect(text).toContain("No filter was set on frequency or quality;");
    expect(text).toContain("without covariates (98 degrees of freedom, n − 2)");
  });
});
