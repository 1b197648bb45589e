/**
 * The demo in headless Chromium, on every backend of a page: the bytes of Node, whose own are judged by ./demoBytes.test.ts.
 * All of it, but for the trans map by WebGL: of a software GPU that takes a quarter of an hour, so 1 variant in 10 is mapped.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { MapKind } from "../../src/association/output.ts";
import { COHORT, DEMO, extractList, Pages, type Wanted } from "../browser/pages.ts";
import { scratchFolder, withCohort } from "../helpers/extended.ts";
import { type MapFiles, mapFiles } from "../helpers/mapFiles.ts";

/** As `npm run demo` has them. */
const TRANS = { pValue: 1e-5, distance: 5_000_000 };

interface Scene {
  readonly wanted: Wanted;
  readonly isolated: boolean;
  readonly kind: MapKind;
  /** Every how many-th variant is mapped. */
  readonly every: number;
}

const THREADS = { backend: "wasm", threads: 2 } as const;
const ALONE = { backend: "wasm", threads: 0 } as const;
const WEBGPU = { backend: "webgpu", threads: 0 } as const;
const WEBGL = { backend: "webgl", threads: 0 } as const;
const SCENES: readonly Scene[] = [
  { wanted: THREADS, isolated: true, kind: "cis", every: 1 },
  { wanted: ALONE, isolated: false, kind: "cis", every: 1 },
  { wanted: WEBGPU, isolated: false, kind: "cis", every: 1 },
  { wanted: WEBGL, isolated: false, kind: "cis", every: 1 },
  { wanted: THREADS, isolated: true, kind: "trans", every: 1 },
  { wanted: ALONE, isolated: false, kind: "trans", every: 1 },
  { wanted: WEBGPU, isolated: false, kind: "trans", every: 1 },
  { wanted: WEBGL, isolated: false, kind: "trans", every: 10 },
];

const nameOf = (every: number): string => `every-${every}.txt`;
const scratch = scratchFolder();
let pages: Pages;
beforeAll(async () => {
  const served = new Map<string, Uint8Array>();
  for (const { every } of SCENES) {
    served.set(nameOf(every), new TextEncoder().encode(extractList(every)));
    writeFileSync(join(scratch, nameOf(every)), extractList(every));
  }
  pages = await Pages.start(served);
});
afterAll(() => pages?.close());

const known = new Map<string, Promise<MapFiles>>();
/** The map in Node, made once for all scenes that have it. */
function expected(kind: MapKind, every: number): Promise<MapFiles> {
  const key = `${kind} ${every}`;
  const files = {
    genotypes: join(COHORT, "genotypes"),
    expression: join(COHORT, "expression.bed.gz"),
    covariates: join(COHORT, "covariates.txt"),
    extract: every === 1 ? undefined : join(scratch, nameOf(every)),
  };
  const made =
    known.get(key) ?? withCohort(files, {}, (cohort, backend) => mapFiles(kind, cohort, backend, TRANS));
  known.set(key, made);
  return made;
}

test.each(SCENES)(
  "$kind by $wanted.backend, $wanted.threads threads, 1 variant in $every: the bytes of Node",
  async ({ wanted, isolated, kind, every }) => {
    const node = await expected(kind, every);
    const { expression, covariates } = DEMO.others;
    const extract = every === 1 ? {} : { extract: nameOf(every) };
    const names = { ...DEMO, others: { expression, covariates, ...extract } };
    const t = Date.now();
    const found = await pages.ask(isolated, "map", wanted, kind, names, {}, TRANS);
    console.log(kind, JSON.stringify(wanted), every, Date.now() - t);
    expect(found.files).toEqual(node.files);
    expect(found.rows).toBe(node.rows);
    // cis is f64 by definition, which no GPU has.
    expect(found.pairsBy).toEqual({ [kind === "cis" ? "wasm" : wanted.backend]: node.pairs });
  },
);
