import { describe, expect, it } from "vitest";
import { absentText, figureNames } from "../../../src/report/captions.ts";
import {
  leadDistances,
  leadPlace,
  significantDistances,
  significantLeads,
  strongestLeads,
} from "../../../src/report/leads.ts";
import { mapReport } from "../../../src/report/mapReport.ts";
import { methodsText } from "../../../src/report/methods.ts";
import { nullSampleOf } from "../../helpers/nullSample.ts";
import { facts, leads, result } from "./fixtures.ts";

const cohort = facts().cohort;

describe("leads", () => {
  it("come strongest first, without the genes that have none", () => {
    expect(strongestLeads(facts()).map((lead) => [lead.index, lead.gene, lead.variant])).toEqual([
      [1, "GENE2", "rs2"],
      [0, "GENE1", "rs1"],
      [3, "GENE4", "rs4"],
    ]);
    expect(strongestLeads(facts(), 1)).toHaveLength(1);
  });

  it("come in the order of q: by p times the variants, then by p", () => {
    const changed = { ...leads, log10Bonferroni: Float64Array.of(-399, -398, Number.NaN, -398) };
    const order = strongestLeads(facts({ result: { ...facts().result, leads: changed } }));
    expect(order.map((lead) => lead.gene)).toEqual(["GENE1", "GENE2", "GENE4"]);
  });

  it("lie as far from their gene as the tables say, and nowhere on another chromosome", () => {
    const body = facts({ map: { kind: "cis", window: 1e6, anchor: "body" } });
    expect(Array.from(leadDistances(facts()))).toEqual([500, 5_000, Number.NaN, Number.NaN]);
    expect(Array.from(leadDistances(body))).toEqual([0, -1_000, Number.NaN, Number.NaN]);
    expect(Array.from(significantDistances(facts({ significantQ: 1e-100 })))).toEqual([5_000]);
    const places = strongestLeads(body).map((lead) => leadPlace(lead, body.map));
    expect(places).toEqual([
      "-1 kb from the gene's nearest end",
      "0 bp from the gene's nearest end",
      "on another chromosome",
    ]);
  });

  it("are significant at q, NaN never", () => {
    expect(significantLeads(facts()).map((lead) => lead.gene)).toEqual(["GENE1", "GENE2"]);
    expect(significantLeads(facts({ significantQ: 1 }))).toHaveLength(3);
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
      ["P of the strongest gene", "1.0 × 10⁻⁴⁰⁰"],
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
      "5 kb",
      "0.250 ± 0.060",
      "1.0 × 10⁻⁴⁰⁰",
      "< 10⁻³⁰⁰",
    ]);
    const trans = facts({ map: { kind: "trans", pValue: 1e-5, distance: 5e6, allPairs: false } });
    expect(mapReport(trans, [], {}).tables[0]?.rows[2]?.slice(0, 4)).toEqual([
      "GENE4",
      "X:0.00",
      "rs4",
      "1:0.00",
    ]);
  });

  it("shortens long ids, and keeps the whole beside them", () => {
    const long = `ENSG${"0".repeat(190)}.12345`;
    const genes = { ...cohort.genes, id: ["GENE1", long, "GENE3", "GENE4"] };
    const [top] = mapReport(facts({ cohort: { ...cohort, genes } }), [], {}).tables;
    expect(top?.rows[0]?.[0]).toEqual({ text: "ENSG00000000000…00000000.12345", title: long });
  });

  it("shows only figures that have something in them, and says why others are missing", () => {
    const trans = { kind: "trans", pValue: 1e-5, distance: 5e6, allPairs: false } as const;
    const without = { ...leads, leadVariant: new Int32Array(4).fill(-1) };
    const empty = { ...result, leads: without, counts: { ...result.counts, hits: 0 } };
    expect(figureNames(facts())).toEqual(["manhattan", "qq", "expression-by-genotype", "lead-distance"]);
    expect(absentText(facts())).toEqual([]);
    expect(figureNames(facts({ map: trans }))).toContain("variant-by-gene");
    expect(figureNames(facts({ map: trans, result: empty }))).toEqual(["qq"]);
    expect(absentText(facts({ map: trans, result: empty }))).toEqual([
      "No pair reached p ≤ 10⁻⁵, so there is no plot of pairs.",
    ]);
    expect(absentText(facts({ result: { ...result, leads: without } }))).toEqual([
      "No gene reached q ≤ 0.05, so there is no plot of where lead variants lie.",
    ]);
    const nothing = {
      ...empty,
      null: nullSampleOf(new Float64Array(0), Number.NaN),
      counts: { ...empty.counts, tests: 0 },
    };
    expect(figureNames(facts({ result: nothing }))).toEqual([]);
    const page = mapReport(facts({ result: nothing }), [], {});
    expect(page.figuresNote).toEqual(["Nothing was tested, so there is nothing to draw."]);
    expect(JSON.stringify(page)).not.toContain("NaN");
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

  it("says that all pairs were computed where the limit on p is lax, in good English", () => {
    const map = { kind: "trans", pValue: 0.5, distance: 0, allPairs: true } as const;
    const text = methodsText(facts({ map, cohort: { ...cohort, degreesOfFreedom: 1 } })).join(" ");
    expect(text).toContain("An eQTL map of all pairs was computed");
    expect(text).toContain(
      "All were computed in double precision, and those with p ≤ 0.5 kept: 12 reached it.",
    );
    expect(text).toContain("1 degree of freedom,");
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
