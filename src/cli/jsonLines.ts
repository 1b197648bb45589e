import type { Progress } from "../association/tables.ts";
import type { Message } from "../cohort/cohort.ts";
import type { Json } from "../node/manifest.ts";
import type { Console, TerminalOptions } from "./terminal.ts";

/** A program reads one update a second. */
const EVERY_MS = 1000;

/** What a run says, one JSON object a line, all on standard output (`--json`); errors stay on standard error. */
export class JsonLines implements Console {
  readonly #options: TerminalOptions;
  #last = Number.NEGATIVE_INFINITY;
  #phase = "";

  constructor(options: TerminalOptions) {
    this.#options = options;
  }

  status(text: string): void {
    if (!this.#options.quiet) this.#write({ type: "status", text });
  }

  message({ level, text }: Message): void {
    if (level === "warning" || !this.#options.quiet) this.#write({ type: "message", level, text });
  }

  /** The first and last of a phase, and one a second between them. */
  progress({ phase, done, total }: Progress): void {
    if (this.#options.quiet) return;
    const time = this.#options.now();
    if (phase === this.#phase && done < total && time - this.#last < EVERY_MS) return;
    this.#phase = phase;
    this.#last = time;
    this.#write({ type: "progress", phase, done, total });
  }

  clear(): void {}

  result(_text: string, record: { readonly [key: string]: Json }): void {
    this.#write({ type: "result", ...record });
  }

  #write(line: { readonly [key: string]: Json }): void {
    this.#options.out.write(`${JSON.stringify(line)}\n`);
  }
}
