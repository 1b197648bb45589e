import type { Candidates, ColumnMax } from "../backend.ts";
import { windowOf } from "../product.ts";
import { isSilent, screenThresholds } from "../screen/bound.ts";
import { Maxima } from "../screen/maxima.ts";
import { OrderedPairs } from "../screen/orderedPairs.ts";
import { type Found, type ScreenRun, screenRows } from "./screen.ts";

/** The `candidates` epilogue. A row tile that a failing device leaves half done is done again. */
export async function candidates(
  run: ScreenRun,
  threshold: Float64Array,
  signal: AbortSignal | undefined,
): Promise<Candidates> {
  const { job, keeper } = run;
  const lowered = screenThresholds(
    threshold,
    job.cohorts.map(({ columns }) => columns),
  );
  const pairs = new OrderedPairs();
  for (let from = 0; from < job.rows; ) {
    const tile = await keeper.attempt(signal, async (session) => {
      const all: Found[] = [];
      const to = await screenRows(run, session, from, lowered, false, (found) => all.push(found));
      return { all, to };
    });
    for (const { entries, columns } of tile.all) pairs.add(entries, columns);
    pairs.endRows(from, tile.to - from);
    from = tile.to;
  }
  return {
    kind: "candidates",
    row: pairs.row.view.slice(),
    column: pairs.column.view.slice(),
    pairs: job.pairs,
  };
}

/**
 * The `columnMax` epilogue, as the wasm backend's: each submit raises its columns' certified lower bound of the
 * maximum, selects the rows whose upper bound reaches it, and those are refined in f64 on the CPU. Doing a tile
 * again changes nothing: a row that was refined is not larger than itself.
 */
export async function columnMax(run: ScreenRun, signal: AbortSignal | undefined): Promise<ColumnMax> {
  const { job, keeper } = run;
  const factors = job.cohorts.map(({ factor: { rows, columns, norm, weight } }) => {
    return { rows, values: columns.held.values, norm, weight };
  });
  const maxima = new Maxima(job.columns, factors);
  const columns = job.cohorts.map((cohort) => cohort.columns);
  const silent = Array.from({ length: job.columns }, (_, j) => j).filter((j) => isSilent(columns, j));
  for (const j of silent) maxima.floor[j] = Number.POSITIVE_INFINITY;
  for (let from = 0; from < job.rows; ) {
    const start = from;
    from = await keeper.attempt(signal, (session) =>
      screenRows(run, session, start, maxima.floor, true, (found) => {
        found.columns.forEach((column, j) => {
          // Silent columns meet nothing and stay as they are.
          maxima.floor[column] = Math.max(maxima.floor[column]!, found.thresholds[j]!);
        });
        maxima.refine(found.entries, found.columns, start);
      }),
    );
  }
  for (const j of silent) maxima.meetSilent(j, windowOf(job.windows, j, job.rows));
  return { kind: "columnMax", value: maxima.value, row: maxima.row, pairs: job.pairs };
}
