import { readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { circles, importViolations, loadedWith, packagesOf } from "./imports.ts";
import { platformViolations } from "./platform.ts";
import { arithmeticViolations, escapeViolations, lengthViolations } from "./rules.ts";
import { ROOT, type Source, sourcesUnder } from "./sources.ts";

const manifest: Record<"dependencies" | "peerDependencies", Record<string, string>> = JSON.parse(
  readFileSync(new URL("package.json", ROOT), "utf8"),
);
// Peers are optional: loaded on demand, by those who have them.
const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
const src = sourcesUnder("src");
const everything = [src, ...["test", "bench", "scripts"].map(sourcesUnder)].flat();

describe("the house", () => {
  it("finds its sources", () => {
    expect(src.map(({ path }) => path)).toContain("src/errors.ts");
    expect(everything.map(({ path }) => path)).toContain("test/unit/house/rooms.test.ts");
  });

  it("imports only towards the right", () => {
    expect(importViolations(src, dependencies)).toEqual([]);
  });

  it("has no circle", () => {
    expect(circles(src)).toEqual([]);
  });

  it("touches the platform at its edges only", () => {
    expect(platformViolations(src)).toEqual([]);
  });

  it("computes what every engine computes alike", () => {
    expect(arithmeticViolations(src)).toEqual([]);
  });

  it("has no escapes", () => {
    expect(escapeViolations(everything)).toEqual([]);
  });

  it("has no file over 400 lines", () => {
    expect(lengthViolations(src, 400)).toEqual([]);
  });

  it("uses each of its dependencies", () => {
    // flechette is arquero's: named only to pin its version for those who install the package.
    const used = packagesOf(src).add("@uwdata/flechette");
    expect(dependencies.filter((name) => !used.has(name))).toEqual([]);
  });

  it("lists commands and options without loading what draws or reads", () => {
    expect([...loadedWith("src/cli/main.ts", src)]).toEqual(["commander"]);
  });

  it("keeps the compiler at its strictest", () => {
    const file = new URL("tsconfig.json", ROOT);
    const { config } = ts.readConfigFile(file.pathname, () => readFileSync(file, "utf8"));
    for (const flag of [
      "strict",
      "noUncheckedIndexedAccess",
      "exactOptionalPropertyTypes",
      "noImplicitOverride",
      "noImplicitReturns",
      "noFallthroughCasesInSwitch",
      "noPropertyAccessFromIndexSignature",
      "noUnusedLocals",
      "noUnusedParameters",
      "verbatimModuleSyntax",
      "erasableSyntaxOnly",
      "isolatedModules",
    ])
      expect(config.compilerOptions, flag).toHaveProperty(flag, true);
    expect(config.include).toEqual(expect.arrayContaining(["src", "test", "bench"]));
  });
});

/** A planted file and the complaint it must draw, or null for code that is in order. */
type Plant = [path: string, text: string, complaint: string | null];

function plant(check: (sources: readonly Source[]) => string[], plants: readonly Plant[]): void {
  it.each(plants)("%s: %s", (path, text, complaint) => {
    const found = check([{ path, text }]);
    if (complaint === null) expect(found).toEqual([]);
    else {
      expect(found).toHaveLength(1);
      expect(found[0]).toContain(complaint);
    }
  });
}

describe("planted imports", () => {
  plant(
    (sources) => importViolations(sources, ["commander", "arquero", "@observablehq/plot"]),
    [
      [
        "src/cohort/a.ts",
        'import { b } from "../association/b.ts";',
        "src/cohort/a.ts:1: cohort may not import association",
      ],
      [
        "src/cohort/a.ts",
        'import type { B } from "../association/b.ts";',
        "cohort may not import association",
      ],
      ["src/cohort/a.ts", 'export * from "../association/b.ts";', "cohort may not import association"],
      ["src/cohort/a.ts", 'const b = await import("../report/b.ts");', "cohort may not import report"],
      ["src/cohort/a.ts", 'type B = import("../meta/b.ts").B;', "cohort may not import meta"],
      [
        "src/compute/a.ts",
        'const b = new URL("../node/b.ts", import.meta.url);',
        "tsc does not rewrite the URL ../node/b.ts",
      ],
      ["src/compute/a.ts", 'import "../formats/b.ts";', "compute may not import formats"],
      ["src/statistics/a.ts", 'import "../compute/b.ts";', "statistics may not import compute"],
      ["src/association/a.ts", 'import "../core.ts";', "association may not import core.ts"],
      ["src/app/a.ts", 'import "../index.ts";', "app may not import index.ts"],
      ["src/index.ts", 'export * from "./node/index.ts";', "index.ts may not import node"],
      ["src/node/a.ts", 'import "../cli/main.ts";', "node may not import cli"],
      ["src/app/a.ts", 'import "../node/files.ts";', "app may not import node"],
      ["src/cli/a.ts", 'import "../app/a.ts";', "cli may not import app"],
      ["src/errors.ts", 'import "./formats/b.ts";', "src/errors.ts may import nothing"],
      ["src/cellar/a.ts", "export {};", "no room is called cellar"],
      ["src/a.ts", "export {};", "no room is called a.ts"],
      ["src/cohort/a.ts", 'import "../../test/helpers/b.ts";', "lies outside src/"],
      ["src/cohort/a.ts", 'const m = new URL("../../package.json", import.meta.url);', "lies outside src/"],
      ["src/cli/a.ts", 'const m = new URL("../../package.json", import.meta.url);', null],
      ["src/compute/wasm/assembly/a.ts", 'import { b } from "./b"; import { c } from "../../d";', null],
      [
        "src/compute/wasm/assembly/a.ts",
        'import { b } from "../../../formats/b";',
        "compute may not import formats",
      ],
      ["src/cohort/a.ts", 'import "./b.js";', "lacks its .ts ending"],
      ["src/cohort/a.ts", 'import { readFile } from "node:fs";', "cohort may not import node:fs"],
      ["src/report/a.ts", 'import { readFile } from "fs";', "fs is written node:fs"],
      ["src/app/a.ts", 'import { readFile } from "node:fs";', "app may not import node:fs"],
      ["src/report/a.ts", 'import { Command } from "commander";', "report may not import commander"],
      ["src/report/a.ts", 'import * as d3 from "d3/src/index.js";', "d3 is not a dependency"],
      [
        "src/association/a.ts",
        'import "../cohort/b.ts"; import "../formats/c.ts"; import "../errors.ts";',
        null,
      ],
      ["src/index.ts", 'export * from "./association/cis.ts"; export * from "./report/a.ts";', null],
      ["src/node/a.ts", 'import "node:fs"; import "../core.ts"; import "../formats/b.ts";', null],
      [
        "src/cli/a.ts",
        'import "commander"; import "../node/b.ts"; import "../report/c.ts"; import "./d.ts";',
        null,
      ],
      ["src/report/a.ts", 'import * as Plot from "@observablehq/plot";', null],
    ],
  );

  it("sees a circle, and none in types", () => {
    const a = { path: "src/cohort/a.ts", text: 'import { b } from "./b.ts";' };
    const b = { path: "src/cohort/b.ts", text: 'import { c } from "./c.ts";' };
    const c = { path: "src/cohort/c.ts", text: 'import { a } from "./a.ts";' };
    expect(circles([a, b, c])).toEqual([
      "src/cohort/a.ts > src/cohort/b.ts > src/cohort/c.ts > src/cohort/a.ts",
    ]);
    expect(circles([a, b, { ...c, text: 'import type { A } from "./a.ts";' }])).toEqual([]);
  });
});

describe("planted globals", () => {
  // One program serves all plants: each is a file of its own.
  const plants: Plant[] = [
    ["", "export const x = document.title;", "document"],
    ["", "export const x = globalThis.navigator;", "navigator"],
    ["", "export const x = { window };", "window"],
    ["", "export const x = new Worker('a.js');", "Worker"],
    ["", "export const x = process.argv;", "process"],
    ["", "export const x = Buffer.alloc(1);", "Buffer"],
    ["", "console.log(1);", "console"],
    ["", "export const f = (window: number, document: Document) => window + document.title.length;", null],
    [
      "",
      "export const f = (o: { window: number }) => { const { window } = o; return window + o.window; };",
      null,
    ],
    ["", "export const x = new TextDecoder().decode(new Uint8Array(Math.abs(-1)));", null],
    [
      "",
      "export const x = (b: Blob, s: AbortSignal) => globalThis.performance.now() + b.size + Number(s.aborted);",
      null,
    ],
  ];
  const files = plants.map(([, text], index) => ({ path: `src/cohort/planted-${index}.ts`, text }));
  const found = platformViolations(files);

  it.each(plants.map(([, text, complaint], index) => ({ text, complaint, path: files[index]?.path })))(
    "$text",
    ({ complaint, path }) => {
      const here = found.filter((line) => line.startsWith(`${path}:`));
      expect(here).toEqual(
        complaint === null ? [] : [`${path}:1: ${complaint} is not there on every platform`],
      );
    },
  );

  it("leaves the edges alone", () => {
    expect(platformViolations([{ path: "src/node/a.ts", text: "export const x = process.argv;" }])).toEqual(
      [],
    );
  });
});

describe("planted arithmetic", () => {
  plant(arithmeticViolations, [
    [
      "src/statistics/a.ts",
      "export const x = Math.log(2);",
      "src/statistics/a.ts:1: Math.log differs between engines",
    ],
    ["src/cohort/a.ts", "export const x = [1].map(Math.exp);", "Math.exp differs"],
    ["src/cohort/a.ts", "export const { pow } = Math;", "Math is used as a whole"],
    ["src/cohort/a.ts", 'export const x = Math["pow"](2, 3);', "Math is used as a whole"],
    ["src/association/a.ts", "export const x = 3 ** 2;", "** differs"],
    ["src/association/a.ts", "export const f = (x: number) => 2 ** x;", "** differs"],
    ["src/association/a.ts", "export const x = 2 ** 0.5;", "** differs"],
    ["src/association/a.ts", "export const x = 512 * 2 ** 20;", null],
    ["src/compute/a.ts", "let x = 2; x **= 3;", "** differs"],
    ["src/compute/wasm/assembly/a.ts", "export const x: f64 = NativeMath.log(2);", "NativeMath.log differs"],
    ["src/meta/a.ts", "export const x = Math.random();", "Math.random differs"],
    ["src/formats/a.ts", 'export const x = "a".localeCompare("b");', "localeCompare depends on the locale"],
    ["src/cohort/a.ts", "export const x = new Intl.Collator();", "Intl depends on the locale"],
    ["src/cohort/a.ts", "export const x = Math.sqrt(Math.abs(-2)) * Math.LN10; // no Math.log, no **", null],
    ["src/report/a.ts", "export const x = Math.log10(2) ** 2;", null],
  ]);
});

describe("planted escapes", () => {
  plant(escapeViolations, [
    ["src/cohort/a.ts", "export const x = 1 as any;", "src/cohort/a.ts:1: the type any"],
    ["src/cohort/a.ts", "export const x: any[] = [];", "the type any"],
    ["src/cohort/a.ts", `// @ts-${"ignore"}`, "the compiler is silenced"],
    ["src/cohort/a.ts", `/* @ts-${"nocheck"} */`, "the compiler is silenced"],
    ["test/unit/a.test.ts", `it.${"skip"}("x", () => {});`, "a test is marked skip"],
    ["test/unit/a.test.ts", `describe.concurrent.${"only"}("x", () => {});`, "a test is marked only"],
    ["test/unit/a.test.ts", `test.${"todo"}("x");`, "a test is marked todo"],
    ["src/cohort/a.ts", "export const any = { only: 1 }; export const x = any.only as unknown;", null],
  ]);

  it("sees a long file", () => {
    const long = { path: "src/cohort/a.ts", text: "x;\n".repeat(401) };
    expect(lengthViolations([long], 400)).toEqual([
      "src/cohort/a.ts: 401 lines, 400 allowed: two rooms in one?",
    ]);
    expect(lengthViolations([{ ...long, text: "x;\n".repeat(400) }], 400)).toEqual([]);
  });
});
