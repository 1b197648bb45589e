import { LimitError, QortexError } from "../../../errors.ts";

/** Whether the browser has no more room for what was to be kept. */
export function isFull(error: unknown): boolean {
  return error instanceof Error && error.name === "QuotaExceededError";
}

/** What a browser throws when memory or storage is at its end, in words; other errors as they are. */
export function worded(error: unknown): unknown {
  if (error instanceof QortexError) return error;
  const { message } = error instanceof Error ? error : new Error(String(error));
  if (isFull(error))
    return new LimitError(
      "the browser keeps no more data for this page; forget runs that are kept, free disk space, or run the command line. What is done is kept",
      { cause: error },
    );
  if (error instanceof RangeError && /alloc|memory|invalid (typed )?array length/i.test(message))
    return new LimitError(
      "this tab is out of memory; map one chromosome, fewer genes, or fewer threads, or run the command line. What is done is kept",
      { cause: error },
    );
  return error;
}
