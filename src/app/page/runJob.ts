import { batch, signal } from "@preact/signals";
import type { CohortChoice, Job, ResultView } from "../engine/protocol.ts";
import { engine, show } from "./engine.ts";
import { announce } from "./parts/announce.ts";
import { numbersWrong } from "./parts/run/numbersWrong.ts";
import { go } from "./places.ts";
import {
  busy,
  cohort,
  cohortName,
  filters,
  job,
  kept,
  plan,
  progress,
  result,
  running,
  selection,
  settings,
  view,
} from "./state.ts";

/** A run that goes, or went. */
export interface Going {
  /** `genotypes × expression.bed.gz`. */
  readonly title: string;
  readonly job: Job;
  readonly filters: Omit<CohortChoice, "files">;
  /** Where the browser keeps it; of a run that was just started it is known once it has stopped. */
  readonly id?: string | undefined;
  /** Seconds that it was to take, as it was measured before. */
  readonly planned?: number | undefined;
}

export const going = signal<Going | undefined>(undefined);

/** How the last run ended before its end, and which it was; `id` where something of it is kept. */
export const stopped = signal<(Going & { readonly how: "cancelled" | "failed" }) | undefined>(undefined);

/** Whether *Start* starts something: the cohort that is shown is the one that is open, and all numbers are right. */
export function canStart(): boolean {
  return cohort.value !== undefined && busy.value === undefined && !running.value && !numbersWrong.value;
}

/** Runs the job that is chosen on the cohort that is shown, and shows its result. */
export async function startRun(): Promise<void> {
  if (!canStart()) return;
  const wanted = job.peek();
  await follow(
    {
      title: cohortName.peek(),
      job: wanted,
      filters: filters.peek(),
      planned: plan.peek()?.seconds,
    },
    () => engine.run(wanted),
  );
}

/** Goes on with a run that did not end. */
export async function resumeRun(id: string): Promise<void> {
  const run = kept.peek().find((each) => each.id === id);
  if (run?.job === undefined || run.filters === undefined || running.peek()) return;
  go("run");
  await follow({ title: run.title, job: run.job, filters: run.filters, id }, () => engine.resume(id));
}

async function follow(run: Going, work: () => Promise<ResultView>): Promise<void> {
  const before = new Set(kept.peek().map(({ id }) => id));
  batch(() => {
    running.value = true;
    going.value = run;
    stopped.value = undefined;
    progress.value = undefined;
  });
  announce("Started");
  try {
    const done = await work();
    // Before anything else is waited for: another result may have been asked for meanwhile, and is the one that the engine has then.
    batch(() => {
      ended();
      result.value = done;
      selection.value = {};
      settings.value = {};
      view.value = "overview";
    });
    announce("Done");
    kept.value = await engine.kept().catch(() => kept.peek());
  } catch (error) {
    const now = await engine.kept().catch(() => kept.peek());
    batch(() => {
      ended();
      kept.value = now;
      // What this run has left is the one that was not kept before.
      const id = run.id ?? now.find(({ id: each, state }) => state === "unfinished" && !before.has(each))?.id;
      stopped.value = { ...run, id, how: isCancelled(error) ? "cancelled" : "failed" };
    });
    show(error);
    announce(isCancelled(error) ? "The run is cancelled; what is done is kept" : "The run has stopped");
  }
}

function ended(): void {
  running.value = false;
  going.value = undefined;
  progress.value = undefined;
}

function isCancelled(error: unknown): boolean {
  return error instanceof Error && error.name === "CancelledError";
}

export async function cancelRun(): Promise<void> {
  await engine.cancel().catch(show);
}
