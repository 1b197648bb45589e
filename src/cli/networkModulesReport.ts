import { parseHTML } from "linkedom/worker";
import type { ModulesResult } from "../network/modules.ts";
import type { ModulePreservation } from "../network/preservation.ts";
import type { ModuleTraits, Traits } from "../network/traits.ts";
import type { InputFile } from "../node/manifest.ts";
import { modulesFigures } from "../report/modulesFigures.ts";
import { modulesReport } from "../report/modulesReport.ts";
import { reportHtml } from "../report/report.ts";
import { METHODS } from "./networkCorrelateOptions.ts";
import type { NetworkRunning } from "./networkJob.ts";
import type { ModulesCommandOptions } from "./networkModulesOptions.ts";
import { resultOptions } from "./reportPage.ts";
import { version } from "./shell.ts";
import { besideTheMap } from "./warnings.ts";

/** All that was found, for the page. */
export interface FoundModules {
  readonly result: ModulesResult;
  readonly traits: Traits | undefined;
  readonly related: ModuleTraits | undefined;
  readonly preserved: readonly ModulePreservation[] | undefined;
}

/** Pictures and page. The tables are complete: what cannot be made is a warning. How many pictures. */
export async function illustrateModules(
  { folder, cohorts, messages, onMessage }: NetworkRunning,
  options: ModulesCommandOptions,
  { result, traits, related, preserved }: FoundModules,
  inputs: readonly InputFile[],
): Promise<void> {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const set = cohorts[0]!;
  const { method, maxPOutliers, networkType: type, pictures } = options;
  const found =
    traits === undefined || related === undefined ? undefined : { names: traits.names, found: related };
  try {
    const figures = modulesFigures(
      { document },
      { set, result, type, pictures, traits: found, measure: { method, maxPOutliers } },
    );
    for (const { name, svg } of figures) await folder.text(`${name}.svg`, svg);
    const facts = {
      ...{ version: version(), set, result },
      choices: {
        ...options,
        ...{ correlation: METHODS[method], type, minModuleSize: result.minModuleSize },
      },
      traits: found && { ...found, name: options.traits ?? "" },
      preservation: preserved && { name: options.preservation ?? "", modules: preserved },
      messages: messages.filter(({ level }) => level === "warning").map(({ text }) => text),
    };
    const manifest = {
      version: version(),
      command: "network modules",
      options: resultOptions(options),
      inputs,
    };
    await folder.text("report.html", reportHtml(modulesReport(facts, figures, manifest)));
  } catch (error) {
    onMessage(besideTheMap("the report could not be made", error));
  }
}
