import { describe, expect, it } from "vitest";
import type { Question } from "../../../../src/app/engine/client.ts";
import type { Engine } from "../../../../src/app/engine/protocol.ts";
import { Questions } from "../../../../src/app/engine/questions.ts";
import { CancelledError } from "../../../../src/errors.ts";

let numbers = 0;
const asking = (name: keyof Engine, ...args: unknown[]): Question => ({ number: numbers++, name, args });

/** Questions whose work goes on until it is let go, or its signal fires. */
function slowly(running: () => string | undefined = () => undefined) {
  const begun: string[] = [];
  let letGo = (): void => {};
  const questions = new Questions(({ name }, signal) => {
    begun.push(name);
    return new Promise((done, fail) => {
      letGo = () => done(name);
      signal.addEventListener("abort", () => fail(new CancelledError()));
    });
  }, running);
  const ask = (name: keyof Engine, ...args: unknown[]): Promise<string> =>
    questions.ask(asking(name, ...args)).then(String, (error: Error) => error.name);
  const turn = () => new Promise((done) => setTimeout(done));
  return { begun, ask, turn, letGo: () => letGo() };
}

describe("questions to the engine", () => {
  it("are answered one after the other", async () => {
    const { begun, ask, turn, letGo } = slowly();
    const answers = [ask("genes"), ask("points")];
    await turn();
    expect(begun).toEqual(["genes"]);
    letGo();
    await turn();
    expect(begun).toEqual(["genes", "points"]);
    letGo();
    expect(await Promise.all(answers)).toEqual(["genes", "points"]);
  });

  it("that failed do not hold up the next", async () => {
    const questions = new Questions(
      async ({ name }) => {
        if (name === "genes") throw new TypeError("no");
        return name;
      },
      () => undefined,
    );
    const failed = questions.ask(asking("genes"));
    const next = questions.ask(asking("points"));
    await expect(failed).rejects.toThrow(TypeError);
    expect(await next).toBe("points");
  });

  it("of work end by a cancel, also those that wait: a run behind another never begins", async () => {
    const { begun, ask, turn, letGo } = slowly();
    const answers = [ask("genes"), ask("run"), ask("resume")];
    await turn();
    await ask("cancel");
    letGo();
    expect(await Promise.all(answers)).toEqual(["genes", "CancelledError", "CancelledError"]);
    expect(begun).toEqual(["genes"]);
    // What is asked afterwards is not meant.
    const after = ask("run");
    await turn();
    letGo();
    expect(await after).toBe("run");
  });

  it.each(["plan", "run", "resume", "open", "reopen"] as const)(
    "%s ends a plan that is being measured, and plans that wait",
    async (next) => {
      const { begun, ask, turn, letGo } = slowly();
      const plans = [ask("plan"), ask("plan")];
      await turn();
      const work = ask(next);
      expect(await Promise.all(plans)).toEqual(["CancelledError", "CancelledError"]);
      await turn();
      letGo();
      expect(await work).toBe(next);
      // The second had taken the place of the first before that was begun.
      expect(begun).toEqual(["plan", next]);
    },
  );

  it("end a plan in progress for a run, and never a run for a plan", async () => {
    const { begun, ask, turn, letGo } = slowly();
    const plan = ask("plan");
    await turn();
    const run = ask("run");
    expect(await plan).toBe("CancelledError");
    await turn();
    const later = ask("plan");
    await turn();
    expect(begun).toEqual(["plan", "run"]);
    letGo();
    expect(await run).toBe("run");
    await turn();
    letGo();
    expect(await later).toBe("plan");
  });

  it("to forget the run in progress end it first; to forget another one wait", async () => {
    const { begun, ask, turn, letGo } = slowly(() => "this");
    const run = ask("run");
    await turn();
    const other = ask("forget", "that");
    await turn();
    expect(begun).toEqual(["run"]);
    const same = ask("forget", "this");
    expect(await run).toBe("CancelledError");
    await turn();
    letGo();
    await turn();
    letGo();
    expect(await Promise.all([other, same])).toEqual(["forget", "forget"]);
  });

  it("to forget a kept run end its opening, and that which waits", async () => {
    const { begun, ask, turn, letGo } = slowly();
    const answers = [ask("reopen", "this"), ask("resume", "this"), ask("reopen", "that")];
    await turn();
    const forgotten = ask("forget", "this");
    expect(await Promise.all(answers.slice(0, 2))).toEqual(["CancelledError", "CancelledError"]);
    await turn();
    expect(begun).toEqual(["reopen", "reopen"]);
    letGo();
    await turn();
    letGo();
    expect(await Promise.all([answers[2], forgotten])).toEqual(["reopen", "forget"]);
  });
});
