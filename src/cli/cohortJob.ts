import type { Cohort, CohortOptions, Message } from "../cohort/cohort.ts";
import { samplesRecord } from "../cohort/samplesRecord.ts";
import type { Backend } from "../compute/backend.ts";
import { throwIfAborted } from "../errors.ts";
import { regionText } from "../formats/regions.ts";
import { createBackend } from "../node/backends.ts";
import type { InputFile, Json, RunRecord } from "../node/manifest.ts";
import { openCohort } from "../node/open.ts";
import { OutputFolder } from "../node/output.ts";
import { count, counted } from "../report/numbers.ts";
import { JsonLines } from "./jsonLines.ts";
import type { MapOptions } from "./options.ts";
import { type Invocation, version } from "./shell.ts";
import { type Console, Terminal } from "./terminal.ts";
import { besideTheMap, unknownIds } from "./warnings.ts";

/** Everything a command on a cohort holds while it lasts. */
export interface Running {
  readonly folder: OutputFolder;
  readonly shell: Invocation;
  readonly terminal: Console;
  readonly onMessage: (message: Message) => void;
  readonly clock: Stopwatch;
  readonly messages: readonly Message[];
  /** What was said of the machine: of its GPU, of work that was kept on it. */
  readonly machine: readonly Message[];
  /** Says so: printed and kept in the manifest, but no part of the report, whose bytes depend on no machine. */
  readonly onMachine: (text: string) => void;
  readonly cohort: Cohort;
  /** For the map itself; what comes after, which it may be disposed of before, has its name and description alone. */
  readonly backend: Backend;
}

/** A map's options, and what a command settles itself of how the cohort is made. */
export type CohortJobOptions = MapOptions & Pick<CohortOptions, "missingCovariates" | "genesLater">;

/**
 * From files to a complete folder, or to an error and no trace of one: opens the cohort and the backend, says so
 * (`computing`: how), and hands both to `complete`, which writes into the folder and commits it.
 */
export async function withCohort(
  options: CohortJobOptions,
  computing: string,
  shell: Invocation,
  complete: (running: Running) => Promise<void>,
): Promise<void> {
  await withFolder(options, shell, (folder, terminal) =>
    fill(folder, options, computing, shell, terminal, complete),
  );
}

/** A folder that `fill` writes into and commits; where it fails, no trace of one. */
export async function withFolder(
  options: Pick<MapOptions, "out" | "overwrite" | "quiet" | "json">,
  shell: Invocation,
  fill: (folder: OutputFolder, terminal: Console) => Promise<void>,
): Promise<void> {
  const speech = { out: shell.out, err: shell.err, quiet: options.quiet, now: shell.now };
  const terminal = options.json ? new JsonLines(speech) : new Terminal(speech);
  const folder = await OutputFolder.open(options.out, { overwrite: options.overwrite });
  try {
    await fill(folder, terminal);
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

async function fill(
  folder: OutputFolder,
  options: CohortJobOptions,
  computing: string,
  shell: Invocation,
  terminal: Console,
  complete: (running: Running) => Promise<void>,
): Promise<void> {
  const clock = stopwatch(shell.now);
  const messages: Message[] = [];
  const onMessage = (message: Message): void => {
    messages.push(message);
    terminal.message(message);
  };
  const { region: regions, ...asked } = options;
  // Genotype classes are tested with the covariates taken out of both sides.
  const model = options.model === "anova" ? "ols" : options.model;
  const cohort = await openCohort(options, { ...asked, model, regions, onMessage, signal: shell.signal });
  try {
    throwIfAborted(shell.signal);
    clock.lap("reading");
    terminal.status(samplesLine(cohort));
    for (const message of unknownIds(cohort)) onMessage(message);
    const machine: Message[] = [];
    const onMachine = (text: string): void => {
      machine.push({ level: "warning", text });
      terminal.message({ level: "warning", text });
    };
    const { threads, device } = options;
    const backend = await createBackend(options.backend, { threads, device, onWarning: onMachine });
    try {
      terminal.status(statusLine(cohort, backend, computing));
      await complete({
        ...{ folder, shell, terminal, onMessage, clock, messages, machine, onMachine, cohort, backend },
      });
    } finally {
      await backend.dispose();
    }
  } finally {
    await cohort.close();
  }
}

export interface Stopwatch {
  /** Ends a phase, counted from the end of the one before. */
  lap(phase: string): void;
  /** Seconds since the start. */
  total(): number;
  /** Seconds by phase. */
  seconds(): Record<string, number>;
}

export function stopwatch(now: () => number): Stopwatch {
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
    [report.withoutContexts.length, "without a context"],
    [report.removed, "left out by --keep or --remove"],
  ];
  const others = left.filter(([number]) => number > 0).map(([number, where]) => `${count(number)} ${where}`);
  return [
    `Samples: ${count(report.used)} used`,
    ...(others.length > 0 ? others : ["the same in all files"]),
  ].join(", ");
}

/** For the manifest: what every command on a cohort says of its run; counts are its own. */
export function commonRecord(
  { shell, clock, messages, machine, cohort, backend }: Running,
  options: MapOptions,
  inputs: readonly InputFile[],
): Omit<RunRecord, "counts"> {
  return {
    version: version(),
    command: ["qortex", ...shell.args],
    options: optionsRecord(options),
    inputs,
    samples: samplesRecord(cohort.report),
    model: cohort.model,
    degreesOfFreedom: cohort.degreesOfFreedom,
    cohort: cohort.marks,
    seed: options.seed,
    backend: backend.description,
    messages: [...messages, ...machine].map(({ level, text }) => ({ level, text })),
    timings: clock.seconds(),
  };
}

/** Of the tables of a command on a cohort: the version, and what tells the cohort from others. */
export function tableMetadata({ marks }: Pick<Cohort, "marks">): Readonly<Record<string, string>> {
  return { "qortex.version": version(), ...marks };
}

/** Options as a record, regions and shard as they are typed. */
export function optionsRecord(options: MapOptions): { [name: string]: Json | undefined } {
  const { region, shard } = options;
  return {
    ...options,
    region: region?.map(regionText).join(","),
    shard: shard && `${shard.index}/${shard.count}`,
  };
}
