import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import type { Points } from "../../../src/report/collect.ts";
import { correlationMap, MOST_ROWS } from "../../../src/report/correlationMap.ts";
import { expressionByGenotype, type GenotypeData, genotypeClasses } from "../../../src/report/genotype.ts";
import { variantLayout } from "../../../src/report/layout.ts";
import { distanceBins, leadDistance, medianSize, wholeTicks } from "../../../src/report/leadDistance.ts";
import { manhattan } from "../../../src/report/manhattan.ts";
import { pcScatter } from "../../../src/report/pcScatter.ts";
import { qq } from "../../../src/report/qq.ts";
import { scree } from "../../../src/report/scree.ts";
import { COLOURS, MAX_POINTS } from "../../../src/report/svg.ts";
import { titrationCurve } from "../../../src/report/titrationCurve.ts";
import { transDots } from "../../../src/report/transDots.ts";
import { canvas, uniform } from "./fixtures.ts";

const EVIL = `<script>alert("1")</script>&'\u0000`;
const ESCAPED = "&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;&#38;&#39;";

const one = variantLayout({
  chromosomes: ["chr22"],
  chromosomeCode: new Uint16Array(2),
  position: Int32Array.of(17_000_000, 18_000_000),
});
const two = variantLayout({
  chromosomes: ["1", "2"],
  chromosomeCode: Uint16Array.of(0, 0, 1, 1),
  position: Int32Array.of(1, 2_000_000, 1, 1_000_000),
});

function pointsOf(count: number, length: number, seed = 5): Points {
  const random = uniform(seed);
  return {
    x: Float64Array.from({ length: count }, () => random() * length),
    y: Float64Array.from({ length: count }, () => 9 * random() ** 2),
    gene: Int32Array.from({ length: count }, () => Math.floor(random() * 4)),
  };
}

const pair: GenotypeData = {
  gene: "GENE1",
  variant: "rs7",
  effectAllele: "T",
  otherAllele: "C",
  genotype: Float64Array.of(0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, Number.NaN),
  expression: Float64Array.of(1, 2, 3, 4, 10, 3, 4, 5, 6, 7, 8, 9),
  slope: 1.5,
  slopeSe: 0.25,
  log10P: -7.3,
};

const plots: Readonly<Record<string, () => string>> = {
  "manhattan-chromosome": () =>
    manhattan(canvas, {
      layout: one,
      points: pointsOf(12, one.length),
      labels: [{ text: "GENE1", chromosome: "22", position: 17_400_000, log10P: -8 }],
      line: { log10P: -6, text: "0.05 / 50,000 tests" },
    }),
  "manhattan-genome": () => manhattan(canvas, { layout: two, points: pointsOf(12, two.length) }),
  qq: () =>
    qq(canvas, { log10P: Float64Array.from({ length: 20 }, (_, i) => -((i / 5) ** 2)), lambda: 1.0456 }),
  "expression-by-genotype": () => expressionByGenotype(canvas, pair),
  "lead-distance": () =>
    leadDistance(canvas, {
      distance: Float64Array.of(-9e5, -100, 50, 3e4, 2e6),
      window: 1e6,
      from: "first base",
    }),
  "trans-dots": () =>
    transDots(canvas, {
      variants: two,
      genes: one,
      points: {
        x: Float64Array.of(10, 5e5, 2e6),
        y: Float64Array.of(6, 12, 30),
        gene: Int32Array.of(0, 1, 0),
      },
      geneTable: { chromosome: ["22", "chr22"], start: Int32Array.of(17_000_500, 17_900_000) },
    }),
  "pc-scatter": () =>
    pcScatter(canvas, {
      ...{ x: [-0.1, 0, 0.05, 0.9], y: [0.2, -0.1, 0, -0.7], xText: "PC1 (12%)", yText: "PC2 (3.4%)" },
      ...{ outliers: [{ sample: 3, name: "S<3>" }], limit: "6 SD" },
    }),
  scree: () =>
    scree(canvas, {
      ...{ share: [0.4, 0.1, 0.05, 0.03], elbow: 1, title: "Share of variance" },
      use: (k) => (k === 0 ? "used" : k === 2 ? "set aside" : "not used"),
    }),
  "titration-curve": () =>
    titrationCurve(canvas, {
      ...{ components: [0, 5, 10, 15], egenes: [12, 30, 33, 31], elbow: 5, maximum: 10, chosen: 10 },
    }),
  "correlation-map": () =>
    correlationMap(canvas, {
      ...{ rows: ["age", "batch=B"], columns: ["genotype_PC1", "unadjusted_PC1"] },
      r: Float64Array.of(0.9, -0.4, Number.NaN, 0.1),
    }),
};

describe.each(Object.entries(plots))("%s", (name, draw) => {
  it("looks as it did", async () => {
    await expect(draw()).toMatchFileSnapshot(`snapshots/${name}.svg`);
  });

  it("is the same each time, and stands on its own", () => {
    const svg = draw();
    expect(draw()).toBe(svg);
    expect(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg" class="qortex-plot" viewBox="0 0 ')).toBe(
      true,
    );
    expect(svg).toContain('role="img" aria-label="');
    expect(svg).toMatch(/\n<title>[^<]{10,}<\/title>\n/);
    expect(svg).not.toMatch(
      /currentColor|NaN|Infinity|undefined|var\(|\bid=|https?:\/\/(?!www\.w3\.org\/2000\/svg)/,
    );
    expect(svg).not.toMatch(/ (?:d|transform|[cr]?[xy]?[12]?)="[^"]*\d\.\d{3}/);
    const { document } = parseHTML(svg);
    const used = new Set(
      Array.from(document.querySelectorAll("[fill],[stroke]")).flatMap((element) =>
        [element.getAttribute("fill"), element.getAttribute("stroke")].filter((value) =>
          value?.startsWith("#"),
        ),
      ),
    );
    const known: readonly string[] = Object.values(COLOURS).map((colour) => colour.light);
    for (const colour of used) expect(known, `${colour} has no dark partner`).toContain(colour);
    for (const element of document.querySelectorAll("[fill^='#']")) {
      expect(element.getAttribute("class") ?? "", element.outerHTML.slice(0, 90)).toMatch(/qortex-plot|f-/);
    }
  });
});

describe("plots", () => {
  it("never draw more than the limit of points one by one: more of them are a picture", () => {
    const drawn = (svg: string) => (svg.match(/M[\d.-]+,[\d.-]+h0/g) ?? []).length;
    const pictures = (svg: string) => (svg.match(/<image /g) ?? []).length;
    const many = pointsOf(60_000, two.length);
    const genome = manhattan(canvas, { layout: two, points: many });
    expect([drawn(genome), pictures(genome)]).toEqual([0, 2]);
    const most = manhattan(canvas, { layout: two, points: pointsOf(MAX_POINTS, two.length) });
    expect([drawn(most), pictures(most)]).toEqual([MAX_POINTS, 0]);
    const geneTable = {
      chromosome: ["22", "22", "22", "22"],
      start: Int32Array.of(17e6, 17.2e6, 17.5e6, 18e6),
    };
    const dots = transDots(canvas, { variants: two, genes: one, points: many, geneTable });
    // Two of the three classes of strength: none is beyond 10⁻²⁰.
    expect([drawn(dots), pictures(dots)]).toEqual([0, 2]);
    const n = 50_000;
    const genotype = Float64Array.from({ length: n }, (_, i) => i % 3);
    const expression = Float64Array.from({ length: n }, (_, i) => (i * 7_919) % 1_000);
    expect(drawn(expressionByGenotype(canvas, { ...pair, genotype, expression }))).toBe(MAX_POINTS);
    expect(drawn(qq(canvas, { log10P: expression.map((value) => -value / 100), lambda: 1 }))).toBeLessThan(
      2_000,
    );
  });

  it("escape names in text and attributes", () => {
    const svg = expressionByGenotype(canvas, { ...pair, gene: EVIL, variant: EVIL, valueLabel: EVIL });
    expect(svg).not.toContain("<script");
    expect(svg.split(ESCAPED).length - 1).toBe(7);
    const labels = [{ text: EVIL, chromosome: "22", position: 17_500_000, log10P: -5 }];
    expect(manhattan(canvas, { layout: one, points: pointsOf(3, one.length), labels })).toContain(ESCAPED);
  });

  it("are drawn of nothing without falling over", () => {
    const none = { x: new Float64Array(0), y: new Float64Array(0), gene: new Int32Array(0) };
    expect(manhattan(canvas, { layout: one, points: none })).toContain("</svg>");
    expect(
      manhattan(canvas, {
        layout: variantLayout({
          chromosomes: [],
          chromosomeCode: new Uint16Array(0),
          position: new Int32Array(0),
        }),
        points: none,
      }),
    ).toContain("</svg>");
    expect(qq(canvas, { log10P: new Float64Array(0), lambda: Number.NaN })).toContain("</svg>");
    expect(leadDistance(canvas, { distance: new Float64Array(0), window: 0, from: "first base" })).toContain(
      "</svg>",
    );
    const empty = { x: [], y: [], xText: "x", yText: "y", outliers: [], limit: "6 SD" };
    expect(pcScatter(canvas, empty)).toContain("</svg>");
    expect(scree(canvas, { share: [], use: () => "used", elbow: 0, title: "none" })).toContain("</svg>");
    const flat = { components: [0], egenes: [0], elbow: 0, maximum: 0, chosen: 0 };
    expect(titrationCurve(canvas, flat)).not.toContain("NaN");
    const nobody = { genotype: Float64Array.of(Number.NaN), expression: Float64Array.of(1) };
    expect(expressionByGenotype(canvas, { ...pair, ...nobody })).toContain("n = 0");
  });
});

describe("axes", () => {
  const texts = (svg: string) =>
    Array.from(parseHTML(svg).document.querySelectorAll("text"), (text) => text.textContent ?? "");

  it("take the power of ten out of very small and very large expression", () => {
    for (const [size, power] of [
      [1e-310, "10⁻³⁰⁹"],
      [1e-9, "10⁻⁸"],
      [1e300, "10³⁰¹"],
    ] as const) {
      // In steps for 1e-310: what matters is that the picture is the same.
      const scaled = {
        ...pair,
        expression: pair.expression.map((value) => value * size),
        slope: pair.slope * size,
      };
      const seen = texts(expressionByGenotype(canvas, scaled));
      expect(seen, `${size}`).toContain(`Expression (× ${power})`);
      expect(seen.filter((text) => /^\d(\.\d)?$/.test(text)).length, `${size}`).toBeGreaterThan(3);
      const points = (svg: string) => /d="(M[\d.,]+h0[^"]*)"/.exec(svg)?.[1];
      expect(points(expressionByGenotype(canvas, scaled))).toBe(points(expressionByGenotype(canvas, pair)));
    }
    expect(texts(expressionByGenotype(canvas, pair))).toContain("Expression");
  });

  it("of genes are whole numbers, however few", () => {
    expect(wholeTicks(1, 5)).toEqual([0, 1]);
    expect(wholeTicks(7, 5)).toEqual([0, 2, 4, 6]);
    expect(wholeTicks(101, 5)).toEqual([0, 50, 100]);
    const svg = leadDistance(canvas, { distance: Float64Array.of(5), window: 100, from: "first base" });
    expect(svg).toContain("one lead, at 5 bp");
  });

  it("of a trans map start at its cut-off, and reach the line", () => {
    const points = { x: Float64Array.of(10), y: Float64Array.of(8.5), gene: Int32Array.of(0) };
    const line = { log10P: -9, text: "0.05 / 50,000,000 tests" };
    const ticks = (svg: string) => texts(svg).filter((text) => /^\d+\.\d$/.test(text));
    const trans = texts(manhattan(canvas, { layout: two, points, line, cutoff: 5 }));
    expect(trans).toContain("5.0");
    expect(trans).toContain("9.0");
    expect(trans).toContain(`– –  ${line.text}`);
    expect(ticks(manhattan(canvas, { layout: two, points, line })).length).toBe(0);
    expect(texts(manhattan(canvas, { layout: two, points, line, cutoff: 1.3 }))).toContain("0");
    const below = { log10P: -4, text: "0.05 / 500 tests" };
    expect(manhattan(canvas, { layout: two, points, line: below, cutoff: 5 })).not.toContain(below.text);
  });

  it("of a QQ plot hold the band, and no pairs have no lambda", () => {
    const few = qq(canvas, { log10P: Float64Array.of(-0.1, -0.6), lambda: 1 });
    const heights = [...(/<path d="(M[^"]*Z)"/.exec(few)?.[1] ?? "").matchAll(/,([\d.-]+)/g)].map((m) =>
      Number(m[1]),
    );
    expect(heights.length).toBeGreaterThan(3);
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(40);
    const none = qq(canvas, { log10P: new Float64Array(0), lambda: Number.NaN });
    expect(none).toContain("no pairs");
    expect(none).not.toContain("NaN");
  });
});

describe("correlations", () => {
  it("of many covariates show the strongest, in their order", () => {
    const rows = Array.from({ length: 60 }, (_, i) => `c${i}`);
    const r = Float64Array.from(rows, (_, i) => (i % 2 === 0 ? 0.9 : i / 100));
    const svg = correlationMap(canvas, { rows, columns: ["PC1"], r });
    const shown = Array.from(parseHTML(svg).document.querySelectorAll("text"), (text) => text.textContent);
    const names = shown.filter((text) => /^c\d+$/.test(text ?? ""));
    expect(names).toHaveLength(MOST_ROWS);
    expect(names).toContain("c58");
    expect(names).toContain("c59");
    expect(names).not.toContain("c1");
    expect(shown).toContain("the 40 strongest of 60");
  });
});

describe("genotypeClasses", () => {
  it("names classes by alleles, other allele first, and counts the called samples", () => {
    const classes = genotypeClasses(pair);
    expect(classes.map((group) => [group.label, group.n])).toEqual([
      ["CC", 5],
      ["CT", 5],
      ["TT", 1],
    ]);
    expect(classes[0]).toMatchObject({ q1: 2, median: 3, q3: 4, low: 1, high: 4 });
    expect(classes[1]).toMatchObject({ q1: 4, median: 5, q3: 6, low: 3, high: 7 });
  });

  it("puts dosages in the nearest class, and shortens long alleles", () => {
    const [, middle] = genotypeClasses({
      ...pair,
      effectAllele: "CTTGATTACA",
      genotype: pair.genotype.map((g) => g + 0.3),
    });
    expect(middle).toMatchObject({ label: "C/CTTGAT…", n: 5 });
  });
});

describe("lead distances", () => {
  it("are counted in bins of equal width, what lies beyond in the outer ones", () => {
    const bins = distanceBins(Float64Array.of(-5_000, -1_000, -1, 0, 999, 4_000, Number.NaN), 1_000, 4);
    expect(bins.map((bin) => bin.count)).toEqual([2, 1, 1, 2]);
    expect(bins.map((bin) => bin.from)).toEqual([-1_000, -500, 0, 500]);
  });

  it("have a median of sizes", () => {
    expect(medianSize(Float64Array.of(-10, 2, Number.NaN, 4))).toBe(4);
    expect(medianSize(Float64Array.of(-10, 2))).toBe(6);
    expect(medianSize(new Float64Array(0))).toBeNaN();
  });
});
