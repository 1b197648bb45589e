import type { Cohort } from "../cohort/cohort.ts";
import type { GenotypeSource, NumberByVariant } from "../formats/genotypes.ts";

/** First index in `from` to `to` whose value is >= `value` (the run is ascending), or `to`. */
export function lowerBound(values: NumberByVariant, value: number, from = 0, to = values.length): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values.at(middle)! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The run of variant indices (end exclusive) of each chromosome code; chromosomes are contiguous in a source. */
export function chromosomeRuns(source: GenotypeSource): { start: number; end: number }[] {
  const runs = source.chromosomes.map(() => ({ start: 0, end: 0 }));
  let start = 0;
  for (let v = 1; v <= source.variantCount; v++) {
    if (v < source.variantCount && source.chromosomeCode.at(v) === source.chromosomeCode.at(start)) continue;
    runs[source.chromosomeCode.at(start)!] = { start, end: v };
    start = v;
  }
  return runs;
}

/**
 * Runs that overlap or touch, joined: `[from, to, from, to, ...]`, ascending, ends exclusive. `spans` may come in any order and
 * be empty.
 */
export function joinedRuns(spans: readonly (readonly [from: number, to: number])[]): Uint32Array {
  const runs: number[] = [];
  for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
    if (from >= to) continue;
    const last = runs.length - 1;
    if (last > 0 && from <= runs[last]!) runs[last] = Math.max(runs[last]!, to);
    else runs.push(from, to);
  }
  return Uint32Array.from(runs);
}

/** Whether `place` lies in one of the runs that {@link joinedRuns} made. */
export function inRuns(runs: Uint32Array, place: number): boolean {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (runs[middle]! <= place) low = middle + 1;
    else high = middle;
  }
  // Past a start and not past its end.
  return low % 2 === 1;
}

/** `tss`: from the gene's first base; `body`: from the nearest end of the gene, 0 inside it. */
export type Anchor = "tss" | "body";

/**
 * Positions (1-based, inclusive) that lie within `reach` of a gene: [start - reach, end + reach], start
 * being the BED start + 1. This is tensorQTL's window and QTLtools' too; strand plays no part.
 */
export function reachOf(cohort: Cohort, gene: number, reach: number): { low: number; high: number } {
  return { low: cohort.genes.start[gene]! - reach, high: cohort.genes.end[gene]! + reach };
}

/** Distance used to choose among tied lead variants: to the first base, or to the nearest end of the body. */
export function absoluteDistance(cohort: Cohort, gene: number, position: number, anchor: Anchor): number {
  const start = cohort.genes.start[gene]!;
  if (anchor === "tss") return Math.abs(position - start);
  return Math.max(0, start - position, position - cohort.genes.end[gene]!);
}
