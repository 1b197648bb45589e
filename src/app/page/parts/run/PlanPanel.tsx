import { useEffect } from "preact/hooks";
import { engine } from "../../engine.ts";
import { canStart, startRun } from "../../runJob.ts";
import { busy, cohort, cohortName, job, machine, plan } from "../../state.ts";
import { useAnswer } from "../useAnswer.ts";
import { bytesText, largeText, secondsText } from "../words.ts";
import { numbersWrong } from "./numbersWrong.ts";

/** What the job takes, measured here, before it starts. */
export function PlanPanel() {
  const open = cohort.value;
  const wanted = job.value;
  const answer = useAnswer(async () => {
    if (open === undefined) return undefined;
    await new Promise((done) => setTimeout(done, 250));
    // Asked again while it waited: the latest answers.
    return job.peek() === wanted ? engine.plan(wanted) : undefined;
  }, [open, wanted]);
  useEffect(() => {
    // That of the job before stays to be seen, and is not what this one was to take.
    plan.value = answer.waiting ? undefined : answer.value;
  }, [answer]);
  const known = answer.value;
  return (
    <section class="panel plan" aria-labelledby="plan-title">
      <h2 id="plan-title">What it takes</h2>
      {answer.error !== undefined && answer.error.name !== "CancelledError" && (
        <p class="problem">{answer.error.message}</p>
      )}
      {known === undefined ? (
        <p class="note">
          {open === undefined ? "Once the cohort is open." : "Measuring a slice of the work…"}
        </p>
      ) : (
        <dl class={answer.waiting ? "facts stale" : "facts"}>
          <dt>Time</dt>
          <dd>
            {known.seconds < 1 ? "" : "about "}
            <strong>{secondsText(known.seconds)}</strong> on this machine, measured on a slice of the work
          </dd>
          <dt>Pairs</dt>
          <dd>
            {largeText(known.pairs)}
            {known.permutedPairs > 0 && `; ${largeText(known.permutedPairs)} with permutations`}
          </dd>
          <dt>Memory</dt>
          <dd>about {bytesText(known.bytes)}</dd>
          <dt>Result</dt>
          <dd>
            about {bytesText(known.resultBytes)}
            {machine.value !== undefined &&
              (machine.value.storage > 0
                ? `; this browser has room for ${bytesText(machine.value.storage)}`
                : "; this browser keeps nothing: closing the tab loses it")}
          </dd>
          <dt>By</dt>
          <dd>{known.using.replace(/^Using /, "")}</dd>
        </dl>
      )}
      {known?.warnings.map((text) => (
        <p class="problem" key={text}>
          {text}
        </p>
      ))}
      <p class="buttons">
        <button type="button" class="primary" disabled={!canStart()} onClick={() => void startRun()}>
          Start
        </button>
        <span class="note">
          {numbersWrong.value
            ? "Once the number that is marked is right."
            : busy.value !== undefined
              ? `${busy.value}…`
              : open !== undefined && `maps ${cohortName.value}`}
        </span>
      </p>
      <p class="note">
        Finished parts are kept as they come: if this tab is closed or reloaded, the run is resumed from here.
      </p>
    </section>
  );
}
