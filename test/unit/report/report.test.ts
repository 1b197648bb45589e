import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { qq } from "../../../src/report/qq.ts";
import { type ReportData, reportHtml } from "../../../src/report/report.ts";
import { canvas } from "./fixtures.ts";

const EVIL = `</pre></style><img src=x onerror="alert('1')">&\u0007`;
const SEEN = `</pre></style><img src=x onerror="alert('1')">&`;

const svg = qq(canvas, { log10P: Float64Array.of(-1, -2, -0.2), lambda: 1 });

const data: ReportData = {
  title: "cis-eQTL map",
  eyebrow: "Qortex 1.2.3",
  lede: "Of 3 genes tested, 2 are associated with a variant within 1 Mb (q ≤ 0.05).",
  summary: [
    { label: "Genes", value: "3", note: "all of them" },
    { label: "Where", value: "a sentence that is too long to be a card" },
    { label: "Command", value: "qortex cis --out x", inline: true, code: true },
  ],
  figures: [{ title: "QQ", caption: "How to read it.", svg }],
  tables: [
    {
      title: "Genes",
      columns: ["Gene", "p", "Mixed"],
      rows: [
        ["A", "2.4 × 10⁻³⁸", "1"],
        ["B", "–", "x"],
      ],
    },
  ],
  methods: ["First.", "Second."],
  messages: ["One warning."],
  manifest: { version: "1.2.3" },
};

const open = (html: string) => parseHTML(html).document;

describe("reportHtml", () => {
  it("shows everything it is given", () => {
    const document = open(reportHtml(data));
    expect(document.querySelector("h1")?.textContent).toBe("cis-eQTL map");
    expect(Array.from(document.querySelectorAll("nav a"), (link) => link.textContent)).toEqual([
      "Figures",
      "Tables",
      "Methods",
      "Warnings",
      "Manifest",
    ]);
    for (const link of document.querySelectorAll("nav a")) {
      expect(document.querySelector(link.getAttribute("href") ?? ""), link.outerHTML).not.toBeNull();
    }
    expect(document.querySelectorAll(".cards dd").length).toBe(1);
    expect(Array.from(document.querySelectorAll(".facts dd"), (item) => item.textContent)).toEqual([
      "a sentence that is too long to be a card",
      "qortex cis --out x",
    ]);
    expect(document.querySelectorAll("figure svg").length).toBe(1);
    expect(document.querySelectorAll("figure style").length).toBe(0);
    expect(document.querySelector("details pre")?.textContent).toBe('{\n  "version": "1.2.3"\n}');
  });

  it("sets columns of numbers to the right, and no others", () => {
    const heads = open(reportHtml(data)).querySelectorAll("th");
    expect(Array.from(heads, (head) => head.className)).toEqual(["", "number", ""]);
  });

  it("keeps numbers and units on one line", () => {
    expect(reportHtml(data)).toContain("within 1\u00a0Mb (q\u00a0≤\u00a00.05)");
  });

  it("escapes every string", () => {
    const html = reportHtml({
      title: EVIL,
      eyebrow: EVIL,
      lede: EVIL,
      summary: [
        { label: EVIL, value: "1", note: EVIL },
        { label: EVIL, value: EVIL },
        { label: EVIL, value: EVIL, code: true },
      ],
      figures: [{ title: EVIL, caption: EVIL, svg }],
      tables: [{ title: EVIL, note: EVIL, columns: [EVIL], rows: [[EVIL]] }],
      methods: [EVIL],
      messages: [EVIL],
      manifest: { [EVIL]: EVIL },
    });
    expect(html).not.toContain("<img");
    expect(html).not.toContain("\u0007");
    const document = open(html);
    expect(document.querySelectorAll("img,script").length).toBe(0);
    expect(document.querySelector("h1")?.textContent).toBe(SEEN);
    expect(document.querySelector("td")?.textContent).toBe(SEEN);
    expect(document.querySelector(".table")?.getAttribute("aria-label")).toBe(SEEN);
  });

  it("needs nothing from outside and runs nothing", () => {
    const html = reportHtml(data);
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`);
    expect(html.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(
      /https?:|<script|<link|@import|url\(|\son\w+=/,
    );
    expect(reportHtml(data)).toBe(html);
  });

  it("leaves out sections that have nothing to say", () => {
    const { methods: _, messages: __, ...rest } = data;
    const html = reportHtml({ ...rest, figures: [], tables: [], manifest: undefined });
    expect(html).not.toMatch(/<section|<h2/);
  });

  it("stands a narrow figure that is left over beside its caption", () => {
    const figure = { title: "QQ", caption: "", svg };
    const shapes = (count: number) =>
      Array.from(
        open(reportHtml({ ...data, figures: Array(count).fill(figure) })).querySelectorAll("figure"),
        (f) => f.className,
      );
    expect(shapes(2)).toEqual(["", ""]);
    expect(shapes(1)).toEqual(["wide beside"]);
  });
});
