import { UsageError } from "../../../errors.ts";
import type { CohortChoice, FileRole, GivenFile, Job, KeptRun } from "../protocol.ts";
import { isFull } from "../runs/failures.ts";
import { VERSION } from "../version.ts";
import {
  closingAll,
  type Directory,
  filling,
  memoryDirectory,
  opfsDirectory,
  writeFile,
} from "./directory.ts";
import { type OneAtATime, oneTab } from "./oneTab.ts";
import { readRecord, writeRecord } from "./record.ts";

/** What is written of a run, as a record in its folder. */
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
  /** Whether it is being removed. */
  readonly forgotten?: boolean | undefined;
}

const RUNS = "qortex-runs";
const STATE = "state";
/** A run's inputs may take this share of what the browser still keeps: its result needs room too. */
const INPUT_SHARE = 0.4;

/** The runs that this browser keeps, each in a folder of its own: `inputs`, `parts`, `result` and its state. */
export class KeptRuns {
  /** Whether they outlive the page. */
  readonly lasting: boolean;
  readonly #root: Directory;
  readonly #alone: OneAtATime;

  private constructor(root: Directory, lasting: boolean, alone: OneAtATime) {
    this.#root = root;
    this.lasting = lasting;
    this.#alone = alone;
  }

  /** In the origin private file system, else in memory. */
  static async open(): Promise<KeptRuns> {
    try {
      const root = opfsDirectory(await navigator.storage.getDirectory());
      // A private window may hand out a folder and then refuse its files.
      const probe = `qortex-probe-${Math.random().toString(36).slice(2)}`;
      await writeFile(root, probe, "1");
      await root.remove(probe);
      return new KeptRuns(await root.folder(RUNS), true, oneTab);
    } catch {
      return new KeptRuns(memoryDirectory(), false, oneTab);
    }
  }

  /** For tests. */
  static inside(root: Directory, alone: OneAtATime = (_, act) => act()): KeptRuns {
    return new KeptRuns(root, true, alone);
  }

  folder(id: string): Promise<Directory> {
    return this.#root.folder(id);
  }

  /**
   * Lets `act` work on a run's folder, which no other tab may do meanwhile, and closes what it leaves open there. Throws UsageError where another
   * tab has the run.
   */
  async working<Answer>(id: string, act: (folder: Directory) => Promise<Answer>): Promise<Answer> {
    const answer = await this.#alone(`${RUNS}/${id}`, async () => ({
      of: await closingAll(await this.#root.folder(id), act),
    }));
    if (answer === undefined)
      throw new UsageError("this run is open in another tab: go on there, or close that tab first");
    return answer.of;
  }

  /**
   * Latest first. A folder that holds no file yet is a start that a closed tab left; one whose record is damaged is listed as that: its
   * tables may still be whole.
   */
  async list(): Promise<KeptRun[]> {
    const runs: KeptRun[] = [];
    for (const id of await this.#root.list("folders")) {
      const folder = await this.#root.folder(id);
      const state = await this.state(id);
      const content = await contentOf(folder);
      // Another tab may still have a file open: next time, then.
      if (state?.forgotten) await this.#root.remove(id).catch(() => {});
      else if (state !== undefined) runs.push(viewOf(state, content));
      else if (content.bytes > 0) runs.push(damagedView(id, content));
    }
    return runs.sort((a, b) => b.started - a.started);
  }

  /** Undefined where there is none that can be read. */
  async state(id: string): Promise<RunState | undefined> {
    if (!(await this.#root.list("folders")).includes(id)) return undefined;
    return (await readRecord(await this.#root.folder(id), STATE)) as RunState | undefined;
  }

  async setState(state: RunState): Promise<void> {
    await writeRecord(await this.#root.folder(state.id), STATE, state);
  }

  /** Starts a run: keeps its inputs where there is room for them. */
  async begin(job: Job, title: string, choice: CohortChoice, left: number): Promise<RunState> {
    const started = Date.now();
    const id = `${started.toString(36)}-${Math.floor(Math.random() * 36 ** 4).toString(36)}`;
    const { files, ...others } = choice;
    const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
    const state = {
      id,
      title,
      started,
      job,
      choice: others,
      inputs: [],
      done: false,
      parts: 0,
      version: VERSION,
    };
    // Another tab sees it from its first file on.
    return this.working(id, async (folder) => {
      await this.setState(state);
      if (!this.lasting || bytes > INPUT_SHARE * left) return state;
      try {
        const into = await folder.folder("inputs");
        for (const { name, file } of files) await copy(file, into, name);
      } catch (error) {
        await folder.remove("inputs");
        // There was less room than the browser said: the run goes on without.
        if (isFull(error)) return state;
        await this.#root.remove(id);
        throw error;
      }
      const inputs = files.map(({ name, role = "unknown" }) => ({ name, role }));
      const whole = { ...state, inputs };
      await this.setState(whole);
      return whole;
    });
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

  /**
   * Removes a run with all that is in its folder. Should it be broken off halfway, the record says what was meant, and the next
   * {@link list} goes on with it. Throws UsageError where another tab has the run.
   */
  async forget(id: string): Promise<void> {
    await this.working(id, async () => {
      const state = await this.state(id);
      if (state !== undefined) await this.setState({ ...state, forgotten: true });
      await this.#root.remove(id);
    });
  }
}

interface Content {
  readonly bytes: number;
  /** Files in `parts`. */
  readonly parts: number;
  /** Whether there are all tables of a result: the manifest is written after them. */
  readonly result: boolean;
}

async function contentOf(folder: Directory): Promise<Content> {
  let bytes = 0;
  let parts = 0;
  let result = false;
  for (const name of await folder.list("folders")) {
    const inside = await folder.folder(name);
    const files = await inside.list();
    for (const file of files) bytes += (await inside.blob(file))?.size ?? 0;
    if (name === "parts") parts = files.length;
    if (name === "result") result = files.includes("manifest.json");
  }
  return { bytes, parts, result };
}

function viewOf(
  { id, title, started, job, choice: filters, done, parts }: RunState,
  { bytes, parts: finished }: Content,
): KeptRun {
  const share = done ? 1 : parts === 0 ? 0 : Math.min(0.99, finished / parts);
  return { id, title, started, bytes, job, filters, state: done ? "done" : "unfinished", share };
}

/** The id begins with the time. */
function damagedView(id: string, { bytes, result }: Content): KeptRun {
  const time = Number.parseInt(id, 36);
  return {
    id,
    title: "A run whose record is damaged",
    started: Number.isFinite(time) ? time : 0,
    bytes,
    job: undefined,
    filters: undefined,
    state: "damaged",
    share: result ? 1 : 0,
  };
}

async function copy(file: Blob, folder: Directory, name: string): Promise<void> {
  const step = 2 ** 22;
  await filling(folder, name, async (sink) => {
    for (let at = 0; at < file.size; at += step)
      await sink.write(new Uint8Array(await file.slice(at, at + step).arrayBuffer()));
  });
}
