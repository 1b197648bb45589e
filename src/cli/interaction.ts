import { mapCisInteraction } from "../association/interaction/cis.ts";
import { isScreenedInteraction } from "../association/interaction/screen.ts";
import type { InteractionOptions as RunOptions } from "../association/interaction/session.ts";
import type { InteractionRun } from "../association/interaction/tables.ts";
import { mapTransInteraction } from "../association/interaction/trans.ts";
import type { Cohort } from "../cohort/cohort.ts";
import { throwIfAborted } from "../errors.ts";
import { writeInteractions } from "../node/interactionOutput.ts";
import { writeManifest } from "../node/manifest.ts";
import type { InteractionFacts } from "../report/interactionFacts.ts";
import { anchorOf } from "../report/leads.ts";
import type { MapFacts } from "../report/mapFacts.ts";
import { writeChrX } from "./chrxTable.ts";
import { commonRecord, type Running, withCohort } from "./cohortJob.ts";
import { shortNumber } from "./format.ts";
import { startHashing } from "./inputs.ts";
import type { InteractionOptions } from "./interactionOptions.ts";
import { interactionFigures, interactionPage } from "./interactionReport.ts";
import { interactionRecord, interactionSummary } from "./interactionSummary.ts";
import type { CisOptions, MapOptions } from "./options.ts";
import { type Invocation, version } from "./shell.ts";
import { SIGNIFICANT_Q } from "./summary.ts";
import type { TransOptions } from "./transOptions.ts";
import { besideTheMap, nothingTested } from "./warnings.ts";

/** What is mapped, and how one model's map is started. */
interface InteractionJob {
  readonly options: MapOptions & InteractionOptions;
  readonly map: MapFacts["map"];
  readonly computing: string;
  readonly start: (cohort: Cohort, run: RunOptions) => InteractionRun;
}

/** `qortex cis --interaction`. */
export function runCisInteraction(
  options: CisOptions & InteractionOptions,
  shell: Invocation,
): Promise<void> {
  const { window, windowAnchor: anchor, effectiveTests } = options;
  return runInteraction(
    {
      options,
      map: { kind: "cis", window, anchor },
      computing: "genotype x context, all pairs in f64",
      start: (cohort, run) =>
        mapCisInteraction(cohort, { ...run, window, anchor, eigenMT: effectiveTests === "eigenmt" }),
    },
    shell,
  );
}

/** `qortex trans --interaction`. */
export function runTransInteraction(
  options: TransOptions & InteractionOptions,
  shell: Invocation,
): Promise<void> {
  const { pValue, distance, allPairs, joint, covariateByGenotype = [] } = options;
  const several = joint === true || covariateByGenotype.length > 0;
  const screened = isScreenedInteraction(several ? 2 : 1, pValue);
  return runInteraction(
    {
      options,
      map: { kind: "trans", pValue, distance, allPairs },
      computing: screened
        ? `genotype x context, screen by two products, then f64 of every pair that may reach p ${shortNumber(pValue)}`
        : "genotype x context, f64 throughout",
      start: (cohort, run) => mapTransInteraction(cohort, { ...run, pValue, distance, allPairs }),
    },
    shell,
  );
}

function runInteraction(job: InteractionJob, shell: Invocation): Promise<void> {
  return withCohort(job.options, job.computing, shell, (running) => complete(running, job));
}

/** Runs the maps and writes the folder, tables first and the manifest last. */
async function complete(running: Running, job: InteractionJob): Promise<void> {
  const { folder, shell, terminal, clock, onMessage, cohort } = running;
  const { options, map } = job;
  const { signal } = shell;
  const hashing = startHashing(options, signal, { interaction: options.interaction });
  try {
    const { memory, format, leadsOnly } = options;
    const runs = startRuns(running, job);
    const { results, files: tables } = await writeInteractions(map.kind, runs, folder, {
      ...{ format, anchor: anchorOf(map), memory, signal, pairs: leadsOnly !== true },
      metadata: { "qortex.version": version(), contexts: runs.map(({ context }) => context).join("; ") },
      onProgress: terminal.progress.bind(terminal),
    });
    terminal.clear();
    await writeChrX(folder, cohort, format, signal);
    clock.lap("mapping");
    for (const result of results) for (const message of nothingTested(cohort, result)) onMessage(message);
    const facts: InteractionFacts = {
      map,
      version: version(),
      seed: options.seed,
      cohort,
      mafInteraction: options.mafInteraction,
      hc3Below: options.hc3Below,
      covariateByContext: options.covariateByContext ?? [],
      eigenMT: map.kind === "cis" && options.effectiveTests === "eigenmt",
      significantQ: SIGNIFICANT_Q,
      maps: runs.map(({ context, run }, i) => ({
        context,
        contexts: run.contexts,
        byGenotype: run.byGenotype,
        degreesOfFreedom: run.degreesOfFreedom,
        covariates: run.covariates,
        result: results[i]!,
      })),
      files: tables.flatMap(({ name, rows, bytes }) => (rows === undefined ? [] : [{ name, rows, bytes }])),
    };
    const inputs = await hashing.inputs;
    for (const failure of inputs.failures) onMessage(besideTheMap("no hash in the manifest", failure));
    await illustrate(running, job, facts, inputs.files);
    clock.lap("report");
    const { files } = await writeManifest(folder, {
      ...commonRecord(running, options, inputs.files),
      counts: Object.fromEntries(facts.maps.map(({ context, result }) => [context, { ...result.counts }])),
      ...manifestLambdas(facts),
    });
    throwIfAborted(signal);
    await folder.commit();
    terminal.result(
      interactionSummary(facts, options.out, files, clock.total()),
      interactionRecord(facts, options.out, files, clock.total()),
    );
  } finally {
    hashing.stop();
  }
}

/** A map for each context, or one of all of them. */
function startRuns({ cohort, backend, shell, terminal }: Running, { options, start }: InteractionJob) {
  const known = cohort.contexts?.names ?? [];
  const { memory, seed, mafInteraction, covariateByGenotype, covariateByContext, hc3Below } = options;
  const models = options.joint === true ? [[...known.keys()]] : known.map((_, c) => [c]);
  return models.map((contexts) => ({
    context: contexts.map((c) => known[c]!).join(" + "),
    run: start(cohort, {
      ...{ backend, memory, seed, signal: shell.signal, onProgress: terminal.progress.bind(terminal) },
      ...{ contexts, mafInteraction, covariateByGenotype, covariateByContext, robustBelow: hc3Below },
    }),
  }));
}

function manifestLambdas({ maps }: InteractionFacts) {
  const number = (value: number): number | null => (Number.isNaN(value) ? null : value);
  const byContext = maps.map(({ context, degreesOfFreedom, result }) => ({
    ...{ context, degreesOfFreedom, lambda: number(result.null.lambda) },
    lambdaHc3: number(result.lambdaHc3),
  }));
  return { interaction: byContext };
}

/** Plots and page. The tables are complete: what cannot be made is a warning, and the map is kept. */
async function illustrate(
  { folder, shell, messages, onMessage }: Running,
  { options }: InteractionJob,
  facts: InteractionFacts,
  inputs: Parameters<typeof interactionPage>[1]["inputs"],
): Promise<void> {
  const texts: [name: string, text: string][] = [];
  try {
    const figures = interactionFigures(facts);
    for (const { file, svg } of figures) texts.push([file, svg]);
    texts.push(["report.html", interactionPage(facts, { options, figures, inputs, messages })]);
  } catch (error) {
    onMessage(besideTheMap("report.html could not be made", error));
  }
  throwIfAborted(shell.signal);
  for (const [name, text] of texts) {
    try {
      await folder.text(name, text);
    } catch (error) {
      onMessage(besideTheMap(`${name} could not be written`, error));
    }
  }
}
