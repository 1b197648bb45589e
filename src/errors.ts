/**
 * The errors Qortex throws on purpose. Every message is one line that says what is wrong, where,
 * the number and the limit where there is one, and what to do. `exitCode` is what the command line
 * exits with.
 */
export abstract class QortexError extends Error {
  abstract readonly tag: "input" | "usage" | "limit" | "backend" | "cancelled";
  abstract readonly exitCode: number;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A file that cannot be used as it is. `where` names file, line, variant or sample. */
export class InputError extends QortexError {
  readonly tag = "input";
  readonly exitCode = 2;

  constructor(where: string, what: string, fix = "", options?: ErrorOptions) {
    super(`${where}: ${what}${fix === "" ? "" : `; ${fix}`}`, options);
  }
}

/** An option, or a combination of options, that makes no sense. */
export class UsageError extends QortexError {
  readonly tag = "usage";
  readonly exitCode = 2;
}

/** A stated limit (memory, disk, size of an integer) that the job would pass. */
export class LimitError extends QortexError {
  readonly tag = "limit";
  readonly exitCode = 2;
}

/** A backend that is not there, or that failed in flight. */
export class BackendError extends QortexError {
  readonly tag = "backend";
  readonly exitCode = 2;
}

/** The caller's AbortSignal fired (ctrl-C on the command line). */
export class CancelledError extends QortexError {
  readonly tag = "cancelled";
  readonly exitCode = 130;

  constructor(message = "cancelled") {
    super(message);
  }
}

/** Throws {@link CancelledError} when `signal` has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CancelledError();
}
