import { count, counted } from "../../../report/numbers.ts";
import { openCohort } from "../cohortOpen.ts";
import { givenNotes, openDroppedResult } from "../filesGiven.ts";
import { Icon } from "../parts/Icon.tsx";
import { DropZone } from "../parts/start/DropZone.tsx";
import { FileTable } from "../parts/start/FileTable.tsx";
import { KeptRunsPanel } from "../parts/start/KeptRunsPanel.tsx";
import { go } from "../places.ts";
import { busy, files, looked, ready, running, understanding } from "../state.ts";

/** What to work on: files, the example, or what is kept. */
export default function Start() {
  const given = files.value.length > 0;
  return (
    <>
      {!given && (
        <div class="welcome">
          <h1>Map how variants steer gene expression, in this tab</h1>
          <p class="lede">
            Genotypes, expression and covariates of one cohort in; cis and trans maps, gene pages and networks
            out. Everything is computed here, and no file leaves this machine.
          </p>
        </div>
      )}
      <div class="start">
        {given && <Files />}
        <DropZone />
        <KeptRunsPanel />
        <Privacy />
      </div>
    </>
  );
}

function Files() {
  const found = looked.value === files.value ? understanding.value : undefined;
  // Until they are looked at again, those before are shown.
  const shown = found ?? understanding.value;
  const result = found?.files.some(({ role }) => role === "result") ?? false;
  const off = busy.value !== undefined || running.value;
  return (
    <section class="panel" aria-labelledby="files-title">
      <h1 id="files-title">Your files</h1>
      {shown !== undefined && <FileTable files={shown.files} />}
      {givenNotes.value.map((text) => (
        <p class="note" key={text}>
          {text}
        </p>
      ))}
      {found?.samples !== undefined && (
        <p class="note">
          {counted(found.samples.matched, "sample")} {found.samples.matched === 1 ? "is" : "are"} in all files
          ({count(found.samples.genotypes)} in the genotypes, {count(found.samples.expression)} in the
          expression).
          {found.build !== undefined && ` Positions look like ${found.build}.`}
        </p>
      )}
      {found?.dropped !== undefined && found.dropped.length > 0 && (
        <ul class="note" aria-label="What will be left out">
          {found.dropped.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      {found !== undefined && !found.ready && !result && (
        <ul class="missing">
          {found.missing.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      <p class="buttons">
        {ready.value && (
          <button type="button" class="primary" disabled={off} onClick={() => void chooseRun()}>
            Choose what to map
          </button>
        )}
        {result && (
          <button
            type="button"
            class={ready.value ? "" : "primary"}
            disabled={off}
            onClick={() => void openDroppedResult()}
          >
            Open the finished result
          </button>
        )}
        {running.value ? (
          <span class="note">
            {found === undefined
              ? `A run goes: ${counted(files.value.length, "file")} will be looked at once it has ended. It maps what it was started with.`
              : "A run goes: what is here can be mapped once it has ended."}
          </span>
        ) : (
          busy.value !== undefined && <span class="note">{busy.value}…</span>
        )}
      </p>
    </section>
  );
}

async function chooseRun(): Promise<void> {
  if (await openCohort()) go("run");
}

function Privacy() {
  return (
    <section class="panel privacy" aria-labelledby="privacy-title">
      <Icon name="lock" />
      <h2 id="privacy-title">Nothing is uploaded</h2>
      <p>
        The browser enforces it: the page's Content-Security-Policy forbids it, and the workers that compute,
        to fetch from or send to any server but the one the page came from. Once loaded it works without a
        network: unplug it and see. Runs are kept in this browser's private storage until you forget them.
      </p>
    </section>
  );
}
