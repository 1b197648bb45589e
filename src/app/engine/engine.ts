import type { Message } from "../../cohort/cohort.ts";
import type { Backend } from "../../compute/backend.ts";
import { InputError, UsageError } from "../../errors.ts";
import type { ByteSource } from "../../formats/source.ts";
import type { Illustrated } from "../../report/report.ts";
import type { Question } from "./client.ts";
import { besideResult, type OpenCohort, openCohort, titleOf, withSides } from "./cohort.ts";
import { exportTable } from "./exportTable.ts";
import { namedFiles } from "./files/namedFiles.ts";
import { understandFiles } from "./files/understand.ts";
import { engineBackend, lookAround } from "./machine.ts";
import { madeOnce } from "./madeOnce.ts";
import type {
  CohortChoice,
  CohortView,
  Engine,
  EngineEvent,
  GivenFile,
  Job,
  ResultFile,
  ResultReport,
  ResultView,
  WorkPlan,
} from "./protocol.ts";
import { Comparisons } from "./queries/comparing.ts";
import { ResultQueries } from "./queries/queries.ts";
import { type OpenResult, openResultFiles, resultOf, type SideFiles } from "./result.ts";
import { viewOfResult } from "./resultView.ts";
import { worded } from "./runs/failures.ts";
import { finishRun } from "./runs/finishRun.ts";
import { planOf } from "./runs/plan.ts";
import { cohortDifference } from "./sameCohort.ts";
import { KeptRuns, type RunState } from "./store/keptRuns.ts";

/** The engine's own side of {@link Engine}: each answer may be a promise. `cancel` is the queue's (./questions.ts). */
export type EngineMethods = {
  readonly [Name in Exclude<keyof Engine, "cancel">]: (
    ...args: Parameters<Engine[Name]>
  ) => ReturnType<Engine[Name]> | Promise<ReturnType<Engine[Name]>>;
};

/** Bytes that a run may use in all: a tab has less than a workstation, and shares it. */
const MEMORY = 700 * 2 ** 20;

/** The open result, and the cohort that its genotypes come from. */
interface OpenedResult {
  readonly open: OpenResult;
  readonly queries: ResultQueries;
  readonly behind: OpenCohort | undefined;
  /** With results of other cohorts. */
  readonly compared: Comparisons;
}

/** All that the worker can do. `onEvent` gets progress and messages. */
export function createEngine(onEvent: (event: EngineEvent) => void): PageEngine {
  return new PageEngine(onEvent);
}

/** What is open: at most one cohort and one result, which may be of another cohort (`behind`). Questions are answered one after the other. */
class PageEngine implements EngineMethods {
  readonly #onEvent: (event: EngineEvent) => void;
  #runs: Promise<KeptRuns> | undefined;
  #cohort: OpenCohort | undefined;
  #result: OpenedResult | undefined;
  /** Of the question that is being answered. */
  #signal = new AbortController().signal;
  #running: string | undefined;
  /** Results from elsewhere so far: each has an id of its own, by which the page keeps its answers. */
  #given = 0;
  /** For what is asked of one gene. */
  readonly #own = madeOnce(() => engineBackend("wasm", 0, () => {}));

  constructor(onEvent: (event: EngineEvent) => void) {
    this.#onEvent = onEvent;
  }

  /** The run that is being worked on. */
  get running(): string | undefined {
    return this.#running;
  }

  /** Answers a question; the one before must have been answered. Work ends by CancelledError soon after `signal` fires. */
  async answer({ name, args }: Question, signal: AbortSignal): Promise<unknown> {
    this.#signal = signal;
    const method = this[name as keyof EngineMethods] as (...given: readonly unknown[]) => unknown;
    return method.apply(this, [...args]);
  }

  machine = lookAround;

  async understand(files: CohortChoice["files"]) {
    const { plan, ...understanding } = await understandFiles(files);
    return { ...understanding, named: namedFiles(plan) };
  }

  async open(choice: CohortChoice): Promise<CohortView> {
    const before = this.#cohort;
    this.#cohort = undefined;
    await this.#closeUnused(before);
    const opened = await this.#openCohort(choice);
    this.#cohort = opened;
    return opened.view;
  }

  async plan(job: Job): Promise<WorkPlan> {
    const { cohort } = this.#needed();
    return this.#withBackend(job, (backend) =>
      planOf(cohort, job, backend, { memory: MEMORY, signal: this.#signal }),
    );
  }

  async run(job: Job): Promise<ResultView> {
    const open = this.#needed();
    const runs = await this.#kept();
    const { storage } = await lookAround();
    const files = open.inputs.map(({ name, file, role }) => ({ name, file, role }));
    try {
      const state = await runs.begin(job, titleOf(open), { ...open.choice, files }, storage);
      return await this.#finish(state, open);
    } catch (error) {
      throw worded(error);
    }
  }

  async kept() {
    return (await this.#kept()).list();
  }

  async resume(id: string): Promise<ResultView> {
    const state = await this.#state(id);
    const open = await this.#openKept(state);
    if (open === undefined) {
      throw new InputError(
        state.title,
        "its files were too large to be kept in this browser",
        "drop them again and start anew",
      );
    }
    try {
      return await this.#finish(state, open);
    } catch (error) {
      throw worded(error);
    } finally {
      await this.#closeUnused(open);
    }
  }

  async reopen(id: string, beside: readonly GivenFile[] = []): Promise<ResultView> {
    const runs = await this.#kept();
    const sides = await besideResult(beside);
    const damaged = (await runs.list()).find((run) => run.id === id && run.state === "damaged");
    if (damaged?.share === 1) return this.#show(damaged, undefined, { sides });
    const state = await this.#state(id);
    if (!state.done) throw new InputError(state.title, "has not come to its end", "resume it");
    const messages: Message[] = [];
    const open = await this.#openKept(state).catch((error: unknown) => {
      // The tables are there: what was kept beside them is not needed to show them.
      if (!(error instanceof InputError)) throw error;
      const text = `The cohort that was kept with this run cannot be read (${error.message}): plots of genotypes and LD are left out. Forget the run where its tables are not needed`;
      messages.push({ level: "warning", text });
      return undefined;
    });
    try {
      return await this.#show(state, open, { sides, messages });
    } finally {
      await this.#closeUnused(open);
    }
  }

  async forget(id: string): Promise<void> {
    const runs = await this.#kept();
    // Its files are about to go.
    if (this.#result?.open.id === id) await this.#closeResult();
    await runs.forget(id);
  }

  async openResult(files: readonly ResultFile[]): Promise<ResultView> {
    const open = await openResultFiles(files, { id: this.#nextId(), sides: await besideResult(files) });
    const behind = this.#cohort;
    if (behind === undefined) return this.#opened(open, []);
    const difference = cohortDifference(open.manifest, open.kind, behind);
    if (difference !== undefined) {
      const text = `The cohort that is open is not the one of this result (${difference}): plots of genotypes and LD are left out`;
      return this.#opened(open, [{ level: "warning", text }]);
    }
    const sides = withSides(open.sides, behind.sides);
    return this.#opened({ ...open, cohort: behind.cohort, sides }, [], behind);
  }

  async compare(files: readonly ResultFile[]) {
    const { compared } = this.#opened_();
    return compared.add(await openResultFiles(files, { id: this.#nextId(), sides: {} }));
  }

  genes = (context?: string) => this.#queries().genes(context);
  points = (limit: number, context?: string) => this.#queries().points(limit, context);
  nullSample = (context?: string) => this.#queries().nullSample(context);
  pairs = (gene: number, context?: string) => this.#queries().pairs(gene, context);
  values: EngineMethods["values"] = (pair) => this.#queries().values(pair);
  ld: EngineMethods["ld"] = (variant, others) => this.#queries().ld(variant, others);
  signals = (gene: number, context?: string) => this.#queries().signals(gene, this.#own, context);
  effects: EngineMethods["effects"] = (pair, context) => this.#opened_().compared.effects(pair, context);
  region: EngineMethods["region"] = (region, gwas) => this.#queries().region(region, gwas);
  gwasLoci = (context?: string, gwas?: string) => this.#queries().gwasLoci(context, gwas);
  contexts = () => this.#queries().contexts();
  interaction: EngineMethods["interaction"] = (pair, context) => this.#queries().interaction(pair, context);
  modules = () => this.#queries().modules();
  graph: EngineMethods["graph"] = (of, limit) => this.#queries().graph(of, limit);

  async exportTable(table: string, format: "parquet" | "tsv"): Promise<Blob> {
    const { open, queries } = this.#opened_();
    return exportTable(open, queries.tables, table, format);
  }

  async report(): Promise<ResultReport | undefined> {
    const { html, parts } = this.#opened_().open.report ?? {};
    const whole = async (source: ByteSource) =>
      (await source.read(0, source.size)) as Uint8Array<ArrayBuffer>;
    if (html !== undefined) return { html: new Blob([await whole(html)], { type: "text/html" }) };
    if (parts === undefined) return undefined;
    return { page: JSON.parse(new TextDecoder().decode(await whole(parts))) as Illustrated };
  }

  /** Runs what is missing of a run, and opens its result. */
  async #finish(state: RunState, open: OpenCohort): Promise<ResultView> {
    const runs = await this.#kept();
    this.#running = state.id;
    try {
      await runs.working(state.id, (folder) =>
        finishRun(
          { state, open, folder },
          {
            memory: MEMORY,
            signal: this.#signal,
            onEvent: this.#onEvent,
            setState: (changed) => runs.setState(changed),
            withBackend: (act, onMessage) => this.#withBackend(state.job, act, onMessage),
          },
        ),
      );
    } finally {
      this.#running = undefined;
    }
    return this.#show(state, open);
  }

  /** Opens the tables of a run that is done. */
  async #show(
    state: Pick<RunState, "id" | "title">,
    open: OpenCohort | undefined,
    { sides = {}, messages = [] }: { sides?: SideFiles; messages?: readonly Message[] } = {},
  ): Promise<ResultView> {
    const folder = await (await this.#kept()).folder(state.id);
    const into = await folder.folder("result");
    const files = new Map(
      await Promise.all((await into.list()).map(async (name) => [name, (await into.source(name))!] as const)),
    );
    const own = withSides(open?.sides ?? {}, sides);
    const rest = { id: state.id, name: state.title, sides: own, cohort: open?.cohort };
    return this.#opened(await resultOf(files, rest), messages, open);
  }

  /** `behind` has the result's genotypes, and stays open as long as the result does. */
  async #opened(open: OpenResult, messages: readonly Message[], behind?: OpenCohort): Promise<ResultView> {
    const queries = new ResultQueries(open);
    const view = await viewOfResult(open, queries, messages);
    await this.#closeResult();
    this.#result = { open, queries, behind, compared: new Comparisons(open, queries) };
    return view;
  }

  #nextId(): string {
    this.#given++;
    return `opened-${this.#given}`;
  }

  /** Beside the cohort that the person has open: what is kept is of other files. */
  async #openKept(state: RunState): Promise<OpenCohort | undefined> {
    const files = await (await this.#kept()).inputs(state);
    return files && this.#openCohort({ ...state.choice, files });
  }

  async #openCohort(choice: CohortChoice): Promise<OpenCohort> {
    try {
      return await openCohort(choice, this.#signal);
    } catch (error) {
      throw worded(error);
    }
  }

  /** A cohort is closed once neither a run nor the open result can ask for its genotypes. */
  async #closeUnused(cohort: OpenCohort | undefined): Promise<void> {
    if (cohort !== this.#cohort && cohort !== this.#result?.behind) await cohort?.close();
  }

  async #closeResult(): Promise<void> {
    const before = this.#result?.behind;
    this.#result = undefined;
    await this.#closeUnused(before);
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
    if (state !== undefined) return state;
    if ((await (await this.#kept()).list()).some((run) => run.id === id))
      throw new InputError(
        "this run",
        "its record is damaged",
        "start it anew with its files, and forget this one",
      );
    throw new InputError("this browser", "keeps no such run any more", "look at the list");
  }
}
