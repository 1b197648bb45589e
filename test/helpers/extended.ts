import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  type Backend,
  type CohortFiles,
  createBackend,
  type OpenCohort,
  type OpenOptions,
  openCohort,
} from "../../src/node/index.ts";
import { repository, sharedFolder } from "./shared.ts";

/**
 * A group of tests that needs reference data in `../shared`. Where that folder is absent, as in a bare
 * clone, it says so and passes; where it is there but the data are not, it fails.
 */
export function describeWithShared(
  name: string,
  parts: readonly string[],
  body: (path: (...parts: string[]) => string) => void,
): void {
  describe(name, () => {
    if (!existsSync(sharedFolder)) {
      test("has no ../shared to compare with", () => {
        console.log(`${name}: no folder ../shared here, nothing is compared`);
        expect(existsSync(sharedFolder)).toBe(false);
      });
      return;
    }
    test("finds its reference data", () => {
      expect(existsSync(join(sharedFolder, ...parts)), `../shared/${parts.join("/")} is not there`).toBe(
        true,
      );
    });
    body((...rest) => join(sharedFolder, ...parts, ...rest));
  });
}

/** A folder of its own for one test file, removed after its last test. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "qortex-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens a cohort and the WASM backend for `use`, and closes both, whatever happens. */
export async function withCohort<T>(
  files: CohortFiles,
  options: OpenOptions,
  use: (cohort: OpenCohort, backend: Backend) => Promise<T>,
): Promise<T> {
  const cohort = await openCohort(files, options);
  try {
    const backend = await createBackend("wasm");
    try {
      return await use(cohort, backend);
    } finally {
      await backend.dispose();
    }
  } finally {
    await cohort.close();
  }
}

function newest(folder: string): number {
  let time = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    time = Math.max(time, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }
  return time;
}

/** The built command line; throws when there is none, or when a source file is newer. */
export function builtCommand(): string {
  const main = join(repository, "dist/cli/main.js");
  if (!existsSync(main)) throw new Error("dist/cli/main.js is not there: run npm run build first");
  if (statSync(main).mtimeMs < newest(join(repository, "src"))) {
    throw new Error("dist is older than src: run npm run build first");
  }
  return main;
}
