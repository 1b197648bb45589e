import type { Message } from "../../cohort/cohort.ts";
import type { Backend } from "../../compute/backend.ts";
import { InputError, UsageError } from "../../errors.ts";
import type { ByteSource } from "../../formats/source.ts";
import type { Illustrated } from "../../report/report.ts";
import { type OpenCohort, openCohort, openExpressionOf } from "./cohort.ts";
import { exportTable } from "./exportTable.ts";
import { namedFiles } from "./files/namedFiles.ts";
import { understandFiles } from "./files/understand.ts";
import { engineBackend, lookAround } from "./machine.ts";
import type {
  CohortChoice,
  CohortView,
  Engine,
  EngineEvent,
  Job,
  ResultFile,
  ResultReport,
  ResultView,
  WorkPlan,
} from "./protocol.ts";
import { type Comparable, comparedView, effectsOf } from "./queries/comparing.ts";
import { ResultQueries } from "./queries/queries.ts";
import { type OpenResult, openResultFiles, REPORT_PARTS, resultOf } from "./result.ts";
import { viewOfResult } from "./resultView.ts";
import { worded } from "./runs/failures.ts";
import { manifestText } from "./runs/manifest.ts";
import { mapOf, runMap } from "./runs/mapRun.ts";
import { runNetwork } from "./runs/networkRun.ts";
import { planOf } from "./runs/plan.ts";
import { paced } from "./runs/progress.ts";
import { reportParts } from "./runs/reportParts.ts";
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
  /** Results of other cohorts. */
  #compared: Comparable[] = [];
  /** For what is asked of one gene. */
  #own: Promise<Backend> | undefined;

  constructor(onEvent: (event: EngineEvent) => void) {
    this.#onEvent = onEvent;
  }

  machine = lookAround;

  async understand(files: CohortChoice["files"]) {
    const { plan, ...understanding } = await understandFiles(files);
    return { ...understanding, named: namedFiles(plan) };
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
    this.#abort = new AbortController();
    const state = await this.#state(id);
    if (!state.done) throw new InputError(state.title, "has not come to its end", "resume it");
    return this.#show(state, await this.#openKept(state));
  }

  async forget(id: string): Promise<void> {
    await (await this.#kept()).forget(id);
  }

  async openResult(files: readonly ResultFile[]): Promise<ResultView> {
    const open = await openResultFiles(files);
    const behind = this.#cohort;
    // The cohort that is open, where the result can be of it.
    const samples = (open.manifest.samples as { readonly used?: unknown } | undefined)?.used;
    if (behind === undefined || samples !== behind.cohort.samples.length) return this.#opened(open, []);
    return this.#opened({ ...open, cohort: behind.cohort, sides: behind.sides }, []);
  }

  async compare(files: readonly ResultFile[]) {
    const open = await openResultFiles(files);
    const queries = new ResultQueries(open);
    const { samples } = await viewOfResult(open, queries, []);
    this.#compared.push(comparable(open.name, samples, queries));
    return Promise.all((await this.#all()).map(comparedView));
  }

  genes = () => this.#queries().genes();
  points = (limit: number) => this.#queries().points(limit);
  nullSample = () => this.#queries().nullSample();
  pairs = (gene: number) => this.#queries().pairs(gene);
  values: EngineMethods["values"] = (pair) => this.#queries().values(pair);
  ld: EngineMethods["ld"] = (variant, others) => this.#queries().ld(variant, others);
  signals = (gene: number) =>
    this.#queries().signals(gene, () => {
      this.#own ??= engineBackend("wasm", 0, () => {});
      return this.#own;
    });
  effects: EngineMethods["effects"] = async (pair) => effectsOf(await this.#all(), pair);
  region: EngineMethods["region"] = (region) => this.#queries().region(region);
  gwasLoci = () => this.#queries().gwasLoci();
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
            return { tables, counts, lambda: undefined, backend: backend.description, parts: undefined };
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
          const parts = (manifest: unknown) => reportParts(job, open, result, messages, tables, manifest);
          const { counts, null: sample } = result;
          return { tables, counts, lambda: sample.lambda, backend: backend.description, parts };
        },
        onMessage,
      );
      const into = await folder.folder("result");
      const seconds = (performance.now() - started) / 1000;
      const manifest = await manifestText({ job, open, messages, seconds, ...facts }, into);
      await writeFile(into, "manifest.json", manifest);
      if (facts.parts !== undefined) await writeFile(into, REPORT_PARTS, facts.parts(JSON.parse(manifest)));
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
    this.#compared = [];
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

  /** The open result first, then those it is compared with. */
  async #all(): Promise<Comparable[]> {
    const { open, queries } = this.#opened_();
    const { samples } = await viewOfResult(open, queries, []);
    return [comparable(open.name, samples, queries), ...this.#compared];
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

function comparable(name: string, samples: number, queries: ResultQueries): Comparable {
  return { name, samples, genes: () => queries.genes(), pairs: (gene) => queries.pairs(gene) };
}

/** `genotypes × expression.bed.gz`. */
function titleOf({ plan }: OpenCohort): string {
  const { plink, vcf, dosages, expression } = plan;
  const genotypes = plink?.bed.name ?? vcf?.vcf.name ?? dosages?.matrix.name ?? "genotypes";
  return `${genotypes.replace(/\.bed$/, "")} × ${expression?.name ?? "expression"}`;
}
