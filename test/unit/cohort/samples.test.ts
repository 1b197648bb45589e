import { describe, expect, test } from "vitest";
import { matchSamples, type SampleLists } from "../../../src/cohort/samples.ts";

function lists(over: Partial<SampleLists> = {}): SampleLists {
  return {
    genotypes: { name: "geno.fam", samples: ["a", "b", "c", "d"] },
    expression: { name: "expr.bed", samples: ["x", "c", "b", "a"] },
    covariates: { name: "cov.tsv", samples: ["a", "c", "z", "b"] },
    coupling: undefined,
    keep: undefined,
    remove: undefined,
    ...over,
  };
}

describe("matching samples", () => {
  test("keeps the genotype file's order and says who is alone where", () => {
    const match = matchSamples(lists());
    expect(match.samples).toEqual(["a", "b", "c"]);
    expect([...match.genotypeIndex]).toEqual([0, 1, 2]);
    expect([...match.expressionIndex]).toEqual([3, 2, 1]);
    expect([...match.covariateIndex]).toEqual([0, 3, 1]);
    expect(match.genotypesOnly).toEqual(["d"]);
    expect(match.expressionOnly).toEqual(["x"]);
    expect(match.covariatesOnly).toEqual(["z"]);
    expect(match.withoutCovariates).toEqual([]);
  });

  test("couples ids, finding covariates by either", () => {
    const coupling = {
      name: "c.tsv",
      genotypeSample: ["d", "a", "q"],
      expressionSample: ["x", "b", "a"],
      donor: [],
    };
    const match = matchSamples(lists({ coupling, covariates: { name: "cov", samples: ["d", "b"] } }));
    expect(match.samples).toEqual(["b", "x"]);
    expect([...match.genotypeIndex]).toEqual([0, 3]);
    expect([...match.covariateIndex]).toEqual([1, 0]);
    expect(match.unknown).toEqual(["q"]);
    expect(match.genotypesOnly).toEqual(["b", "c"]);
  });

  test("keeps, removes, and lists the ids that are nowhere", () => {
    const match = matchSamples(lists({ keep: ["a", "b", "nobody"], remove: ["b"] }));
    expect(match.samples).toEqual(["a"]);
    expect(match.removed).toBe(2);
    expect(match.unknown).toEqual(["nobody"]);
  });

  test("names samples that only the covariates lack", () => {
    const match = matchSamples(lists({ covariates: { name: "cov.tsv", samples: ["a", "b"] } }));
    expect(match.withoutCovariates).toEqual(["c"]);
  });

  test("explains why nobody is left", () => {
    expect(() => matchSamples(lists({ remove: ["a", "b", "c"] }))).toThrowErrorMatchingInlineSnapshot(
      `[InputError: --keep/--remove: leave none of the 3 samples that the files share]`,
    );
    const strangers = { name: "expr.bed", samples: ["GTEX-a"] };
    expect(() => matchSamples(lists({ expression: strangers }))).toThrowErrorMatchingInlineSnapshot(
      `[InputError: expr.bed: no samples in common with geno.fam (GTEX-a here, a there); give --coupling FILE with genotype id and expression id, or make the ids agree]`,
    );
    const others = { name: "cov.tsv", samples: ["A", "B"] };
    expect(() => matchSamples(lists({ covariates: others }))).toThrowErrorMatchingInlineSnapshot(
      `[InputError: cov.tsv: has none of the 3 samples that genotypes and expression share (cov.tsv has A, the others a); 2 of 2 would match but for upper and lower case: "a" in the others is "A" in the covariates; make the ids agree]`,
    );
  });
});
