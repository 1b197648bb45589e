import { interactionResult } from "../association/interaction/leadNumbers.ts";
import { MapSummary } from "../association/summary.ts";
import { samplesRecord } from "../cohort/samplesRecord.ts";
import { throwIfAborted } from "../errors.ts";
import { writeStoredInteractions } from "../node/interactionOutput.ts";
import { writeManifest } from "../node/manifest.ts";
import type { OutputFolder } from "../node/output.ts";
import { joinedStore, type ShardFolder, type ShardRecord } from "../node/shardFolder.ts";
import type { KeptInteraction, KeptMap } from "../report/keptMap.ts";
import { copyChrX } from "./chrxTable.ts";
import { optionsRecord, type Stopwatch } from "./cohortJob.ts";
import {
  illustrateInteractions,
  interactionCounts,
  interactionFacts,
  interactionWriting,
} from "./interactionFinishing.ts";
import type { InteractionOptions } from "./interactionOptions.ts";
import { InteractionPoints, lociOfMap } from "./interactionReport.ts";
import { interactionRecord, interactionSummary } from "./interactionSummary.ts";
import type { MapOptions } from "./options.ts";
import { type Invocation, version } from "./shell.ts";
import type { Console } from "./terminal.ts";
import { nothingTested } from "./warnings.ts";

/** What a merge of interaction maps is made of. */
export interface MergedInteractions extends Pick<KeptMap, "map" | "cohort" | "variants" | "variantsRead"> {
  readonly shards: readonly ShardFolder[];
  /** Of the first shard. */
  readonly record: ShardRecord;
  readonly interaction: KeptInteraction;
  readonly folder: OutputFolder;
  readonly out: string;
  /** Bytes. */
  readonly memory: number;
}

/** `qortex merge` of maps of interactions: the files of one run. */
export async function mergeInteractions(
  merging: MergedInteractions,
  shell: Invocation,
  terminal: Console,
  clock: Stopwatch,
): Promise<void> {
  const { shards, record, map, cohort, variants, variantsRead, interaction, folder, out, memory } = merging;
  const { signal } = shell;
  const options = { ...(record.options as MapOptions & InteractionOptions), out };
  const { models, ...asked } = interaction;
  const { sharedVariance: fitted } = cohort.genes;
  const maps = models.map(({ context, contexts, geneStatus, share = [] }) => {
    const own = Float64Array.from(share, (one) => one ?? Number.NaN);
    const sharedVariance = fitted && { name: fitted.name, share: own };
    return {
      context,
      summary: new MapSummary({
        ...{ geneStatus, variantsRead, backend: record.backend },
        finish: (result) => interactionResult({ contexts, sharedVariance }, result),
      }),
    };
  });
  const points = new InteractionPoints(variants, maps.length, lociOfMap(map, options));
  const { results, files: tables } = await writeStoredInteractions(
    map.kind,
    { maps, contexts: models[0]!.contexts.length, genes: cohort.genes, parts: await joinedStore(shards) },
    folder,
    {
      ...interactionWriting(map, { ...options, memory }, cohort, models, signal),
      onProgress: terminal.progress.bind(terminal),
      onPairs: points.add,
    },
  );
  terminal.clear();
  await copyChrX(folder, shards[0]!.path);
  const messages = [...record.messages];
  const onMessage = (message: (typeof messages)[number]): void => {
    messages.push(message);
    terminal.message(message);
  };
  for (const result of results) for (const message of nothingTested(cohort, result)) onMessage(message);
  const facts = interactionFacts({ map, options, cohort, asked, models, results, tables });
  const { inputs } = record.identity;
  await illustrateInteractions({ folder, signal, options, inputs, messages, onMessage }, facts, points);
  clock.lap("merging");
  const { resume: _r, shard: _s, ...whole } = options;
  const { files } = await writeManifest(folder, {
    version: version(),
    command: ["qortex", ...shell.args],
    options: optionsRecord(whole),
    inputs,
    samples: samplesRecord(cohort.report),
    model: cohort.model,
    degreesOfFreedom: cohort.degreesOfFreedom,
    cohort: cohort.marks,
    seed: options.seed,
    backend: record.backend,
    messages,
    timings: clock.seconds(),
    ...interactionCounts(facts),
  });
  throwIfAborted(signal);
  await folder.commit();
  terminal.result(
    interactionSummary(facts, out, files, clock.total()),
    interactionRecord(facts, out, files, clock.total()),
  );
}
