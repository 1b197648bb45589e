import type { Progress } from "../association/tables.ts";
import type { Message } from "../cohort/cohort.ts";
import type { Json } from "../node/manifest.ts";
import { duration, shortCount } from "./format.ts";

/** What the terminal needs of a stream: the process's own, or a test's. */
export interface TextSink {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface TerminalOptions {
  readonly out: TextSink;
  readonly err: TextSink;
  /** Warnings and errors only. */
  readonly quiet: boolean;
  /** Milliseconds, for rates. */
  readonly now: () => number;
}

/** What a run says: to a person, or (`--json`) to a program. */
export interface Console {
  /** One line that stays: what is used, what was matched. */
  status(text: string): void;
  message(message: Message): void;
  progress(progress: Progress): void;
  /** Takes the progress line away. */
  clear(): void;
  /** The summary, as text and as a record. */
  result(text: string, record: { readonly [key: string]: Json }): void;
}

/** A person sees ten updates a second; a log gets one line every five seconds. */
const REDRAW_MS = 100;
const LOG_EVERY_MS = 5000;
/** The rate is that of the last few seconds: start-up and the odd slow tile should not linger in it. */
const RATE_WINDOW_MS = 10_000;

/**
 * Results go to standard output; all else goes to standard error, so that `qortex ... > summary.txt`
 * still shows its progress. There is at most one progress line; messages appear above it.
 */
export class Terminal implements Console {
  readonly #options: TerminalOptions;
  readonly #meter: RateMeter;
  #drawn = "";
  #lastShown: number;

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.#meter = new RateMeter(options.now);
    // A log waits for its first line: short runs need none.
    this.#lastShown = options.err.isTTY ? Number.NEGATIVE_INFINITY : options.now();
  }

  /** One line that stays: what is used, what was matched. */
  status(text: string): void {
    if (!this.#options.quiet) this.#line(text);
  }

  message(message: Message): void {
    if (message.level === "warning") this.#line(`Warning: ${message.text}`);
    else this.status(`Note: ${message.text}`);
  }

  progress(progress: Progress): void {
    this.#meter.add(progress);
    if (!this.#options.quiet && this.#isTime()) this.#show(progressText(progress, this.#meter.perSecond()));
  }

  /** What is being done, where there is no share of it to count; at once on a terminal. */
  doing(text: string): void {
    if (!this.#options.quiet && (this.#isTime() || this.#options.err.isTTY)) this.#show(text);
  }

  /** Whether the last line has been there for long enough. */
  #isTime(): boolean {
    const { err, now } = this.#options;
    const time = now();
    if (time - this.#lastShown < (err.isTTY ? REDRAW_MS : LOG_EVERY_MS)) return false;
    this.#lastShown = time;
    return true;
  }

  #show(text: string): void {
    const { err } = this.#options;
    if (err.isTTY) this.#draw(text);
    else err.write(`${text}\n`);
  }

  /** Takes the progress line away. */
  clear(): void {
    if (this.#drawn === "") return;
    this.#options.err.write("\r\x1b[K");
    this.#drawn = "";
  }

  /** The summary: standard output. */
  result(text: string): void {
    this.clear();
    if (!this.#options.quiet) this.#options.out.write(text.endsWith("\n") ? text : `${text}\n`);
  }

  #line(text: string): void {
    const { err } = this.#options;
    const drawn = this.#drawn;
    this.clear();
    err.write(`${text}\n`);
    if (drawn !== "") this.#draw(drawn);
  }

  #draw(text: string): void {
    const { err } = this.#options;
    // One short of the width: some terminals wrap on the last column. (A pseudo-terminal may have none.)
    const width = Math.max(20, (err.columns || 80) - 1);
    this.#drawn = text.length > width ? `${text.slice(0, width - 1)}…` : text;
    err.write(`\r${this.#drawn}\x1b[K`);
  }
}

const PHASES: Readonly<Record<Progress["phase"], string>> = {
  reading: "Reading",
  testing: "Testing",
  writing: "Writing",
};

/** `Testing 42% · 208 M of 495 M tests · 12.3 M tests/s · 23 s left`. */
export function progressText(progress: Progress, perSecond: number): string {
  const { done, total, phase } = progress;
  const parts = [PHASES[phase]];
  if (total > 0) parts[0] += ` ${Math.floor((100 * Math.min(done, total)) / total)}%`;
  if (phase !== "testing") return parts.join(" · ");
  if (total > 0) parts.push(`${shortCount(done)} of ${shortCount(total)} tests`);
  if (perSecond > 0) {
    parts.push(`${shortCount(perSecond)} tests/s`);
    const left = Math.ceil((total - done) / perSecond);
    if (left > 0) parts.push(`${left < 60 ? `${left} s` : duration(left)} left`);
  }
  return parts.join(" · ");
}

/** Pairs per second over the last {@link RATE_WINDOW_MS}. */
class RateMeter {
  readonly #now: () => number;
  #phase: Progress["phase"] | undefined;
  #points: { time: number; done: number }[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  add(progress: Progress): void {
    const time = this.#now();
    if (progress.phase !== this.#phase) {
      this.#phase = progress.phase;
      this.#points = [];
    }
    // Tiles can be quicker than the clock: points lie REDRAW_MS apart, but for the newest.
    const beforeLast = this.#points[this.#points.length - 2];
    if (beforeLast !== undefined && time - beforeLast.time < REDRAW_MS) this.#points.pop();
    this.#points.push({ time, done: progress.done });
    while (this.#points.length > 2 && time - this.#points[1]!.time > RATE_WINDOW_MS) this.#points.shift();
  }

  perSecond(): number {
    const first = this.#points[0];
    const last = this.#points[this.#points.length - 1];
    if (first === undefined || last === undefined || last.time <= first.time) return 0;
    return (1000 * (last.done - first.done)) / (last.time - first.time);
  }
}
