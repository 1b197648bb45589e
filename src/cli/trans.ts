import { mapTrans } from "../association/trans.ts";
import { bases } from "../report/numbers.ts";
import { shortNumber } from "./format.ts";
import { runMap } from "./job.ts";
import type { TransOptions } from "./options.ts";
import type { Invocation } from "./shell.ts";

/** `qortex trans`. */
export function runTrans(options: TransOptions, shell: Invocation): Promise<void> {
  const { pValue, distance, allPairs } = options;
  return runMap(
    {
      kind: "trans",
      options,
      anchor: "tss",
      window: distance,
      map: { kind: "trans", pValue, distance, allPairs },
      reach: allPairs ? "all pairs" : `pairs more than ${bases(distance)} apart or on two chromosomes`,
      computing: `screen, then f64 refine of every pair that may reach p ${shortNumber(pValue)}`,
      start: (cohort, run) => mapTrans(cohort, { ...run, pValue, distance, allPairs }),
    },
    shell,
  );
}
