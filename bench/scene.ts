/** What the benchmarks of whole commands have in common. */
import { existsSync, readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import type { CohortShape } from "../src/bench/cohort.ts";
import { type MadeFiles, madeFiles, writeMadeCohort } from "../src/node/madeCohort.ts";

/** The built command line. */
export const QORTEX = "dist/cli/main.js";

/** One line: when, on what, and how busy it was. */
export function machine(): string {
  const processors = cpus();
  const date = new Date().toISOString().slice(0, 16).replace("T", " ");
  const load = loadavg()[0]!.toFixed(2);
  return `${date} UTC, ${processors[0]?.model.trim()} x ${processors.length}, Node ${process.version}, load before ${load}`;
}

export function inputsOf(paths: MadeFiles): string[] {
  return [
    ["--genotypes", paths.genotypes],
    ["--expression", paths.expression],
    ["--covariates", paths.covariates],
  ].flat();
}

/** The cohort of this shape, generated unless a finished one is in the folder. */
export async function cachedCohort(folder: string, shape: CohortShape): Promise<MadeFiles> {
  const home = join(folder, Object.values(shape).join("-"));
  const paths = madeFiles(home);
  // The truth is written last.
  return existsSync(paths.truth) ? paths : await writeMadeCohort(home, shape);
}

/** Tests made and pairs written, as the manifest of a result has them. */
export function readCounts(out: string): { tests: number; hits: number } {
  const manifest: unknown = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8"));
  const counts = (manifest as { counts?: { tests?: unknown; hits?: unknown } }).counts;
  const { tests, hits } = counts ?? {};
  if (typeof tests !== "number" || typeof hits !== "number")
    throw new Error(`${out}/manifest.json has no counts`);
  return { tests, hits };
}
