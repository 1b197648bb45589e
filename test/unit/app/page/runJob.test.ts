/** What the page shows when a run ends, by an engine that answers when it is told to. */
import { beforeEach, expect, test, vi } from "vitest";
import type { KeptRun, ResultView } from "../../../../src/app/engine/protocol.ts";

interface Question {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}
const waiting = vi.hoisted(() => new Map<string, Question>());
vi.mock("../../../../src/app/page/engine.ts", () => {
  const asked = (name: string) => (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      waiting.set(name, { resolve, reject });
    });
  return {
    engine: {
      ...{ resume: asked("resume"), kept: asked("kept"), reopen: asked("reopen"), open: asked("open") },
      ...{ understand: asked("understand"), cancel: asked("cancel") },
    },
    show: () => {},
  };
});

const { openCohort } = await import("../../../../src/app/page/cohortOpen.ts");
const { removeFile } = await import("../../../../src/app/page/filesGiven.ts");
const { resumeRun, stopped } = await import("../../../../src/app/page/runJob.ts");
const { openKept } = await import("../../../../src/app/page/waitingView.ts");
const { files, kept, result, running } = await import("../../../../src/app/page/state.ts");

const RUN = { id: "one", title: "a x b", state: "unfinished", job: { kind: "cis" }, filters: {} };
const view = (id: string) => ({ id, kind: "cis", manifest: {} }) as unknown as ResultView;

async function answer(name: string, value: unknown): Promise<void> {
  waiting.get(name)!.resolve(value);
  await new Promise((done) => setImmediate(done));
}

beforeEach(() => {
  waiting.clear();
  kept.value = [RUN as unknown as KeptRun];
  [result.value, stopped.value, running.value, files.value] = [undefined, undefined, false, []];
});

test("a result that was asked for while a run went is the one that is shown, as it is the engine's", async () => {
  void resumeRun("one");
  void openKept("two");
  await answer("resume", view("one"));
  expect(result.value?.id).toBe("one");
  expect(running.value).toBe(false);
  await answer("reopen", view("two"));
  await answer("kept", []);
  expect(result.value?.id).toBe("two");
  expect(kept.value).toEqual([]);
});

test("a run that fails says which it was once the list is there", async () => {
  void resumeRun("one");
  waiting.get("resume")!.reject(new Error("the disk is full"));
  await new Promise((done) => setImmediate(done));
  expect(running.value).toBe(true);
  await answer("kept", [RUN]);
  expect(running.value).toBe(false);
  expect(stopped.value).toMatchObject({ id: "one", how: "failed" });
  expect(result.value).toBeUndefined();
});

test("files that are left out end the reading of their cohort, and no run that waits for it", async () => {
  const given = ["a.bed", "b.bed"].map((name) => ({ name, file: new Blob(["x"]) }));
  files.value = given;
  void openCohort();
  void removeFile("a.bed");
  expect(waiting.has("cancel")).toBe(true);
  await answer("open", {});
  waiting.clear();
  void openCohort();
  void resumeRun("one");
  void removeFile("b.bed");
  expect(waiting.has("cancel")).toBe(false);
  expect(waiting.has("resume")).toBe(true);
});
