import { parseHTML } from "linkedom/worker";
import type { InputFile } from "../node/manifest.ts";
import type { NamedFigure } from "../report/covariatesFigures.ts";
import { type ReportData, reportHtml } from "../report/report.ts";
import type { Canvas } from "../report/svg.ts";
import type { Running } from "./cohortJob.ts";
import type { MapOptions } from "./options.ts";
import { resultOptions } from "./reportPage.ts";
import { version } from "./shell.ts";
import { besideTheMap } from "./warnings.ts";

/** A page, made of what the run warned of, its figures, and what it was run with. */
export interface PageMaker {
  figures(canvas: Canvas): readonly NamedFigure[];
  report(figures: readonly NamedFigure[], messages: readonly string[], manifest: unknown): ReportData;
}

/** Plots and page into the folder. The tables are complete: what cannot be made is a warning. */
export async function writePage(
  { folder, messages, onMessage }: Running,
  command: string,
  options: MapOptions,
  inputs: readonly InputFile[],
  { figures: draw, report }: PageMaker,
): Promise<void> {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const warnings = messages.filter(({ level }) => level === "warning").map(({ text }) => text);
  try {
    const figures = draw({ document });
    for (const { name, svg } of figures) await folder.text(`${name}.svg`, svg);
    const manifest = { version: version(), command, options: resultOptions(options), inputs };
    await folder.text("report.html", reportHtml(report(figures, warnings, manifest)));
  } catch (error) {
    onMessage(besideTheMap("the report could not be made", error));
  }
}
