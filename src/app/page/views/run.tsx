import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { count, counted } from "../../../report/numbers.ts";
import { isRefused, openCohort } from "../cohortOpen.ts";
import { commandLine, toRename } from "../commandLine.ts";
import { hrefOf } from "../history.ts";
import { jobText } from "../jobOptions.ts";
import { CopyButton } from "../parts/CopyButton.tsx";
import { JobForm } from "../parts/run/JobForm.tsx";
import { numbersWrong } from "../parts/run/numbersWrong.ts";
import { PlanPanel } from "../parts/run/PlanPanel.tsx";
import { RunProgress } from "../parts/run/RunProgress.tsx";
import { KeptRunsPanel } from "../parts/start/KeptRunsPanel.tsx";
import { resumeRun, stopped } from "../runJob.ts";
import {
  busy,
  cohort,
  cohortName,
  files,
  filters,
  job,
  kept,
  ready,
  running,
  understanding,
} from "../state.ts";

/** What to do with the files: choose, see what it takes, start, follow. Without files: what of earlier runs can be gone on with. */
export default function Run() {
  const wanted = ready.value && cohort.value === undefined && !running.value && !isRefused();
  useEffect(() => {
    if (wanted) void openCohort();
  }, [wanted, files.value, filters.value]);
  if (running.value) return <Page>{<RunProgress />}</Page>;
  return (
    <Page>
      <Stopped />
      {ready.value ? <Choosing /> : <NoCohort />}
    </Page>
  );
}

function Page({ children }: { readonly children: ComponentChildren }) {
  return (
    <>
      <h1>Run</h1>
      {children}
    </>
  );
}

function Choosing() {
  return (
    <>
      <div class="run">
        <div>
          <JobForm />
        </div>
        <div>
          <PlanPanel />
          <TheCohort />
          <Command />
        </div>
      </div>
      {kept.value.some(({ state }) => state === "unfinished") && <KeptRunsPanel only="unfinished" />}
    </>
  );
}

/** After a reload: files are the person's to give again, runs are kept. */
function NoCohort() {
  return (
    <>
      <section class="panel">
        <p>
          {files.value.length > 0
            ? `The files make up no cohort${busy.value === undefined ? "" : " yet"}: see what is said of them under `
            : "No cohort is open. A page is handed files anew after each reload: drop them anywhere, or choose them under "}
          <a href={hrefOf("start")}>Files</a>. What was set for the run is kept in the address.
        </p>
      </section>
      <KeptRunsPanel />
    </>
  );
}

/** What became of the run that did not come to its end, by its name, and how to go on with that one. */
function Stopped() {
  const run = stopped.value;
  if (run === undefined) return null;
  const left = kept.value.find(({ id }) => id === run.id);
  return (
    <section class="panel stopped" aria-label="Stopped run">
      <p>
        <strong>
          {run.how === "cancelled"
            ? "The run was cancelled"
            : "The run stopped; the line at the top says why"}
          :
        </strong>{" "}
        {run.title}, {jobText(run.job, run.filters)}.{" "}
        {left === undefined
          ? "Nothing of it is kept."
          : `${Math.round(100 * left.share)}% of it is done and kept in this browser.`}
      </p>
      {left !== undefined && (
        <button type="button" onClick={() => void resumeRun(left.id)}>
          Resume it
        </button>
      )}
    </section>
  );
}

function TheCohort() {
  const open = cohort.value;
  if (open === undefined) {
    return (
      <section class="panel" aria-labelledby="cohort-title">
        <h2 id="cohort-title">{cohortName}</h2>
        {busy.value === undefined && isRefused() ? (
          <>
            <p class="problem">It could not be read: the line at the top says why.</p>
            <p class="buttons">
              <button type="button" onClick={() => void openCohort()}>
                Read it again
              </button>
            </p>
          </>
        ) : (
          <p class="note">{busy.value ?? "It is not read yet"}…</p>
        )}
      </section>
    );
  }
  const { samples, genes, variants, covariates, degreesOfFreedom, dropped, messages } = open;
  const warnings = messages.filter(({ level }) => level === "warning");
  return (
    <section class="panel" aria-labelledby="cohort-title">
      <h2 id="cohort-title">{cohortName}</h2>
      <p>
        {counted(samples, "sample")}, {counted(genes, "gene")}, {counted(variants, "variant")},{" "}
        {counted(covariates, "covariate")}; {count(degreesOfFreedom)} degrees of freedom.
      </p>
      {dropped.length > 0 && (
        <>
          <h3>Left out</h3>
          <Lines of={dropped} />
        </>
      )}
      {warnings.length > 0 && (
        <details class="warnings">
          <summary>{counted(warnings.length, "warning")}</summary>
          <Lines of={warnings.map(({ text }) => text)} />
        </details>
      )}
    </section>
  );
}

function Lines({ of: lines }: { readonly of: readonly string[] }) {
  return (
    <ul>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

function Command() {
  const named = understanding.value?.named;
  if (named === undefined) return null;
  const text = commandLine(job.value, filters.value, named);
  const renamed = job.value.kind === "network" ? [] : toRename(named);
  return (
    <section class="panel" aria-labelledby="command-title">
      <h2 id="command-title">The same on the command line</h2>
      {numbersWrong.value ? (
        <p class="note">Once the number that is marked is right.</p>
      ) : (
        <>
          <pre class="command">
            {text.split(/ (?=--)/).map((part) => (
              <span key={part}>{`${part} `}</span>
            ))}
          </pre>
          <CopyButton text={() => text} label="Copy the command" />
          <p class="note">
            {renamed.length > 0 && `It finds files by their names: rename ${renamed.join(" and ")} first. `}
            Run where the files are, it writes the same tables; as Parquet, byte for byte.
          </p>
        </>
      )}
    </section>
  );
}
