import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type CohortFiles, cohortArguments, SAMPLES, writeCohort } from "./cohortFiles.ts";
import { qortex } from "./shell.ts";

/** Files below the scratch folder whenever a backend was disposed of, and products asked of one afterwards. */
const seen = vi.hoisted(() => ({ atEnd: [] as string[][], late: 0, look: (): string[] => [] }));

vi.mock("../../../src/node/backends.ts", async (original) => {
  const { createBackend } = await original<typeof import("../../../src/node/backends.ts")>();
  return {
    async createBackend(...asked: Parameters<typeof createBackend>) {
      const backend = await createBackend(...asked);
      // Regional plots have one of their own, without threads.
      if (asked[1]?.threads === 0) return backend;
      let ended = false;
      return {
        ...backend,
        product(...job: Parameters<typeof backend.product>) {
          if (ended) seen.late += 1;
          return backend.product(...job);
        },
        dispose() {
          if (!ended) seen.atEnd.push(seen.look());
          ended = true;
          return backend.dispose();
        },
      };
    },
  };
});

const scratch = mkdtempSync(join(tmpdir(), "qortex-threads-end-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let files: CohortFiles;
beforeAll(() => {
  files = writeCohort(join(scratch, "data"));
  const ids = Array.from({ length: SAMPLES }, (_, s) => `S${String(s).padStart(2, "0")}`);
  writeFileSync(context, ids.map((id, s) => `${id}\t${s % 2}\n`).join(""));
});

const context = join(scratch, "context.txt");
const WIDE = ["--p-value", "0.01", "--distance", "1Mb"];

test.each([
  ["trans", WIDE],
  ["trans, parts kept", [...WIDE, "--resume"]],
  ["trans, interaction", [...WIDE, "--interaction", context]],
  ["cis", []],
  ["cis, interaction", ["--interaction", context]],
] as const)(
  "%s: the threads of a map end before what is written of the whole of it",
  async (name, options) => {
    const out = join(scratch, name.replaceAll(/\W+/g, "-"));
    seen.atEnd.length = 0;
    // Tables of interactions are open from the beginning.
    const later = name.endsWith("interaction")
      ? /\.svg|report/
      : /(_genes|null_sample)\.parquet|\.svg|report/;
    seen.look = () =>
      readdirSync(scratch, { recursive: true, encoding: "utf8" }).filter((path) =>
        later.test(path.slice(path.indexOf("/"))),
      );
    const before = seen.look();
    const [command] = name.split(",");
    const wasm = ["--backend", "wasm", "--threads", "2"];
    const { code, err } = await qortex([command!, ...cohortArguments(files, out), ...options, ...wasm]);
    expect(code, err).toBe(0);
    expect(seen.look().length).toBeGreaterThan(before.length + 2);
    expect(seen.atEnd).toEqual([before]);
    expect(seen.late).toBe(0);
  },
);
