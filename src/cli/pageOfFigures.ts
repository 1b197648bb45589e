import { parseHTML } from "linkedom/worker";
import type { InputFile } from "../node/manifest.ts";
import type { CommandPage } from "../report/pageParts.ts";
import type { Illustrated, NamedFigure } from "../report/report.ts";
import type { Canvas } from "../report/svg.ts";
import type { Running } from "./cohortJob.ts";
import { pageManifest, warningsOf, writeReport } from "./reportFiles.ts";
import { besideTheMap } from "./warnings.ts";

/** A page, made of what the run warned of, its figures, and what it was run with. */
export interface PageMaker {
  figures(canvas: Canvas): readonly NamedFigure[];
  report(figures: readonly NamedFigure[], messages: readonly string[], manifest: unknown): Illustrated;
}

/** Plots and page into the folder. The tables are complete: what cannot be made is a warning. */
export async function writePage(
  { folder, messages, onMessage }: Pick<Running, "folder" | "messages" | "onMessage">,
  command: string,
  options: object,
  inputs: readonly InputFile[],
  { figures: draw, report }: PageMaker,
): Promise<void> {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  let page: Illustrated;
  try {
    const manifest = pageManifest(command, { options: { ...options }, inputs, messages });
    page = report(draw({ document }), warningsOf(messages), manifest);
  } catch (error) {
    onMessage(besideTheMap("the report could not be made", error));
    return;
  }
  await writeReport(folder, page, onMessage);
}

/** The same of a page that is made as one: `make` is called here, so that what fails is a warning too. */
export function writeCommandPage(
  running: Pick<Running, "folder" | "messages" | "onMessage">,
  command: string,
  options: object,
  inputs: readonly InputFile[],
  make: () => CommandPage,
): Promise<void> {
  let page: CommandPage | undefined;
  return writePage(running, command, options, inputs, {
    figures: (canvas) => {
      page = make();
      return page.figures(canvas);
    },
    report: (figures, messages, manifest) => ({ ...page!.content, figures, messages, manifest }),
  });
}
