import { type Command, Option } from "commander";
import { UsageError } from "../errors.ts";
import { KEPT_ROWS } from "../report/keptReport.ts";
import { group } from "./options.ts";
import { numberIn } from "./values.ts";
import type { ViewOptions } from "./view.ts";

export interface ReportOptions {
  readonly out?: string;
  readonly gene: readonly string[];
  readonly top?: number;
  readonly quiet: boolean;
}

export const REPORT_SWITCHES_OFF: Pick<ReportOptions, "quiet"> = { quiet: false };

export const REPORT_DESCRIPTION = `Makes report.html of a finished result again, from the folder alone: its tables, its manifest and what the
command kept for its page (report.data). The page is the one that the command wrote, byte for byte, unless more
is asked for. Tables are never touched.`;

export function addReportOptions(command: Command): void {
  const add = group(command, "Report:");
  add("--out <file>", "write the page here; without it report.html of the folder is replaced");
  const gene = new Option(
    "--gene <id>",
    "of a cis map, add a regional plot of this gene from cis_pairs; may be given several times",
  );
  gene.helpGroup("Report:").argParser((id: string, before: readonly string[] = []) => [...before, id]);
  command.addOption(gene.default([], "none"));
  add(
    "--top <n>",
    `rows of the tables of strongest genes, pairs, sets (1 to ${KEPT_ROWS}; default: as the page has them)`,
    {
      parse: numberIn({ min: 1, max: KEPT_ROWS, integer: true }),
    },
  );
  add("--quiet", "print nothing but warnings and errors");
}

/** Gene ids are not empty: an empty one is a variable of a shell that was not set. */
export function checkReportOptions({ gene }: ReportOptions): void {
  if (gene.some((id) => id.trim() === ""))
    throw new UsageError("--gene takes a gene id or symbol; got nothing");
}

export const VIEW_DESCRIPTION = `Opens a finished result in the browser: serves Qortex's page to this machine alone (127.0.0.1, at an address that
cannot be guessed), with the result loaded, and with the files it was made of where they are still there, so
that samples and linkage can be drawn too. Nothing leaves the machine. Ctrl-C ends it.`;

export function addViewOptions(command: Command): void {
  const add = group(command, "View:");
  add("--port <n>", "port on 127.0.0.1; one that is taken is passed over", {
    parse: numberIn({ min: 0, max: 65_535, integer: true }),
    initial: 0,
    initialText: "0, a free one",
  });
  add("--no-inputs", "serve the result alone, not the files of the cohort that the manifest names");
}

export type { ViewOptions };
