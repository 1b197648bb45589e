import { describe, expect, test } from "vitest";
import { looksTransposed, suggestionText, suggestMapping } from "../../../src/cohort/suggest.ts";

const IDS = ["HG00096", "HG00097", "NA12878", "NA20502"];
const made = (change: (id: string) => string) => IDS.map(change);

describe("suggested mappings", () => {
  test.each([
    ["Windows line ends", made((id) => `${id}\r`), IDS],
    ["quotation marks", made((id) => `"${id}"`), IDS],
    ["0 as family id (0_IID)", made((id) => `0_${id}`), IDS],
    ["the id twice (FID_IID)", made((id) => `${id}_${id}`), IDS],
    ["family and individual id joined (FID_IID)", IDS.map((id, i) => `F${i}_${id}`), IDS],
    ["the version of Ensembl ids", ["ENSG1.4", "ENSG2.15"], ["ENSG1.3", "ENSG2"]],
    ["an X before digits (R's make.names)", ["X101", "X102"], ["101", "102"]],
    ["- for _ or .", ["A-1", "A-2"], ["A_1", "A_2"]],
    ["- for _ or .", ["A.1", "B.2"], ["A_1", "B_2"]],
    ["upper and lower case", made((id) => id.toLowerCase()), IDS],
    ['the prefix "cohort1:"', made((id) => `cohort1:${id}`), IDS],
    ['the suffix "-rna"', IDS, made((id) => `${id}-rna`)],
    ['what follows the second "-"', ["GTEX-AA11", "GTEX-BB22"], ["GTEX-AA11-0001", "GTEX-BB22-0526"]],
  ])("%s", (difference, a, b) => {
    const suggestion = suggestMapping(a, b)!;
    expect(suggestion.difference).toBe(difference);
    expect(suggestion.matched).toBe(Math.min(a.length, b.length));
    expect(suggestion.pairs).toEqual(a.map((id, i) => [id, b[i]]));
    const turned = suggestMapping(b, a)!;
    expect(turned.matched).toBe(suggestion.matched);
    expect(turned.pairs).toEqual(b.map((id, i) => [id, a[i]]));
  });

  test("says nothing where nothing helps, or ids agree already, or two ids would share a name", () => {
    expect(suggestMapping(IDS, ["a", "b", "c", "d"])).toBeUndefined();
    expect(suggestMapping(IDS, IDS)).toBeUndefined();
    expect(suggestMapping(["A-1", "A_1"], ["A.1", "B"])).toBeUndefined();
    expect(suggestMapping([], [])).toBeUndefined();
  });

  test("in words", () => {
    const suggestion = suggestMapping(
      made((id) => `0_${id}`),
      [...IDS, "more"],
    )!;
    expect(suggestionText(suggestion, "the genotypes", "the expression")).toBe(
      '4 of 4 would match but for 0 as family id (0_IID): "0_HG00096" in the genotypes is "HG00096" in the expression',
    );
  });

  test("a transposed table has samples where genes should be", () => {
    const samples = new Set(IDS);
    expect(looksTransposed(IDS, ["gene1", "gene2"], samples)).toBe(true);
    expect(looksTransposed(["gene1", "gene2"], IDS, samples)).toBe(false);
    expect(looksTransposed(["gene1"], ["other"], samples)).toBe(false);
  });
});
