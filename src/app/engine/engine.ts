import type { Message } from "../../cohort/cohort.ts";
import type { Backend } from "../../compute/backend.ts";
import { BackendError, InputError, UsageError } from "../../errors.ts";
import { type OpenCohort, openCohort, openExpressionOf } from "./cohort.ts";
import { exportTable } from "./exportTable.ts";
import { understandFiles } from "./files/understand.ts";
import { engineBackend, lookAround } from "./machine.ts";
import type {
  CohortChoice,
  CohortView,
  Engine,
  EngineEvent,
  Job,
  ResultFile,
  ResultView,
  WorkPlan,
} from "./protocol.ts";
import { ResultQueries } from "./queries/queries.ts";
import { type OpenResult, openResultFiles, resultOf } from "./result.ts";
import { viewOfResult } from "./resultView.ts";
import { worded } from "./runs/failures.ts";
import { manifestText } from "./runs/manifest.ts";
import { mapOf, runMap } from "./runs/mapRun.ts";
import { runNetwork } from "./runs/networkRun.ts";
import { planOf } from "./runs/plan.ts";
import { paced } from "./runs/progress.ts";
import { type Directory, writeFile } from "./store/directory.ts";
import { KeptRuns, type RunState } from "./store/keptRuns.ts";
import { VERSION } from "./version.ts";

/** The engine's own side of {@link Engine}: each answer may be a promise. */
export type EngineMethods = {
  readonly [Name in keyof Engine]: (
    ...args: Parameters<Engine[Name]>
  ) => ReturnType<Engine[Name]> | Promise<ReturnType<Engine[Name]>>;
};

/** Bytes that a run may use in all: a tab has less than a workstation, and shares it. */
const MEMORY = 700 * 2 ** 20;

/** All that the worker can do. `onEvent` gets progress and messages. */
export function createEngine(onEvent: (event: EngineEvent) => void): EngineMethods {
  return new PageEngine(onEvent);
}

/** What is open: at most one cohort and one result. Methods are called one after the other, but for `cancel`. */
class PageEngine implements EngineMethods {
  readonly #onEvent: (event: EngineEvent) => void;
  #runs: Promise<KeptRuns> | undefined;
  #cohort: OpenCohort | undefined;
  #result: { readonly open: OpenResult; readonly queries: ResultQueries } | undefined;
  #abort = new AbortController();

  constructor(onEvent: (event: EngineEvent) => void) {
    this.#onEvent = onEvent;
  }

  machine = lookAround;

  async understand(files: CohortChoice["files"]) {
    const { plan: _, ...understanding } = await understandFiles(files);
    return understanding;
  }

  async open(choice: CohortChoice): Promise<CohortView> {
    this.#abort = new AbortController();
    return (await this.#openCohort(choice)).view;
  }

  async plan(job: Job): Promise<WorkPlan> {
    const { cohort } = this.#needed();
    return this.#withBackend(job, (backend) => planOf(cohort, job, backend, MEMORY));
  }

  async run(job: Job): Promise<ResultView> {
    this.#abort = new AbortController();
    const open = this.#needed();
    const runs = await this.#kept();
    const { storage } = await lookAround();
    const files = open.inputs.map(({ name, file, role }) => ({ name, file, role }));
    const state = await runs.begin(job, titleOf(open), { ...open.choice, files }, storage);
    return this.#finish(state, open);
  }

  cancel(): void {
    this.#abort.abort();
  }

  async kept() {
    return (await this.#kept()).list();
  }

  async resume(id: string): Promise<ResultView> {
    this.#abort = new AbortController();
    const state = await this.#state(id);
    const open = await this.#openKept(state);
    if (open === undefined) {
      throw new InputError(
        state.title,
        "its files were too large to be kept in this browser",
        "drop them again and start anew",
      );
    }
    return this.#finish(state, open);
  }

  async reopen(id: string): Promise<ResultView> {
    const state = await this.#state(id);
    if (!state.done) throw new InputError(state.title, "has not come to its end", "resume it");
    return this.#show(state, await this.#openKept(state));
  }

  async forget(id: string): Promise<void> {
    await (await this.#kept()).forget(id);
  }

  async openResult(files: readonly ResultFile[]): Promise<ResultView> {
    const open = await openResultFiles(files);
    return this.#opened(open, []);
  }

  compare(): never {
    throw new BackendError("results cannot be compared yet");
  }

  genes = () => this.#queries().genes();
  points = (limit: number) => this.#queries().points(limit);
  nullSample = () => this.#queries().nullSample();
  pairs = (gene: number) => this.#queries().pairs(gene);
  values: EngineMethods["values"] = (pair) => this.#queries().values(pair);
  ld: EngineMethods["ld"] = (variant, others) => this.#queries().ld(variant, others);
  signals = () => undefined;
  effects = () => [];
  region = () => ({ genes: [] });
  gwasLoci = () => [];
  contexts = () => [];
  interaction = () => undefined;
  modules = () => undefined;
  graph = (): never => {
    throw new BackendError("there is no network yet");
  };

  async exportTable(table: string, format: "parquet" | "tsv"): Promise<Blob> {
    const { open, queries } = this.#opened_();
    return exportTable(open, queries.tables, table, format);
  }

  report(): never {
    throw new BackendError("the page draws the report itself");
  }

  /** Runs what is missing of a run, and opens its result. */
  async #finish(state: RunState, open: OpenCohort): Promise<ResultView> {
    const runs = await this.#kept();
    const { job } = state;
    const folder = await runs.folder(state.id);
    if (state.version !== VERSION) await folder.remove("parts");
    const started = performance.now();
    const messages: Message[] = [...open.messages];
    const onMessage = (message: Message): void => {
      messages.push(message);
      this.#onEvent({ kind: "message", message });
    };
    const onProgress = paced((progress) => this.#onEvent({ kind: "progress", progress }));
    const { signal } = this.#abort;
    try {
      const facts = await this.#withBackend(
        job,
        async (backend) => {
          const common = { folder, memory: MEMORY, signal, onMessage };
          if (job.kind === "network") {
            const set = await openExpressionOf(open, onMessage);
            const { result, tables } = await runNetwork(set, job, { ...common, backend, onProgress });
            const { labels, eigengenes, power, powerBy } = result;
            const counts = {
              ...{ genes: set.id.length, modules: eigengenes.modules.length, power, powerBy },
              genesInModules: labels.filter((label) => label > 0).length,
            };
            return { tables, counts, lambda: undefined, backend: backend.description };
          }
          const run = mapOf(open.cohort, job, {
            backend,
            memory: MEMORY,
            seed: job.seed,
            signal,
            onProgress,
          });
          const onPlan = (parts: number) => runs.setState({ ...state, parts, version: VERSION });
          const { result, tables } = await runMap(run, job, { ...common, onPlan, onProgress });
          return { tables, counts: result.counts, lambda: result.null.lambda, backend: backend.description };
        },
        onMessage,
      );
      const into = await folder.folder("result");
      const seconds = (performance.now() - started) / 1000;
      await writeFile(
        into,
        "manifest.json",
        await manifestText({ job, open, messages, seconds, ...facts }, into),
      );
      await folder.remove("parts");
      await runs.setState({ ...state, done: true, version: VERSION });
    } catch (error) {
      throw worded(error);
    }
    return this.#show({ ...state, done: true }, open);
  }

  /** Opens the tables of a run that is done. */
  async #show(state: RunState, open: OpenCohort | undefined): Promise<ResultView> {
    const folder = await (await this.#kept()).folder(state.id);
    const into: Directory = await folder.folder("result");
    const files = new Map(
      await Promise.all((await into.list()).map(async (name) => [name, (await into.source(name))!] as const)),
    );
    const rest = { id: state.id, name: state.title, sides: open?.sides ?? {}, cohort: open?.cohort };
    return this.#opened(await resultOf(files, rest), []);
  }

  async #opened(open: OpenResult, messages: readonly Message[]): Promise<ResultView> {
    const queries = new ResultQueries(open);
    const view = await viewOfResult(open, queries, messages);
    this.#result = { open, queries };
    return view;
  }

  async #openKept(state: RunState): Promise<OpenCohort | undefined> {
    const files = await (await this.#kept()).inputs(state);
    return files && this.#openCohort({ ...state.choice, files });
  }

  async #openCohort(choice: CohortChoice): Promise<OpenCohort> {
    const before = this.#cohort;
    this.#cohort = undefined;
    await before?.close();
    try {
      this.#cohort = await openCohort(choice, this.#abort.signal);
    } catch (error) {
      throw worded(error);
    }
    return this.#cohort;
  }

  async #withBackend<Answer>(
    { backend: asked, threads }: Job,
    act: (backend: Backend) => Promise<Answer>,
    onMessage: (message: Message) => void = () => {},
  ): Promise<Answer> {
    const backend = await engineBackend(asked, threads, (text) => onMessage({ level: "warning", text }));
    try {
      return await act(backend);
    } finally {
      await backend.dispose();
    }
  }

  #needed(): OpenCohort {
    if (this.#cohort === undefined) throw new UsageError("no cohort is open: choose its files first");
    return this.#cohort;
  }

  #opened_() {
    if (this.#result === undefined) throw new UsageError("no result is open");
    return this.#result;
  }

  #queries(): ResultQueries {
    return this.#opened_().queries;
  }

  #kept(): Promise<KeptRuns> {
    this.#runs ??= KeptRuns.open();
    return this.#runs;
  }

  async #state(id: string): Promise<RunState> {
    const state = await (await this.#kept()).state(id);
    if (state === undefined)
      throw new InputError("this browser", "keeps no such run any more", "look at the list");
    return state;
  }
}

/** `genotypes × expression.bed.gz`. */
function titleOf({ plan }: OpenCohort): string {
  const { plink, vcf, dosages, expression } = plan;
  const genotypes = plink?.bed.name ?? vcf?.vcf.name ?? dosages?.matrix.name ?? "genotypes";
  return `${genotypes.replace(/\.bed$/, "")} × ${expression?.name ?? "expression"}`;
}
