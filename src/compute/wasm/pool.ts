import { BackendError, CancelledError } from "../../errors.ts";
import type { Epilogue } from "../backend.ts";
import { disposedError } from "../product.ts";
import { canShare, isShared } from "../sharedMemory.ts";
import { errorOf, type Spawn, type Thread } from "../threads.ts";
import type { WasmColumns } from "./columns.ts";
import type { EngineSettings, HeldColumns, Job, JobResult } from "./job.ts";
import { LentMemory } from "./lentMemory.ts";
import { ownBuffer, type Reply, type Request } from "./messages.ts";
import type { Runner, RunnerJob } from "./runner.ts";

interface Ticket {
  readonly job: RunnerJob;
  /** Each settles the promise of `run`, once. */
  resolve(result: JobResult): void;
  reject(error: Error): void;
}

interface Worker {
  readonly thread: Thread;
  /** What it holds of the columns known by a number. */
  readonly holds: Map<number, Set<keyof HeldColumns>>;
  /** What it works on; results of a cancelled ticket go nowhere. */
  ticket: Ticket | undefined;
}

/** Jobs go to the workers that are free, first come, first served. */
export class Pool implements Runner {
  private readonly workers = new Set<Worker>();
  private readonly waiting = new Set<Ticket>();
  private readonly lent = new LentMemory();
  /** Jobs not yet settled, by the signal that stops them. */
  private readonly watched = new Map<
    AbortSignal,
    { readonly tickets: Set<Ticket>; readonly cancel: () => void }
  >();
  /** Why no job can be run any more. */
  private broken: Error | undefined;

  /** Starts the workers. Throws {@link BackendError} when not even one is to be had. */
  constructor(
    threads: number,
    spawn: Spawn,
    code: string,
    kernels: Uint8Array<ArrayBuffer>,
    settings: EngineSettings,
  ) {
    try {
      for (let i = 0; i < threads; i += 1) this.start(spawn, code, kernels, settings);
    } catch (cause) {
      if (this.workers.size > 0) return;
      throw new BackendError(`worker threads could not be started (${messageOf(cause)}); use 0 threads`, {
        cause,
      });
    }
  }

  get size(): number {
    return this.workers.size;
  }

  private start(
    spawn: Spawn,
    code: string,
    kernels: Uint8Array<ArrayBuffer>,
    settings: EngineSettings,
  ): void {
    const thread = spawn(code, {
      message: (data) => this.finish(worker, data as Reply),
      failure: (error) => this.lose(worker, error),
    });
    const worker: Worker = { thread, holds: new Map(), ticket: undefined };
    this.workers.add(worker);
    thread.hold(false);
    post(thread, { type: "start", kernels: kernels.slice(), settings });
  }

  run(job: RunnerJob, signal: AbortSignal | undefined): Promise<JobResult> {
    return new Promise((resolve, reject) => {
      if (this.broken !== undefined) throw this.broken;
      if (signal?.aborted) throw new CancelledError();
      const settled = () => this.unwatch(ticket, signal);
      const ticket: Ticket = {
        job,
        resolve(result) {
          settled();
          resolve(result);
        },
        reject(error) {
          settled();
          reject(error);
        },
      };
      this.watch(ticket, signal);
      this.waiting.add(ticket);
      this.hand();
    });
  }

  /** Rejects the ticket when the signal fires. A signal has one listener however many jobs it may stop. */
  private watch(ticket: Ticket, signal: AbortSignal | undefined): void {
    if (signal === undefined) return;
    const known = this.watched.get(signal);
    if (known !== undefined) {
      known.tickets.add(ticket);
      return;
    }
    const tickets = new Set([ticket]);
    const cancel = () => {
      for (const one of [...tickets]) {
        this.waiting.delete(one);
        one.reject(new CancelledError());
      }
    };
    signal.addEventListener("abort", cancel);
    this.watched.set(signal, { tickets, cancel });
  }

  private unwatch(ticket: Ticket, signal: AbortSignal | undefined): void {
    const known = signal && this.watched.get(signal);
    if (signal === undefined || known === undefined) return;
    known.tickets.delete(ticket);
    if (known.tickets.size > 0) return;
    signal.removeEventListener("abort", known.cancel);
    this.watched.delete(signal);
  }

  /** Gives waiting jobs to free workers. */
  private hand(): void {
    for (const worker of this.workers) {
      while (worker.ticket === undefined) {
        const [ticket] = this.waiting;
        if (ticket === undefined) return;
        this.waiting.delete(ticket);
        this.give(worker, ticket);
      }
    }
  }

  private give(worker: Worker, ticket: Ticket): void {
    worker.ticket = ticket;
    worker.thread.hold(true);
    try {
      this.send(worker, ticket.job);
    } catch (error) {
      this.release(worker);
      ticket.reject(error instanceof Error ? error : new BackendError(messageOf(error)));
    }
  }

  private send(worker: Worker, job: RunnerJob): void {
    if (job.kind === "gram") {
      load(worker, job.rows, ["whole"]);
      post(worker.thread, { type: "run", job: { ...job, rows: job.rows.id } });
      return;
    }
    for (const { columns } of job.factors) load(worker, columns, partsFor(columns, job));
    const transfer: ArrayBuffer[] = [];
    const factors = job.factors.map((factor) => this.lent.factor(factor, factor.columns.id, transfer));
    const room = this.lent.room(job);
    transfer.push(...(room ?? []));
    const own = { ...job, factors, epilogue: compact(job.epilogue), room };
    post(worker.thread, { type: "run", job: own }, transfer);
  }

  private finish(worker: Worker, reply: Reply): void {
    const ticket = this.release(worker);
    this.lent.giveBack(reply.spent ?? []);
    if (reply.type === "done") ticket?.resolve(reply.result);
    else ticket?.reject(errorOf(reply.tag, reply.message));
    this.hand();
  }

  private release(worker: Worker): Ticket | undefined {
    const { ticket } = worker;
    worker.ticket = undefined;
    worker.thread.hold(false);
    return ticket;
  }

  /** A worker is gone: its job fails, the others go on; when it was the last, so does every other job. */
  private lose(worker: Worker, cause: Error): void {
    if (!this.workers.delete(worker)) return;
    const error = new BackendError(`a worker thread failed: ${cause.message}`, { cause });
    worker.ticket?.reject(error);
    worker.ticket = undefined;
    if (this.workers.size > 0) return;
    this.broken ??= error;
    this.rejectWaiting(error);
  }

  private rejectWaiting(error: Error): void {
    for (const ticket of this.waiting) ticket.reject(error);
    this.waiting.clear();
  }

  forget({ id }: { readonly id: number }): void {
    for (const { thread, holds } of this.workers) {
      if (holds.delete(id)) post(thread, { type: "forget", columns: id });
    }
  }

  giveBack(values: Float64Array): void {
    this.lent.giveBack(ownBuffer(values));
  }

  async dispose(): Promise<void> {
    const error = disposedError();
    this.broken = error;
    const workers = [...this.workers];
    this.workers.clear();
    this.rejectWaiting(error);
    for (const { ticket } of workers) ticket?.reject(error);
    await Promise.all(workers.map(({ thread }) => thread.terminate()));
  }
}

/** Which parts of columns a product needs. */
function partsFor({ permuted }: WasmColumns, { epilogue, kernel }: Job<unknown>): (keyof HeldColumns)[] {
  if (permuted) return ["permuted"];
  if (epilogue.kind === "dense") return ["values"];
  const integers = kernel === "carriers" ? "panels" : "integers";
  // Of candidates values to confirm them with, where that takes no copy.
  return epilogue.kind === "columnMax" || canShare() ? [integers, "values"] : [integers];
}

/** Sends a worker those parts that it has not had yet. */
function load(
  { thread, holds }: Worker,
  { id, held }: { readonly id: number; readonly held: HeldColumns },
  needed: readonly (keyof HeldColumns)[],
): void {
  const had = holds.get(id) ?? new Set();
  holds.set(id, had);
  const missing = needed.filter((name) => !had.has(name));
  if (missing.length === 0) return;
  for (const name of missing) had.add(name);
  const part = Object.fromEntries(missing.map((name) => [name, held[name]])) as HeldColumns;
  post(thread, { type: "load", columns: id, part });
}

/** The epilogue without the buffers under its views, which would travel along: all but memory that is shared. */
function compact(epilogue: Epilogue): Epilogue {
  const { windows } = epilogue;
  const own =
    windows === undefined ? {} : { windows: { start: windows.start.slice(), end: windows.end.slice() } };
  return epilogue.kind === "candidates"
    ? { kind: "candidates", threshold: ownOrShared(epilogue.threshold), ...own }
    : { kind: epilogue.kind, ...own };
}

function ownOrShared(values: Float64Array): Float64Array {
  return isShared(values) ? values : values.slice();
}

function post(thread: Thread, request: Request, transfer: readonly ArrayBuffer[] = []): void {
  thread.post(request, transfer);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
