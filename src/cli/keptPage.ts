import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type BarePage, decodeReport, REPORT_DATA } from "../report/keptReport.ts";
import type { Illustrated, NamedFigure } from "../report/report.ts";

/** What the page of the result in `folder` is made of, without its plots; undefined where the folder keeps none. Throws InputError where it is damaged. */
export async function readReport(folder: string): Promise<BarePage | undefined> {
  const path = join(folder, REPORT_DATA);
  return existsSync(path) ? decodeReport(await readFile(path), path) : undefined;
}

/** The page with its plots, files of the folder; those that are not there any more, by name. */
export async function withPlots(
  folder: string,
  { figures, ...page }: BarePage,
): Promise<{ readonly page: Illustrated; readonly missing: readonly string[] }> {
  const found: NamedFigure[] = [];
  const missing: string[] = [];
  for (const figure of figures) {
    const name = `${figure.name}.svg`;
    try {
      found.push({ ...figure, svg: await readFile(join(folder, name), "utf8") });
    } catch {
      missing.push(name);
    }
  }
  return { page: { ...page, figures: found }, missing };
}
