import { parseHTML } from "linkedom/worker";
import type { Message } from "../cohort/cohort.ts";
import type { InputFile } from "../node/manifest.ts";
import type { InteractionFacts } from "../report/interactionFacts.ts";
import { type InteractionFigure, interactionReport } from "../report/interactionReport.ts";
import { qq } from "../report/qq.ts";
import { reportHtml } from "../report/report.ts";
import { interactionLines } from "./interactionSummary.ts";
import type { MapOptions } from "./options.ts";
import { version } from "./shell.ts";

/** QQ plots of each context's null sample, by OLS and by HC3. */
export function interactionFigures(facts: InteractionFacts): InteractionFigure[] {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  return facts.maps.flatMap(({ context, result }, i) => {
    if (result.null.log10P.length === 0) return [];
    const suffix = facts.maps.length === 1 ? "" : `-${i + 1}`;
    const robust = result.nullLog10PHc3.filter((value) => !Number.isNaN(value));
    const title = (test: string): string => `QQ plot of g x ${context}, ${test}`;
    return [
      {
        ...{ file: `qq${suffix}.svg`, context, test: "OLS" },
        svg: qq({ document }, { ...result.null, title: title("OLS") }),
      },
      {
        ...{ file: `qq-hc3${suffix}.svg`, context, test: "HC3" },
        svg: qq({ document }, { log10P: robust, lambda: result.lambdaHc3, title: title("HC3") }),
      },
    ];
  });
}

/** The page as HTML. Nothing in it depends on backend, threads, memory or the clock. */
export function interactionPage(
  facts: InteractionFacts,
  parts: {
    readonly options: MapOptions;
    readonly figures: readonly InteractionFigure[];
    readonly inputs: readonly InputFile[];
    readonly messages: readonly Message[];
  },
): string {
  const {
    backend: _b,
    device: _d,
    threads: _t,
    memory: _m,
    out: _o,
    overwrite: _w,
    quiet: _q,
    ...options
  } = parts.options;
  const messages = parts.messages.filter(({ level }) => level === "warning").map(({ text }) => text);
  const manifest = {
    version: version(),
    command: `${facts.map.kind} --interaction`,
    options,
    inputs: parts.inputs,
  };
  const lines = facts.maps.map((one) => interactionLines(facts, one));
  return reportHtml(interactionReport(facts, lines, parts.figures, messages, manifest));
}
