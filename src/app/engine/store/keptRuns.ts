import type { CohortChoice, FileRole, GivenFile, Job, KeptRun } from "../protocol.ts";
import { VERSION } from "../version.ts";
import { type Directory, memoryDirectory, opfsDirectory, readText, writeFile } from "./directory.ts";

/** What is written of a run, as state.json in its folder. */
export interface RunState {
  readonly id: string;
  readonly title: string;
  readonly started: number;
  readonly job: Job;
  readonly choice: Omit<CohortChoice, "files">;
  /** Of the files in `inputs`; empty where they were too large to be kept. */
  readonly inputs: readonly { readonly name: string; readonly role: FileRole }[];
  readonly done: boolean;
  /** Of Qortex: parts of another version are not gone on with. */
  readonly version: string;
  /** Of the plan; 0 before it is known. */
  readonly parts: number;
}

const RUNS = "qortex-runs";
const STATE = "state.json";
/** A run's inputs may take this share of what the browser still keeps: its result needs room too. */
const INPUT_SHARE = 0.4;

/** The runs that this browser keeps, each in a folder of its own: `inputs`, `parts`, `result` and its state. */
export class KeptRuns {
  /** Whether they outlive the page. */
  readonly lasting: boolean;
  readonly #root: Directory;

  private constructor(root: Directory, lasting: boolean) {
    this.#root = root;
    this.lasting = lasting;
  }

  /** In the origin private file system, else in memory. */
  static async open(): Promise<KeptRuns> {
    try {
      const root = opfsDirectory(await navigator.storage.getDirectory());
      // A private window may hand out a folder and then refuse its files.
      await writeFile(root, "qortex-probe", "1");
      await root.remove("qortex-probe");
      return new KeptRuns(await root.folder(RUNS), true);
    } catch {
      return new KeptRuns(memoryDirectory(), false);
    }
  }

  /** For tests. */
  static inside(root: Directory): KeptRuns {
    return new KeptRuns(root, true);
  }

  folder(id: string): Promise<Directory> {
    return this.#root.folder(id);
  }

  /** Latest first. Folders whose state cannot be read are what a closed tab left of a start: they are removed. */
  async list(): Promise<KeptRun[]> {
    const runs: KeptRun[] = [];
    for (const id of await this.#root.list("folders")) {
      const state = await this.state(id);
      if (state === undefined) await this.#root.remove(id);
      else runs.push(await this.#view(state));
    }
    return runs.sort((a, b) => b.started - a.started);
  }

  async state(id: string): Promise<RunState | undefined> {
    const text = await readText(await this.#root.folder(id), STATE);
    try {
      return text === undefined ? undefined : (JSON.parse(text) as RunState);
    } catch {
      return undefined;
    }
  }

  async setState(state: RunState): Promise<void> {
    await writeFile(await this.#root.folder(state.id), STATE, JSON.stringify(state));
  }

  /** Starts a run: keeps its inputs where there is room for them. */
  async begin(job: Job, title: string, choice: CohortChoice, left: number): Promise<RunState> {
    const id = `${Date.now().toString(36)}-${Math.floor(Math.random() * 36 ** 4).toString(36)}`;
    const { files, ...others } = choice;
    const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
    const state = {
      id,
      title,
      started: Date.now(),
      job,
      choice: others,
      inputs: [],
      done: false,
      parts: 0,
      version: VERSION,
    };
    await this.setState(state);
    if (!this.lasting || bytes > INPUT_SHARE * left) return state;
    const folder = await (await this.#root.folder(id)).folder("inputs");
    for (const { name, file } of files) await copy(file, folder, name);
    const inputs = files.map(({ name, role = "unknown" }) => ({ name, role }));
    const whole = { ...state, inputs };
    await this.setState(whole);
    return whole;
  }

  /** The files that were kept with a run; undefined where they were not. */
  async inputs({ id, inputs }: RunState): Promise<GivenFile[] | undefined> {
    if (inputs.length === 0) return undefined;
    const folder = await (await this.#root.folder(id)).folder("inputs");
    const found = await Promise.all(
      inputs.map(async ({ name, role }) => {
        const file = await folder.blob(name);
        return file && { name, file, role };
      }),
    );
    return found.every((file) => file !== undefined) ? found : undefined;
  }

  async forget(id: string): Promise<void> {
    await this.#root.remove(id);
  }

  async #view(state: RunState): Promise<KeptRun> {
    const { id, title, started, job, choice: filters, done, parts } = state;
    const folder = await this.#root.folder(id);
    let bytes = 0;
    let finished = 0;
    for (const name of await folder.list("folders")) {
      const inside = await folder.folder(name);
      for (const file of await inside.list()) {
        bytes += (await inside.blob(file))?.size ?? 0;
        if (name === "parts") finished++;
      }
    }
    const share = done ? 1 : parts === 0 ? 0 : Math.min(0.99, finished / parts);
    return { id, title, started, bytes, job, filters, state: done ? "done" : "unfinished", share };
  }
}

async function copy(file: Blob, folder: Directory, name: string): Promise<void> {
  const sink = await folder.sink(name);
  const step = 2 ** 22;
  for (let at = 0; at < file.size; at += step)
    await sink.write(new Uint8Array(await file.slice(at, at + step).arrayBuffer()));
  await sink.close();
}
