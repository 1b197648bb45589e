import { signal } from "@preact/signals";
import type { Job, ResultView } from "../engine/protocol.ts";
import { engine, show } from "./engine.ts";
import { announce } from "./parts/announce.ts";
import { cohort, job, kept, plan, progress, result, running, selection, settings, view } from "./state.ts";

/** How the last run ended before its end. */
export const stopped = signal<"cancelled" | "failed" | undefined>(undefined);

/** What the run in progress makes: of one that is taken up again, what it was begun as. */
export const runningKind = signal<Job["kind"] | undefined>(undefined);

/** Runs the job that is chosen, and shows its result. */
export function startRun(): Promise<void> {
  runningKind.value = job.peek().kind;
  return follow(() => engine.run(job.peek()));
}

/** Goes on with a run that did not end. */
export function resumeRun(id: string): Promise<void> {
  runningKind.value = kept.peek().find((run) => run.id === id)?.job?.kind;
  // What was planned is another job; and the engine leaves the cohort of the files for the run's own.
  plan.value = undefined;
  cohort.value = undefined;
  view.value = "run";
  return follow(() => engine.resume(id));
}

async function follow(work: () => Promise<ResultView>): Promise<void> {
  running.value = true;
  stopped.value = undefined;
  progress.value = undefined;
  announce("Started");
  try {
    result.value = await work();
    selection.value = {};
    settings.value = {};
    view.value = "overview";
    announce("Done");
  } catch (error) {
    const cancelled = error instanceof Error && error.name === "CancelledError";
    stopped.value = cancelled ? "cancelled" : "failed";
    show(error);
    announce(cancelled ? "The run is cancelled; what is done is kept" : "The run has stopped");
  } finally {
    running.value = false;
    progress.value = undefined;
    kept.value = await engine.kept().catch(() => kept.peek());
  }
}

export async function cancelRun(): Promise<void> {
  await engine.cancel().catch(show);
}
