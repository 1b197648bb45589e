import { describe, expect, it } from "vitest";
import { besideLead, geneRange, leadPlace } from "../../../../src/app/page/parts/geneRange.ts";
import { madeGenes, madePairs } from "../../../helpers/page/madeMap.ts";

const genes = {
  ...madeGenes(2),
  chromosome: ["chr2", "chr23"],
  start: Int32Array.of(25_388_741, 1_000),
  end: Int32Array.of(25_388_741, 2_500),
  position: Int32Array.of(25_232_500, 3_000),
};

describe("where a gene and its lead lie", () => {
  it("names the chromosome once, and one base as one", () => {
    expect(geneRange(genes, 0)).toBe("chromosome 2, 25,388,741");
    expect(geneRange(genes, 1)).toBe("chromosome X, 1,000 to 2,500");
  });

  it("has a distance without a sign, on one chromosome alone, however the files name it", () => {
    expect(leadPlace(genes, 0, "2")).toBe("2:25.23 Mb, 156 kb before the first base");
    expect(leadPlace(genes, 1, "23")).toBe("X:0.00 Mb, 2 kb after the first base");
    expect(leadPlace(genes, 0, "X")).toBe("X:25.23 Mb, on another chromosome");
  });

  it("keeps the pairs of the lead's chromosome on its axis", () => {
    const pairs = { ...madePairs(genes, 0), chromosome: ["1", "2", "2", "X"] };
    expect(besideLead(pairs, 1)).toEqual([false, true, true, false]);
    expect(besideLead(pairs, -1)).toEqual([true, true, true, true]);
  });
});
