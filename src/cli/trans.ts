import { geneNumbers } from "../association/trans/crossMapping.ts";
import { mapTrans } from "../association/trans.ts";
import type { Cohort, Message } from "../cohort/cohort.ts";
import { type CrossMappingTable, readCrossMapping } from "../formats/crossMapping.ts";
import { counted } from "../formats/wording.ts";
import { fileSource } from "../node/files.ts";
import { inflateGzip } from "../node/inflate.ts";
import { isScreened } from "../report/mapFacts.ts";
import { openCisSignals, SIGNAL_TABLES } from "./cisSignals.ts";
import { shortNumber } from "./format.ts";
import { checkInteraction, type InteractionOptions, interacts } from "./interactionOptions.ts";
import { runMap } from "./job.ts";
import { tablePath } from "./resultTable.ts";
import type { Invocation } from "./shell.ts";
import type { TransOptions } from "./transOptions.ts";

/** `qortex trans`. */
export async function runTrans(options: TransOptions & InteractionOptions, shell: Invocation): Promise<void> {
  checkInteraction(options);
  if (interacts(options)) return (await import("./interaction.ts")).runTransInteraction(options, shell);
  const { pValue, distance, allPairs, permutations, locusDistance } = options;
  const { crossMapping: path, crossMappingDistance, regressCis } = options;
  const signalsPath = regressCis === undefined ? undefined : await tablePath(regressCis, SIGNAL_TABLES);
  const permuting = permutations === 0 ? undefined : { permutations, locusDistance };
  const extras = { permutations, locusDistance, crossMappingDistance };
  await runMap(
    {
      options,
      map: {
        kind: "trans",
        pValue,
        distance,
        allPairs,
        crossMapping: path,
        crossMappingDistance,
        regressCis,
        permuting,
      },
      computing: isScreened(pValue)
        ? `screen, then f64 refine of every pair that may reach p ${shortNumber(pValue)}`
        : `f64 throughout: too many pairs reach p ${shortNumber(pValue)} for a screen to help`,
      inputs: { "cross-mapping": path, "cis signals": signalsPath },
      async start(cohort, run, onMessage) {
        const crossMapping =
          path === undefined ? undefined : await openCrossMapping(path, options, cohort, onMessage);
        const signals =
          signalsPath === undefined ? undefined : await openCisSignals(signalsPath, cohort, shell.signal);
        const own = { pValue, distance, allPairs, crossMapping, signals };
        return mapTrans(signals?.cohort ?? cohort, { ...run, ...extras, ...own });
      },
    },
    shell,
  );
}

/** Reads the file, and says what of it is used. */
async function openCrossMapping(
  path: string,
  { crossMappingThreshold }: TransOptions,
  cohort: Cohort,
  onMessage: (message: Message) => void,
): Promise<CrossMappingTable> {
  const source = await fileSource(path);
  try {
    const numberOf = geneNumbers(cohort.genes.id);
    const table = await readCrossMapping(source, inflateGzip, numberOf, crossMappingThreshold);
    const used = table.read - table.below - table.unknown;
    const text = `${path}: ${counted(table.read, "row")} of cross-mapping, ${USED[table.kind]}: ${counted(used, "row")} used, ${counted(table.below, "row")} below the threshold, ${counted(table.unknown, "row")} of genes that the expression lacks`;
    onMessage({ level: "info", text });
    return table;
  } finally {
    await source.close();
  }
}

const USED = {
  genes: "a score for two genes",
  regions: "a fraction for a region and a gene",
  variants: "a fraction for a variant and a gene",
} as const;
