import { Breather } from "../pause.ts";
import { disposedError } from "../product.ts";
import type { WasmColumns } from "./columns.ts";
import { runJob } from "./engine.ts";
import type { EngineSettings, GramJob, Job, JobResult } from "./job.ts";
import type { Kernels } from "./kernels.ts";
import type { WasmGram } from "./wholeRows.ts";

/** What a runner is asked for. */
export type RunnerJob = Job<WasmColumns> | GramJob<WasmGram>;

/** Where jobs are run: on the caller's thread, or on threads of their own. */
export interface Runner {
  run(job: RunnerJob, signal: AbortSignal | undefined): Promise<JobResult>;
  /** Drops what is held elsewhere of these columns, or rows. */
  forget(columns: { readonly id: number }): void;
  /** Memory of a result that is done with. */
  giveBack(values: Float64Array): void;
  dispose(): Promise<void>;
}

/** Jobs one after the other on the caller's thread, which gets its turn between tiles. */
export class LocalRunner implements Runner {
  private readonly kernels: Kernels;
  private readonly settings: EngineSettings;
  private last: Promise<unknown> = Promise.resolve();
  private disposed = false;

  constructor(kernels: Kernels, settings: EngineSettings) {
    this.kernels = kernels;
    this.settings = settings;
  }

  run(job: RunnerJob, signal: AbortSignal | undefined): Promise<JobResult> {
    const result = this.last.then(() => this.work(job, signal));
    this.last = result.catch(() => {});
    return result;
  }

  private async work(job: RunnerJob, signal: AbortSignal | undefined): Promise<JobResult> {
    const breather = new Breather(signal);
    const steps = runJob(this.kernels, heldOf(job), this.settings);
    for (;;) {
      if (this.disposed) throw disposedError();
      const step = steps.next();
      if (step.done) return step.value;
      await breather.pause();
    }
  }

  forget(): void {}

  giveBack(): void {}

  async dispose(): Promise<void> {
    this.disposed = true;
    await this.last;
  }
}

function heldOf(job: RunnerJob) {
  if (job.kind === "gram") return { ...job, rows: job.rows.held };
  const factors = job.factors.map((factor) => ({ ...factor, columns: factor.columns.held }));
  return { ...job, factors };
}
