import { throwIfAborted } from "../errors.ts";
import { writeManifest } from "../node/manifest.ts";
import { writeMap, writeStoredMap } from "../node/output.ts";
import { anchorOf } from "../report/leads.ts";
import { writeChrX } from "./chrxTable.ts";
import { commonRecord, type Running, withCohort } from "./cohortJob.ts";
import { saidComplete } from "./complete.ts";
import { factsOf, illustrate } from "./finishing.ts";
import { hashedFiles, startHashing } from "./inputs.ts";
import { everyInput, keepingError, keptParts, removeWork } from "./keptParts.ts";
import type { MapJob } from "./mapJob.ts";
import { plottedCohort, plotter } from "./plots.ts";
import { finishShard } from "./shardJob.ts";
import { type Invocation, version } from "./shell.ts";
import { summaryRecord, summaryText } from "./summary.ts";
import { transRecord } from "./transRecord.ts";
import { nothingTested } from "./warnings.ts";

export type { MapJob } from "./mapJob.ts";

/** A map from files to a complete folder, or to an error and no trace of one (but the parts, with `--resume`). */
export async function runMap(job: MapJob, shell: Invocation): Promise<void> {
  const { options } = job;
  if (await saidComplete(job, shell)) return;
  try {
    await withCohort(options, job.computing, shell, (running) => complete(running, job));
  } catch (error) {
    throw options.resume ? keepingError(error, options) : error;
  }
}

/** Runs the map and writes the folder, tables first and the manifest last. */
async function complete(running: Running, job: MapJob): Promise<void> {
  const { folder, shell, terminal, clock, onMessage, messages, cohort, backend } = running;
  const { options, map } = job;
  const { signal } = shell;
  const hashing = startHashing(options, signal, job.inputs);
  try {
    const onProgress = terminal.progress.bind(terminal);
    const { memory, seed, format } = options;
    const run = await job.start(cohort, { backend, memory, seed, signal, onProgress }, onMessage);
    if (options.shard !== undefined) {
      const inputs = everyInput(await hashing.inputs);
      await finishShard(running, job, options.shard, await keptParts(running, job, run, inputs), run, inputs);
      return;
    }
    const plots = plotter(map, plottedCohort(cohort, { memory, signal }, options.annotation), onMessage);
    const metadata = { "qortex.version": version() };
    const anchor = anchorOf(map);
    const onMapped = () => backend.dispose();
    const listening = { signal, onBatch: plots.add, onMapped, onProgress };
    const writing = { format, anchor, memory, metadata, ...job.tables, ...listening };
    const kept = options.resume
      ? await keptParts(running, job, run, everyInput(await hashing.inputs))
      : undefined;
    const { result, files: tables } =
      kept === undefined
        ? await writeMap(map.kind, run, folder, writing)
        : await writeStoredMap(
            map.kind,
            { genes: run.genes, marks: run.marks, summary: run.summary(), parts: kept.store },
            folder,
            writing,
          );
    terminal.clear();
    await writeChrX(folder, cohort, format, signal);
    await job.after?.(result, folder, onMessage);
    clock.lap("mapping");

    for (const message of nothingTested(cohort, result)) onMessage(message);
    const facts = factsOf(map, options, cohort, result, tables, job.fdr);
    const inputs = await hashedFiles(hashing, onMessage);
    await illustrate({ folder, signal, options, inputs, messages, onMessage }, plots, facts);
    clock.lap("report");
    const { files } = await writeManifest(folder, {
      ...commonRecord(running, options, inputs),
      counts: result.counts,
      lambda: result.null.lambda,
      ...transRecord(facts),
    });
    throwIfAborted(signal);
    await folder.commit();
    await removeWork(running, kept?.work);
    const text = summaryText(facts, options.out, files, clock.total());
    terminal.result(text, summaryRecord(facts, options.out, files, clock.total()));
  } finally {
    hashing.stop();
  }
}
