import type { ModulesResult } from "../network/modules.ts";
import type { ModulePreservation } from "../network/preservation.ts";
import type { ModuleTraits, Traits } from "../network/traits.ts";
import type { InputFile } from "../node/manifest.ts";
import { modulesFigures } from "../report/modulesFigures.ts";
import { modulesReport } from "../report/modulesReport.ts";
import { METHODS } from "./networkCorrelateOptions.ts";
import type { NetworkRunning } from "./networkJob.ts";
import type { ModulesCommandOptions } from "./networkModulesOptions.ts";
import { writePage } from "./pageOfFigures.ts";
import { version } from "./shell.ts";

/** All that was found, for the page. */
export interface FoundModules {
  readonly result: ModulesResult;
  readonly traits: Traits | undefined;
  readonly related: ModuleTraits | undefined;
  readonly preserved: readonly ModulePreservation[] | undefined;
}

/** Pictures and page. The tables are complete: what cannot be made is a warning. */
export function illustrateModules(
  running: NetworkRunning,
  options: ModulesCommandOptions,
  { result, traits, related, preserved }: FoundModules,
  inputs: readonly InputFile[],
): Promise<void> {
  const set = running.cohorts[0]!;
  const { method, maxPOutliers, networkType: type, pictures } = options;
  const found =
    traits === undefined || related === undefined ? undefined : { names: traits.names, found: related };
  const facts = {
    ...{ version: version(), set, result },
    choices: {
      ...options,
      ...{ correlation: METHODS[method], type, minModuleSize: result.minModuleSize },
    },
    traits: found && { ...found, name: options.traits ?? "" },
    preservation: preserved && { name: options.preservation ?? "", modules: preserved },
  };
  return writePage(running, "network modules", options, inputs, {
    figures: (canvas) =>
      modulesFigures(canvas, {
        ...{ set, result, type, pictures, traits: found, measure: { method, maxPOutliers } },
      }),
    report: (figures, messages, manifest) => modulesReport({ ...facts, messages }, figures, manifest),
  });
}
