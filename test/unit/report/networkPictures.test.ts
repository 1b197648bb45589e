import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { cytoscapeJson, gexf, graphMl } from "../../../src/formats/graphFiles.ts";
import { overlapCells } from "../../../src/network/overlapCells.ts";
import { MOST_GENES, modulePage, modulePicture } from "../../../src/report/modulePicture.ts";
import { overlapMap } from "../../../src/report/overlapMap.ts";
import { permutation, uniform } from "../../../src/statistics/random.ts";

const table = {
  name: "net",
  ids: ["a", 'b"<', "c"],
  labels: ["A & co", "B", "C"],
  nodeAttributes: [
    { name: "community", type: "integer", values: [1, 1, 2] },
    { name: "score", type: "double", values: [0.5, Number.NaN, -2] },
  ],
  first: [0, 1],
  second: [1, 2],
  weight: [0.25, 3],
} as const;

describe("graph files", () => {
  test("GraphML has the nodes, values and edges, well-formed", () => {
    const { document } = parseHTML(graphMl(table));
    expect(document.querySelectorAll("node")).toHaveLength(3);
    expect(document.querySelectorAll("node")[1]!.getAttribute("id")).toBe('b"<');
    expect(document.querySelectorAll("node")[0]!.querySelector('data[key="label"]')!.textContent).toBe(
      "A & co",
    );
    // NaN has no value.
    expect(document.querySelectorAll('data[key="n1"]')).toHaveLength(2);
    expect([...document.querySelectorAll('data[key="weight"]')].map((one) => one.textContent)).toEqual([
      "0.25",
      "3",
    ]);
  });

  test("GEXF has the same", () => {
    const text = gexf(table);
    expect(text).toContain(
      '<node id="a" label="A &#38; co"><attvalues><attvalue for="0" value="1"/><attvalue for="1" value="0.5"/></attvalues></node>',
    );
    expect(text).toContain('<edge id="1" source="b&#34;&#60;" target="c" weight="3"/>');
    expect(text.match(/<attvalue /g)).toHaveLength(5);
  });

  test("Cytoscape's JSON too", () => {
    const { elements, data } = JSON.parse(cytoscapeJson(table));
    expect(data.name).toBe("net");
    expect(elements.nodes[1].data).toEqual({ id: 'b"<', name: "B", community: 1 });
    expect(elements.edges[1].data).toEqual({ id: "e1", source: 'b"<', target: "c", weight: 3 });
  });
});

describe("pictures", () => {
  const star = (n: number) => ({
    title: "A <module>",
    labels: Array.from({ length: n }, (_, i) => `gene${i}`),
    centrality: Array.from({ length: n }, (_, i) => (i === 7 ? 10 : 1 / (1 + i))),
    first: Array.from({ length: n - 1 }, () => 7),
    second: Array.from({ length: n - 1 }, (_, i) => (i < 7 ? i : i + 1)),
    weight: Array.from({ length: n - 1 }, () => 0.5),
  });
  const circles = (svg: string) =>
    [...parseHTML(svg).document.querySelectorAll("circle")].map((one) => ({
      x: Number(one.getAttribute("cx")),
      y: Number(one.getAttribute("cy")),
      r: Number(one.getAttribute("r")),
      name: one.querySelector("title")!.textContent,
    }));

  test("a module: the hub is the largest circle, all are within, none on another, the same bytes again", () => {
    const svg = modulePicture(star(30));
    expect(modulePicture(star(30))).toBe(svg);
    const found = circles(svg);
    expect(found).toHaveLength(30);
    expect(found[0]!.name).toBe("gene7");
    expect(Math.max(...found.map(({ r }) => r))).toBe(found[0]!.r);
    for (const [i, a] of found.entries()) {
      expect(a.x > 0 && a.x < 720 && a.y > 0 && a.y < 720).toBe(true);
      for (const b of found.slice(0, i)) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(5);
    }
    expect(svg).toContain("A &#60;module&#62;");
    expect(svg.match(/<line /g)).toHaveLength(29);
    expect(modulePage("A <module>", svg)).toContain("<title>A &#60;module&#62;</title>");
  });

  test("a large module is cut to its most central genes, and says so; a gene alone is drawn too", () => {
    const svg = modulePicture({ ...star(300), colour: "turquoise" });
    expect(circles(svg)).toHaveLength(MOST_GENES);
    expect(svg).toContain(`the ${MOST_GENES} most central of 300`);
    expect(svg).toContain('fill="turquoise"');
    const one = { title: "one", labels: ["g"], centrality: [0], first: [], second: [], weight: [] };
    expect(circles(modulePicture(one))).toHaveLength(1);
  });

  const block = (a: number, b: number) => (Math.floor(a / 2) === Math.floor(b / 2) ? 0.8 : 0);
  const four = {
    title: "Overlap <map>",
    merge: [-1, -2, -3, -4, 1, 2],
    height: [0.2, 0.3, 0.9],
    order: [0, 1, 2, 3],
    colours: ["#40e0d0", "#40e0d0", "#0000ff", "#0000ff"],
    modules: [
      { colour: "#40e0d0", name: "1 turquoise" },
      { colour: "#0000ff", name: "2 blue" },
    ],
  };

  test("an overlap map: a line for each merge, runs of colours, dark cells where overlap is, a legend", async () => {
    const svg = overlapMap({ ...four, cells: await overlapCells(four.order, block) });
    // 600 wide, leaves at 75, 225, 375, 525; the lowest merge is 0.08 of the range above the leaves.
    const path = / d="([^"]*V[^"]*)"/.exec(svg)![1]!;
    const lines = path.match(/[MHV][^MHV]*/g)!;
    expect(lines.filter((one) => one.startsWith("H"))).toHaveLength(3);
    expect(path).toContain("M214 48H514");
    expect(path).toContain("H289");
    // A strip along and one down, and the legend.
    expect(svg.match(/fill="#40e0d0"/g)).toHaveLength(3);
    // The diagonal is no overlap: one dark cell for each of four ordered pairs, all of one shade.
    const dark = [...svg.matchAll(/<path fill-opacity="1" d="([^"]*)"/g)].map(([, d]) => d);
    expect(dark).toEqual(["M1 0h1v1H1zM0 1h1v1H0zM3 2h1v1H3zM2 3h1v1H2z"]);
    expect(svg).toContain(">2 blue</text>");
    expect(svg).toContain("Topological overlap");
    expect(svg).toContain("Overlap &#60;map&#62;");
    expect(svg).not.toContain("mean over its pairs");
  });

  test("an overlap map of thousands of genes is bounded, and says what its cells are", async () => {
    const items = 2000;
    const order = Array.from({ length: items }, (_, i) => (i * 1999) % items);
    const chain = Array.from({ length: items - 1 }, (_, m) => (m === 0 ? [-1, -2] : [-(m + 2), m])).flat();
    const svg = overlapMap({
      title: "Chain",
      cells: await overlapCells(order, (a, b) => uniform(3, a, b)),
      merge: chain,
      height: Array.from({ length: items - 1 }, (_, m) => m / items),
      order,
      colours: Array.from({ length: items }, (_, i) => (i % 2 === 0 ? "#111111" : "#222222")),
    });
    expect(svg.length).toBeLessThan(700_000);
    expect(svg).toContain(
      "2,000 genes in the order of the tree, both ways; each of 180 × 180 cells the mean over its pairs (12 genes a side)",
    );
  });

  test("of one gene, and of genes all alike", async () => {
    const one = { ...four, merge: [], height: [], order: [0], colours: ["#bebebe"], modules: [] };
    expect(overlapMap({ ...one, cells: await overlapCells([0], block) })).not.toMatch(/NaN|Infinity/);
    const flat = { ...four, height: [0.5, 0.5, 0.5] };
    const svg = overlapMap({ ...flat, cells: await overlapCells(four.order, () => 0) });
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  test.each([1, 2, 3])("cells are the means over all pairs of their items, seed %d", async (seed) => {
    const items = 20 + 13 * seed;
    const most = 7 + seed;
    const order = permutation(seed, 1, 0, items);
    const value = (a: number, b: number) => uniform(seed, Math.min(a, b), Math.max(a, b));
    const { side, means } = await overlapCells(order, value, { most });
    expect(side).toBe(most);
    const cell = (at: number) =>
      Array.from(order).filter(
        (_, i) => Math.floor((at * items) / most) <= i && i < Math.floor(((at + 1) * items) / most),
      );
    for (let a = 0; a < most; a++) {
      for (let b = 0; b < most; b++) {
        const pairs = cell(a).flatMap((i) =>
          cell(b)
            .filter((j) => j !== i)
            .map((j) => value(i, j)),
        );
        const mean = pairs.reduce((sum, one) => sum + one, 0) / pairs.length;
        expect(means[a * side + b], `cell ${a} ${b}`).toBeCloseTo(mean, 12);
      }
    }
  });
});
