import type { MapResult } from "../association/tables.ts";
import type { Message } from "../cohort/cohort.ts";
import { throwIfAborted } from "../errors.ts";
import type { InputFile } from "../node/manifest.ts";
import type { OutputFile, OutputFolder } from "../node/output.ts";
import type { CohortFacts, MapFacts } from "../report/mapFacts.ts";
import { mapReport } from "../report/mapReport.ts";
import type { Illustrated } from "../report/report.ts";
import { REPORT_LOCI } from "../report/reportLoci.ts";
import type { MapOptions } from "./options.ts";
import type { Plotter } from "./plots.ts";
import { pageManifest, warningsOf, writeReport } from "./reportFiles.ts";
import { version } from "./shell.ts";
import { SIGNIFICANT_Q } from "./summary.ts";
import { besideTheMap } from "./warnings.ts";

/** What a map is finished with, whether its parts were just done or are merged. */
export interface Finishing {
  readonly folder: OutputFolder;
  readonly signal: AbortSignal;
  readonly options: MapOptions;
  readonly inputs: readonly InputFile[];
  readonly messages: readonly Message[];
  readonly onMessage: (message: Message) => void;
}

export function factsOf(
  map: MapFacts["map"],
  options: MapOptions,
  cohort: CohortFacts,
  result: MapResult,
  tables: readonly OutputFile[],
  significantQ = SIGNIFICANT_Q,
): MapFacts {
  return {
    map,
    version: version(),
    seed: options.seed,
    cohort,
    result,
    significantQ,
    files: tables.flatMap(({ name, rows, bytes }) => (rows === undefined ? [] : [{ name, rows, bytes }])),
  };
}

/** Plots and page. The tables are complete: what cannot be made is a warning, and the map is kept. */
export async function illustrate(finishing: Finishing, plots: Plotter, facts: MapFacts): Promise<void> {
  const { folder, signal, options, inputs, messages, onMessage } = finishing;
  const figures = await plots.figures(facts);
  const loci = await plots.loci(facts, options.reportLoci ?? REPORT_LOCI);
  const more = [...loci, ...plots.quality(facts)];
  throwIfAborted(signal);
  let page: Illustrated;
  try {
    const manifest = pageManifest(facts.map.kind, { options: { ...options }, inputs, messages });
    const notes = messages.filter(({ level }) => level === "info").map(({ text }) => text);
    page = mapReport(
      { ...facts, hubs: plots.hubs(), messages: warningsOf(messages), notes },
      figures,
      manifest,
      more,
    );
  } catch (error) {
    onMessage(besideTheMap("report.html could not be made", error));
    return;
  }
  await writeReport(folder, page, onMessage);
}
