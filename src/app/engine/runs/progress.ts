import type { Progress as Done } from "../../../association/tables.ts";
import type { Progress } from "../protocol.ts";

/** Milliseconds over which a rate is told, and between two reports. */
const WINDOW = 5_000;
const PAUSE = 150;

/** Turns what a run says of itself into rate and time left, a few times a second. */
export function paced(onProgress: (progress: Progress) => void, now: () => number = () => performance.now()) {
  let marks: { readonly at: number; readonly done: number }[] = [];
  let phase: Done["phase"] | undefined;
  let reported = Number.NEGATIVE_INFINITY;
  return ({ phase: current, done, total }: Done): void => {
    const at = now();
    if (current !== phase) {
      phase = current;
      marks = [];
      reported = Number.NEGATIVE_INFINITY;
    }
    marks.push({ at, done });
    while (marks.length > 2 && marks[1]!.at < at - WINDOW) marks.shift();
    if (at - reported < PAUSE && done < total) return;
    reported = at;
    const [first] = marks;
    const seconds = (at - first!.at) / 1000;
    const rate = seconds > 0.3 ? (done - first!.done) / seconds : Number.NaN;
    onProgress({
      phase: current,
      done,
      total,
      rate,
      secondsLeft: rate > 0 ? (total - done) / rate : Number.NaN,
    });
  };
}
