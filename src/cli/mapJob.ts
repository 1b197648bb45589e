import type { RunOptions } from "../association/run.ts";
import type { MapResult, MapRun } from "../association/tables.ts";
import type { Cohort, Message } from "../cohort/cohort.ts";
import type { OutputFolder } from "../node/output.ts";
import type { MapFacts } from "../report/mapFacts.ts";
import type { MapOptions } from "./options.ts";

/** What a command adds to what all maps have in common. */
export interface MapJob {
  readonly options: MapOptions;
  readonly map: MapFacts["map"];
  /** How they are computed, for the status line. */
  readonly computing: string;
  readonly start: (cohort: Cohort, run: RunOptions) => MapRun;
  readonly after?: AfterMap;
}

/** What is still to be said or written when the map's tables are. */
export type AfterMap = (
  result: MapResult,
  folder: OutputFolder,
  onMessage: (message: Message) => void,
) => Promise<void>;
