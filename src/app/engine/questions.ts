import { CancelledError } from "../../errors.ts";
import type { Question } from "./client.ts";
import type { Engine } from "./protocol.ts";

/** What `cancel` ends. */
const WORK: ReadonlySet<keyof Engine> = new Set(["open", "plan", "run", "resume", "reopen"]);

/** What opens a kept run, named first. */
const OPENS: ReadonlySet<keyof Engine> = new Set(["resume", "reopen"]);

interface Waiting {
  readonly name: keyof Engine;
  /** The kept run that it opens; undefined of anything else. */
  readonly opens: unknown;
  readonly abort: AbortController;
}

/** What answers a question; it ends by CancelledError soon after `signal` fires. */
export type Answering = (question: Question, signal: AbortSignal) => Promise<unknown>;

/**
 * Questions, answered one after the other. `cancel` is heeded at once: it ends the work in progress and all work that waits. A plan that is being
 * measured, or waits to be, ends as soon as other work is asked for: nobody looks at it any more.
 */
export class Questions {
  readonly #answer: Answering;
  readonly #running: () => string | undefined;
  readonly #open = new Set<Waiting>();
  #last: Promise<unknown> = Promise.resolve();

  /** `running`: the run that is being worked on, which is ended where it is to be forgotten. */
  constructor(answer: Answering, running: () => string | undefined) {
    this.#answer = answer;
    this.#running = running;
  }

  ask(question: Question): Promise<unknown> {
    const { name, args } = question;
    if (name === "cancel") {
      this.#end(WORK.has.bind(WORK));
      return Promise.resolve();
    }
    if (WORK.has(name)) this.#end((other) => other === "plan");
    if (name === "forget") this.#endOpening(args[0]);
    const opens = OPENS.has(name) ? args[0] : undefined;
    const waiting = { name, opens, abort: new AbortController() };
    this.#open.add(waiting);
    const { signal } = waiting.abort;
    const answer = this.#last.then(async () => {
      try {
        if (signal.aborted) throw new CancelledError();
        return await this.#answer(question, signal);
      } finally {
        this.#open.delete(waiting);
      }
    });
    this.#last = answer.catch(() => {});
    return answer;
  }

  /** Ends what works on a kept run or opens it, and what waits to: it is to be forgotten. */
  #endOpening(id: unknown): void {
    // What is answered now came first.
    const [now] = this.#open;
    if (id === this.#running()) now?.abort.abort();
    for (const { opens, abort } of this.#open) if (opens !== undefined && opens === id) abort.abort();
  }

  #end(ended: (name: keyof Engine) => boolean): void {
    for (const { name, abort } of this.#open) if (ended(name)) abort.abort();
  }
}
