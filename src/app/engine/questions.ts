import { CancelledError } from "../../errors.ts";
import type { Question } from "./client.ts";
import type { Engine } from "./protocol.ts";

/** What `cancel` ends. */
const WORK: ReadonlySet<keyof Engine> = new Set(["open", "plan", "run", "resume", "reopen"]);

interface Waiting {
  readonly name: keyof Engine;
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
    // What is answered now came first.
    const [now] = this.#open;
    if (name === "forget" && now !== undefined && args[0] === this.#running()) now.abort.abort();
    const waiting = { name, abort: new AbortController() };
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

  #end(ended: (name: keyof Engine) => boolean): void {
    for (const { name, abort } of this.#open) if (ended(name)) abort.abort();
  }
}
