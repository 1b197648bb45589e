import type { Message } from "../../../cohort/cohort.ts";
import { figureNames } from "../../../report/captions.ts";
import type { MapFacts } from "../../../report/mapFacts.ts";
import { mapReport } from "../../../report/mapReport.ts";
import type { OpenCohort } from "../cohort.ts";
import { VERSION } from "../version.ts";
import { type MadeMap, type MapJob, SIGNIFICANT_Q } from "./mapRun.ts";

/**
 * What a map's report says, with its plots named and not yet drawn: a worker has no document to draw into, the page has. Words, tables and
 * methods are those of the command line's report.
 */
export function reportParts(
  job: MapJob,
  { cohort }: OpenCohort,
  { result, tables, hubs }: MadeMap,
  messages: readonly Message[],
  manifest: unknown,
): string {
  const map: MapFacts["map"] =
    job.kind === "cis"
      ? { kind: "cis", window: job.window, anchor: "tss" }
      : { kind: "trans", pValue: job.pValue, distance: job.distance, allPairs: false };
  const warnings = messages.filter(({ level }) => level === "warning").map(({ text }) => text);
  const facts: MapFacts = {
    ...{ map, version: VERSION, seed: job.seed, cohort, result, significantQ: SIGNIFICANT_Q },
    ...{ messages: warnings, files: tables, hubs },
  };
  const undrawn = figureNames(facts).map((name) => ({ name, svg: "" }));
  return JSON.stringify(mapReport(facts, undrawn, manifest));
}
