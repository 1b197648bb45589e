import type { EngineSettings, GramJob, HeldColumns, Job, JobResult } from "./job.ts";

/** To a worker. Messages are handled in the order they were sent. */
export type Request =
  | { readonly type: "start"; readonly kernels: Uint8Array<ArrayBuffer>; readonly settings: EngineSettings }
  | { readonly type: "load"; readonly columns: number; readonly part: HeldColumns }
  | { readonly type: "forget"; readonly columns: number }
  | { readonly type: "run"; readonly job: Job<number> | GramJob<number> };

/** From a worker: the end of its job, one way or the other. */
export type Reply = (
  | { readonly type: "done"; readonly result: JobResult }
  | { readonly type: "failed"; readonly tag: string; readonly message: string }
) & {
  /** The memory that the job's rows came in, to be used again. */
  readonly spent?: readonly ArrayBuffer[];
};

/** The buffers of a result, which need no copy on their way. */
export function buffersOf(result: JobResult): ArrayBuffer[] {
  switch (result.kind) {
    case "candidates":
      return [result.row, result.column, ...(result.product ? [result.product] : [])].flatMap(ownBuffer);
    case "columnMax":
      return [result.value, result.row].flatMap(ownBuffer);
    case "dense":
      return result.values.flatMap(ownBuffer);
    case "gram":
      return ownBuffer(result.values);
  }
}

export function ownBuffer({ buffer }: { readonly buffer: ArrayBufferLike }): ArrayBuffer[] {
  return buffer instanceof ArrayBuffer ? [buffer] : [];
}
