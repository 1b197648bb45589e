import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { MapCounts } from "../association/tables.ts";
import { alternate, type Contender } from "../bench/repeat.ts";
import { BackendError, CancelledError } from "../errors.ts";
import type { MadeFiles } from "../node/madeCohort.ts";
import type { Manifest } from "../node/manifest.ts";

/** A backend as the command line names it. */
export interface CommandBackend {
  readonly name: string;
  readonly args: readonly string[];
}

/** What whole commands took, each a process of its own. */
export interface CommandTimes {
  readonly job: "trans" | "cis";
  readonly name: string;
  /** Pairs tested, and written. */
  readonly tests: number;
  readonly hits: number;
  /** Of each repeat: by the clock, and of all threads. */
  readonly seconds: readonly number[];
  readonly cpuSeconds: readonly number[];
  /** The most memory that a repeat held. */
  readonly peakBytes: number;
}

export interface CommandJob {
  /** The program's file. */
  readonly entry: string;
  readonly cohort: MadeFiles;
  /** For results; each is removed when it has been read. */
  readonly folder: string;
  readonly backends: readonly CommandBackend[];
  readonly repeats: number;
  readonly signal: AbortSignal;
  readonly onDoing: (text: string) => void;
}

type Ended = Pick<Manifest, "files" | "usage"> & { readonly counts: MapCounts };

/** Times `qortex trans` or `qortex cis` with every backend. Throws BackendError where their tables are not the same bytes. */
export async function timeCommand(job: CommandTimes["job"], setting: CommandJob): Promise<CommandTimes[]> {
  const { backends, repeats, signal, onDoing } = setting;
  const ended = backends.map((): Ended[] => []);
  const contenders = backends.map(
    (backend, i): Contender => ({
      name: backend.name,
      async run() {
        const start = performance.now();
        const out = join(setting.folder, `out-${job}`);
        await run([setting.entry, job, ...inputs(setting.cohort), ...backend.args, "--out", out], signal);
        const seconds = (performance.now() - start) / 1000;
        ended[i]!.push(JSON.parse(await readFile(join(out, "manifest.json"), "utf8")) as Ended);
        await rm(out, { recursive: true });
        return seconds;
      },
    }),
  );
  const onRun = ({ name }: Contender, round: number) =>
    onDoing(`Timing qortex ${job} · ${name} · ${round + 1} of ${repeats}`);
  const seconds = await alternate(contenders, repeats, { warmups: 0, signal, onRun });
  requireSameTables(job, backends, ended);
  return backends.map(({ name }, i) => ({
    job,
    name,
    tests: ended[i]![0]!.counts.tests,
    hits: ended[i]![0]!.counts.hits,
    seconds: seconds[i]!,
    cpuSeconds: ended[i]!.map(({ usage }) => usage.cpuSeconds),
    peakBytes: Math.max(...ended[i]!.map(({ usage }) => usage.peakBytes)),
  }));
}

function inputs({ genotypes, expression, covariates }: MadeFiles): string[] {
  const files = ["--genotypes", genotypes, "--expression", expression, "--covariates", covariates];
  return [...files, "--quiet"];
}

function requireSameTables(
  job: string,
  backends: readonly CommandBackend[],
  ended: readonly (readonly Ended[])[],
): void {
  const tables = (one: Ended) =>
    one.files.filter(({ rows }) => rows !== undefined).map(({ name, sha256 }) => `${name} ${sha256}`);
  const expected = tables(ended[0]![0]!);
  ended.forEach((runs, i) => {
    for (const run of runs) {
      const different = tables(run).find((table, at) => table !== expected[at]);
      if (different === undefined) continue;
      throw new BackendError(
        `bench: ${different.split(" ")[0]} of qortex ${job} differs between ${backends[i]!.name} and ${backends[0]!.name}; no time of a wrong answer is shown: please report it`,
      );
    }
  });
}

/** Runs Node with these arguments to its end. Throws BackendError with what it said when it fails. */
function run(args: readonly string[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
    // It has nothing to put away: all it writes is in our folder.
    const stop = () => void child.kill("SIGKILL");
    signal.addEventListener("abort", stop, { once: true });
    let complaint = "";
    child.stderr.on("data", (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(-500);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      signal.removeEventListener("abort", stop);
      if (signal.aborted) reject(new CancelledError());
      else if (code === 0) resolve();
      else reject(new BackendError(`bench: qortex ${args[1]} ended with ${code}: ${complaint.trim()}`));
    });
  });
}
