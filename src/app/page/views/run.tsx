import { useEffect } from "preact/hooks";
import { count, counted } from "../../../report/numbers.ts";
import { commandLine } from "../commandLine.ts";
import { openCohort } from "../filesGiven.ts";
import { CopyButton } from "../parts/CopyButton.tsx";
import { JobForm } from "../parts/run/JobForm.tsx";
import { PlanPanel } from "../parts/run/PlanPanel.tsx";
import { RunProgress } from "../parts/run/RunProgress.tsx";
import { resumeRun, stopped } from "../runJob.ts";
import { busy, cohort, files, filters, job, kept, result, running, understanding } from "../state.ts";

/** What to do with the files: choose, see what it takes, start, follow. */
export default function Run() {
  const open = cohort.value;
  useEffect(() => {
    if (cohort.peek() === undefined && understanding.peek()?.ready === true && !running.peek())
      void openCohort();
    // A kept result has its own cohort opened in place of this one.
  }, [running.value, result.value]);
  return (
    <>
      <h1>Run</h1>
      {running.value ? (
        <RunProgress />
      ) : (
        <div class="run">
          <div>
            <Stopped />
            <JobForm />
          </div>
          <div>
            <PlanPanel />
            {open === undefined ? (
              <p class="note">{busy.value ?? "The cohort is not open yet"}…</p>
            ) : (
              <OpenCohort />
            )}
            <Command />
          </div>
        </div>
      )}
    </>
  );
}

/** What became of a run that did not come to its end, and how to go on. */
function Stopped() {
  const how = stopped.value;
  const unfinished = kept.value.find(({ state }) => state === "unfinished");
  if (how === undefined || unfinished === undefined) return null;
  return (
    <section class="panel stopped" aria-label="Stopped run">
      <p>
        <strong>
          {how === "cancelled" ? "The run was cancelled." : "The run stopped; the line at the top says why."}
        </strong>{" "}
        {Math.round(100 * unfinished.share)}% of it is done and kept in this browser.
      </p>
      <button type="button" onClick={() => void resumeRun(unfinished.id)}>
        Resume it
      </button>
    </section>
  );
}

function OpenCohort() {
  const { samples, genes, variants, covariates, degreesOfFreedom, dropped, messages } = cohort.value!;
  const warnings = messages.filter(({ level }) => level === "warning");
  return (
    <section class="panel" aria-labelledby="cohort-title">
      <h2 id="cohort-title">The cohort</h2>
      <p>
        {counted(samples, "sample")}, {counted(genes, "gene")}, {counted(variants, "variant")},{" "}
        {counted(covariates, "covariate")}; {count(degreesOfFreedom)} degrees of freedom.
      </p>
      {dropped.length > 0 && (
        <>
          <h3>Left out</h3>
          <ul>
            {dropped.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </>
      )}
      {warnings.length > 0 && (
        <details class="warnings">
          <summary>{counted(warnings.length, "warning")}</summary>
          <ul>
            {warnings.map(({ text }) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function Command() {
  const known = understanding.value?.files ?? [];
  const named = (role: string): string | undefined => known.find((file) => file.role === role)?.name;
  const text = commandLine(job.value, filters.value, {
    genotypes: named("bed") ?? named("vcf") ?? named("dosages"),
    expression: named("expression"),
    covariates: named("covariates"),
    annotation: named("annotation"),
  });
  if (files.value.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="command-title">
      <h2 id="command-title">The same on the command line</h2>
      <pre class="command">
        {text.split(/ (?=--)/).map((part) => (
          <span key={part}>{`${part} `}</span>
        ))}
      </pre>
      <CopyButton text={() => text} label="Copy the command" />
      <p class="note">It writes the same tables, byte for byte.</p>
    </section>
  );
}
