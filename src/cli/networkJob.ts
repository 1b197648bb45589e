import type { Message } from "../cohort/cohort.ts";
import type { ExpressionSet } from "../cohort/expressionSet.ts";
import type { Backend } from "../compute/backend.ts";
import { throwIfAborted } from "../errors.ts";
import type { WholeTable } from "../network/tableParts.ts";
import { createBackend } from "../node/backends.ts";
import { hashInput, type InputFile, type Json, type RunRecord } from "../node/manifest.ts";
import { openExpression } from "../node/open.ts";
import type { OutputFolder } from "../node/output.ts";
import { count, counted } from "../report/numbers.ts";
import type { CommandPage } from "../report/pageParts.ts";
import { closeResult } from "./closing.ts";
import { type Stopwatch, stopwatch, withFolder } from "./cohortJob.ts";
import type { EndOptions, NetworkOptions } from "./networkOptions.ts";
import { writeCommandPage } from "./pageOfFigures.ts";
import { type Invocation, version } from "./shell.ts";
import type { SummaryLine } from "./summary.ts";
import type { Console } from "./terminal.ts";

/** Everything a network command holds while it lasts. */
export interface NetworkRunning {
  readonly folder: OutputFolder;
  readonly shell: Invocation;
  readonly terminal: Console;
  readonly onMessage: (message: Message) => void;
  readonly clock: Stopwatch;
  readonly messages: readonly Message[];
  /** What was said of the GPU. */
  readonly machine: readonly Message[];
  /** In the order of `--expression`. */
  readonly cohorts: readonly ExpressionSet[];
  readonly backend: Backend;
}

/**
 * From files to a complete folder, or to an error and no trace of one: reads the expression, opens the backend, says so
 * (`computing`: how), and hands both to `complete`, which writes into the folder and ends with {@link finish}.
 */
export async function withExpression(
  options: NetworkOptions,
  computing: string,
  shell: Invocation,
  complete: (running: NetworkRunning) => Promise<void>,
): Promise<void> {
  const open = async (onMessage: (message: Message) => void) => {
    const cohorts: ExpressionSet[] = [];
    for (const [c, expression] of options.expression.entries()) {
      cohorts.push(await openCohort(options, expression, options.covariates?.[c], onMessage));
      throwIfAborted(shell.signal);
    }
    warnOfShared(cohorts, onMessage);
    return cohorts;
  };
  const facts = (cohorts: readonly ExpressionSet[]) => cohortFacts(cohorts);
  await withInput(options, computing, shell, { open, facts }, (running, cohorts) =>
    complete({ ...running, cohorts }),
  );
}

/** What a command reads before anything is computed, and what the status line says of it. */
export interface NetworkInput<Input> {
  readonly open: (onMessage: (message: Message) => void) => Promise<Input>;
  readonly facts: (input: Input) => readonly string[];
}

/** {@link withExpression} of a command that reads something else. */
export async function withInput<Input>(
  options: EndOptions,
  computing: string,
  shell: Invocation,
  { open, facts }: NetworkInput<Input>,
  complete: (running: NetworkRunning, input: Input) => Promise<void>,
): Promise<void> {
  await withFolder(options, shell, async (folder, terminal) => {
    const clock = stopwatch(shell.now);
    const messages: Message[] = [];
    const machine: Message[] = [];
    const onMessage = (message: Message): void => {
      messages.push(message);
      terminal.message(message);
    };
    const input = await open(onMessage);
    clock.lap("reading");
    const { threads, device } = options;
    const onWarning = (text: string): void => {
      machine.push({ level: "warning", text });
      terminal.message({ level: "warning", text });
    };
    const backend = await createBackend(options.backend, { threads, device, onWarning });
    try {
      terminal.status([`Using ${backend.description} (${computing})`, ...facts(input)].join(" · "));
      const running = { folder, shell, terminal, onMessage, clock, messages, machine, cohorts: [], backend };
      await complete(running, input);
    } finally {
      await backend.dispose();
    }
  });
}

/** One file of expression; what is doubtful of it is said. */
export async function openCohort(
  options: NetworkOptions,
  expression: string,
  covariates: string | undefined,
  onMessage: (message: Message) => void,
): Promise<ExpressionSet> {
  const { annotation, keep, remove, transform, maxMissing, samplesInRows } = options;
  const files = { expression, covariates, annotation, keep, remove };
  const set = await openExpression(files, { transform, maxMissing, samplesInRows, onMessage });
  const left = set.status.filter((status) => status !== "ok").length;
  if (left > 0) {
    const kinds = (["constant", "collinear", "missing"] as const)
      .map((kind) => [kind, set.status.filter((status) => status === kind).length] as const)
      .filter(([, number]) => number > 0)
      .map(([kind, number]) => `${count(number)} ${kind}`);
    onMessage({
      level: "warning",
      text: `${set.name}: ${counted(left, "gene")} left out (${kinds.join(", ")})`,
    });
  }
  return set;
}

/** Combined, cohorts count as independent: a sample that is in two of them counts twice. */
function warnOfShared(cohorts: readonly ExpressionSet[], onMessage: (message: Message) => void): void {
  for (const [c, { name, samples }] of cohorts.entries()) {
    for (const before of cohorts.slice(0, c)) {
      const ids = new Set(before.samples);
      const both = samples.filter((id) => ids.has(id));
      if (both.length === 0) continue;
      const which = both.slice(0, 3).join(", ") + (both.length > 3 ? ", ..." : "");
      const text = `${counted(both.length, "sample id")} in both ${before.name} and ${name} (${which}): if these are the same samples they count twice; take them out of one`;
      onMessage({ level: "warning", text });
    }
  }
}

function cohortFacts(cohorts: readonly ExpressionSet[]): string[] {
  const samples = cohorts.reduce((sum, set) => sum + set.samples.length, 0);
  const genes = new Set(cohorts.flatMap((set) => set.id)).size;
  return [
    ...(cohorts.length > 1 ? [counted(cohorts.length, "cohort")] : []),
    counted(samples, "sample"),
    counted(genes, "gene"),
  ];
}

/** Writes a table that is whole in memory. */
export async function writeTable(
  { folder }: NetworkRunning,
  { name, schema, columns }: WholeTable,
  format: NetworkOptions["format"],
): Promise<void> {
  const table = await folder.table(name, schema, format);
  await table.write(columns);
  await table.close();
}

/** What a command says of itself when its tables are written. */
export interface Finished {
  readonly kind: string;
  readonly title: string;
  readonly lines: readonly SummaryLine[];
  readonly counts: { readonly [key: string]: Json };
  readonly model: string;
  readonly degreesOfFreedom: number;
  /** Files read beside the expression and its company, by role. */
  readonly inputs?: Readonly<Record<string, string | undefined>>;
  /** All files read, where they are hashed already. */
  readonly hashed?: readonly InputFile[];
  /** What the page says; a command that has written its own has none. */
  readonly page?: () => CommandPage;
}

/** The manifest, the folder in its place, and the summary. */
export async function finish(
  running: NetworkRunning,
  options: EndOptions,
  finished: Finished,
): Promise<void> {
  const { shell, terminal, clock } = running;
  terminal.clear();
  const inputs = finished.hashed ?? (await hashInputs(options, finished.inputs, shell.signal));
  if (finished.page !== undefined) {
    await writeCommandPage(running, finished.kind.replace("-", " "), options, inputs, finished.page);
    clock.lap("report");
  }
  const record = recordOf(running, options, finished, inputs);
  await closeResult(running, options.out, record, finished);
}

function recordOf(
  { shell, clock, messages, machine, cohorts, backend }: NetworkRunning,
  options: EndOptions & Partial<NetworkOptions>,
  { counts, model, degreesOfFreedom }: Finished,
  inputs: readonly InputFile[],
): RunRecord {
  return {
    version: version(),
    command: ["qortex", ...shell.args],
    options: { ...options },
    inputs: [...inputs],
    samples: cohorts.map((set) => ({
      expression: set.name,
      used: set.samples.length,
      covariatesUsed: set.covariatesUsed,
      covariatesDropped: set.covariatesDropped.map(({ name, why }) => ({ name, why })),
    })),
    model,
    degreesOfFreedom,
    seed: options.seed,
    backend: backend.description,
    counts,
    messages: [...messages, ...machine].map(({ level, text }) => ({ level, text })),
    timings: clock.seconds(),
  };
}

/** The files read, with their hashes; `more`: those beside the expression and its company, by role. */
export async function hashInputs(
  options: EndOptions & Partial<NetworkOptions>,
  more: Finished["inputs"] = {},
  signal?: AbortSignal,
): Promise<InputFile[]> {
  const { annotation, keep, remove } = options;
  const several = (options.expression?.length ?? 0) > 1;
  const named = (role: string, list: readonly string[] = []) =>
    list.map((path, c) => [several ? `${role} ${c + 1}` : role, path] as const);
  const roles = [
    ...named("expression", options.expression),
    ...named("covariates", options.covariates),
    ...Object.entries({ annotation, keep, remove, ...more }),
  ];
  const files: InputFile[] = [];
  for (const [role, path] of roles) {
    if (path !== undefined) files.push(await hashInput(role, path, signal));
  }
  return files;
}
