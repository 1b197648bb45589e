import { inOrder } from "../association/pipeline.ts";
import type { Backend } from "../compute/backend.ts";
import { clamp } from "./cohortGenes.ts";
import { type Correlator, emptyStatistic } from "./correlator.ts";

/** Numbers of a product in flight. */
const TILE = 2 ** 21;

/** The correlations of genes `from` to `to` with all genes before them. */
export interface CorrelationRuns {
  readonly from: number;
  readonly to: number;
  /** Gene j's run, of genes max(from, j + 1) to `to`, after those of the genes before it; NaN where there is none. */
  readonly values: Float64Array;
}

/**
 * Each pair's correlation once, in f64, some genes at a time: with the genes before, so that runs lie side by side as in a condensed
 * matrix. Memory: some 16 MiB a product in flight.
 */
export async function* correlationTriangle(
  correlator: Correlator,
  backend: Backend,
  signal?: AbortSignal,
): AsyncGenerator<CorrelationRuns> {
  const { count, cohorts } = correlator;
  const step = Math.max(1, Math.floor(TILE / Math.max(1, count)));
  const runs: [number, number][] = [];
  for (let from = 0; from < count; from += step) runs.push([from, Math.min(count, from + step)]);
  const [only] = cohorts.length === 1 ? cohorts : [];
  if (only === undefined) {
    for (const [from, to] of runs) {
      const values = new Float64Array(lengthOf(from, to));
      fill(correlator, { from, to, values }, undefined);
      yield { from, to, values };
    }
    return;
  }
  const { samples, standard } = only;
  const plain = only.complete.map((complete, gene) => (complete === 1 && only.row[gene]! >= 0 ? 1 : 0));
  const columns = await backend.load({ count, samples, values: standard, standardised: false });
  try {
    yield* inOrder(runs, backend.parallelism + 1, async ([from, to]) => {
      const rows = to - from;
      const start = Uint32Array.from({ length: count }, (_, j) => Math.min(rows, Math.max(0, j + 1 - from)));
      const end = new Uint32Array(count).fill(rows);
      const factor = {
        rows: {
          kind: "real",
          ...{ count: rows, samples, values: standard.subarray(from * samples, to * samples) },
        } as const,
        ...{ columns, norm: new Float64Array(rows).fill(1), weight: 1 },
      };
      const product = await backend.product([factor], { kind: "dense", windows: { start, end } }, signal);
      const values = product.values[0]!;
      for (let at = 0; at < values.length; at++) values[at] = clamp(values[at]!);
      if (plain.includes(0)) fill(correlator, { from, to, values }, plain);
      return { from, to, values };
    });
  } finally {
    await columns.dispose();
  }
}

/** Calls `run` for each gene before `to`: its run is `values[at + i - first]` for genes i from `first` to `to`. */
export function eachRun(
  { from, to }: Pick<CorrelationRuns, "from" | "to">,
  run: (gene: number, first: number, at: number) => void,
): void {
  let at = 0;
  for (let j = 0; j < to; j++) {
    const first = Math.max(from, j + 1);
    run(j, first, at);
    at += to - first;
  }
}

function lengthOf(from: number, to: number): number {
  return from * (to - from) + ((to - from) * (to - from - 1)) / 2;
}

/** Computes the pairs that are no plain dot product one by one. */
function fill(correlator: Correlator, runs: CorrelationRuns, plain: Uint8Array | undefined): void {
  const [only] = correlator.cohorts.length === 1 ? correlator.cohorts : [];
  const out = emptyStatistic();
  eachRun(runs, (j, first, at) => {
    for (let i = first; i < runs.to; i++) {
      if (plain?.[i] === 1 && plain[j] === 1) continue;
      out.r = Number.NaN;
      if (correlator.isThere(i) && correlator.isThere(j)) {
        // Of one cohort r alone: its p costs more.
        if (only !== undefined) only.correlate(j, i, out);
        else correlator.statistic(j, i, out);
      }
      runs.values[at + i - first] = out.r;
    }
  });
}
