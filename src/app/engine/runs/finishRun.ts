import type { Message } from "../../../cohort/cohort.ts";
import type { Backend } from "../../../compute/backend.ts";
import { type OpenCohort, openExpressionOf } from "../cohort.ts";
import type { EngineEvent, NetworkJob, Progress } from "../protocol.ts";
import { REPORT_PARTS } from "../result.ts";
import { type Directory, writeFile } from "../store/directory.ts";
import type { RunState } from "../store/keptRuns.ts";
import { VERSION } from "../version.ts";
import { manifestText, type RunFacts, samplesOfCohort, samplesOfModules } from "./manifest.ts";
import { type MapJob, mapOf, runMap } from "./mapRun.ts";
import { runNetwork } from "./networkRun.ts";
import { paced } from "./progress.ts";
import { reportParts } from "./reportParts.ts";

/** A run that was begun, the cohort it is of, and its folder, whose files are closed when it ends. */
export interface BegunRun {
  readonly state: RunState;
  readonly open: OpenCohort;
  readonly folder: Directory;
}

export interface RunSurroundings {
  /** Bytes that the run may use. */
  readonly memory: number;
  readonly signal: AbortSignal;
  readonly onEvent: (event: EngineEvent) => void;
  readonly setState: (state: RunState) => Promise<void>;
  /** Lets `act` use the job's backend, and gives it back. */
  withBackend<Answer>(
    act: (backend: Backend) => Promise<Answer>,
    onMessage: (message: Message) => void,
  ): Promise<Answer>;
}

/** What is said of a run beside its tables. */
interface Outcome extends Pick<RunFacts, "tables" | "counts" | "lambda" | "backend" | "facts"> {
  /** The report's parts, once there is a manifest. */
  readonly report?: ((manifest: unknown) => string) | undefined;
}

interface Listening {
  readonly messages: readonly Message[];
  readonly onMessage: (message: Message) => void;
  readonly onProgress: ReturnType<typeof paced>;
}

/** Runs what is missing of a run, and writes its tables, its manifest and its report's parts into `result`. Its parts are removed then. */
export async function finishRun(run: BegunRun, around: RunSurroundings): Promise<void> {
  const { state, open, folder } = run;
  const { job } = state;
  if (state.version !== VERSION) await folder.remove("parts");
  const started = performance.now();
  const messages: Message[] = [...open.messages];
  const onMessage = (message: Message): void => {
    messages.push(message);
    around.onEvent({ kind: "message", message });
  };
  const onProgress = paced((progress: Progress) => around.onEvent({ kind: "progress", progress }));
  const listening = { messages, onMessage, onProgress };
  const outcome = await around.withBackend(
    (backend) =>
      job.kind === "network"
        ? networkOutcome(run, job, backend, around, listening)
        : mapOutcome(run, job, backend, around, listening),
    onMessage,
  );
  const into = await folder.folder("result");
  const seconds = (performance.now() - started) / 1000;
  const { report, ...told } = outcome;
  const manifest = await manifestText({ job, open, messages, seconds, ...told }, into);
  if (report !== undefined) await writeFile(into, REPORT_PARTS, report(JSON.parse(manifest)));
  await writeFile(into, "manifest.json", manifest);
  // In this order: a tab that is closed in between leaves parts that nobody needs, and not a run that would be done again.
  await around.setState({ ...state, done: true, version: VERSION });
  await folder.remove("parts");
}

async function mapOutcome(
  { state, open, folder }: BegunRun,
  job: MapJob,
  backend: Backend,
  { memory, signal, setState }: RunSurroundings,
  { messages, onMessage, onProgress }: Listening,
): Promise<Outcome> {
  const { cohort } = open;
  const run = mapOf(cohort, job, { backend, memory, seed: job.seed, signal, onProgress });
  const made = await runMap(run, cohort, job, {
    ...{ folder, memory, signal, onMessage, onProgress },
    onPlan: (parts) => setState({ ...state, parts, version: VERSION }),
    onMapped: () => backend.dispose(),
  });
  const { result, tables } = made;
  const { counts, null: sample } = result;
  return {
    ...{ tables, counts, lambda: sample.lambda, backend: backend.description },
    facts: samplesOfCohort(cohort),
    report: (manifest) => reportParts(job, open, made, messages, manifest),
  };
}

async function networkOutcome(
  { open, folder }: BegunRun,
  job: NetworkJob,
  backend: Backend,
  { memory, signal }: RunSurroundings,
  { onMessage, onProgress }: Listening,
): Promise<Outcome> {
  const set = await openExpressionOf(open, onMessage);
  const common = { folder, backend, memory, signal, onMessage, onProgress };
  const { result, tables } = await runNetwork(set, job, common);
  const { labels, eigengenes, power, powerBy } = result;
  const counts = {
    ...{ genes: set.id.length, modules: eigengenes.modules.length, power, powerBy },
    genesInModules: labels.filter((label) => label > 0).length,
  };
  return { tables, counts, backend: backend.description, facts: samplesOfModules(set, job) };
}
