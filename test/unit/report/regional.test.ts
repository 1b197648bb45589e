import { describe, expect, it } from "vitest";
import { geneTrack, placeGenes } from "../../../src/report/geneTrack.ts";
import { LD_CLASSES, ldClass } from "../../../src/report/ldColours.ts";
import { type RegionalData, regionalPlot } from "../../../src/report/regional.ts";
import { canvas, uniform } from "./fixtures.ts";
import { dotsOf, expectSound, tenth } from "./pictures.ts";
import { madeGenes, madeRegion } from "./regionalFixtures.ts";

const EVIL = `<script>alert("1")</script>&'${"long".repeat(80)}`;

const none: RegionalData = {
  ...{ chromosome: "1", start: 1_000, end: 2_000, id: [], lead: -1 },
  ...{ position: new Int32Array(0), log10P: new Float64Array(0) },
};

describe("a regional plot", () => {
  it("looks as it did", async () => {
    const small = madeRegion(24, {
      chosen: 3,
      genes: madeGenes(17_400_000, 18_400_000, 6),
      focus: "ENSG00002",
    });
    await expect(regionalPlot(canvas, small).svg).toMatchFileSnapshot("snapshots/regional.svg");
  });

  it("draws each variant at its place, once, and nothing outside the region", () => {
    const whole = madeRegion(300, { set: undefined });
    const data = { ...whole, start: 17_600_000, end: 18_200_000 };
    const picture = regionalPlot(canvas, data);
    expectSound(picture);
    const dots = dotsOf(picture.svg);
    const inside = data.position.map((at) => Number(at >= data.start && at <= data.end));
    let places = 0;
    picture.x.forEach((x, i) => {
      expect(Number.isNaN(x), data.id[i]).toBe(inside[i] === 0);
      if (Number.isNaN(x) || i === data.lead) return;
      expect(dots, data.id[i]).toContain(`${tenth(x)} ${tenth(picture.y[i]!)}`);
      places++;
    });
    expect(places).toBeGreaterThan(100);
    expect((picture.svg.match(/M[\d.-]+,[\d.-]+h0/g) ?? []).length).toBe(places);
    expect(picture.svg).toContain(`transform="translate(${Math.round(picture.x[data.lead]! * 100) / 100} `);
  });

  it("is higher where p is smaller, further right where the position is greater", () => {
    const data = madeRegion(50);
    const { x, y } = regionalPlot(canvas, data);
    for (let i = 1; i < 50; i++) {
      expect(x[i]! >= x[i - 1]!).toBe(true);
      expect(Math.sign(y[i]! - y[i - 1]!)).toBe(Math.sign(data.log10P[i]! - data.log10P[i - 1]!));
    }
  });

  it.each<[string, RegionalData]>([
    ["nothing", none],
    ["no genes", { ...none, genes: [] }],
    [
      "one variant, alone on one base",
      {
        ...none,
        start: 5,
        end: 5,
        id: ["v"],
        lead: 0,
        position: Int32Array.of(5),
        log10P: Float64Array.of(-3),
      },
    ],
    [
      "p of 1e-4000, 0 and none",
      madeRegion(4, {
        log10P: Float64Array.of(-4_000, Number.NEGATIVE_INFINITY, Number.NaN, -1),
        lead: 1,
        chosen: 2,
      }),
    ],
    ["a lead and a chosen one that are not there", madeRegion(20, { lead: 99, chosen: -5 })],
    ["equal positions", madeRegion(40, { position: new Int32Array(40).fill(17_800_000) })],
    [
      "names from hell",
      madeRegion(9, {
        id: Array.from({ length: 9 }, () => EVIL),
        title: EVIL,
        label: "p",
        chromosome: EVIL,
        chosen: 4,
        threshold: { log10P: -3, text: EVIL },
        genes: madeGenes(17_400_000, 18_400_000, 3).map((gene) => ({ ...gene, symbol: EVIL })),
      }),
    ],
    ["no r2 known", madeRegion(12, { r2: new Float64Array(12).fill(Number.NaN) })],
    ["r2 out of its range", madeRegion(3, { r2: Float64Array.of(-0.1, 1.0000001, 1) })],
    ["many sets", madeRegion(40, { set: Int32Array.from({ length: 40 }, (_, i) => i) })],
    [
      "recombination that is no number, and none here",
      madeRegion(9, {
        recombination: { position: Int32Array.of(1, 17_500_000), rate: Float64Array.of(3, Number.NaN) },
      }),
    ],
    [
      "a hotspot of 5,000 cM/Mb",
      madeRegion(9, { recombination: { position: Int32Array.of(17_500_000), rate: Float64Array.of(5_000) } }),
    ],
    ["10,000 variants and 300 genes", madeRegion(10_000, { genes: madeGenes(17_400_000, 18_400_000, 300) })],
  ])("is drawn of %s", (seen, data) => {
    const picture = regionalPlot(canvas, data);
    expectSound(picture, seen);
    expect(picture.x).toHaveLength(data.position.length);
    expect(picture.svg).not.toContain("<script");
    expect(regionalPlot(canvas, data).svg).toBe(picture.svg);
  });

  it("shows p = 0 at the top and leaves out what has no p", () => {
    const { y } = regionalPlot(
      canvas,
      madeRegion(3, { log10P: Float64Array.of(Number.NEGATIVE_INFINITY, -8, Number.NaN), lead: 1 }),
    );
    expect(y[0]).toBeLessThan(y[1]!);
    expect(y[2]).toBeNaN();
  });
});

describe("LD classes", () => {
  it("hold their lower end", () => {
    const texts = [0, 0.1999, 0.2, 0.4, 0.6, 0.7999, 0.8, 1, 1.1, -0.1, Number.NaN, undefined].map(
      (r2) => LD_CLASSES[ldClass(r2)]!.text,
    );
    expect(texts).toEqual([
      "0–0.2",
      "0–0.2",
      "0.2–0.4",
      "0.4–0.6",
      "0.6–0.8",
      "0.6–0.8",
      "0.8–1",
      "0.8–1",
      "0.8–1",
      "0–0.2",
      "unknown",
      "unknown",
    ]);
  });
});

describe("gene lanes", () => {
  it.each([1, 2, 3, 4, 5])("never run into each other, seed %d", (seed) => {
    const random = uniform(seed);
    const genes = madeGenes(0, 1e6, 5 + Math.floor(random() * 80), seed);
    const { placed, left } = placeGenes(
      { genes, focus: "ENSG00003", start: 1e5, end: 9e5 },
      { left: 40, right: 740, top: 0 },
    );
    expect(placed.length + left).toBe(genes.filter((gene) => gene.end >= 1e5 && gene.start <= 9e5).length);
    const ofFocus = placed.find(({ gene }) => gene.id === "ENSG00003");
    if (ofFocus !== undefined) expect(ofFocus.lane).toBe(0);
    const room = placed.map((one) => {
      const half = one.name.length * 3.4;
      return {
        lane: one.lane,
        from: Math.min(one.x1, one.nameX - half),
        to: Math.max(one.x2, one.nameX + half),
      };
    });
    room.forEach((a, i) => {
      for (const b of room.slice(i + 1))
        if (a.lane === b.lane) expect(a.to <= b.from || b.to <= a.from, `seed ${seed}`).toBe(true);
    });
  });
});

it("exons are thin where they are not translated, and as thick as before where the file does not say", () => {
  const gene = { id: "G", symbol: "", strand: "+" as const, start: 100, end: 900 };
  const exons = Int32Array.of(100, 300, 800, 900);
  const boxes = (coding?: Int32Array) =>
    [
      ...geneTrack(
        { genes: [{ ...gene, exons, coding }], start: 0, end: 1_000 },
        { left: 0, right: 1_000, top: 0 },
      ).markup.matchAll(/M([\d.]+),[\d.]+H([\d.]+)v(\d+)H/g),
    ].map(([, from, to, height]) => [from, to, height].map(Number));
  expect(boxes()).toEqual([
    [100, 300, 9],
    [800, 900, 9],
  ]);
  expect(boxes(Int32Array.of(200, 300))).toEqual([
    [100, 300, 5],
    [800, 900, 5],
    [200, 300, 9],
  ]);
  expect(boxes(new Int32Array(0))).toEqual([
    [100, 300, 5],
    [800, 900, 5],
  ]);
});
