import type { RunOptions } from "../association/run.ts";
import type { MapResult, MapRun } from "../association/tables.ts";
import type { Cohort, Message } from "../cohort/cohort.ts";
import type { OutputFolder, WriteMapOptions } from "../node/output.ts";
import type { MapFacts } from "../report/mapFacts.ts";
import type { MapOptions } from "./options.ts";

/** What a command adds to what all maps have in common. */
export interface MapJob {
  readonly options: MapOptions;
  readonly map: MapFacts["map"];
  /** How they are computed, for the status line. */
  readonly computing: string;
  /** Genes at or below this q are significant. Default 0.05. */
  readonly fdr?: number | undefined;
  /** Which pairs are written, and whether significant ones go into a table of their own. */
  readonly tables?: Pick<WriteMapOptions, "writePairs" | "significant" | "sexStratified"> | undefined;
  /** Input files of its own, by role. */
  readonly inputs?: Readonly<Record<string, string | undefined>> | undefined;
  readonly start: (
    cohort: Cohort,
    run: RunOptions,
    onMessage: (message: Message) => void,
  ) => MapRun | Promise<MapRun>;
  readonly after?: AfterMap;
}

/** What is still to be said or written when the map's tables are. */
export type AfterMap = (
  result: MapResult,
  folder: OutputFolder,
  onMessage: (message: Message) => void,
) => Promise<void>;
