import type { Message } from "../cohort/cohort.ts";
import type { InputFile } from "../node/manifest.ts";
import type { OutputFolder } from "../node/output.ts";
import { encodeReport, REPORT_DATA } from "../report/keptReport.ts";
import { type Illustrated, reportHtml } from "../report/report.ts";
import type { MapOptions } from "./options.ts";
import { version } from "./shell.ts";
import { besideTheMap } from "./warnings.ts";

export const REPORT_PAGE = "report.html";

/** What every page is told of its run beside what it found. */
export interface PageParts {
  readonly options: Readonly<Record<string, unknown>>;
  readonly inputs: readonly InputFile[];
  readonly messages: readonly Message[];
}

/** What the page shows of the manifest: nothing that depends on backend, threads, memory or the clock. */
export function pageManifest(command: string, { options, inputs }: PageParts) {
  return { version: version(), command, options: resultOptions(options), inputs };
}

/** What the run warned of. */
export function warningsOf(messages: readonly Message[]): string[] {
  return messages.filter(({ level }) => level === "warning").map(({ text }) => text);
}

type MachineAndOutput = {
  readonly [name in
    | "backend"
    | "device"
    | "threads"
    | "memory"
    | "out"
    | "overwrite"
    | "quiet"
    | "json"
    | "resume"
    | "shard"]?: MapOptions[name] | undefined;
};

/** The options that a result may depend on: not those of machine and output. */
export function resultOptions<Options extends MachineAndOutput>(options: Options) {
  const {
    backend: _b,
    device: _d,
    threads: _t,
    memory: _m,
    out: _o,
    overwrite: _w,
    quiet: _q,
    json: _j,
    resume: _r,
    shard: _s,
    ...others
  } = options;
  return others;
}

/** Plots, page, and what the page is made of, into the folder. The tables are complete: what cannot be written is a warning. */
export async function writeReport(
  folder: OutputFolder,
  page: Illustrated,
  onMessage: (message: Message) => void,
): Promise<void> {
  const write = async (name: string, content: () => string | Uint8Array): Promise<void> => {
    try {
      const made = content();
      await (typeof made === "string" ? folder.text(name, made) : folder.bytes(name, made));
    } catch (error) {
      onMessage(besideTheMap(`${name} could not be written`, error));
    }
  };
  for (const { name, svg } of page.figures) await write(`${name}.svg`, () => svg);
  await write(REPORT_PAGE, () => reportHtml(page));
  await write(REPORT_DATA, () => encodeReport(page));
}
