import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import type { KeptRun } from "../../../engine/protocol.ts";
import { engine, show } from "../../engine.ts";
import { jobText } from "../../jobOptions.ts";
import { go } from "../../places.ts";
import { resumeRun, stopped } from "../../runJob.ts";
import { busy, kept, result, running } from "../../state.ts";
import { openKept } from "../../waitingView.ts";
import { announce } from "../announce.ts";
import { bytesText } from "../words.ts";

/** Runs that are being forgotten: a second word about them changes nothing. */
const leaving = signal<ReadonlySet<string>>(new Set());

/** Runs and results that this browser keeps, newest first. */
export function KeptRunsPanel({ only }: { readonly only?: KeptRun["state"] }) {
  const runs = kept.value.filter(({ state }) => only === undefined || state === only);
  if (runs.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="kept-title">
      <h2 id="kept-title">{only === "unfinished" ? "Unfinished runs" : "Kept in this browser"}</h2>
      {running.value && <p class="note">Another run goes: these can be opened or resumed after it.</p>}
      <ul class="kept">
        {runs.map((run) => (
          <KeptRow key={run.id} run={run} />
        ))}
      </ul>
    </section>
  );
}

function KeptRow({ run }: { readonly run: KeptRun }) {
  const { id, title, started, bytes, job, filters, state, share } = run;
  const [sure, setSure] = useState(false);
  const opens = state === "done" || (state === "damaged" && share === 1);
  const open = opens && result.value?.id === id;
  // The engine does one thing after the other: what is asked of it now would be done after the run.
  const off = running.value || leaving.value.has(id);
  return (
    <li>
      <div>
        <strong>{title}</strong>
        <span class="note">
          {job !== undefined && filters !== undefined && (
            <>
              {jobText(job, filters)}
              <br />
            </>
          )}
          {new Date(started).toLocaleString()}, {bytesText(bytes)}
          {state === "unfinished" && `, ${Math.round(100 * share)}% done`}
          {state === "damaged" &&
            (opens
              ? ": its result is whole and can be opened"
              : ": it cannot be gone on with; start anew with its files, and forget it")}
        </span>
      </div>
      <div class="buttons">
        {sure ? (
          <>
            <button type="button" class="small" disabled={off} onClick={() => void forget(run)}>
              Forget it for good
            </button>
            {/* Where "Forget" was: the second click of a double click falls on what changes nothing. */}
            <button
              type="button"
              class="small quiet"
              onClick={(event) => {
                if (event.detail < 2) setSure(false);
              }}
            >
              Keep it
            </button>
          </>
        ) : (
          <>
            {opens && (
              <button
                type="button"
                class="small"
                disabled={off || busy.value !== undefined}
                onClick={() => (open ? go("overview") : void openKept(id).then((is) => is && go("overview")))}
              >
                Open
              </button>
            )}
            {state === "unfinished" && (
              <button type="button" class="small" disabled={off} onClick={() => void resumeRun(id)}>
                Resume
              </button>
            )}
            <button
              type="button"
              class="small quiet"
              aria-label={`Forget ${title}`}
              disabled={off}
              onClick={() => setSure(true)}
            >
              Forget
            </button>
          </>
        )}
      </div>
    </li>
  );
}

async function forget({ id, title }: KeptRun): Promise<void> {
  if (leaving.peek().has(id) || running.peek()) return;
  leaving.value = new Set([...leaving.peek(), id]);
  try {
    await engine.forget(id);
    if (stopped.peek()?.id === id) stopped.value = undefined;
    if (result.peek()?.id === id) result.value = undefined;
    announce(`${title} is forgotten`);
  } catch (error) {
    show(error);
  }
  kept.value = await engine.kept().catch(() => kept.peek());
  leaving.value = new Set([...leaving.peek()].filter((each) => each !== id));
  // The button that had the focus is gone.
  document.getElementById("main")?.focus({ preventScroll: true });
}
