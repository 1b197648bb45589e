import type { Message } from "../cohort/cohort.ts";
import type { InputFile } from "../node/manifest.ts";
import type { MapFacts } from "../report/mapFacts.ts";
import { type DrawnFigure, mapReport } from "../report/mapReport.ts";
import { reportHtml } from "../report/report.ts";
import type { MapOptions } from "./options.ts";
import { version } from "./shell.ts";

/** What the page is made of besides the facts. */
export interface PageParts {
  readonly options: MapOptions;
  readonly figures: readonly DrawnFigure[];
  readonly inputs: readonly InputFile[];
  readonly messages: readonly Message[];
}

/** The page as HTML. Nothing in it depends on backend, threads, memory or the clock. */
export function reportPage(facts: MapFacts, parts: PageParts): string {
  const { figures, inputs, messages } = parts;
  const options = resultOptions(parts.options);
  const warnings = messages.filter(({ level }) => level === "warning").map(({ text }) => text);
  const manifest = { version: version(), command: facts.map.kind, options, inputs };
  return reportHtml(mapReport({ ...facts, messages: warnings }, figures, manifest));
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
