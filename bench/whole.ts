import { rmSync } from "node:fs";
import { join } from "node:path";
import type { CohortShape } from "../src/bench/cohort.ts";
import type { MadeFiles } from "../src/node/madeCohort.ts";
import { type Measurement, measure, median } from "./measure.ts";
import { cachedCohort, inputsOf, QORTEX, readCounts } from "./scene.ts";

/** What `qortex trans` as a whole process took, and answered. */
export interface WholeMap {
  readonly run: Measurement;
  readonly tests: number;
  readonly hits: number;
}

/** Maps a generated cohort (made once, kept in `folder`) `runs` times; the run of median time. */
export async function wholeMap(
  settings: { readonly folder: string; readonly runs: number; readonly threads: number },
  name: string,
  shape: CohortShape,
  options: readonly string[],
): Promise<WholeMap> {
  const paths: MadeFiles = await cachedCohort(settings.folder, shape);
  const out = join(settings.folder, `out-${name}`);
  const threads = settings.threads === 0 ? [] : ["--threads", String(settings.threads)];
  const command = [QORTEX, "trans", ...inputsOf(paths), "--quiet", ...options, ...threads, "--out", out];
  const run = await median(settings.runs, () => {
    rmSync(out, { recursive: true, force: true });
    return measure(process.execPath, command);
  });
  const counts = readCounts(out);
  rmSync(out, { recursive: true, force: true });
  return { run, ...counts };
}

export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
