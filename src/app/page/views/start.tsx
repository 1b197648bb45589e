import { openCohort, openDroppedResult } from "../filesGiven.ts";
import { Icon } from "../parts/Icon.tsx";
import { DropZone } from "../parts/start/DropZone.tsx";
import { FileTable } from "../parts/start/FileTable.tsx";
import { KeptRunsPanel } from "../parts/start/KeptRunsPanel.tsx";
import { busy, files, understanding, view } from "../state.ts";

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
  const found = understanding.value;
  const result = found?.files.some(({ role }) => role === "result") ?? false;
  return (
    <section class="panel" aria-labelledby="files-title">
      <h1 id="files-title">Your files</h1>
      {found !== undefined && <FileTable files={found.files} />}
      {found?.samples !== undefined && (
        <p class="note">
          {found.samples.matched} samples are in all files ({found.samples.genotypes} in the genotypes,{" "}
          {found.samples.expression} in the expression).
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
        {found?.ready === true && (
          <button
            type="button"
            class="primary"
            disabled={busy.value !== undefined}
            onClick={() => void chooseRun()}
          >
            Choose what to map
          </button>
        )}
        {result && (
          <button
            type="button"
            class={found?.ready === true ? "" : "primary"}
            disabled={busy.value !== undefined}
            onClick={() => void openDroppedResult()}
          >
            Open the finished result
          </button>
        )}
        {busy.value !== undefined && <span class="note">{busy.value}…</span>}
      </p>
    </section>
  );
}

async function chooseRun(): Promise<void> {
  if (await openCohort()) view.value = "run";
}

function Privacy() {
  return (
    <section class="panel privacy" aria-labelledby="privacy-title">
      <Icon name="lock" />
      <h2 id="privacy-title">Nothing is uploaded</h2>
      <p>
        The browser enforces it: the page's Content-Security-Policy forbids it, and the workers that compute,
        to talk to any address but the folder the page came from. Once loaded it works without a network:
        unplug it and see. Runs are kept in this browser's private storage until you forget them.
      </p>
    </section>
  );
}
