import { untestedOf } from "../association/pairs.ts";
import { hasSignificantPairs } from "../association/permutation/discovery.ts";
import { withGeneLevel } from "../association/permutation/geneLevel.ts";
import { MapSummary } from "../association/summary.ts";
import type { MapResult } from "../association/tables.ts";
import { transFinish } from "../association/trans.ts";
import { samplesRecord } from "../cohort/samplesRecord.ts";
import { throwIfAborted } from "../errors.ts";
import { type RunRecord, writeManifest } from "../node/manifest.ts";
import { OutputFolder, writeStoredMap } from "../node/output.ts";
import {
  checkShard,
  joinedStore,
  keptMapOf,
  openShard,
  type ShardFolder,
  wholeSet,
} from "../node/shardFolder.ts";
import type { KeptMap } from "../report/keptMap.ts";
import { anchorOf } from "../report/leads.ts";
import { counted } from "../report/numbers.ts";
import { copyChrX } from "./chrxTable.ts";
import { sayUntested } from "./cis.ts";
import { optionsRecord, stopwatch } from "./cohortJob.ts";
import { factsOf, illustrate } from "./finishing.ts";
import { mergeInteractions } from "./interactionMerge.ts";
import { JsonLines } from "./jsonLines.ts";
import type { MergeOptions } from "./mergeOptions.ts";
import type { CisOptions, MapOptions } from "./options.ts";
import { type PlottedCohort, plotter } from "./plots.ts";
import { type Invocation, version } from "./shell.ts";
import { summaryRecord, summaryText } from "./summary.ts";
import { type Console, Terminal } from "./terminal.ts";
import { transRecord } from "./transRecord.ts";
import { nothingTested } from "./warnings.ts";

/** `qortex merge`: from the folders of all shards to the folder of one run. */
export async function runMerge(
  paths: readonly string[],
  options: MergeOptions,
  shell: Invocation,
): Promise<void> {
  const speech = { out: shell.out, err: shell.err, quiet: options.quiet, now: shell.now };
  const terminal = options.json ? new JsonLines(speech) : new Terminal(speech);
  const shards: ShardFolder[] = [];
  for (const path of paths) shards.push(await openShard(path));
  const whole = wholeSet(shards);
  const folder = await OutputFolder.open(options.out, { overwrite: options.overwrite });
  try {
    await merge(whole, folder, options, shell, terminal);
  } catch (error) {
    terminal.clear();
    await folder.abandon();
    throw error;
  }
}

async function merge(
  shards: readonly ShardFolder[],
  folder: OutputFolder,
  { out, memory }: MergeOptions,
  shell: Invocation,
  terminal: Console,
): Promise<void> {
  const { signal } = shell;
  const clock = stopwatch(shell.now);
  for (const shard of shards) await checkShard(shard, signal);
  clock.lap("checking");
  const [first] = shards;
  const { record } = first!;
  const kept = await keptMapOf(first!);
  const { map, cohort, variants, variantsRead, geneLevelPlan, interaction } = kept;
  terminal.status(`Merging ${counted(shards.length, "shard")} of a ${map.kind} map`);
  if (interaction !== undefined) {
    const merging = { shards, record, map, cohort, variants, variantsRead, interaction, folder, out, memory };
    await mergeInteractions(merging, shell, terminal, clock);
    return;
  }
  const { geneStatus } = cohort;
  const plots = plotter(map, await keptPlots(shards, { variants, cohort }), onMessage);
  const messages = [...record.messages];
  function onMessage(message: (typeof messages)[number]): void {
    messages.push(message);
    terminal.message(message);
  }
  // As the shard was called, so that the page of the report is that of one run.
  const {
    resume: _r,
    shard: _s,
    ...asked
  } = record.options as MapOptions & Partial<Pick<CisOptions, "fdr" | "writePairs" | "sexStratified">>;
  const options = { ...asked, out };
  const { format, fdr, writePairs } = options;
  const sexStratified = options.sexStratified !== undefined;
  const metadata = { "qortex.version": version() };
  const significant =
    geneLevelPlan !== undefined && hasSignificantPairs(geneLevelPlan.within) && writePairs !== "none";
  const writing = {
    format,
    writePairs,
    significant,
    sexStratified,
    anchor: anchorOf(map),
    memory,
    metadata,
    signal,
    onBatch: plots.add,
  };
  const parts = await joinedStore(shards);
  const finish =
    map.kind === "trans"
      ? transFinish(map.permuting)
      : geneLevelPlan && ((result: MapResult) => withGeneLevel(result, geneLevelPlan));
  const summary = new MapSummary({ geneStatus, variantsRead, backend: record.backend, finish });
  const stored = { genes: cohort.genes, marks: cohort.marks, summary, parts };
  const onProgress = terminal.progress.bind(terminal);
  const { result, files: tables } = await writeStoredMap(map.kind, stored, folder, {
    ...writing,
    onProgress,
  });
  terminal.clear();
  await copyChrX(folder, first!.path);
  if (map.kind === "cis" && map.pairs !== undefined) {
    await sayUntested(map.pairs, untestedOf(result), folder, onMessage);
  }
  for (const message of nothingTested(cohort, result)) onMessage(message);
  const facts = factsOf(map, options, cohort, result, tables, fdr);
  const { inputs } = record.identity;
  await illustrate({ folder, signal, options, inputs, messages, onMessage }, plots, facts);
  clock.lap("merging");
  const about: RunRecord = {
    version: version(),
    command: ["qortex", ...shell.args],
    options: optionsRecord(options),
    inputs,
    ...transRecord(facts),
    samples: samplesRecord(cohort.report),
    model: cohort.model,
    degreesOfFreedom: cohort.degreesOfFreedom,
    cohort: cohort.marks,
    seed: options.seed,
    backend: record.backend,
    counts: result.counts,
    lambda: result.null.lambda,
    messages,
    timings: clock.seconds(),
  };
  const { files } = await writeManifest(folder, about);
  throwIfAborted(signal);
  await folder.commit();
  terminal.result(
    summaryText(facts, out, files, clock.total()),
    summaryRecord(facts, out, files, clock.total()),
  );
}

/** What plots need, from what the shards kept. */
async function keptPlots(
  shards: readonly ShardFolder[],
  { variants, cohort }: Pick<KeptMap, "variants" | "cohort">,
): Promise<PlottedCohort> {
  const all = await Promise.all(shards.map(keptMapOf));
  const drawn = all.flatMap((kept) => kept.drawn);
  const regions = all.flatMap(({ loci = [] }) => loci);
  return {
    variants,
    genes: cohort.genes,
    async values(variant, gene) {
      const found = drawn.find((pair) => pair.variant === variant && pair.gene === gene);
      if (found === undefined) throw new Error("no shard kept the values of the strongest pair");
      return found.values;
    },
    async loci(_, leads) {
      return leads.flatMap(
        ({ lead, variant }) =>
          regions.find((one) => one.gene === lead.index && one.variant === variant) ?? [],
      );
    },
  };
}
