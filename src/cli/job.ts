import type { RunOptions } from "../association/run.ts";
import type { MapResult, MapRun } from "../association/tables.ts";
import type { Cohort, Message } from "../cohort/cohort.ts";
import { throwIfAborted } from "../errors.ts";
import { type InputFile, writeManifest } from "../node/manifest.ts";
import { type OutputFile, type OutputFolder, writeMap } from "../node/output.ts";
import { anchorOf } from "../report/leads.ts";
import type { MapFacts } from "../report/mapFacts.ts";
import { commonRecord, type Running, withCohort } from "./cohortJob.ts";
import { startHashing } from "./inputs.ts";
import type { MapOptions } from "./options.ts";
import { type Plotter, plotter } from "./plots.ts";
import { reportPage } from "./reportPage.ts";
import { type Invocation, version } from "./shell.ts";
import { SIGNIFICANT_Q, summaryRecord, summaryText } from "./summary.ts";
import { besideTheMap, nothingTested } from "./warnings.ts";

/** What a command adds to what all maps have in common. */
export interface MapJob {
  readonly options: MapOptions;
  readonly map: MapFacts["map"];
  /** How they are computed, for the status line. */
  readonly computing: string;
  readonly start: (cohort: Cohort, run: RunOptions) => MapRun;
  /** What is still to be said or written when the map's tables are. */
  readonly after?: (
    run: MapRun,
    folder: OutputFolder,
    onMessage: (message: Message) => void,
  ) => Promise<void>;
}

/** A map from files to a complete folder, or to an error and no trace of one. */
export async function runMap(job: MapJob, shell: Invocation): Promise<void> {
  await withCohort(job.options, job.computing, shell, (running) => complete(running, job));
}

/** Runs the map and writes the folder, tables first and the manifest last. */
async function complete(running: Running, job: MapJob): Promise<void> {
  const { folder, shell, terminal, clock, onMessage, cohort, backend } = running;
  const { options, map } = job;
  const { signal } = shell;
  const hashing = startHashing(options, signal);
  try {
    const plots = plotter(map, cohort, onMessage);
    const onProgress = terminal.progress.bind(terminal);
    const { memory, seed, format } = options;
    const run = job.start(cohort, { backend, memory, seed, signal, onProgress });
    const metadata = { "qortex.version": version() };
    const anchor = anchorOf(map);
    const writing = { format, anchor, memory, metadata, signal, onBatch: plots.add, onProgress };
    const { result, files: tables } = await writeMap(map.kind, run, folder, writing);
    terminal.clear();
    await job.after?.(run, folder, running.onMessage);
    clock.lap("mapping");

    for (const message of nothingTested(cohort, result)) onMessage(message);
    const facts = factsOf(job, cohort, result, tables);
    const inputs = await hashing.inputs;
    for (const failure of inputs.failures) onMessage(besideTheMap("no hash in the manifest", failure));
    await illustrate(running, job, plots, facts, inputs.files);
    clock.lap("report");
    const { files } = await writeManifest(folder, {
      ...commonRecord(running, options, inputs.files),
      counts: result.counts,
      lambda: result.null.lambda,
    });
    throwIfAborted(signal);
    await folder.commit();
    const text = summaryText(facts, options.out, files, clock.total());
    terminal.result(text, summaryRecord(facts, options.out, files, clock.total()));
  } finally {
    hashing.stop();
  }
}

/** Plots and page. The tables are complete: what cannot be made is a warning, and the map is kept. */
async function illustrate(
  { folder, shell, messages, onMessage }: Running,
  job: MapJob,
  plots: Plotter,
  facts: MapFacts,
  inputs: readonly InputFile[],
): Promise<void> {
  const figures = await plots.figures(facts);
  throwIfAborted(shell.signal);
  let page: string | undefined;
  try {
    page = reportPage(facts, { options: job.options, figures, inputs, messages });
  } catch (error) {
    onMessage(besideTheMap("report.html could not be made", error));
  }
  const texts: [name: string, text: string][] = figures.map(({ name, svg }) => [`${name}.svg`, svg]);
  if (page !== undefined) texts.push(["report.html", page]);
  for (const [name, text] of texts) {
    try {
      await folder.text(name, text);
    } catch (error) {
      onMessage(besideTheMap(`${name} could not be written`, error));
    }
  }
}

function factsOf(
  { map, options }: MapJob,
  cohort: Cohort,
  result: MapResult,
  tables: readonly OutputFile[],
): MapFacts {
  return {
    map,
    version: version(),
    seed: options.seed,
    cohort,
    result,
    significantQ: SIGNIFICANT_Q,
    files: tables.flatMap(({ name, rows, bytes }) => (rows === undefined ? [] : [{ name, rows, bytes }])),
  };
}
