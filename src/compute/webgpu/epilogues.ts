import type { Candidates, ColumnMax } from "../backend.ts";
import { windowOf } from "../product.ts";
import { isSilent, screenThresholds } from "../screen/bound.ts";
import { Maxima } from "../screen/maxima.ts";
import { OrderedPairs } from "../screen/orderedPairs.ts";
import { type ScreenRun, type Sink, screenFrom } from "./screen.ts";
import type { Found } from "./select.ts";

/** Screens all rows; those that a failing device leaves half done are done again (`again` is called before). */
async function screenAll(
  run: ScreenRun,
  threshold: Float32Array,
  sink: Sink & { again(): void },
  signal: AbortSignal | undefined,
): Promise<void> {
  let from = 0;
  await run.keeper.attempt(signal, (session) => {
    sink.again();
    const counting: Sink = {
      found: (found) => sink.found(found),
      rowsDone(to) {
        sink.rowsDone(to);
        from = to;
        run.keeper.progressed();
      },
    };
    return screenFrom(run, session, from, threshold, counting, signal);
  });
}

/** The `candidates` epilogue. */
export async function candidates(
  run: ScreenRun,
  threshold: Float64Array,
  signal: AbortSignal | undefined,
): Promise<Candidates> {
  const { job } = run;
  const columns = job.cohorts.map((cohort) => cohort.columns);
  const lowered = screenThresholds(threshold, columns);
  const pairs = new OrderedPairs();
  let tile: Found[] = [];
  let from = 0;
  const sink = {
    again() {
      tile = [];
    },
    found: (found: Found) => void tile.push(found),
    rowsDone(to: number) {
      for (const { entries, columns } of tile) pairs.add(entries, columns);
      tile = [];
      pairs.endRows(from, to - from);
      from = to;
    },
  };
  await screenAll(run, lowered, sink, signal);
  const [row, column] = [pairs.row.view.slice(), pairs.column.view.slice()];
  return { kind: "candidates", row, column, pairs: job.pairs };
}

/**
 * The `columnMax` epilogue, as the wasm backend's: each submit raises its columns' certified lower bound of the
 * maximum, selects the rows whose upper bound reaches it, and those are refined in f64 on the CPU. Doing a tile
 * again changes nothing: a row that was refined is not larger than itself.
 */
export async function columnMax(run: ScreenRun, signal: AbortSignal | undefined): Promise<ColumnMax> {
  const { job } = run;
  const factors = job.cohorts.map(({ factor: { rows, columns, norm, weight } }) => {
    return { rows, values: columns.held.values, norm, weight };
  });
  const maxima = new Maxima(job.columns, factors);
  const columns = job.cohorts.map((cohort) => cohort.columns);
  const silent = Array.from({ length: job.columns }, (_, j) => j).filter((j) => isSilent(columns, j));
  for (const j of silent) maxima.floor[j] = Number.POSITIVE_INFINITY;
  const sink = {
    again() {},
    found(found: Found) {
      found.columns.forEach((column, j) => {
        // Silent columns meet nothing and stay as they are.
        maxima.floor[column] = Math.max(maxima.floor[column]!, found.thresholds[j]!);
      });
      maxima.refine(found.entries, found.columns, found.rowFrom);
    },
    rowsDone() {},
  };
  await screenAll(run, maxima.floor, sink, signal);
  for (const j of silent) maxima.meetSilent(j, windowOf(job.windows, j, job.rows));
  return { kind: "columnMax", value: maxima.value, row: maxima.row, pairs: job.pairs };
}
