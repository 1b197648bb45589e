import { mapCis } from "../association/cis.ts";
import { runMap } from "./job.ts";
import type { CisOptions } from "./options.ts";
import type { Invocation } from "./shell.ts";

/** `qortex cis`. */
export function runCis(options: CisOptions, shell: Invocation): Promise<void> {
  const { window, windowAnchor } = options;
  return runMap(
    {
      options,
      map: { kind: "cis", window, anchor: windowAnchor },
      computing: "f64 refine: every pair is written",
      start: (cohort, run) => mapCis(cohort, { ...run, window, anchor: windowAnchor }),
    },
    shell,
  );
}
