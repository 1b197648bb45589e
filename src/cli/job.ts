import type { RunOptions } from "../association/run.ts";
import type { MapResult, MapRun } from "../association/tables.ts";
import type { Cohort, Message } from "../cohort/cohort.ts";
import type { Backend } from "../compute/backend.ts";
import { throwIfAborted } from "../errors.ts";
import { regionText } from "../formats/regions.ts";
import { createBackend, openCohort } from "../node/index.ts";
import { type InputFile, type Json, writeManifest } from "../node/manifest.ts";
import { type OutputFile, OutputFolder, writeMap } from "../node/output.ts";
import { anchorOf } from "../report/leads.ts";
import type { MapFacts } from "../report/mapFacts.ts";
import { count, counted } from "../report/numbers.ts";
import { startHashing } from "./inputs.ts";
import { JsonLines } from "./jsonLines.ts";
import type { MapOptions } from "./options.ts";
import { type Plotter, plotter } from "./plots.ts";
import { reportPage } from "./reportPage.ts";
import { type Invocation, version } from "./shell.ts";
import { SIGNIFICANT_Q, summaryRecord, summaryText } from "./summary.ts";
import { type Console, Terminal } from "./terminal.ts";
import { besideTheMap, nothingTested, unknownIds } from "./warnings.ts";

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

/** From files to a complete folder, or to an error and no trace of one. */
export async function runMap(job: MapJob, shell: Invocation): Promise<void> {
  const { options } = job;
  const speech = { out: shell.out, err: shell.err, quiet: options.quiet, now: shell.now };
  const terminal = options.json ? new JsonLines(speech) : new Terminal(speech);
  const folder = await OutputFolder.open(options.out, { overwrite: options.overwrite });
  try {
    await fill(folder, job, shell, terminal);
  } catch (error) {
    terminal.clear();
    try {
      await folder.abandon();
    } catch (second) {
      // The first error is the one to see: this one is mostly its consequence.
      terminal.message(besideTheMap("temporary files could not be removed", second));
    }
    throw error;
  }
}

/** Everything a run holds while it lasts. */
interface Running {
  readonly folder: OutputFolder;
  readonly job: MapJob;
  readonly shell: Invocation;
  readonly terminal: Console;
  readonly onMessage: (message: Message) => void;
  readonly clock: Stopwatch;
  readonly messages: readonly Message[];
  /** What was said of the GPU. */
  readonly machine: readonly Message[];
  readonly cohort: Cohort;
  readonly backend: Backend;
}

async function fill(folder: OutputFolder, job: MapJob, shell: Invocation, terminal: Console): Promise<void> {
  const { options } = job;
  const clock = stopwatch(shell.now);
  const messages: Message[] = [];
  const onMessage = (message: Message): void => {
    messages.push(message);
    terminal.message(message);
  };
  const { region: regions, ...asked } = options;
  const cohort = await openCohort(options, { ...asked, regions, onMessage, signal: shell.signal });
  try {
    throwIfAborted(shell.signal);
    clock.lap("reading");
    terminal.status(samplesLine(cohort));
    for (const message of unknownIds(cohort)) onMessage(message);
    // Said and kept in the manifest, but no part of the report, whose bytes depend on no machine.
    const machine: Message[] = [];
    const onWarning = (text: string): void => {
      machine.push({ level: "warning", text });
      terminal.message({ level: "warning", text });
    };
    const { threads, device } = options;
    const backend = await createBackend(options.backend, { threads, device, onWarning });
    try {
      terminal.status(statusLine(cohort, backend, job.computing));
      await complete({ folder, job, shell, terminal, onMessage, clock, messages, machine, cohort, backend });
    } finally {
      await backend.dispose();
    }
  } finally {
    await cohort.close();
  }
}

/** Runs the map and writes the folder, tables first and the manifest last. */
async function complete(running: Running): Promise<void> {
  const { folder, job, shell, terminal, clock, onMessage, cohort, backend } = running;
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
    await illustrate(running, plots, facts, inputs.files);
    clock.lap("report");
    const { files } = await writeManifest(folder, runRecord(running, result, inputs.files));
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
  { folder, job, shell, messages, onMessage }: Running,
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

/** For the manifest: what its own type asks for, and lambda and the messages. */
function runRecord(running: Running, result: MapResult, inputs: readonly InputFile[]) {
  const { job, shell, clock, messages, machine, cohort, backend } = running;
  return {
    version: version(),
    command: ["qortex", ...shell.args],
    options: { ...job.options, region: job.options.region?.map(regionText).join(",") },
    inputs,
    samples: samplesRecord(cohort),
    model: cohort.model,
    degreesOfFreedom: cohort.degreesOfFreedom,
    seed: job.options.seed,
    backend: backend.description,
    counts: result.counts,
    lambda: result.null.lambda,
    messages: [...messages, ...machine].map(({ level, text }) => ({ level, text })),
    timings: clock.seconds(),
  };
}

interface Stopwatch {
  /** Ends a phase, counted from the end of the one before. */
  lap(phase: string): void;
  /** Seconds since the start. */
  total(): number;
  /** Seconds by phase. */
  seconds(): Record<string, number>;
}

function stopwatch(now: () => number): Stopwatch {
  const start = now();
  let last = start;
  const laps: Record<string, number> = {};
  const round = (milliseconds: number) => Math.round(milliseconds) / 1000;
  return {
    lap(phase: string): void {
      laps[phase] = round(now() - last);
      last = now();
    },
    total: () => round(now() - start),
    seconds: () => ({ ...laps, total: round(now() - start) }),
  };
}

/** `Using WebAssembly SIMD, 2 threads (...) · 358 samples · 608 genes · 49,799 variants`. */
function statusLine(cohort: Cohort, backend: Backend, computing: string): string {
  return [
    `Using ${backend.description} (${computing})`,
    counted(cohort.samples.length, "sample"),
    counted(cohort.genes.id.length, "gene"),
    counted(cohort.tables.genotypes.variantCount, "variant"),
  ].join(" · ");
}

/** Who is used and who is not, and why. */
function samplesLine(cohort: Cohort): string {
  const { report } = cohort;
  const left: readonly (readonly [number, string])[] = [
    [report.genotypesOnly.length, "in the genotypes only"],
    [report.expressionOnly.length, "in the expression only"],
    [report.covariatesOnly.length, "in the covariates only"],
    [report.withoutCovariates.length, "without covariates"],
    [report.removed, "left out by --keep or --remove"],
  ];
  const others = left.filter(([number]) => number > 0).map(([number, where]) => `${count(number)} ${where}`);
  return [
    `Samples: ${count(report.used)} used`,
    ...(others.length > 0 ? others : ["the same in all files"]),
  ].join(", ");
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

function samplesRecord(cohort: Cohort): { [key: string]: Json } {
  const { report } = cohort;
  const { used, genotypesOnly, expressionOnly, covariatesOnly, withoutCovariates, removed, unknown } = report;
  return {
    used,
    genotypesOnly,
    expressionOnly,
    covariatesOnly,
    withoutCovariates,
    removed,
    unknown,
    covariatesUsed: report.covariatesUsed,
    covariatesDropped: report.covariatesDropped.map(({ name, why }) => ({ name, why })),
  };
}
