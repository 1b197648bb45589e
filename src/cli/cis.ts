import { mapCis } from "../association/cis.ts";
import { bases } from "../report/numbers.ts";
import { runMap } from "./job.ts";
import type { CisOptions } from "./options.ts";
import type { Invocation } from "./shell.ts";

/** `qortex cis`. */
export function runCis(options: CisOptions, shell: Invocation): Promise<void> {
  const { window, windowAnchor } = options;
  return runMap(
    {
      kind: "cis",
      options,
      anchor: windowAnchor,
      window,
      map: { kind: "cis", window, anchor: windowAnchor },
      reach: `each gene with the variants within ${bases(window)} of it`,
      computing: "f64 refine: every pair is written",
      start: (cohort, run) => mapCis(cohort, { ...run, window, anchor: windowAnchor }),
    },
    shell,
  );
}
