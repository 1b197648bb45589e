import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { PartStore } from "../association/parts.ts";
import { InputError, UsageError } from "../errors.ts";
import { errorCode, writeError } from "./fileErrors.ts";
import { partFolder } from "./partFolder.ts";
import { differences, type RunIdentity } from "./runIdentity.ts";

/** What tells that a plan is the same: its parts and a checksum of their pairs. */
export interface PlanRecord {
  readonly parts: number;
  readonly checksum: number;
}

interface WorkRecord {
  readonly program: "qortex";
  readonly kind: "parts";
  readonly identity: RunIdentity;
  readonly plan?: PlanRecord;
}

const RECORD = "run.json";

/** Where a resumable run with this output folder keeps its parts. */
export function workPath(out: string): string {
  return `${out.replace(/[\\/]+$/, "")}.parts`;
}

/**
 * The visible folder beside the output in which a run keeps its parts until the result is complete. `run.json`
 * says what they are parts of. One run at a time may use it.
 */
export class WorkFolder {
  readonly path: string;
  readonly store: PartStore;
  readonly #identity: RunIdentity;
  #plan: PlanRecord | undefined;

  private constructor(path: string, identity: RunIdentity, plan: PlanRecord | undefined) {
    this.path = path;
    this.store = partFolder(path, path);
    this.#identity = identity;
    this.#plan = plan;
  }

  /**
   * Makes the folder, or takes up what is in it. Throws UsageError when the parts in it are of another run (the
   * message says how they differ), InputError when it holds something else.
   */
  static async open(path: string, identity: RunIdentity): Promise<WorkFolder> {
    const earlier = await recordIn(path);
    if (earlier === undefined) {
      try {
        await mkdir(path, { recursive: true });
      } catch (error) {
        throw writeError(error, path);
      }
      const fresh = new WorkFolder(path, identity, undefined);
      await fresh.#write();
      return fresh;
    }
    const differ = differences(earlier.identity, identity);
    if (differ.length > 0) {
      throw new UsageError(
        `${path}: holds the parts of another run: ${differ.slice(0, 3).join("; ")}${differ.length > 3 ? "; ..." : ""}; run with the same options and files, or delete the folder to begin anew`,
      );
    }
    return new WorkFolder(path, earlier.identity, earlier.plan);
  }

  /** Keeps the plan of the parts, or checks that it is that of those that are there. */
  async settle(plan: PlanRecord): Promise<void> {
    const known = this.#plan;
    if (known === undefined) {
      this.#plan = plan;
      await this.#write();
    } else if (known.parts !== plan.parts || known.checksum !== plan.checksum) {
      throw new UsageError(
        `${this.path}: holds parts of another plan (${known.parts} parts, now ${plan.parts}); delete the folder to begin anew`,
      );
    }
  }

  remove(): Promise<void> {
    return removeWorkFolder(this.path);
  }

  async #write(): Promise<void> {
    const record: WorkRecord = {
      program: "qortex",
      kind: "parts",
      identity: this.#identity,
      ...(this.#plan === undefined ? {} : { plan: this.#plan }),
    };
    await writeWhole(join(this.path, RECORD), `${JSON.stringify(record, null, 2)}\n`);
  }
}

/** Removes a work folder; nothing where there is none. */
export async function removeWorkFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

/** Writes a file of text under another name, waits until it is on the disk, and renames it. */
async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.tmp`);
  try {
    const file = await open(temporary, "w");
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    throw writeError(error, path);
  }
}

/** What the folder's record says; undefined where there is nothing yet. */
async function recordIn(path: string): Promise<WorkRecord | undefined> {
  const notOurs = (cause: unknown): InputError =>
    new InputError(path, "is in the way and holds no parts of a run", "move it or delete it", { cause });
  try {
    const record: unknown = JSON.parse(await readFile(join(path, RECORD), "utf8"));
    if (isWorkRecord(record)) return record;
  } catch (error) {
    if (errorCode(error) === "ENOTDIR" || error instanceof SyntaxError) throw notOurs(error);
    if (errorCode(error) !== "ENOENT") throw writeError(error, path);
    // A run that was killed at once may have left the bare folder.
    const names = await readdir(path).catch(() => []);
    if (names.every((name) => name.endsWith(".tmp"))) return undefined;
    throw notOurs(error);
  }
  throw notOurs(undefined);
}

function isWorkRecord(record: unknown): record is WorkRecord {
  if (typeof record !== "object" || record === null) return false;
  const { program, kind, identity } = record as Partial<WorkRecord>;
  return program === "qortex" && kind === "parts" && Array.isArray(identity?.inputs);
}
