import type { Cohort, Message } from "../cohort/cohort.ts";
import type { InputFile } from "../node/manifest.ts";
import type { OutputFile, OutputFolder } from "../node/output.ts";
import type { CisMap, TransMap } from "../report/mapFacts.ts";
import { type DrawnFigure, mapReport } from "../report/mapReport.ts";
import { reportHtml } from "../report/report.ts";
import type { MapOptions } from "./options.ts";
import { version } from "./shell.ts";
import { type MapFacts, SIGNIFICANT_Q } from "./summary.ts";

/** What the page is made of besides the facts. */
export interface PageParts {
  readonly map: CisMap | TransMap;
  readonly cohort: Cohort;
  readonly options: MapOptions;
  readonly figures: readonly DrawnFigure[];
  readonly inputs: readonly InputFile[];
  readonly messages: readonly Message[];
  readonly files: readonly OutputFile[];
}

/** The page and its plots. Nothing in them depends on backend, threads, memory or the clock. */
export async function writeReport(folder: OutputFolder, facts: MapFacts, parts: PageParts): Promise<void> {
  const { map, cohort, figures, inputs, messages } = parts;
  for (const { name, svg } of figures) await folder.text(`${name}.svg`, svg);
  const {
    backend: _b,
    threads: _t,
    memory: _m,
    out: _o,
    overwrite: _w,
    quiet: _q,
    ...options
  } = parts.options;
  const report = mapReport(
    {
      map,
      version: version(),
      seed: options.seed,
      cohort,
      result: facts.result,
      significantQ: SIGNIFICANT_Q,
      messages: messages.filter(({ level }) => level === "warning").map(({ text }) => text),
      files: parts.files.flatMap(({ name, rows, bytes }) =>
        rows === undefined ? [] : [{ name, rows, bytes }],
      ),
    },
    figures,
    { version: version(), command: facts.kind, options, inputs },
  );
  await folder.text("report.html", reportHtml(report));
}
