import { BackendError, CancelledError } from "../errors.ts";
import { errorOf, type Thread, type Threads } from "./threads.ts";

/** What a task's script answers: `input` is what it was posted. */
export type TaskReply<Output> =
  | { readonly type: "done"; readonly output: Output }
  | { readonly type: "failed"; readonly tag: string; readonly message: string };

interface Ticket<Input, Output> {
  readonly input: Input;
  readonly transfer: readonly ArrayBuffer[];
  resolve(output: Output): void;
  reject(error: Error): void;
}

interface Worker<Input, Output> {
  readonly thread: Thread;
  ticket: Ticket<Input, Output> | undefined;
}

/**
 * Tasks of one kind, each worked on whole by a thread that is free: `code` answers each message with a {@link TaskReply}. For work that is no product
 * of columns (compute/wasm/pool.ts).
 */
export class TaskPool<Input, Output> {
  readonly #workers = new Set<Worker<Input, Output>>();
  readonly #waiting: Ticket<Input, Output>[] = [];
  #broken: Error | undefined;

  /** Starts the threads. Throws {@link BackendError} when not even one is to be had. */
  constructor({ count, spawn }: Threads, code: string) {
    try {
      for (let i = 0; i < count; i++) {
        const thread = spawn(code, {
          message: (data) => this.#finish(worker, data as TaskReply<Output>),
          failure: (error) => this.#lose(worker, error),
        });
        const worker: Worker<Input, Output> = { thread, ticket: undefined };
        this.#workers.add(worker);
        thread.hold(false);
      }
    } catch (cause) {
      if (this.#workers.size > 0) return;
      throw new BackendError(`worker threads could not be started (${String(cause)}); use 1 thread`, {
        cause,
      });
    }
  }

  /** Works on `input` when a thread is free; the buffers of `transfer` go along, and are lost here. */
  run(input: Input, transfer: readonly ArrayBuffer[], signal?: AbortSignal): Promise<Output> {
    return new Promise((resolve, reject) => {
      if (this.#broken !== undefined) throw this.#broken;
      if (signal?.aborted) throw new CancelledError();
      const cancel = () => {
        const at = this.#waiting.indexOf(ticket);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(new CancelledError());
      };
      const settled = () => signal?.removeEventListener("abort", cancel);
      const ticket: Ticket<Input, Output> = {
        ...{ input, transfer },
        resolve(output) {
          settled();
          resolve(output);
        },
        reject(error) {
          settled();
          reject(error);
        },
      };
      signal?.addEventListener("abort", cancel, { once: true });
      this.#waiting.push(ticket);
      this.#hand();
    });
  }

  /** Ends the threads; tasks that are not done fail. */
  async dispose(): Promise<void> {
    this.#broken = new BackendError("the threads were ended before this task");
    const workers = [...this.#workers];
    this.#workers.clear();
    for (const ticket of this.#waiting.splice(0)) ticket.reject(this.#broken);
    for (const { ticket } of workers) ticket?.reject(this.#broken);
    await Promise.all(workers.map(({ thread }) => thread.terminate()));
  }

  #hand(): void {
    for (const worker of this.#workers) {
      while (worker.ticket === undefined) {
        const ticket = this.#waiting.shift();
        if (ticket === undefined) return;
        this.#send(worker, ticket);
      }
    }
  }

  /** What cannot be sent fails by itself: the thread stays free for the next. */
  #send(worker: Worker<Input, Output>, ticket: Ticket<Input, Output>): void {
    try {
      worker.thread.post(ticket.input, ticket.transfer);
    } catch (error) {
      ticket.reject(error instanceof Error ? error : new BackendError(String(error)));
      return;
    }
    worker.ticket = ticket;
    worker.thread.hold(true);
  }

  #finish(worker: Worker<Input, Output>, reply: TaskReply<Output>): void {
    const { ticket } = worker;
    worker.ticket = undefined;
    worker.thread.hold(false);
    if (reply.type === "done") ticket?.resolve(reply.output);
    else ticket?.reject(errorOf(reply.tag, reply.message));
    this.#hand();
  }

  /** A thread is gone: its task fails, and with the last one all others. */
  #lose(worker: Worker<Input, Output>, cause: Error): void {
    if (!this.#workers.delete(worker)) return;
    const error = new BackendError(`a worker thread failed: ${cause.message}`, { cause });
    worker.ticket?.reject(error);
    if (this.#workers.size > 0) return;
    this.#broken ??= error;
    for (const ticket of this.#waiting.splice(0)) ticket.reject(error);
  }
}
