/** What runs in each thread: one engine, one job at a time. Bundled into a string by build-kernels. */
import { QortexError } from "../../errors.ts";
import { runJob } from "./engine.ts";
import type { EngineSettings, GramJob, HeldColumns, Job, JobResult } from "./job.ts";
import { instantiate, type Kernels } from "./kernels.ts";
import { lentBuffers } from "./lentMemory.ts";
import { buffersOf, type Reply, type Request } from "./messages.ts";

interface Scope {
  onmessage: (event: { readonly data: Request }) => void;
  postMessage(reply: Reply, transfer: ArrayBuffer[]): void;
}

const scope = globalThis as unknown as Scope;
const loaded = new Map<number, HeldColumns>();
let settings: EngineSettings = {};
let starting: Promise<Kernels> | undefined;

async function handle(request: Request): Promise<void> {
  switch (request.type) {
    case "start":
      settings = request.settings;
      starting = instantiate(request.kernels);
      // Awaited by the first job, which reports its failure.
      starting.catch(() => {});
      return;
    case "load":
      loaded.set(request.columns, { ...loaded.get(request.columns), ...request.part });
      return;
    case "forget":
      loaded.delete(request.columns);
      return;
    case "run": {
      if (starting === undefined) throw new Error("a job came before the kernels");
      const steps = runJob(await starting, held(request.job), settings);
      let step = steps.next();
      while (!step.done) step = steps.next();
      reply(step.value, request.job.kind === "gram" ? [] : lentBuffers(request.job.factors));
    }
  }
}

/** A job with what is held here in place of numbers. */
function held(job: Job<number> | GramJob<number>): Job<HeldColumns> | GramJob<HeldColumns> {
  const of = (id: number): HeldColumns => loaded.get(id) ?? {};
  if (job.kind === "gram") return { ...job, rows: of(job.rows) };
  return { ...job, factors: job.factors.map((factor) => ({ ...factor, columns: of(factor.columns) })) };
}

function reply(result: JobResult, spent: ArrayBuffer[]): void {
  scope.postMessage({ type: "done", result, spent }, [...buffersOf(result), ...spent]);
}

scope.onmessage = ({ data }) => {
  handle(data).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    scope.postMessage(
      { type: "failed", tag: error instanceof QortexError ? error.tag : "backend", message },
      [],
    );
  });
};
