import { throwIfAborted } from "../errors.ts";

/** Milliseconds a computation may keep the caller's thread before it lets others in. */
const SLICE = 40;

/**
 * Lets a long computation on the caller's thread breathe: await `pause()` between its steps. Events
 * (ctrl-C, a page's clicks) get in every {@link SLICE} ms; throws CancelledError when `signal` has fired.
 */
export class Breather {
  private readonly signal: AbortSignal | undefined;
  private last = performance.now();

  constructor(signal: AbortSignal | undefined) {
    this.signal = signal;
    throwIfAborted(signal);
  }

  async pause(): Promise<void> {
    if (performance.now() - this.last < SLICE) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.last = performance.now();
    throwIfAborted(this.signal);
  }
}
