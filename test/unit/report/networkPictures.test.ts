import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { cytoscapeJson, gexf, graphMl } from "../../../src/formats/graphFiles.ts";
import { MOST_GENES, modulePage, modulePicture } from "../../../src/report/modulePicture.ts";
import { overlapMap } from "../../../src/report/overlapMap.ts";

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

  test("an overlap map: elbows for all merges, runs of colours, dark cells where overlap is", () => {
    const data = {
      title: "Overlap",
      items: 4,
      overlap: (a: number, b: number) => (Math.floor(a / 2) === Math.floor(b / 2) ? 0.8 : 0),
      merge: [-1, -2, -3, -4, 1, 2],
      height: [0.2, 0.3, 0.9],
      order: [0, 1, 2, 3],
      colours: ["turquoise", "turquoise", "blue", "blue"],
    };
    const svg = overlapMap(data);
    expect(svg.match(/V[\d.]+H/g)).toHaveLength(3);
    expect(svg.match(/fill="turquoise"/g)).toHaveLength(1);
    // The diagonal is no overlap: one dark cell for each of four ordered pairs.
    expect(svg.match(/class="f-accent"/g)).toHaveLength(4);
    const large = overlapMap({
      ...data,
      items: 400,
      overlap: () => 0.5,
      merge: Array.from({ length: 399 }, (_, m) => (m === 0 ? [-1, -2] : [-(m + 2), m])).flat(),
      height: Array.from({ length: 399 }, (_, m) => m / 400),
      order: Array.from({ length: 400 }, (_, i) => i),
      colours: Array.from({ length: 400 }, () => "grey"),
    });
    expect(large.length).toBeLessThan(60_000);
  });
});
