import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MapKind } from "../../src/association/output.ts";
import { createBackend, openCohort } from "../../src/node/index.ts";
import {
  FORMS,
  HOSTILE_COHORTS,
  type HostileMaps,
  hostileMaps,
  hostileThresholds,
  owedBy,
} from "../helpers/hostile.ts";
import { type MapFiles, mapFiles } from "../helpers/mapFiles.ts";
import { CASES } from "../unit/compute/cases.ts";
import { COHORT, DEMO, extractList, Pages, type Wanted } from "./pages.ts";

interface Scene {
  readonly title: string;
  readonly wanted: Wanted;
  /** Whether the page may share memory between threads. */
  readonly isolated: boolean;
  readonly description: RegExp;
}

const SCENES: readonly Scene[] = [
  {
    title: "wasm without threads",
    wanted: { backend: "wasm", threads: 0 },
    isolated: false,
    description: /^WebAssembly SIMD, 1 thread$/,
  },
  {
    title: "wasm with threads that share no memory",
    wanted: { backend: "wasm", threads: 2 },
    isolated: false,
    description: /^WebAssembly SIMD, 2 threads$/,
  },
  {
    title: "wasm with threads that share memory",
    wanted: { backend: "wasm", threads: 2 },
    isolated: true,
    description: /^WebAssembly SIMD, 2 threads$/,
  },
  {
    title: "webgpu",
    wanted: { backend: "webgpu", threads: 0 },
    isolated: false,
    description: /, WebGPU$/,
  },
  {
    title: "webgl",
    wanted: { backend: "webgl", threads: 0 },
    isolated: false,
    description: /, WebGL$/,
  },
];

let pages: Pages;
beforeAll(async () => {
  pages = await Pages.start();
});
afterAll(() => pages?.close());

describe.each(SCENES)("Chromium, $title", ({ wanted, isolated, description }) => {
  it("is the backend that was asked for", async () => {
    const here = await pages.ask(isolated, "describe", wanted);
    expect(here).toEqual({
      name: wanted.backend,
      description: expect.stringMatching(description),
      isolated,
    });
  });

  for (const { name } of CASES) {
    it(name, async () => {
      expect(await pages.ask(isolated, "conformance", wanted, name)).toEqual([]);
    });
  }
});

describe("a whole map", () => {
  const expected = new Map<MapKind, MapFiles>();
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), "qortex-browser-"));
    const extract = join(folder, "extract.txt");
    writeFileSync(extract, extractList());
    const cohort = await openCohort({
      genotypes: join(COHORT, "genotypes"),
      expression: join(COHORT, "expression.bed.gz"),
      covariates: join(COHORT, "covariates.txt"),
      extract,
    });
    const backend = await createBackend("wasm", { threads: 2 });
    try {
      for (const kind of ["cis", "trans"] as const) expected.set(kind, await mapFiles(kind, cohort, backend));
    } finally {
      await backend.dispose();
      await cohort.close();
      rmSync(folder, { recursive: true });
    }
  });

  const runs = SCENES.flatMap((scene) => (["cis", "trans"] as const).map((kind) => ({ ...scene, kind })));
  for (const { title, wanted, isolated, kind } of runs)
    it(`has Node's bytes: ${kind}, ${title}`, async () => {
      const { files, pairsBy } = await pages.ask(isolated, "map", wanted, kind, DEMO, {});
      const node = expected.get(kind)!;
      expect(files).toEqual(node.files);
      expect(files).toHaveLength(4);
      // Every pair by the backend that was asked for; cis maps screen nothing, and f64 is the CPU's.
      expect(pairsBy).toEqual({ [kind === "cis" ? "wasm" : wanted.backend]: node.pairs });
    });
});

// Node's own maps of these are the reference backend's, byte for byte: test/unit/association/sameBytes.test.ts.
describe.each(FORMS)(`trans on ${HOSTILE_COHORTS} hostile cohorts, %s`, (form) => {
  let thresholds: number[];
  let node: HostileMaps;
  beforeAll(async () => {
    const backend = await createBackend("wasm", { threads: 2 });
    thresholds = await hostileThresholds(backend, form);
    node = await hostileMaps(backend, form, thresholds);
    await backend.dispose();
  });

  // How threads come by their columns is the same for all cohorts: once is enough of those that copy them.
  const scenes = SCENES.filter(({ wanted, isolated }) => isolated || !wanted.threads);
  it.each(scenes)("$title has Node's bytes, and forms every pair itself", async ({ wanted, isolated }) => {
    const found = await pages.ask(isolated, "hostile", wanted, form, thresholds);
    expect(found.files).toEqual(node.files);
    expect(found.pairsBy).toEqual(owedBy(wanted.backend, node));
    // All that this page's backend has done so far is in this number.
    if (wanted.backend === "webgpu") {
      expect(found.pipelines).toBeGreaterThan(2);
      expect(found.pipelines).toBeLessThanOrEqual(10);
    } else expect(found.pipelines).toBeUndefined();
  });
});

it("webgl goes on without its context, and a new backend has a new one", async () => {
  expect(await pages.ask(true, "loseWebGl")).toEqual({
    by: [undefined, "wasm", undefined],
    warnings: ["GPU: the WebGL context was lost; going on with WebAssembly SIMD, 1 thread"],
  });
});

it("no page complained of anything by itself", () => {
  expect(pages.complaints).toEqual([]);
});
