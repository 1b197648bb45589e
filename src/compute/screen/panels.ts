import type { Columns } from "../backend.ts";
import {
  type ColumnMeasures,
  emptyColumnMeasures,
  inspectColumn,
  measureColumn,
  roundColumn,
} from "./columns.ts";
import { twoSidedTail } from "./digits.ts";

/** Genes of a panel: what the carrier kernels sum at once. */
export const PANEL_GENES = 32;
/** Samples of a stretch: a panel's expression of them stays in L1 (bench/lab/README.md). A multiple of 32. */
export const STRETCH = 1024;
/** Genes of two panels side by side, compared at once, and the bytes from one to the other: SECOND of assembly/carriers.ts. */
export const PAIR_GENES = 2 * PANEL_GENES;
export const PAIR_DISTANCE = (STRETCH + 1) * PANEL_GENES;
/** Up to as many samples two panels are compared at once: they stay in L1. */
const PAIRED = 768;

/** How many columns are compared at once. Groups of four gain nothing by pairs of panels. */
export function comparedWidth({
  samples,
  stretch,
  group,
}: Pick<Panels, "samples" | "stretch" | "group">): number {
  return group < 4 && samples <= Math.min(stretch, PAIRED) ? PAIR_GENES : PANEL_GENES;
}

/** How many int8 rows the kernel adds before it widens: the larger, the faster and the coarser the integers. */
export type Group = 1 | 2 | 4;

/**
 * Columns as the carrier kernels take them: int8 integers, 32 genes side by side, samples cut into stretches.
 * Any `group` integers of a column add up to at most 127, and no sum of one stretch leaves int16.
 */
export interface Panels extends ColumnMeasures {
  readonly group: Group;
  /** Samples of a stretch but the last. */
  readonly stretch: number;
  /** `[panel][stretch][sample of the stretch, and one of zeros][gene]`. */
  readonly integers: Int8Array;
}

const INT8 = 127;
const INT16 = 32_767;
/**
 * Keeps int32 sums whole when each sample counts 0 to 2,048 (see carrierRows.ts): as integers sum to 0, those sums are at
 * most 1,024 sum|q|. What they pass on the way may wrap and comes back.
 */
const LARGEST_TOTAL = 2 ** 21 - 1;

/** Number of stretches of a cohort. */
export function stretchCount({ samples, stretch }: { samples: number; stretch: number }): number {
  return Math.max(1, Math.ceil(samples / stretch));
}

/** int8 values of one panel: a sample of zeros ends each stretch. */
export function panelLength(shape: { samples: number; stretch: number }): number {
  return (shape.samples + stretchCount(shape)) * PANEL_GENES;
}

/** Bytes of the panels of `count` columns. */
export function bytesOfPanels(count: number, samples: number): number {
  const panels = Math.ceil(count / PANEL_GENES);
  return panels * panelLength({ samples, stretch: STRETCH }) + count * 4 * 8;
}

/** Room for `quantisePanelColumn`; `buffer` as in `emptyScreenColumns`. */
export function emptyPanels(
  { count, samples }: Columns,
  group: Group,
  stretch = STRETCH,
  buffer: (bytes: number) => ArrayBufferLike = (bytes) => new ArrayBuffer(bytes),
): Panels {
  const panels = Math.ceil(count / PANEL_GENES);
  return {
    ...emptyColumnMeasures(count, samples, buffer),
    group,
    stretch,
    integers: new Int8Array(buffer(panels * panelLength({ samples, stretch }))),
  };
}

/**
 * Fills in column j at about the finest scale whose integers keep the promises of {@link Panels} (all of them 0 keep
 * any); `q` is scratch of `samples`. Throws {@link UsageError} when the column is not standardised.
 */
export function quantisePanelColumn(
  { values, samples }: Columns,
  j: number,
  out: Panels,
  q: Int16Array,
): void {
  const e = values.subarray(j * samples, (j + 1) * samples);
  if (inspectColumn(e, j, out) === 0) return;
  let scale = largestSum(e, out.group) / INT8;
  for (;;) {
    roundColumn(e, scale, INT8, q);
    const excess = overflow(q, out);
    if (excess <= 1) break;
    // Rounding moves a sum by less than its terms, so this ends soon; the 1% makes sure that it ends.
    scale *= Math.max(excess, 1.01);
  }
  measureColumn(e, j, scale, q, out);
  store(q, j, out);
}

/** By how much the integers break the promises of {@link Panels}, as a factor; at most 1 when they keep them. */
function overflow(q: Int16Array, { samples, stretch, group }: Panels): number {
  let total = 0;
  let widest = 0;
  for (let from = 0; from < samples; from += stretch) {
    let above = 0;
    let below = 0;
    for (let s = from; s < Math.min(samples, from + stretch); s += 1) {
      if (q[s]! > 0) above += q[s]!;
      else below -= q[s]!;
    }
    total += above + below;
    // Calls of 0 to 2 reach 2 max(above, below), calls of -1 to 1 above + below. Whole sums are 0, so one
    // stretch has above = below; what its sums pass on the way may wrap and comes back.
    widest = Math.max(widest, above + below, 2 * Math.max(above, below));
  }
  return Math.max(largestSum(q, group) / INT8, widest / INT16, total / LARGEST_TOTAL);
}

/** Sum of the `group` largest |values|. */
function largestSum(values: Float64Array | Int16Array, group: Group): number {
  const top = new Float64Array(group);
  for (const value of values) {
    let x = Math.abs(value);
    if (x <= top[group - 1]!) continue;
    for (let i = 0; i < group; i += 1) {
      const held = top[i]!;
      if (x <= held) continue;
      top[i] = x;
      x = held;
    }
  }
  return top.reduce((a, b) => a + b, 0);
}

function store(q: Int16Array, j: number, { samples, stretch, integers }: Panels): void {
  let at = Math.floor(j / PANEL_GENES) * panelLength({ samples, stretch }) + (j % PANEL_GENES);
  for (let s = 0; s < samples; s += 1) {
    if (s > 0 && s % stretch === 0) at += PANEL_GENES;
    integers[at] = q[s]!;
    at += PANEL_GENES;
  }
}

/** Columns that are tried to see how coarse a group's integers are. */
const TRIED = 16;
/** Cost of a pair's sum by group, in units of a sample's share of a pair (bench/lab). */
const SUM_COST: Readonly<Record<Group, number>> = { 1: 1, 2: 0.7, 4: 0.55 };
/** A sample's share of the cost of refining a candidate, in the same units: where a column and a row lie in L1, and where they do not; where dosages are read first. */
const REFINE_COST = { near: 25, far: 70, dosages: 200 };

/**
 * The group that makes the screen and the refinement of its candidates cheapest together at the thresholds (of |r|) asked
 * for: see `digitsFor`. `dosages`: whether some of the rows have any. Only the cost depends on it, never a result.
 */
export function groupFor(columns: Columns, threshold: Float64Array, dosages: boolean): Group {
  const { samples } = columns;
  const refining = dosages ? REFINE_COST.dosages : samples <= STRETCH ? REFINE_COST.near : REFINE_COST.far;
  const live = [...threshold.keys()].filter((j) => threshold[j]! < Number.POSITIVE_INFINITY);
  const tried = live.filter((_, i) => i % Math.ceil(live.length / TRIED) === 0);
  if (tried.length === 0) return 4;
  const q = new Int16Array(samples);
  const root = Math.sqrt(samples);
  let best: Group = 1;
  let least = Number.POSITIVE_INFINITY;
  for (const group of [4, 2, 1] as const) {
    const values = new Float64Array(tried.length * samples);
    tried.forEach((j, i) => {
      values.set(columns.values.subarray(j * samples, (j + 1) * samples), i * samples);
    });
    const sample = { count: tried.length, samples, values, standardised: true };
    const panels = emptyPanels(sample, group);
    let refined = 0;
    tried.forEach((j, i) => {
      quantisePanelColumn(sample, i, panels, q);
      const z = Math.max(0, Math.max(0, threshold[j]!) - panels.remainder[i]!) * root;
      refined += twoSidedTail(z) / tried.length;
    });
    const cost = samples * (SUM_COST[group] + refined * refining);
    if (cost < least) {
      least = cost;
      best = group;
    }
  }
  return best;
}
