import type { CohortChoice, GivenFile } from "../engine/protocol.ts";
import { engine, show } from "./engine.ts";
import { cohort, files, filters, opened, running, understanding, whileBusy } from "./state.ts";

/** What was asked for last: an answer to an earlier question counts for nothing. */
let turn = 0;
let reading = 0;

/** What could not be opened, so that it is not tried again by itself. */
let refused:
  | { readonly files: readonly GivenFile[]; readonly filters: Omit<CohortChoice, "files"> }
  | undefined;

/**
 * Opens the cohort of the files that are shown, as the filters want it. False where it cannot be, or where files or filters are others by the
 * time it is read: then the newer ones are to be opened.
 */
export async function openCohort(): Promise<boolean> {
  cohortGone();
  const mine = turn;
  const [given, chosen] = [files.peek(), filters.peek()];
  const roles = new Map(understanding.peek()?.files.map(({ name, role }) => [name, role]));
  const asked = given.map((file) => ({ ...file, role: file.role ?? roles.get(file.name) }));
  reading++;
  return whileBusy("Reading the cohort", async () => {
    try {
      const view = await engine.open({ files: asked, ...chosen });
      if (mine === turn) opened.value = { files: given, filters: chosen, view };
    } catch (error) {
      if (mine === turn) {
        refused = { files: given, filters: chosen };
        show(error);
      }
    } finally {
      reading--;
    }
    return cohort.peek() !== undefined;
  });
}

/** Whether the files and filters that are shown were tried and could not be opened. */
export function isRefused(): boolean {
  return refused?.files === files.value && refused.filters === filters.value;
}

/** Files or filters are others now: the cohort that was open is not theirs, and what is being read is read no further. */
export function cohortGone(): void {
  turn++;
  opened.value = undefined;
  // A run that waits for the reading to end would be cancelled with it.
  if (reading > 0 && !running.peek()) void engine.cancel().catch(show);
}
