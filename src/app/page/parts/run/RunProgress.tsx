import { useEffect } from "preact/hooks";
import { count } from "../../../../report/numbers.ts";
import { jobText } from "../../jobOptions.ts";
import { cancelRun, going } from "../../runJob.ts";
import { progress } from "../../state.ts";
import { announce } from "../announce.ts";
import { largeText, secondsText } from "../words.ts";

const PHASES = { reading: "Reading", testing: "Testing", writing: "Writing tables" } as const;

/** How far it is, how fast, how long still; and a way out. */
export function RunProgress() {
  const now = progress.value;
  const run = going.value;
  const tenth = now === undefined || now.total === 0 ? 0 : Math.floor((10 * now.done) / now.total);
  useEffect(() => {
    if (tenth > 0) announce(`${10 * tenth}% done`);
  }, [tenth]);
  const share = now === undefined || now.total === 0 ? undefined : now.done / now.total;
  return (
    <section class="panel running" aria-labelledby="running-title">
      <h2 id="running-title">
        {now === undefined ? "Starting" : PHASES[now.phase]}: {run?.title}
      </h2>
      {run !== undefined && <p class="note">{jobText(run.job, run.filters)}</p>}
      <progress {...(share === undefined ? {} : { value: share })} max={1} aria-labelledby="running-title" />
      <p>
        {now === undefined
          ? "Opening the backend…"
          : `${count(now.done)} of ${count(now.total)} pairs${Number.isNaN(now.rate) ? "" : `, ${largeText(now.rate)} a second, ${secondsText(now.secondsLeft)} left`}`}
        {run?.planned !== undefined && <span class="note"> Planned: {secondsText(run.planned)}.</span>}
      </p>
      <p class="buttons">
        <button type="button" onClick={() => void cancelRun()}>
          Cancel
        </button>
        <span class="note">What is done is kept; it can be resumed here, also after a reload.</span>
      </p>
    </section>
  );
}
