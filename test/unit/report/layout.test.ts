import { describe, expect, it } from "vitest";
import { geneLayout, genomePlacer, spanAt, variantLayout } from "../../../src/report/layout.ts";
import { genes } from "./fixtures.ts";

const source = {
  chromosomes: ["chr10", "chrX", "chr2"],
  chromosomeCode: Uint16Array.of(0, 0, 1, 2, 2),
  position: Int32Array.of(500, 1_500, 40, 100, 300),
};

describe("genome layout", () => {
  it("lays chromosomes end to end in karyotype order, each from its first to its last position", () => {
    const layout = variantLayout(source);
    expect(layout.spans.map((span) => span.name)).toEqual(["2", "10", "X"]);
    expect(layout.spans.map((span) => [span.first, span.last])).toEqual([
      [100, 300],
      [500, 1_500],
      [40, 40],
    ]);
    expect(layout.length).toBeCloseTo(1_200 * 1.06, 9);
  });

  it("places names with and without chr, and gives NaN off the axis", () => {
    const place = genomePlacer(variantLayout(source));
    expect(place("2", 100)).toBe(0);
    expect(place("chr2", 300)).toBe(200);
    expect(place("chr2", 301)).toBeNaN();
    expect(place("7", 100)).toBeNaN();
    expect(place("7", 100)).toBeNaN();
  });

  it("finds the chromosome of a coordinate again", () => {
    const layout = variantLayout(source);
    const place = genomePlacer(layout);
    expect(spanAt(layout, place("2", 300))).toBe(0);
    expect(spanAt(layout, place("10", 500))).toBe(1);
    expect(spanAt(layout, place("X", 40))).toBe(2);
  });

  it("holds genes from the first start to the last end, and has no gap with one chromosome", () => {
    expect(geneLayout(genes).spans[0]).toEqual({ name: "1", first: 1_000, last: 51_000, offset: 0 });
    const one = variantLayout({ ...source, chromosomeCode: new Uint16Array(5) });
    expect(one.length).toBe(1_460);
  });

  it("merges a chromosome that is written in two ways", () => {
    const layout = variantLayout({ ...source, chromosomes: ["chr1", "1", "2"] });
    expect(layout.spans.map((span) => [span.name, span.first, span.last])).toEqual([
      ["1", 40, 1_500],
      ["2", 100, 300],
    ]);
  });
});
