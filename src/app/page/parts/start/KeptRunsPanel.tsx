import { useState } from "preact/hooks";
import type { KeptRun } from "../../../engine/protocol.ts";
import { engine, show } from "../../engine.ts";
import { go } from "../../places.ts";
import { resumeRun } from "../../runJob.ts";
import { kept, result, running } from "../../state.ts";
import { openKept } from "../../waitingView.ts";
import { bytesText } from "../words.ts";

/** Runs and results that this browser keeps. */
export function KeptRunsPanel() {
  const runs = kept.value;
  if (runs.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="kept-title">
      <h2 id="kept-title">Kept in this browser</h2>
      <ul class="kept">
        {runs.map((run) => (
          <KeptRow key={run.id} run={run} />
        ))}
      </ul>
    </section>
  );
}

function KeptRow({ run }: { readonly run: KeptRun }) {
  const { id, title, started, bytes, job, state, share } = run;
  const [sure, setSure] = useState(false);
  const opens = state === "done" || (state === "damaged" && share === 1);
  const forget = async (): Promise<void> => {
    try {
      await engine.forget(id);
      if (result.peek()?.id === id) result.value = undefined;
      kept.value = await engine.kept();
    } catch (error) {
      show(error);
    }
  };
  return (
    <li>
      <div>
        <strong>{title}</strong>
        <span class="note">
          {job === undefined ? "" : `${job.kind}, `}
          {new Date(started).toLocaleString()}, {bytesText(bytes)}
          {state === "unfinished" && `, ${Math.round(100 * share)}% done`}
          {state === "damaged" &&
            (opens
              ? ": its result is whole and can be opened"
              : ": it cannot be gone on with; start anew with its files, and forget it")}
        </span>
      </div>
      <div class="buttons">
        {opens && (
          <button type="button" class="small" onClick={() => void openKept(id).then(() => go("overview"))}>
            Open
          </button>
        )}
        {state === "unfinished" && (
          <button
            type="button"
            class="small primary"
            disabled={running.value}
            onClick={() => void resumeRun(id)}
          >
            Resume
          </button>
        )}
        {sure ? (
          <button type="button" class="small" onClick={() => void forget()}>
            Forget it for good
          </button>
        ) : (
          <button
            type="button"
            class="small quiet"
            disabled={running.value}
            aria-label={`Forget ${title}`}
            onClick={() => setSure(true)}
          >
            Forget
          </button>
        )}
      </div>
    </li>
  );
}
