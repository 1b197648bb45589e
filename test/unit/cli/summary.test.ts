import { describe, expect, test } from "vitest";
import type { GeneStatus, MapResult } from "../../../src/association/tables.ts";
import { levelFdr } from "../../../src/association/trans/permutationFdr.ts";
import {
  aligned,
  histogram,
  labelled,
  summaryLines,
  summaryText,
  TOP_COLUMNS,
  topRows,
} from "../../../src/cli/summary.ts";
import { strongestLeads } from "../../../src/report/leads.ts";
import type { MapFacts } from "../../../src/report/mapFacts.ts";
import { nullSampleOf } from "../../helpers/nullSample.ts";
import { facts as reportFacts } from "../report/fixtures.ts";

const NONE = Number.NaN;

/** Four genes: two significant, one not, one without variants. */
function facts(changes: Partial<MapFacts> = {}, counts: Partial<MapResult["counts"]> = {}): MapFacts {
  const status: GeneStatus[] = ["ok", "ok", "no-variants", "ok"];
  const result: MapResult = {
    leads: {
      status,
      numVariants: Float64Array.of(10, 20, 0, 30),
      leadVariant: Int32Array.of(5, 7, -1, 9),
      lead: {
        id: ["v5", "v7", "", "v9"],
        chromosome: ["1", "1", "", "2"],
        position: Int32Array.of(100, 90_000, 0, 5_000),
        effectAllele: ["A", "T", "", "G"],
        otherAllele: ["C", "TA", "", "T"],
        af: Float64Array.of(0.25, 0.5, 0, 0.015),
        maSamples: Int32Array.of(4, 8, 0, 1),
        maCount: Int32Array.of(5, 10, 0, 1),
      },
      slope: Float64Array.of(0.5, -0.923825, NONE, 0.1),
      slopeSe: Float64Array.of(0.1, 0.0763, NONE, 0.2),
      log10P: Float64Array.of(-6, -400.5, NONE, -0.2),
      log10Bonferroni: Float64Array.of(-5, -399.2, NONE, 0),
      qBonferroni: Float64Array.of(1.5e-5, 0, NONE, 1),
    },
    null: nullSampleOf(new Float64Array(60).fill(-0.3), 1.0234),
    tables: {},
    counts: {
      tests: 60,
      hits: 60,
      candidates: 60,
      pairsScreened: 0,
      pairsBy: {},
      backend: "wasm",
      variantsRead: 1234,
      variantsTested: 1200,
      dropped: { "filtered-maf": 30, constant: 4 },
      genes: { ok: 3, "no-variants": 1 },
      ...counts,
    },
  };
  const { cohort } = reportFacts();
  return reportFacts({
    map: { kind: "cis", window: 1e6, anchor: "tss" },
    result,
    cohort: {
      ...cohort,
      degreesOfFreedom: 303,
      report: { ...cohort.report, used: 358, covariatesUsed: Array.from({ length: 53 }, (_, k) => `PC${k}`) },
      genes: {
        id: ["g1", "g2", "g3", "g4"],
        chromosome: ["1", "1", "1", "2"],
        start: Int32Array.of(1100, 1000, 1, 4000),
        end: Int32Array.of(1200, 1100, 2, 4100),
        strand: ["+", "-", ".", "+"],
      },
    },
    ...changes,
  });
}

describe("the one-page check", () => {
  test("of a cis map", () => {
    expect(labelled(summaryLines(facts()))).toMatchSnapshot();
  });

  test("of a trans map", () => {
    const trans = facts(
      { map: { kind: "trans", pValue: 1e-5, distance: 5e6, allPairs: false } },
      { tests: 4000, hits: 2, candidates: 3, pairsScreened: 4000 },
    );
    expect(labelled(summaryLines(trans))).toMatchSnapshot();
  });

  test("of a trans map with cis signals projected out, and with permutations", () => {
    const map = {
      kind: "trans",
      pValue: 1e-5,
      distance: 5e6,
      allPairs: false,
      regressCis: "chr22-cis",
    } as const;
    const lineOf = (changes: Partial<MapResult>, label: string): string => {
      const made = facts({ map, result: { ...facts().result, ...changes } });
      return labelled(summaryLines(made).filter((line) => line.label === label));
    };
    expect(lineOf({}, "Cis signals")).toMatch(/Cis signals +projected out, 1 degree/);
    expect(lineOf({ cisSignals: { signals: 361, genes: 263 } }, "Cis signals")).toMatch(
      /Cis signals +361 leads of 263 genes projected out, 1 degree of freedom less for each \(chr22-cis\)/,
    );
    const level = levelFdr(Float64Array.of(-3, -9), Float64Array.of(-2, -5), 10);
    const permutations = {
      ...{ permutations: 10, locusDistance: 1e6, pair: level, gene: level, locus: level },
      ...{ fdrGene: new Float64Array(4), loci: [], fdrLocus: new Float64Array(0) },
      lead: { id: [], chromosome: [], position: new Int32Array(0), effectAllele: [], otherAllele: [] },
    };
    expect(lineOf({}, "Significant")).not.toMatch(/permutations/);
    expect(lineOf({ permutations }, "Significant")).toMatch(
      /the FDR lines rest on permutations: go by them where the two differ/,
    );
    const lines = (dominantSample: readonly string[]) => {
      const { cohort } = facts();
      const result = { ...facts().result, permutations };
      const made = facts({ map, result, cohort: { ...cohort, genes: { ...cohort.genes, dominantSample } } });
      return labelled(summaryLines(made).filter(({ label }) => label === "FDR's null"));
    };
    expect(lines(["", "", "", ""])).toBe("");
    expect(lines(["", "NA1", "", "NA2"])).toMatch(
      /^FDR's null +2 genes that one sample dominates are in the null of all \(their chance hits count against every gene; --transform/,
    );
  });

  test("of a run that tested nothing", () => {
    const base = facts();
    const status: GeneStatus[] = ["constant", "no-variants", "no-variants", "no-variants"];
    const nothing = {
      ...base,
      result: {
        ...base.result,
        leads: { ...base.result.leads, status, leadVariant: new Int32Array(4).fill(-1) },
        null: nullSampleOf(new Float64Array(0), NONE),
        counts: { ...base.result.counts, tests: 0, variantsTested: 0, genes: { "no-variants": 3 as const } },
      },
    };
    expect(labelled(summaryLines(nothing))).toMatchSnapshot();
  });
});

test("the strongest leads come first, genes without a lead do not come", () => {
  const leads = strongestLeads(facts(), 10);
  expect(leads.map((lead) => [lead.index, lead.gene])).toEqual([
    [1, "g2"],
    [0, "g1"],
    [3, "g4"],
  ]);
  expect(strongestLeads(facts(), 1)).toHaveLength(1);
  expect(aligned([TOP_COLUMNS, ...topRows(leads)], 3)).toMatchSnapshot();
});

test("one lead has no middle half", () => {
  const lines = summaryLines(facts({ significantQ: 1e-10 }));
  expect(lines.find((line) => line.label === "Lead distance")).toEqual({
    label: "Lead distance",
    value: "89 kb",
    note: "from the gene's first base; 1 significant lead",
  });
});

test("distances of --window-anchor body are those of its tables", () => {
  const text = labelled(summaryLines(facts({ map: { kind: "cis", window: 1e6, anchor: "body" } })));
  expect(text).toContain("-89 kb from the gene's nearest end");
});

test("a trans map says what passed the screen, unless there was none", () => {
  const written = (pValue: number) => {
    const trans = facts({ map: { kind: "trans", pValue, distance: 5e6, allPairs: false } });
    return summaryText(trans, "out", [], 1)
      .split("\n")
      .find((line) => line.startsWith("Written"));
  };
  expect(written(1e-5)).toBe("Written        60 pairs (of 60 that passed the screen)");
  expect(written(0.05)).toBe("Written        60 pairs");
});

test("long ids are shortened in the middle", () => {
  const base = facts();
  const long = `ENSG${"0".repeat(190)}.12345`;
  const genes = { ...base.cohort.genes, id: ["g1", long, "g3", "g4"] };
  const text = summaryText(facts({ cohort: { ...base.cohort, genes } }), "out", [], 1);
  expect(text).not.toContain(long);
  expect(text).toContain("ENSG00000000000…00000000.12345");
});

test("the histogram shows every count, the ends included", () => {
  expect(histogram([], 10, 5)).toBe("     ");
  expect(histogram([-10, 0, 0, 0, 0, 0, 0, 0, 0, 10], 10, 5)).toBe("▁ █ ▁");
});
