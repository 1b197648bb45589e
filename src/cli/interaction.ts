import { mapCisInteraction } from "../association/interaction/cis.ts";
import { isScreenedInteraction } from "../association/interaction/finder.ts";
import { joinedRun } from "../association/interaction/joined.ts";
import type { InteractionOptions as RunOptions } from "../association/interaction/session.ts";
import type { InteractionRun } from "../association/interaction/tables.ts";
import { mapTransInteraction } from "../association/interaction/trans.ts";
import { storedPartsOf } from "../association/parts.ts";
import type { Cohort } from "../cohort/cohort.ts";
import { throwIfAborted } from "../errors.ts";
import { writeInteractions, writeStoredInteractions } from "../node/interactionOutput.ts";
import { writeManifest } from "../node/manifest.ts";
import type { ContextModel } from "../report/interactionFacts.ts";
import { variantLayout } from "../report/layout.ts";
import type { MapFacts } from "../report/mapFacts.ts";
import { writeChrX } from "./chrxTable.ts";
import { commonRecord, type Running, withCohort } from "./cohortJob.ts";
import { saidComplete } from "./complete.ts";
import { shortNumber } from "./format.ts";
import { hashedFiles, startHashing } from "./inputs.ts";
import {
  askedOf,
  illustrateInteractions,
  interactionCounts,
  interactionFacts,
  interactionWriting,
} from "./interactionFinishing.ts";
import type { InteractionOptions } from "./interactionOptions.ts";
import { InteractionPoints, lociOfMap } from "./interactionReport.ts";
import { interactionRecord, interactionSummary } from "./interactionSummary.ts";
import { everyInput, type KeptParts, keepingError, keptParts, removeWork } from "./keptParts.ts";
import type { CisOptions, MapOptions } from "./options.ts";
import { leaveShard } from "./shardJob.ts";
import type { Invocation } from "./shell.ts";
import type { TransOptions } from "./transOptions.ts";
import { nothingTested } from "./warnings.ts";

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

async function runInteraction(job: InteractionJob, shell: Invocation): Promise<void> {
  const { options } = job;
  if (await saidComplete({ ...job, inputs: inputsOf(job) }, shell)) return;
  try {
    await withCohort(options, job.computing, shell, (running) => complete(running, job));
  } catch (error) {
    throw options.resume ? keepingError(error, options) : error;
  }
}

function inputsOf({ options: { interaction } }: InteractionJob) {
  return { interaction };
}

/** Runs the maps and writes the folder, tables first and the manifest last. */
async function complete(running: Running, job: InteractionJob): Promise<void> {
  const { folder, shell, terminal, clock, onMessage, cohort } = running;
  const { options, map } = job;
  const hashing = startHashing(options, shell.signal, inputsOf(job));
  try {
    const runs = startRuns(running, job);
    const asked = askedOf(map, options);
    const models = runs.map(({ context, run }) => modelOf(context, run));
    const kept =
      options.resume || options.shard !== undefined
        ? await keptParts(
            running,
            job,
            joinedRun(runs.map(({ run }) => run)),
            everyInput(await hashing.inputs),
          )
        : undefined;
    if (kept !== undefined && options.shard !== undefined) {
      const { tests } = await countedParts(kept, shell.signal);
      const interaction = {
        ...asked,
        models: models.map((model, m) => ({ ...model, ...keptOf(runs[m]!.run) })),
      };
      const { files } = await hashing.inputs;
      await leaveShard(running, job, options.shard, kept, files, { tests, drawn: [], interaction });
      return;
    }
    const points = new InteractionPoints(
      variantLayout(cohort.tables.genotypes),
      runs.length,
      lociOfMap(map, options),
    );
    const writing = {
      ...interactionWriting(map, options, cohort, models, shell.signal),
      onProgress: terminal.progress.bind(terminal),
      onPairs: points.add,
      onMapped: () => running.backend.dispose(),
    };
    const { results, files: tables } =
      kept === undefined
        ? await writeInteractions(map.kind, runs, folder, writing)
        : await writeStoredInteractions(
            map.kind,
            {
              maps: runs.map(({ context, run }) => ({ context, summary: run.summary() })),
              contexts: models[0]!.contexts.length,
              genes: cohort.genes,
              parts: kept.store,
            },
            folder,
            writing,
          );
    terminal.clear();
    await writeChrX(folder, cohort, options.format, shell.signal);
    clock.lap("mapping");
    for (const result of results) for (const message of nothingTested(cohort, result)) onMessage(message);
    const facts = interactionFacts({ map, options, cohort, asked, models, results, tables });
    const inputs = await hashedFiles(hashing, onMessage);
    const drawn = { ...running, signal: shell.signal, options, inputs };
    await illustrateInteractions(drawn, facts, points);
    clock.lap("report");
    const { files } = await writeManifest(folder, {
      ...commonRecord(running, options, inputs),
      ...interactionCounts(facts),
    });
    throwIfAborted(shell.signal);
    await folder.commit();
    await removeWork(running, kept?.work);
    terminal.result(
      interactionSummary(facts, options.out, files, clock.total()),
      interactionRecord(facts, options.out, files, clock.total()),
    );
  } finally {
    hashing.stop();
  }
}

function modelOf(context: string, run: InteractionRun): ContextModel {
  const { contexts, byGenotype, degreesOfFreedom, covariates } = run;
  return { context, contexts, byGenotype, degreesOfFreedom, covariates };
}

/** What else of a model is kept with a shard. */
function keptOf({ geneStatus, sharedVariance }: InteractionRun) {
  const share = sharedVariance && Array.from(sharedVariance.share, (one) => (Number.isNaN(one) ? null : one));
  return { geneStatus: [...geneStatus], share };
}

async function countedParts({ store, done }: KeptParts, signal: AbortSignal): Promise<{ tests: number }> {
  let tests = 0;
  for await (const { counts } of storedPartsOf(store, done.first, done.end)) {
    throwIfAborted(signal);
    tests += counts.tests;
  }
  return { tests };
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
