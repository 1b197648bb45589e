import { BackendError, LimitError, UsageError } from "../errors.ts";

/** What the core needs of a thread; the edge (Node, or a page) makes them. */
export interface Thread {
  post(message: unknown, transfer: readonly ArrayBuffer[]): void;
  /** Whether the process must stay alive for this thread: true while it has work. */
  hold(busy: boolean): void;
  terminate(): Promise<void>;
}

export interface ThreadEvents {
  message(data: unknown): void;
  /** The thread failed, or ended by itself: nothing more will come of it. */
  failure(error: Error): void;
}

/**
 * Starts `code` (a plain script) in a thread of its own, where `onmessage` and `postMessage` are globals
 * as in a page's worker. May throw where threads are not to be had.
 */
export type Spawn = (code: string, events: ThreadEvents) => Thread;

/** How many threads, and what starts them. */
export interface Threads {
  readonly count: number;
  readonly spawn: Spawn;
}

/** The error that a thread reported by its tag and message. */
export function errorOf(tag: string, message: string): Error {
  if (tag === "limit") return new LimitError(message);
  if (tag === "usage") return new UsageError(message);
  return new BackendError(message);
}
