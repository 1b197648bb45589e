import { batch, effect, signal } from "@preact/signals";
import { engine, show } from "./engine.ts";
import { filesBeside } from "./filesOfResult.ts";
import { applyState, pageState } from "./history.ts";
import { announce } from "./parts/announce.ts";
import { fileName, save } from "./parts/downloads.ts";
import {
  filesMissing,
  isResultOf,
  readSavedView,
  type SavedView,
  savedView,
  savedViewText,
  stateOf,
} from "./savedView.ts";
import { files, filters, job, kept, result, selection, settings, whileBusy } from "./state.ts";

/** A saved view that was opened before its data is there, and what it waits for. */
export interface Waiting {
  readonly saved: SavedView;
  /** Files to drop; `other`: one of that name is there and is not the same. */
  readonly missing: readonly { readonly name: string; readonly other: boolean }[];
}

export const waiting = signal<Waiting | undefined>(undefined);

export async function saveView(): Promise<void> {
  const text = savedViewText(await savedView(pageState(), files.peek(), result.peek()));
  save(
    new Blob([text], { type: "application/json" }),
    `${fileName(result.peek()?.title ?? "qortex")}.view.json`,
  );
}

/** Opens a saved view: at once where its result is open or kept in this browser, else as soon as its data is there. */
export async function openSavedView(name: string, file: Blob): Promise<void> {
  try {
    const saved = await readSavedView(name, file);
    const { job: wantedJob, filters: wantedFilters } = stateOf(saved);
    // What the run view starts from, should the result have to be made anew.
    if (wantedJob !== undefined) job.value = wantedJob;
    if (wantedFilters !== undefined) filters.value = wantedFilters;
    waiting.value = { saved, missing: await filesMissing(saved, files.peek()) };
    const known = kept.peek().find(({ id, state }) => id === saved.result?.id && state === "done");
    if (known !== undefined && !isResultOf(saved, result.peek())) await openKept(known.id);
  } catch (error) {
    waiting.value = undefined;
    show(error);
  }
}

/** Opens a result that this browser keeps, with the cohort that was kept with it; false where it cannot be. */
export async function openKept(id: string): Promise<boolean> {
  try {
    const open = await whileBusy("Opening the result", () => engine.reopen(id, filesBeside()));
    batch(() => {
      result.value = open;
      selection.value = {};
      settings.value = {};
    });
    return true;
  } catch (error) {
    show(error);
    return false;
  }
}

/** Puts a waiting view in place when its result opens, and keeps the list of what it lacks. */
export function watchWaiting(): void {
  effect(() => {
    const [open, now] = [result.value, waiting.value];
    if (now === undefined || !isResultOf(now.saved, open)) return;
    if (now.saved.result === undefined && now.missing.length > 0) return;
    waiting.value = undefined;
    applyState(stateOf(now.saved));
    announce("The saved view is open");
  });
  effect(() => {
    const given = files.value;
    const now = waiting.peek();
    if (now === undefined) return;
    void filesMissing(now.saved, given).then((missing) => {
      if (waiting.peek()?.saved === now.saved) waiting.value = { ...now, missing };
    });
  });
}
