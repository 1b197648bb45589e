import { mapCis } from "../association/cis.ts";
import { mapPairs, type UntestedPair, untestedOf } from "../association/pairs.ts";
import { hasSignificantPairs } from "../association/permutation/discovery.ts";
import type { Message } from "../cohort/cohort.ts";
import { UsageError } from "../errors.ts";
import type { OutputFolder } from "../node/output.ts";
import { count, counted } from "../report/numbers.ts";
import { checkInteraction, type InteractionOptions, interacts } from "./interactionOptions.ts";
import { type MapJob, runMap } from "./job.ts";
import type { CisOptions } from "./options.ts";
import { geneTestRequest } from "./permutationOptions.ts";
import type { Invocation } from "./shell.ts";

/** `qortex cis`. */
export async function runCis(options: CisOptions & InteractionOptions, shell: Invocation): Promise<void> {
  checkInteraction(options);
  if (interacts(options)) return (await import("./interaction.ts")).runCisInteraction(options, shell);
  return runMap(options.pairs === undefined ? windowJob(options) : pairsJob(options, options.pairs), shell);
}

function windowJob(options: CisOptions): MapJob {
  const {
    window,
    windowAnchor: anchor,
    writePairs,
    fdr,
    groups,
    permutationIndices,
    sexStratified,
  } = options;
  const geneTests = geneTestRequest(options);
  const significant =
    geneTests !== undefined && hasSignificantPairs(geneTests.within) && writePairs !== "none";
  return {
    options,
    map: { kind: "cis", window, anchor },
    computing:
      geneTests?.within === "permutations"
        ? "f64 refine of every pair; permutations"
        : "f64 refine: every pair is written",
    fdr,
    tables: { writePairs, significant, sexStratified: sexStratified !== undefined },
    inputs: { groups, "permutation indices": permutationIndices },
    start: (cohort, run) => mapCis(cohort, { ...run, window, anchor, geneTests, sexStratified }),
  };
}

function pairsJob(options: CisOptions, path: string): MapJob {
  const { window, windowAnchor: anchor, fdr, writePairs } = options;
  if (geneTestRequest(options) !== undefined || options.groups !== undefined) {
    throw new UsageError(
      "--pairs tests the pairs of a list: further tests of genes need all variants of a window",
    );
  }
  if (options.sexStratified !== undefined) {
    throw new UsageError(
      "--sex-stratified goes through windows; leave out --pairs, or take --interaction-sex",
    );
  }
  return {
    options,
    map: { kind: "cis", window, anchor, pairs: path },
    computing: "f64 refine: every listed pair is written",
    fdr,
    tables: { writePairs },
    inputs: { pairs: path },
    start: (cohort, common) => mapPairs(cohort, { ...common, anchor }),
    after: (result, folder, onMessage) => sayUntested(path, untestedOf(result), folder, onMessage),
  };
}

/** The listed pairs that have no row in `cis_pairs`: counted by reason, and listed in a file of their own. */
export async function sayUntested(
  path: string,
  untested: readonly UntestedPair[],
  folder: OutputFolder,
  onMessage: (message: Message) => void,
): Promise<void> {
  const rows = untested.map(({ variant, gene, reason }) => `${variant}\t${gene}\t${reason}\n`);
  await folder.text("pairs_untested.tsv", `variant_id\tphenotype_id\treason\n${rows.join("")}`);
  if (untested.length === 0) return;
  const byReason = new Map<string, number>();
  for (const { reason } of untested) byReason.set(reason, (byReason.get(reason) ?? 0) + 1);
  const reasons = [...byReason]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([reason, number]) => `${count(number)} ${reason}`);
  const text = `${path}: ${counted(untested.length, "listed pair")} not tested (${reasons.join(", ")}): see pairs_untested.tsv`;
  onMessage({ level: "warning", text });
}
