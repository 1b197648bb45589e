import { execFileSync } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectedLeads, pairsWithin, SAMPLES, writeCohort } from "./cohort.ts";
import { copies, type Installed, install, npm, repository } from "./installed.ts";

const consumer = fileURLToPath(new URL("consumer/", import.meta.url));
const manifest: { version: string; dependencies: Record<string, string> } = JSON.parse(
  readFileSync(join(repository, "package.json"), "utf8"),
);
/** Bytes unpacked: of the program, and of the page that comes with it (igv.js alone is 1.5 MB of it). */
const SIZE_LIMIT = 4_400_000;
const PAGE_LIMIT = 4_200_000;
const PAGE = /^dist\/page\//;

let installed: Installed;
beforeAll(() => {
  installed = install();
});
afterAll(() => installed?.remove());

/** What TypeScript says of a consumer's file against the declarations shipped, theirs included. */
function complaints(file: string, options: ts.CompilerOptions): string[] {
  copyFileSync(join(consumer, file), join(installed.folder, file));
  const program = ts.createProgram([join(installed.folder, file)], {
    ...options,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.asynciterable.d.ts", "lib.dom.iterable.d.ts"],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(
      ({ file: where, messageText }) =>
        `${where?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`,
    );
}

describe("the tarball", () => {
  it("has the built program and its papers, and nothing else", () => {
    const papers = ["CHANGELOG.md", "LICENSE", "README.md", "package.json"];
    const names = [...installed.files.keys()];
    expect(names).toEqual(
      expect.arrayContaining([...papers, "dist/index.js", "dist/node/index.d.ts", "dist/cli/main.js"]),
    );
    const program = names.filter((name) => !papers.includes(name) && !PAGE.test(name));
    expect(program.filter((name) => !/^dist\/.*(\.js|\.d\.ts)$/.test(name))).toEqual([]);
    // `qortex bench` is part of the program; the repository's bench/ is not.
    const odd = names.filter((name) => !/^dist\/(bench|cli)\//.test(name));
    // A file may be called after the test of a gene; it is not one of ours.
    expect(odd.filter((name) => /(^|\/)tests?\/|\.test\.|bench|example|assembly/i.test(name))).toEqual([]);
  });

  it("has the page, without the demo's data: their licence is another", () => {
    const page = [...installed.files.keys()].filter((name) => PAGE.test(name));
    expect(page).toEqual(
      expect.arrayContaining(
        ["index.html", "main.js", "main.css", "engine.js"].map((name) => `dist/page/${name}`),
      ),
    );
    expect(page.filter((name) => !/^dist\/page\/[\w-]+\.(js|css|html|json)$/.test(name))).toEqual([]);
  });

  it(`unpacks to less than ${SIZE_LIMIT / 1e6} MB, and ${PAGE_LIMIT / 1e6} MB of page`, () => {
    const size = (of: (name: string) => boolean) =>
      [...installed.files].reduce((sum, [name, bytes]) => (of(name) ? sum + bytes : sum), 0);
    expect(size((name) => !PAGE.test(name))).toBeLessThan(SIZE_LIMIT);
    expect(size((name) => PAGE.test(name))).toBeLessThan(PAGE_LIMIT);
  });

  it("ships declarations that name files it ships", () => {
    const declarations = [...installed.files.keys()].filter((name) => name.endsWith(".d.ts"));
    const text = declarations.map((name) =>
      readFileSync(join(installed.folder, "node_modules/qortex", name), "utf8"),
    );
    expect(text.filter((content) => /["'](\.{1,2}\/[^"']*)\.ts["']/.test(content))).toEqual([]);
  });
});

describe("the consumer's tree", () => {
  it("has one copy of each package, but for two that others want in two versions", () => {
    const names = copies(installed.folder);
    expect(names.filter((name, index) => names.indexOf(name) !== index).sort()).toEqual([
      "commander",
      "entities",
    ]);
  });

  it("has the exact versions that we pin, without our overrides", () => {
    for (const [name, version] of Object.entries(manifest.dependencies)) {
      const path = join(installed.folder, "node_modules", name, "package.json");
      expect(JSON.parse(readFileSync(path, "utf8")).version, name).toBe(version);
    }
  });

  it("has nothing that serves development only", () => {
    const names = new Set(copies(installed.folder));
    const development = ["typescript", "vite", "vitest", "assemblyscript", "esbuild", "playwright-core"];
    expect(development.filter((name) => names.has(name))).toEqual([]);
    // gpu.js would bring a second Dawn (84 MB) and a native module.
    expect(["gpu.js", "gl"].filter((name) => names.has(name))).toEqual([]);
    expect(names.has("webgpu")).toBe(true);
  });
});

describe("in a terminal", () => {
  it("npx qortex --version", () => {
    const said = npm(installed.folder, "exec", "--offline", "--", "qortex", "--version");
    expect(said.trim()).toBe(manifest.version);
  });
});

describe("in Node", () => {
  it("type-checks a program against the declarations shipped", () => {
    expect(
      complaints("map.ts", {
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
      }),
    ).toEqual([]);
  });

  it("maps a cohort from files", () => {
    const program = ts.transpileModule(readFileSync(join(consumer, "map.ts"), "utf8"), {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    });
    writeFileSync(join(installed.folder, "map.js"), program.outputText);
    const { genotypes, expression } = writeCohort(installed.folder);
    const said = execFileSync(process.execPath, ["map.js", genotypes, expression], {
      cwd: installed.folder,
      encoding: "utf8",
      timeout: 60_000, // it ends by itself: no thread keeps it alive
    });
    const map = JSON.parse(said);
    const expected = expectedLeads();
    expect(map).toMatchObject({ samples: SAMPLES, tests: pairsWithin(10_000), rows: pairsWithin(10_000) });
    expect(map.leads).toEqual(
      expected.map(({ gene, variant, slope }) => ({
        gene,
        status: "ok",
        variant,
        slope: expect.closeTo(slope, 12),
      })),
    );
    expect(map.hits).toEqual(
      expect.arrayContaining(expected.map(({ gene, variant }) => `${variant} ${gene}`)),
    );
    expect(map.message).toContain("nowhere");
  });
});

describe("in a page", () => {
  it("type-checks against the browser's declarations", () => {
    const bundler = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler };
    expect(complaints("page.ts", { ...bundler, customConditions: ["browser"] })).toEqual([]);
  });

  it("is built by Vite without a complaint, and maps a cohort", async () => {
    const { build, createLogger } = await import("vite");
    const warnings: string[] = [];
    const logger = { ...createLogger("silent"), warn: (text: string) => void warnings.push(text) };
    for (const file of ["page.ts", "index.html"])
      copyFileSync(join(consumer, file), join(installed.folder, file));
    await build({
      root: installed.folder,
      configFile: false,
      customLogger: { ...logger, warnOnce: logger.warn },
      build: { modulePreload: { polyfill: false } }, // it wants a document; this page runs below without one
    });
    expect(warnings).toEqual([]);

    const assets = join(installed.folder, "dist/assets");
    const scripts = readdirSync(assets).filter((name) => name.endsWith(".js"));
    for (const name of scripts) {
      const text = readFileSync(join(assets, name), "utf8");
      expect(/__vite-browser-external|\bnode:[a-z]|commander|linkedom/.exec(text), name).toBeNull();
    }
    const entry = /src="\/assets\/([^"]+)"/.exec(
      readFileSync(join(installed.folder, "dist/index.html"), "utf8"),
    )?.[1];
    writeFileSync(join(installed.folder, "visit.js"), visit(`./dist/assets/${entry}`));
    const { genotypes, expression } = writeCohort(installed.folder);
    const files = [`${genotypes}.bed`, `${genotypes}.bim`, `${genotypes}.fam`, expression];
    const said = execFileSync(process.execPath, ["visit.js", ...files], {
      cwd: installed.folder,
      encoding: "utf8",
    });
    expect(JSON.parse(said)).toEqual({
      tests: pairsWithin(10_000),
      leads: expectedLeads().map(({ variant }) => variant),
    });
  });
});

/** Loads the built page's script and hands it the files, as its visitor would. */
function visit(script: string): string {
  return `
    import { readFileSync } from "node:fs";
    import { basename } from "node:path";
    import { File } from "node:buffer";
    await import("${script}");
    const files = process.argv.slice(2).map((path) => new File([readFileSync(path)], basename(path)));
    console.log(JSON.stringify(await globalThis.mapFiles(files)));
  `;
}
