import { describe, expect, it } from "vitest";
import {
  effectByFrequency,
  frequencyBins,
  frequencyHistogram,
  genesByStatus,
  shareInterval,
  signShare,
} from "../../../src/report/checks.ts";
import { combineFixed, type ForestRow, forestPlot } from "../../../src/report/forest.ts";
import { classLines, interactionScatter } from "../../../src/report/interactionScatter.ts";
import { directionText, stackedPanels, zScatter } from "../../../src/report/locusCompare.ts";
import { networkPicture } from "../../../src/report/networkPicture.ts";
import type { Picture } from "../../../src/report/picture.ts";
import { canvas, uniform } from "./fixtures.ts";
import { dotsOf, expectSound, tenth } from "./pictures.ts";
import { madeGenes, madeRegion } from "./regionalFixtures.ts";

const EVIL = `<script>alert("1")</script>&'${"long".repeat(60)}`;
const nan = Number.NaN;
const row = (cohort: string, slope: number, slopeSe: number, samples = 100): ForestRow => ({
  cohort,
  slope,
  slopeSe,
  samples,
});
const small = madeRegion(14, { genes: madeGenes(17_400_000, 18_400_000, 4), focus: "ENSG00001" });
const z = (sign: number) => small.r2!.map((value, i) => sign * 6 * value + ((i % 5) - 2) / 2);
const interaction = {
  ...{
    gene: "GENE1",
    variant: "rs7",
    effectAllele: "T",
    otherAllele: "C",
    contextName: "Neutrophil share",
    log10P: -5.2,
  },
  genotype: Float64Array.of(0, 0, 0, 1, 1, 1, 2, 2, 2, nan, 1),
  context: Float64Array.of(0, 0.5, 1, 0, 0.5, 1, 0, 0.5, 1, 0.3, nan),
  expression: Float64Array.of(1, 1, 1, 1, 2, 3, 1, 3, 5, 2, 2),
};
const nodes = Array.from({ length: 7 }, (_, i) => ({
  label: `G${i}`,
  module: i % 2,
  membership: 0.9 - i / 10,
}));
const net = {
  ...{ nodes, from: [0, 1, 2, 3, 4, 5], to: [1, 2, 3, 4, 5, 6], weight: [0.5, 0.4, 0.3, 0.2, 0.1, 0.6] },
  ...{ colours: [], measure: "topological overlap", focus: 2 },
};
const pictures: Readonly<Record<string, () => Picture>> = {
  forest: () =>
    forestPlot(canvas, {
      rows: [row("A", 0.4, 0.1), row("B", 0.2, 0.2), row("C", nan, nan)],
      effectAllele: "T",
      summary: true,
    }),
  interaction: () => interactionScatter(canvas, interaction),
  "z-scatter": () => zScatter(canvas, { ...small, x: z(1), y: z(-1), xText: "GWAS", yText: "expression" }),
  "stacked-panels": () =>
    stackedPanels(canvas, {
      ...small,
      upper: { ...small, text: "expression" },
      lower: { ...madeRegion(9), text: "GWAS" },
    }),
  "effect-by-frequency": () =>
    effectByFrequency(canvas, {
      af: Float64Array.from({ length: 20 }, (_, i) => (i + 1) / 21),
      slope: Float64Array.from({ length: 20 }, (_, i) => (i % 7) - 3),
      least: 0.05,
    }),
  "sign-share": () =>
    signShare(canvas, {
      groups: [
        { text: "all", positive: 60, total: 110 },
        { text: "none", positive: 0, total: 0 },
      ],
    }),
  "frequency-histogram": () =>
    frequencyHistogram(canvas, {
      af: Float64Array.from({ length: 400 }, (_, i) => 0.02 + (i / 400) ** 2 * 0.9),
    }),
  "genes-by-status": () =>
    genesByStatus(canvas, {
      rows: [
        { text: "tested", genes: 90 },
        { text: "no variants", genes: 4, accent: true },
      ],
    }),
};

describe.each(Object.entries(pictures))("%s", (name, draw) => {
  it("looks as it did, and is sound", async () => {
    const picture = draw();
    expectSound(picture, name);
    expect(draw().svg).toBe(picture.svg);
    await expect(picture.svg).toMatchFileSnapshot(`snapshots/${name}.svg`);
  });
});

describe("network", () => {
  // Module colours are those of WGCNA, not the plots' own.
  const plain = (picture: Picture) => ({ ...picture, svg: picture.svg.replaceAll(' stroke="#808080"', "") });
  it("looks as it did, whatever the names and weights", async () => {
    const picture = networkPicture(net);
    expectSound(plain(picture));
    await expect(picture.svg).toMatchFileSnapshot("snapshots/network.svg");
    const hostile = {
      ...net,
      nodes: nodes.map((node) => ({ ...node, label: EVIL, membership: nan, module: 99 })),
      weight: [nan, -1, 0, 1e300, Number.POSITIVE_INFINITY, 1e-300],
      colours: ["red"],
      title: EVIL,
      measure: EVIL,
    };
    expectSound(plain(networkPicture(hostile)), "hostile");
    expect(networkPicture(hostile).svg).not.toContain("<script");
    const none = { ...net, nodes: [], from: [], to: [], weight: [], focus: undefined };
    expectSound(plain(networkPicture(none)), "none");
    expectSound(plain(networkPicture({ ...none, nodes: nodes.slice(0, 1) })), "one");
  });

  it("places each node where its circle is, and leaves out the least central of many", () => {
    const many = Array.from({ length: 400 }, (_, i) => ({
      label: `G${i}`,
      module: 0,
      membership: (i * 7_919) % 400,
    }));
    const { svg, x, y } = networkPicture({ ...net, nodes: many, focus: 0 });
    expect([...x].filter(Number.isNaN)).toHaveLength(100);
    // The focus stays, central or not.
    expect(x[0]).not.toBeNaN();
    x.forEach((at, node) => {
      expect(Number.isNaN(at)).toBe(node !== 0 && many[node]!.membership <= 100 && Number.isNaN(y[node]));
      if (!Number.isNaN(at))
        expect(svg).toContain(`cx="${Math.round(at * 100) / 100}" cy="${Math.round(y[node]! * 100) / 100}"`);
    });
  });
});

describe("hostile input", () => {
  it.each<[string, () => Picture]>([
    ["forest of nothing", () => forestPlot(canvas, { rows: [], effectAllele: "", summary: true })],
    [
      "forest of one without an error",
      () => forestPlot(canvas, { rows: [row(EVIL, 0, 0)], effectAllele: EVIL, title: EVIL, summary: true }),
    ],
    [
      "forest of sizes",
      () =>
        forestPlot(canvas, {
          rows: [
            row("a", 1e-300, 1e-300),
            row("b", 1e300, 1e200),
            row("c", -1, Number.POSITIVE_INFINITY),
            row("d", Number.POSITIVE_INFINITY, 1),
          ],
          effectAllele: "T",
          summary: true,
        }),
    ],
    [
      "forest of 60",
      () =>
        forestPlot(canvas, {
          rows: Array.from({ length: 60 }, (_, i) => row(`cohort ${i}`, i - 30, 0.5 + i)),
          effectAllele: "T",
        }),
    ],
    [
      "interaction of nobody",
      () => interactionScatter(canvas, { ...interaction, genotype: interaction.genotype.map(() => nan) }),
    ],
    [
      "interaction of one context",
      () =>
        interactionScatter(canvas, {
          ...interaction,
          context: interaction.context.map(() => 3),
          gene: EVIL,
          variant: EVIL,
          contextName: EVIL,
          valueLabel: EVIL,
          effectAllele: EVIL,
        }),
    ],
    [
      "interaction of tiny values",
      () =>
        interactionScatter(canvas, {
          ...interaction,
          expression: interaction.expression.map((value) => value * 1e-300),
          log10P: -4_000,
        }),
    ],
    [
      "z of nothing",
      () =>
        zScatter(canvas, {
          id: [],
          x: new Float64Array(0),
          y: new Float64Array(0),
          lead: -1,
          xText: "x",
          yText: "y",
        }),
    ],
    [
      "z of infinity and none",
      () =>
        zScatter(canvas, {
          id: [EVIL, "b", "c"],
          x: Float64Array.of(90, Number.POSITIVE_INFINITY, nan),
          y: Float64Array.of(-90, 1, 1),
          lead: 0,
          xText: EVIL,
          yText: EVIL,
          title: EVIL,
        }),
    ],
    [
      "z all zero",
      () =>
        zScatter(canvas, {
          id: ["a", "b"],
          x: new Float64Array(2),
          y: new Float64Array(2),
          lead: 5,
          xText: "x",
          yText: "y",
        }),
    ],
    [
      "panels without variants",
      () =>
        stackedPanels(canvas, {
          chromosome: "1",
          start: 1,
          end: 1,
          upper: { id: [], position: new Int32Array(0), log10P: new Float64Array(0), lead: -1, text: EVIL },
          lower: { id: [], position: new Int32Array(0), log10P: new Float64Array(0), lead: -1, text: "b" },
          genes: [],
        }),
    ],
    [
      "effects of nothing",
      () => effectByFrequency(canvas, { af: new Float64Array(0), slope: new Float64Array(0) }),
    ],
    [
      "effects that are no numbers",
      () =>
        effectByFrequency(canvas, {
          af: Float64Array.of(nan, 0, 1, 2, -1),
          slope: Float64Array.of(1, 0, Number.POSITIVE_INFINITY, 1, 1),
          least: 7,
        }),
    ],
    ["shares of nothing", () => signShare(canvas, { groups: [] })],
    [
      "shares with long names",
      () => signShare(canvas, { groups: [{ text: EVIL, positive: 1, total: 1 }], title: EVIL }),
    ],
    ["frequencies of nothing", () => frequencyHistogram(canvas, { af: new Float64Array(0) })],
    [
      "frequencies of one bin",
      () => frequencyHistogram(canvas, { af: Float64Array.of(0.5, 0.5, nan, 3, -1) }),
    ],
    ["statuses of nothing", () => genesByStatus(canvas, { rows: [] })],
    [
      "statuses with long names",
      () =>
        genesByStatus(canvas, {
          rows: [
            { text: EVIL, genes: 0 },
            { text: "b", genes: 60_000 },
          ],
        }),
    ],
  ])("%s", (name, draw) => {
    const picture = draw();
    expectSound(picture, name);
    expect(picture.svg).not.toContain("<script");
  });
});

describe("what is drawn", () => {
  it("of interactions says by whose unit effects change", () => {
    const rows = [row("A", 0.5, 0.1), row("B", 0.4, 0.2)];
    const axis = (context?: string) => forestPlot(canvas, { rows, effectAllele: "G", context }).svg;
    expect(axis("age")).toContain("Change of the effect per copy of G, per unit of age");
    expect(axis()).toContain(">Effect per copy of G<");
  });

  it("of z statistics lies at its places, each variant once", () => {
    const random = uniform(6);
    const n = 10_000;
    const x = Float64Array.from({ length: n }, (_, i) => (i % 10 === 0 ? nan : 8 * random() - 4));
    const y = Float64Array.from({ length: n }, () => 8 * random() - 4);
    const picture = zScatter(canvas, {
      id: Array.from({ length: n }, (_, i) => `v${i}`),
      x,
      y,
      lead: 1,
      xText: "x",
      yText: "y",
    });
    const dots = dotsOf(picture.svg);
    picture.x.forEach((at, i) => {
      expect(Number.isNaN(at)).toBe(i % 10 === 0);
      if (i % 10 !== 0 && i !== 1) expect(dots).toContain(`${tenth(at)} ${tenth(picture.y[i]!)}`);
    });
    expect(
      directionText(
        x,
        y,
        [...x.keys()].filter((i) => i % 10 !== 0),
      ),
    ).toMatch(/^Same direction in [\d,]+ of [\d,]+ with/);
    expect(directionText(Float64Array.of(3, 3, -3, 1), Float64Array.of(3, -3, -9, 9), [0, 1, 2, 3])).toBe(
      "Same direction in 2 of 3 with |z| above 2 in both",
    );
  });

  it("of a stack are the upper panel's variants, then the lower's, below it", () => {
    const lower = madeRegion(9);
    const { x, y } = stackedPanels(canvas, {
      ...small,
      upper: { ...small, text: "a" },
      lower: { ...lower, text: "b" },
    });
    expect(x).toHaveLength(23);
    expect(Math.max(...y.subarray(0, 14))).toBeLessThan(Math.min(...y.subarray(14)));
    // One axis for both.
    const at = (position: number) => (position - 17_400_000) / 1e6;
    const scale = (x[22]! - x[0]!) / (at(lower.position[8]!) - at(small.position[0]!));
    small.position.forEach((position, i) => {
      expect(x[i]).toBeCloseTo(x[0]! + scale * (at(position) - at(small.position[0]!)), 6);
    });
  });
});

describe("numbers of pictures", () => {
  it("a fixed-effects mean is that of the weights, with Q and I2", () => {
    // By hand: weights 100, 25 and 100.
    const mean = combineFixed([
      row("a", 0.4, 0.1),
      row("b", 0.2, 0.2),
      row("x", nan, 1),
      row("c", 0.9, 0.1),
    ])!;
    expect(mean.cohorts).toBe(3);
    expect(mean.slope).toBeCloseTo(135 / 225, 12);
    expect(mean.slopeSe).toBeCloseTo(1 / 15, 12);
    expect(mean.q).toBeCloseTo(100 * 0.04 + 25 * 0.16 + 100 * 0.09, 12);
    expect(mean.i2).toBeCloseTo((17 - 2) / 17, 12);
    expect(combineFixed([row("a", 1, 0.5)])).toMatchObject({ slope: 1, slopeSe: 0.5, i2: nan });
    expect(combineFixed([row("a", 1, 0.5), row("b", 1, 0.5)])!.i2).toBe(0);
    expect(combineFixed([row("a", nan, nan)])).toBeUndefined();
  });

  it("the lines of genotype classes are those of least squares", () => {
    const lines = classLines(interaction.genotype, interaction.expression, interaction.context);
    expect(lines.map(({ copies, n, intercept, slope }) => [copies, n, intercept, slope])).toEqual([
      [0, 3, 1, 0],
      [1, 3, 1, 2],
      [2, 3, 1, 4],
    ]);
  });

  it("the interval of a share is Wilson's", () => {
    // 15 of 148: Newcombe (1998), table I.
    const [low, high] = shareInterval(15, 148);
    expect(low).toBeCloseTo(0.0624, 4);
    expect(high).toBeCloseTo(0.1605, 4);
    expect(shareInterval(0, 0)).toEqual([0, 1]);
    expect(shareInterval(0, 10)[0]).toBe(0);
  });

  it("frequency bins hold all variants, and expect as many as there are above the first", () => {
    const random = uniform(2);
    const bins = frequencyBins(Float64Array.from({ length: 5_000 }, () => 0.05 + 0.9 * random()));
    const sum = (of: "count" | "expected", from: number) =>
      bins.slice(from).reduce((all, bin) => all + bin[of], 0);
    expect(sum("count", 0)).toBe(5_000);
    const first = bins.findIndex((bin) => bin.count > 0);
    expect(bins.slice(0, first + 1).every((bin) => Number.isNaN(bin.expected))).toBe(true);
    expect(sum("expected", first + 1)).toBeCloseTo(sum("count", first + 1), 6);
    // The folded neutral spectrum: (1/f + 1/(1-f)) at the middles of two bins.
    const at = (f: number) => 1 / f + 1 / (1 - f);
    expect(bins[10]!.expected / bins[20]!.expected).toBeCloseTo(at(0.21) / at(0.41), 9);
  });
});
