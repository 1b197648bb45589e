import { candidates } from "./candidates.ts";
import { columnMax } from "./columnMax.ts";
import { dense } from "./dense.ts";
import { gram } from "./gram.ts";
import type { EngineSettings, GramJob, HeldColumns, Job, JobResult } from "./job.ts";
import type { Kernels } from "./kernels.ts";

/** Runs a job; yields between tiles, where the caller may wait, or give up. One job at a time. */
export function runJob(
  kernels: Kernels,
  job: Job<HeldColumns> | GramJob<HeldColumns>,
  settings: EngineSettings,
): Generator<void, JobResult> {
  if (job.kind === "gram") return gram(kernels, job);
  const { epilogue } = job;
  const rows = job.factors[0]!.rows.count;
  switch (epilogue.kind) {
    case "candidates":
      return candidates(kernels, job, rows, epilogue.threshold, epilogue.windows, settings);
    case "columnMax":
      return columnMax(kernels, job, rows, epilogue.windows, settings);
    case "dense":
      return dense(kernels, job, rows, epilogue.windows, settings);
  }
}
