import { mapTrans } from "../association/trans.ts";
import { isScreened } from "../report/mapFacts.ts";
import { shortNumber } from "./format.ts";
import { runTransInteraction } from "./interaction.ts";
import { checkInteraction, type InteractionOptions } from "./interactionOptions.ts";
import { runMap } from "./job.ts";
import type { TransOptions } from "./options.ts";
import type { Invocation } from "./shell.ts";

/** `qortex trans`. */
export function runTrans(options: TransOptions & InteractionOptions, shell: Invocation): Promise<void> {
  checkInteraction(options);
  if (options.interaction !== undefined) return runTransInteraction(options, shell);
  const { pValue, distance, allPairs } = options;
  return runMap(
    {
      options,
      map: { kind: "trans", pValue, distance, allPairs },
      computing: isScreened(pValue)
        ? `screen, then f64 refine of every pair that may reach p ${shortNumber(pValue)}`
        : `f64 throughout: too many pairs reach p ${shortNumber(pValue)} for a screen to help`,
      start: (cohort, run) => mapTrans(cohort, { ...run, pValue, distance, allPairs }),
    },
    shell,
  );
}
